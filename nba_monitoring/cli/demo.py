"""`make demo`: the morning of 2026-01-18 as it should have been noticed, on the embedded sample warehouse."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import uuid4

from rich.console import Console

from nba_monitoring.alerts.incidents.decision import after_message, notify_reason
from nba_monitoring.alerts.incidents.lifecycle import after_check, at
from nba_monitoring.alerts.message import as_text
from nba_monitoring.alerts.messages.incident_messages import incident_message
from nba_monitoring.cli.main import explained
from nba_monitoring.cli.tables import print_verdicts
from nba_monitoring.core import words
from nba_monitoring.core.eastern import PACIFIC
from nba_monitoring.core.incidents import Incident
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.monitor import Monitor
from nba_monitoring.settings import DuckDBWarehouse, Settings, sample_warehouse
from nba_monitoring.warehouse import open_warehouse

DAY = date(2026, 1, 18)
MORNING = datetime(2026, 1, 18, 8, 0, tzinfo=PACIFIC).astimezone(UTC)
AFTERNOON = datetime(2026, 1, 18, 15, 30, tzinfo=PACIFIC).astimezone(UTC)


def main() -> None:
    """Check the morning and the afternoon, and print the alert that each sends to Slack."""
    console = Console()
    console.print(words.SAMPLE_DATA, highlight=False)
    sample = sample_warehouse()
    stages = Settings.load().stages
    incidents: list[Incident] = []
    for moment in (MORNING, AFTERNOON):
        console.rule(f"As of {words.moment(moment)}")
        record = _check(sample, moment)
        print_verdicts([record])
        for found in after_check(incidents, record, stages):
            incident = at(found, moment)
            reason = notify_reason(incident, moment)
            console.print(f"\nThis alert goes to Slack ({reason.label}):\n", style="bold", highlight=False)
            message = as_text(incident_message(reason, incident, moment))
            console.print(message, markup=False, highlight=False, soft_wrap=True)
            incidents = [after_message(incident, reason, moment, thread=None)]
        console.print()
    console.rule("Next")
    console.print(
        "Both checks in the history:      .venv/bin/nba-monitoring history --from 2026-01-18 --to 2026-01-18\n"
        "Check the whole season:          .venv/bin/nba-monitoring check --from 2025-10-21 --to 2026-04-12\n"
        "Lineage, partitions, backfills:  make dev   and open http://localhost:3000",
        highlight=False,
        soft_wrap=True,
    )


def _check(sample: DuckDBWarehouse, moment: datetime) -> CheckRecord:
    with open_warehouse(sample) as warehouse:
        # A past morning: the clock is moved, and rows written later are hidden.
        monitor = Monitor(warehouse, Settings.load(), DAY, DAY, now=moment, as_of=moment, is_clock_real=False)
        return monitor.record(str(uuid4()), Trigger.MANUAL)[0]


if __name__ == "__main__":
    explained(main)
