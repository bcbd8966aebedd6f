"""A stretch of the sample's season with its ledger, for the tests of the report."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from nba_monitoring.core.chain import Chain
from nba_monitoring.core.incidents import EndedAs, Incident, IncidentDetail, Notification
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.core.stages import Due
from nba_monitoring.core.status import Severity, Status
from nba_monitoring.monitor import Monitor
from nba_monitoring.reports.checks import NewestChecks
from nba_monitoring.reports.page import page
from nba_monitoring.reports.replayed import SeasonReplay
from nba_monitoring.reports.season import Season, SeasonReport, season_report
from nba_monitoring.settings import Settings
from nba_monitoring.warehouse import open_warehouse
from nba_monitoring_tests.morning import settings_for

# With what really went wrong in January and February, and the days off around the All-Star game.
FIRST, LAST = date(2026, 1, 10), date(2026, 2, 28)
REPLAYED = date(2026, 1, 17), date(2026, 1, 20)
MORNING = date(2026, 1, 24)
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
SEASON = Season.named("2025-26")
HOSTILE = "<script>alert('x')</script><img src=https://example.com/x.png>\"'&"

FOUND = Incident(
    incident_id="nba-2026-01-18",
    check_date=date(2026, 1, 18),
    due=Due.BEFORE_TIP,
    stage="phase4",
    status=Status.MISSING_DATA,
    severity=Severity.ERROR,
    found_at=datetime(2026, 1, 18, 16, 5, tzinfo=UTC),
    told_at=datetime(2026, 1, 18, 16, 6, tzinfo=UTC),
    acknowledged_at=datetime(2026, 1, 18, 16, 10, tzinfo=UTC),
    acknowledged_by=HOSTILE,
    ended_at=datetime(2026, 1, 18, 19, 5, tzinfo=UTC),
    ended_as=EndedAs.RECOVERED,
    first_tip_at=datetime(2026, 1, 18, 17, 0, tzinfo=UTC),
)
OPEN = Incident(
    incident_id="nba-2026-01-24",
    check_date=date(2026, 1, 24),
    due=Due.BEFORE_TIP,
    stage="predictions",
    status=Status.MISSING_DATA,
    severity=Severity.WARN,
    found_at=datetime(2026, 1, 24, 16, 0, tzinfo=UTC),
)
DRILL = Incident(
    incident_id="drill-1",
    check_date=date(2026, 1, 20),
    due=Due.BEFORE_TIP,
    stage="phase4",
    status=Status.MISSING_DATA,
    severity=Severity.ERROR,
    found_at=datetime(2026, 1, 20, 16, 0, tzinfo=UTC),
    detail=IncidentDetail(is_drill=True),
)


def sent(name: str, at: datetime, incident: str | None = FOUND.incident_id, accepted: bool = True) -> Notification:
    return Notification(name, incident, at, "slack", "first finding", accepted)


MESSAGES = [
    # Refused at first, then accepted: one message.
    sent("a", datetime(2026, 1, 18, 16, 5, tzinfo=UTC), accepted=False),
    sent("a", datetime(2026, 1, 18, 16, 6, tzinfo=UTC)),
    sent("b", datetime(2026, 1, 18, 19, 6, tzinfo=UTC)),
    # Sunday night in the East is Monday in UTC.
    sent("c", datetime(2026, 1, 19, 4, 30, tzinfo=UTC), incident=None),
    sent("d", datetime(2026, 2, 2, 16, tzinfo=UTC), incident=None),
    sent("e", datetime(2026, 2, 3, 16, tzinfo=UTC), incident=None, accepted=False),
    sent("f", datetime(2026, 1, 20, 16, tzinfo=UTC), incident=DRILL.incident_id),
    # A job was started, which is no message.
    replace(sent("g", datetime(2026, 1, 18, 17, tzinfo=UTC)), way="cloud_scheduler", reason="fix started"),
]


def look_at(settings: Settings, first: date, last: date, now: datetime, is_clock_real: bool = True) -> None:
    """A check of the dates, recorded in the history."""
    with open_warehouse(settings.warehouse) as warehouse:
        monitor = Monitor(warehouse, settings, first, last, now, is_clock_real=is_clock_real)
        monitor.record(f"look-{now.isoformat()}", Trigger.MANUAL)


def keep_ledger(settings: Settings) -> None:
    """The incidents and the messages above."""
    with open_warehouse(settings.warehouse) as warehouse:
        warehouse.put_incidents([FOUND, OPEN, DRILL])
        warehouse.append_notifications(MESSAGES)


def page_of(
    report: SeasonReport, replayed: SeasonReplay | None = None, monitor: Chain | None = None, **settings: str
) -> str:
    """The page, under settings that matter to it alone."""
    return page(report, replayed, monitor, settings_for(Path("/no/such.duckdb"), **settings))


def looks_until(report: SeasonReport, last: date) -> NewestChecks:
    """The checks that a report reads, up to a date."""
    return {stage: {day: row for day, row in by_day.items() if day <= last} for stage, by_day in report.checks.items()}


def report_on(path: Path, now: datetime = NOW) -> SeasonReport:
    """The report of the season in the file."""
    settings = settings_for(path)
    with open_warehouse(settings.warehouse) as warehouse:
        return season_report(warehouse, SEASON, settings.stages, now)
