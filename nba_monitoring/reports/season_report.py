"""All that the report of a season shows, from the history and the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.incidents import Incident
from nba_monitoring.core.stages import StageTable
from nba_monitoring.core.status import Status
from nba_monitoring.core.usual_arrival import Arrivals, UsualArrival
from nba_monitoring.errors import MonitoringError
from nba_monitoring.reports.attention import Attention, attention
from nba_monitoring.reports.looks import DateRange, Gap, Looks, newest_looks, open_gaps, ranges_without
from nba_monitoring.reports.response import Spread, response_spreads
from nba_monitoring.reports.season import Season
from nba_monitoring.warehouse import Warehouse

ONE_DAY = timedelta(days=1)


class NoHistoryError(MonitoringError):
    """No look at the season is in the history; the message says what to do."""


@dataclass(frozen=True, slots=True)
class SeasonReport:
    """The report of a season as it stands at an instant (UTC)."""

    season: Season
    made_at: datetime
    last: date  # the last date that it shows: today, where the season goes on
    table: StageTable
    looks: Looks  # the stages in the pipeline's order, then those that the history alone knows
    moved_clock_looks: int  # that were left out
    not_looked_at: Sequence[DateRange]
    gaps: Sequence[Gap]
    usual: Mapping[str, UsualArrival]
    incidents: Sequence[Incident]
    response: Sequence[Spread]
    attention: Attention
    unreadable: Sequence[str]  # rows that were passed over

    @property
    def days(self) -> Sequence[date]:
        """The dates that were looked at, in order."""
        return sorted({day for by_day in self.looks.values() for day in by_day})

    def title(self, stage: str) -> str:
        """What people call a stage."""
        return self.table[stage].title if stage in self.table else stage

    def titles(self, stages: Iterable[str]) -> Sequence[str]:
        """The same of several."""
        return [self.title(stage) for stage in stages]

    def fix(self, stage: str) -> str:
        """The command that fills a stage again; empty where the table of stages has no such stage any more."""
        return self.table[stage].fix if stage in self.table else ""

    def counts(self, stage: str) -> Mapping[Status, int]:
        """The dates of a stage by the status of the newest look."""
        found = [look.check.status for look in self.looks[stage].values()]
        return {status: found.count(status) for status in self.shown_statuses}

    @property
    def shown_statuses(self) -> Sequence[Status]:
        """Those that a newest look came to."""
        found = {look.check.status for by_day in self.looks.values() for look in by_day.values()}
        return [status for status in Status if status in found]

    @property
    def summary(self) -> str:
        """What it comes to, in a line."""
        failing = sum(len(gap.looks) for gap in self.gaps)
        return (
            f"{self.season.name}: {_count(len(self.days), 'date')} looked at, {_count(len(self.looks), 'stage')}, "
            f"{_count(len(self.gaps), 'open gap')} ({_count(failing, 'stage-date')}), "
            f"{_count(len(self.incidents), 'incident')}, {_count(self.attention.messages, 'message')}"
        )


def season_report(warehouse: Warehouse, season: Season, table: StageTable, now: datetime) -> SeasonReport:
    """Read the season's history and ledger, each table once.

    The newest look by the real clock speaks for a date and stage. Looks under a moved clock (`--now`, `--as-of`) are
    someone's trials, and left out. So are drills, which nothing was wrong in. Raises NoHistoryError, WarehouseError.
    """
    history = warehouse.history(season.first, season.last)
    standing = [record for record in history.records if record.stands_at(now)]
    moved = sum(not record.detail.is_clock_real for record in history.records)
    if not standing:
        raise NoHistoryError(_no_history(season, moved))
    found = newest_looks(standing)
    looks = {stage: found[stage] for stage in _in_order(found, table)}
    days = sorted({record.check_date for record in standing})
    today = game_date(now)
    last = max(days[-1], min(season.last, today))
    # Without today, on which a stage may come yet.
    arrivals = Arrivals(row for record in standing for row in record.stages.values())
    usual = arrivals.usual(min(last + ONE_DAY, today))
    ledger = warehouse.incidents(season.first, season.last)
    drills = {incident.incident_id for incident in ledger.records if incident.detail.is_drill}
    incidents = [incident for incident in ledger.records if not incident.detail.is_drill]
    messages = warehouse.notifications(season.first, last)
    told = [sent for sent in messages.records if sent.incident_id not in drills]
    return SeasonReport(
        season=season,
        made_at=now,
        last=last,
        table=table,
        looks=looks,
        moved_clock_looks=moved,
        not_looked_at=ranges_without(days, season.first, last),
        gaps=open_gaps(looks),
        usual={stage: usual[stage] for stage in looks if stage in usual},
        incidents=incidents,
        response=response_spreads(incidents),
        attention=attention(told, days[0], days[-1]),
        unreadable=[str(row) for row in (*history.unreadable, *ledger.unreadable, *messages.unreadable)],
    )


def _in_order(stages: Iterable[str], table: StageTable) -> Sequence[str]:
    """Those of the table first, in its order; then stages that it no longer has, which the history still knows."""
    order = [stage.name for stage in table]
    return sorted(stages, key=lambda stage: order.index(stage) if stage in order else len(order))


def _no_history(season: Season, moved: int) -> str:
    if moved:
        why = f"no look but {moved} under a moved clock (--now, --as-of), which a report does not show"
    else:
        why = "no look"
    return (
        f"the history has {why} at the season {season.name}, {season.first} to {season.last}; look at its dates with "
        f"'nba-monitoring check --from {season.first} --to ...', or name another with --season"
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
