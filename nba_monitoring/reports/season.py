"""A season's report, from the history and the ledger, and its replay."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.fix_command import fix_command, is_fixed_by_rows
from nba_monitoring.core.fix_start import WAY as CLOUD_SCHEDULER
from nba_monitoring.core.incidents import Incident
from nba_monitoring.core.mutes import MutedDates
from nba_monitoring.core.service_causes import RECENTLY
from nba_monitoring.core.services import ServiceCheck, newest_of_each
from nba_monitoring.core.slate.seasons import LONGEST_SEASON, OPENERS
from nba_monitoring.core.stages import Due, StageTable
from nba_monitoring.core.status import Status
from nba_monitoring.core.usual_arrival import Arrivals, UsualArrival
from nba_monitoring.core.words import count, dates, duration
from nba_monitoring.errors import MonitoringError
from nba_monitoring.reports.checks import Gap, NewestChecks, newest_checks, open_gaps, ranges_without
from nba_monitoring.reports.day import Day, day_of
from nba_monitoring.reports.failures import FailingSince, failing_since
from nba_monitoring.reports.statistics import MessageCounts, Spread, message_counts, response_spreads
from nba_monitoring.warehouse import Warehouse

ONE_DAY = timedelta(days=1)
# What is still open of these last days is listed by date; the calendar has the rest.
RECENT = timedelta(days=14)


class SeasonError(MonitoringError, ValueError):
    """No such season; the message has the format and the known ones."""


class NoHistoryError(MonitoringError):
    """No recorded check of the season; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Season:
    """A season from its opener to the day before the next one, inclusive: US Eastern dates."""

    name: str  # 2025-26
    first: date
    last: date

    @classmethod
    def starting_in(cls, year: int) -> Season:
        """The season that starts in a year. If the next opener is unknown, the longest possible. Raises SeasonError."""
        if year not in OPENERS:
            raise SeasonError(f"no opener is known for season {_name(year)} ({_known()})")
        first, next_opener = OPENERS[year], OPENERS.get(year + 1)
        return cls(_name(year), first, (next_opener or first + LONGEST_SEASON) - ONE_DAY)

    @classmethod
    def named(cls, name: str) -> Season:
        """The season of a name such as 2025-26. Raises SeasonError."""
        match = re.fullmatch(r"(\d{4})-(\d\d)", name, re.ASCII)
        if match is None or _name(int(match[1])) != name:
            raise SeasonError(f"{name!r} is not a season; write 2025-26")
        return cls.starting_in(int(match[1]))

    @classmethod
    def of(cls, day: date) -> Season:
        """The season that a date falls in, summer included. Raises SeasonError."""
        season = next((found for found in map(cls.starting_in, OPENERS) if found.first <= day <= found.last), None)
        if season is None:
            raise SeasonError(f"{day} falls in no known season; use --season ({_known()})")
        return season


def _name(year: int) -> str:
    return f"{year}-{(year + 1) % 100:02}"


def _known() -> str:
    return f"known: {_name(min(OPENERS))} to {_name(max(OPENERS))}"


@dataclass(frozen=True, slots=True)
class SeasonReport:
    """The report of a season as of an instant (UTC)."""

    season: Season
    made_at: datetime
    last: date  # the last date shown: today, while the season goes on
    table: StageTable
    checks: NewestChecks  # stages in pipeline order, then those that only the history has
    moved_clock_checks: int  # left out
    not_checked: Sequence[str]  # dates, as ranges
    gaps: Sequence[Gap]
    usual: Mapping[str, UsualArrival]
    incidents: Sequence[Incident]
    response: Sequence[Spread]
    messages: MessageCounts
    muted: Sequence[MutedDates]  # as of that instant
    today: Day
    results: Day  # of the day before
    failing_since: FailingSince
    services: Sequence[ServiceCheck]  # the newest check of each Cloud Run service; empty if none was checked lately
    unreadable: Sequence[str]  # skipped rows

    @property
    def is_current(self) -> bool:
        """Whether today is a date of the season."""
        return self.season.first <= self.today.day <= self.season.last

    @property
    def open_incidents(self) -> Sequence[Incident]:
        """The incidents that have not ended, newest first."""
        return [incident for incident in reversed(self.incidents) if incident.is_open]

    @property
    def days(self) -> Sequence[date]:
        """The checked dates, ascending."""
        return sorted({day for by_day in self.checks.values() for day in by_day})

    def title(self, stage: str) -> str:
        """A stage's title; its name if the stage table no longer has it."""
        return self.table[stage].title if stage in self.table else stage

    def subject(self, incident: Incident) -> str:
        """What an incident is about: its stage's title, or its service."""
        return incident.title if incident.is_about_services else self.title(incident.stage)

    def titles(self, stages: Iterable[str]) -> Sequence[str]:
        """The titles of several stages."""
        return [self.title(stage) for stage in stages]

    def fix(self, gap: Gap) -> str:
        """The command that fills a gap; empty if there is none."""
        stage = gap.newest.stage
        if stage not in self.table or not is_fixed_by_rows(gap.newest):
            return ""
        return fix_command(self.table[stage], [row.check_date for row in gap.rows], self.made_at) or ""

    def age(self, instant: datetime) -> str:
        """How long ago an instant (UTC) was: '45 min', '2 days 4 h'."""
        return duration(self.made_at - instant)

    def counts(self, stage: str) -> Mapping[Status, int]:
        """A stage's dates by the status of the newest check."""
        found = [row.status for row in self.checks[stage].values()]
        return {status: found.count(status) for status in self.shown_statuses}

    @property
    def shown_statuses(self) -> Sequence[Status]:
        """The statuses of the newest checks."""
        found = {row.status for by_day in self.checks.values() for row in by_day.values()}
        return [status for status in Status if status in found]

    @property
    def summary(self) -> str:
        """The main numbers in one line."""
        failing = sum(len(gap.rows) for gap in self.gaps)
        gaps = count(len(self.gaps), "open gap") + (f" ({count(failing, 'stage-date')})" if failing else "")
        return (
            f"{self.season.name}: {count(len(self.days), 'date')} checked, {count(len(self.checks), 'stage')}, {gaps}, "
            f"{count(len(self.incidents), 'incident')}, {count(self.messages.total, 'message')}"
        )


def season_report(warehouse: Warehouse, season: Season, table: StageTable, now: datetime) -> SeasonReport:
    """Read the season's history and ledger, each table once.

    Uses the newest check of each date and stage, without checks under a moved clock (`--now`, `--as-of`) and without
    drills. Raises NoHistoryError, WarehouseError.
    """
    history = warehouse.history(season.first, season.last)
    standing = [record for record in history.records if record.stands_at(now)]
    moved = sum(not record.detail.is_clock_real for record in history.records)
    if not standing:
        raise NoHistoryError(_no_history(season, moved))
    newest = {record.check_date: record for record in standing}  # by time within a date
    found = newest_checks(standing)
    checks = {stage: found[stage] for stage in _in_order(found, table)}
    days = sorted({record.check_date for record in standing})
    today = game_date(now)
    last = max(days[-1], min(season.last, today))
    # Without today, on which a stage may still arrive.
    arrivals = Arrivals(row for record in standing for row in record.stages.values())
    usual = arrivals.usual(min(last + ONE_DAY, today))
    ledger = warehouse.incidents(season.first, season.last)
    drills = {incident.incident_id for incident in ledger.records if incident.detail.is_drill}
    incidents = [incident for incident in ledger.records if not incident.detail.is_drill]
    notifications = warehouse.notifications(season.first, last)
    # A start of a fixing job is kept beside the messages.
    messages = [message for message in notifications.records if message.way != CLOUD_SCHEDULER]
    sent = [message for message in messages if message.incident_id not in drills]
    return SeasonReport(
        season=season,
        made_at=now,
        last=last,
        table=table,
        checks=checks,
        moved_clock_checks=moved,
        not_checked=[dates(*missed) for missed in ranges_without(days, season.first, last)],
        gaps=open_gaps(checks),
        usual={stage: usual[stage] for stage in checks if stage in usual},
        incidents=incidents,
        response=response_spreads(incidents),
        messages=message_counts(sent, days[0], days[-1]),
        muted=warehouse.muted(now),
        today=day_of(today, Due.BEFORE_TIP, newest.get(today), table),
        results=day_of(today - ONE_DAY, Due.MORNING_AFTER, newest.get(today - ONE_DAY), table),
        failing_since=failing_since(standing),
        services=newest_of_each(warehouse.service_history(now - RECENTLY, now).records),
        unreadable=[str(row) for row in (*history.unreadable, *ledger.unreadable, *notifications.unreadable)],
    )


def _in_order(stages: Iterable[str], table: StageTable) -> Sequence[str]:
    """Sort by pipeline order; stages that the table no longer has come last."""
    order = [stage.name for stage in table]
    return sorted(stages, key=lambda stage: order.index(stage) if stage in order else len(order))


def _no_history(season: Season, moved: int) -> str:
    found = f"only {count(moved, 'check')} with --now or --as-of, which a report leaves out," if moved else "no checks"
    return (
        f"the history has {found} for season {season.name} ({dates(season.first, season.last)}); record some with "
        f"'nba-monitoring check --from {season.first} --to ...', or choose another with --season"
    )
