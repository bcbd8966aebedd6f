"""What the page opens for a failing cell: what was missing, since when, the command, the query, the link."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from nba_monitoring.alerts.links import Links, Subject, links_for
from nba_monitoring.core.fix_command import fix_of_check
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.rules.base import Level
from nba_monitoring.core.stage_record import StageCheck, Trigger
from nba_monitoring.core.stages import StageTable
from nba_monitoring.reports.checks import NewestChecks, lacking
from nba_monitoring.settings import Settings
from nba_monitoring.warehouse.reproduce import reproducing_sql

FailingSince = Mapping[tuple[str, date], datetime]
"""The first of the failing checks in a row up to the newest (UTC), by stage and date."""


def failing_since(records: Iterable[CheckRecord]) -> FailingSince:
    """Since when each stage of each date fails, from records in the order of their dates and times."""
    since: dict[tuple[str, date], datetime] = {}
    for record in records:
        for row in record.stages.values():
            if row.status.passes:
                since.pop((row.stage, row.check_date), None)
            else:
                since.setdefault((row.stage, row.check_date), row.check_time)
    return since


@dataclass(frozen=True, slots=True)
class Failure:
    """One failing stage on one date."""

    check: StageCheck
    title: str
    since: datetime  # UTC
    command: str  # empty if there is none
    sql: str  # empty if the stage table no longer has the stage, or if it fails for the schedule
    links: Links  # into Dagster, and to the runbook

    @property
    def anchor(self) -> str:
        """Its place on the page."""
        return f"{self.check.check_date}-{self.check.stage}"

    @property
    def lacking(self) -> Sequence[str]:
        """What is wrong, with the games or teams that it concerns, and what the stage's job did."""
        return [*lacking(self.check), *self.check.causes]


def failures(
    checks: NewestChecks, since: FailingSince, table: StageTable, now: datetime, settings: Settings
) -> Sequence[Failure]:
    """The failing stages among the newest checks, newest date first, with the commands of `now` (UTC)."""
    failing = [row for by_day in checks.values() for row in by_day.values() if not row.status.passes]
    found = [_failure(row, since, table, now, settings) for row in failing]
    return sorted(found, key=lambda failure: failure.check.check_date, reverse=True)


def _failure(row: StageCheck, since: FailingSince, table: StageTable, now: datetime, settings: Settings) -> Failure:
    stage = next((stage for stage in table if stage.name == row.stage), None)
    rules = [finding.rule for finding in row.detail.findings if finding.level is Level.FAIL]
    is_about_rows = not row.is_broken_by_schedule
    # By hand may also be a check of the command line, which is no run of Dagster's.
    run_id = None if row.trigger is Trigger.MANUAL else row.run_id
    return Failure(
        check=row,
        title=stage.title if stage else row.stage,
        since=since.get((row.stage, row.check_date), row.check_time),
        command=fix_of_check(row, table, now) or "",
        sql=reproducing_sql(stage, row.check_date, rules) if stage and is_about_rows else "",
        links=links_for(settings, Subject(run_id, row.check_date, row.stage, row.status)),
    )
