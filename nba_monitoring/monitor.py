"""The engine: read what is expected and what is there, judge, keep the verdicts."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property

from nba_monitoring.core.coverage import Coverage, cover, several_ids
from nba_monitoring.core.eastern import dates_between, game_date
from nba_monitoring.core.games import Game
from nba_monitoring.core.mutes import mute_in_force
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.rules import distinct_keys
from nba_monitoring.core.rules.base import Seen
from nba_monitoring.core.slate.slate import Slate, build_slates
from nba_monitoring.core.slate.sources import SourceReport
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.core.stages import PHASE4
from nba_monitoring.core.usual_arrival import LOOK_BACK, Arrivals, Usual
from nba_monitoring.core.verdict import DateVerdict, judge
from nba_monitoring.settings import AskSchedules, DuckDBWarehouse, Settings
from nba_monitoring.warehouse import Warehouse
from nba_monitoring.warehouse.engines import WarehouseError
from nba_monitoring.warehouse.records import History
from nba_monitoring.warehouse.stage_reads import StageRead

DAYS_AROUND_TODAY = timedelta(days=1)
# As far as a rule may look back.
_MOST_GAME_DAYS = 30


@dataclass(frozen=True)
class Around:
    """The slates of the dates looked at and of those before them, on which rules look back; dates ascend."""

    slates: Mapping[date, Slate]

    def seen(self, read: StageRead, slate: Slate, coverage: Coverage, usual: Usual) -> Seen:
        """What there is to be judged of a stage on the date of a slate."""
        earlier = self._game_days[: bisect_left(self._game_days, slate.day)]
        return Seen(
            stage=read.stage,
            slate=slate,
            coverage=coverage,
            measured=read.measured,
            game_days=earlier[: -_MOST_GAME_DAYS - 1 : -1],
            day_before=self.slates.get(slate.day - timedelta(days=1)),
            joined=read.joined,
            members=read.members,
            halt=read.halts.get(slate.day),
            unreadable=(*read.problems, *usual.problems),
            usual=usual.by_stage.get(read.stage.name),
        )

    @cached_property
    def _game_days(self) -> Sequence[date]:
        return [day for day, slate in self.slates.items() if slate.expected]


@dataclass(frozen=True)
class Monitor:
    """One look at the dates from `first` to `last`.

    Each source is read once, when it is first needed, however many dates and callers there are. Raises WarehouseError
    when a table can't be read; a service that fails is a finding, not an error.
    """

    warehouse: Warehouse
    settings: Settings
    first: date
    last: date
    now: datetime  # the instant of the look (UTC)
    as_of: datetime | None = None  # hides rows that were written later (UTC)
    is_clock_real: bool = True  # False where `now` was moved: the schedule services only know the real now
    _recorded: list[CheckRecord] = field(default_factory=list, init=False)

    @property
    def dates(self) -> Sequence[date]:
        """The dates looked at."""
        return dates_between(self.first, self.last)

    @cached_property
    def reports(self) -> Sequence[SourceReport]:
        """What each schedule source says."""
        reports = self.warehouse.schedule_reports(self.first, self.last)
        days = self._days_to_ask_services_for()
        if days:
            # Imported here: a check of a past date should not wait for an HTTP client that it does not need.
            from nba_monitoring.schedule_apis import live_reports

            reports += live_reports(self.settings, days)
        return reports

    def _days_to_ask_services_for(self) -> Sequence[date]:
        """Today and the days around it: of an old date the services tell what has become of it, not what was known."""
        if self.settings.ask_schedule_apis is AskSchedules.ALWAYS:
            return self.dates
        if self.settings.ask_schedule_apis is AskSchedules.NEVER or not self.is_clock_real:
            return ()
        if isinstance(self.settings.warehouse, DuckDBWarehouse) and self.settings.warehouse.is_sample:
            # The real games of today are none of the sample's.
            return ()
        today = game_date(self.now)
        return [day for day in self.dates if abs(day - today) <= DAYS_AROUND_TODAY]

    @cached_property
    def slates(self) -> Mapping[date, Slate]:
        """The games expected on each date."""
        return {day: self._slates[day] for day in self.dates}

    @cached_property
    def _slates(self) -> Mapping[date, Slate]:
        """The same, and of the dates before them that a stage's rules look back on."""
        days = dates_between(self.first - self.settings.stages.lookback, self.last)
        return build_slates(days, self.reports, self.now, self.settings.counted_season_types)

    @cached_property
    def _around(self) -> Around:
        return Around(self._slates)

    @cached_property
    def _reads(self) -> Mapping[str, StageRead]:
        """What the watched stages' tables hold. Raises WarehouseError where Phase 4's can't be read."""
        stages = self.settings.stages
        return watched(self.warehouse.read_stages(stages, self.first, self.last, self.as_of), self.settings)

    @cached_property
    def coverages(self) -> Mapping[str, Mapping[date, Coverage]]:
        """What each watched stage holds for each date, by the stage's name."""
        listed = league_games(self.reports)
        return {name: self._coverages_of(read, listed) for name, read in self._reads.items()}

    def _coverages_of(self, read: StageRead, listed: Mapping[str, Set[Game]]) -> Mapping[date, Coverage]:
        if read.unreadable is not None:
            return {day: Coverage.not_read(day, read.unreadable) for day in self.dates}
        stage = read.stage
        held = {day: distinct_keys.stage_rows(stage, read.measured, day) for day in self.dates}
        over_ids = self.warehouse.keys_over_ids(stage, several_ids(stage, held, listed), self.as_of)
        return {day: cover(stage, day, held[day], listed, over_ids) for day in self.dates}

    @cached_property
    def usual(self) -> Usual:
        """When the stages usually come, from what earlier looks found. A history that can't be read stops no look."""
        today = game_date(self.now)
        return past_arrivals(self.warehouse, today, today, self.now).usual_at(self.now)

    def verdict(self, day: date) -> DateVerdict:
        """The judgement of one of the dates."""
        slate = self.slates[day]
        # Of no use for a date that is over: nobody waits for it any more, and a backfill need not read for it.
        usual = self.usual if day >= game_date(self.now) - DAYS_AROUND_TODAY else Usual()
        seen = [self._around.seen(read, slate, self.coverages[name][day], usual) for name, read in self._reads.items()]
        return judge(slate, seen, self.settings.stages, self.now)

    def record(
        self, run_id: str, trigger: Trigger, progress: Callable[[Sequence[date]], Iterable[date]] = iter
    ) -> Sequence[CheckRecord]:
        """Judge every date and append the verdicts to the history, all or none. `progress` watches the dates go by."""
        mutes = self.warehouse.mutes(self.first, self.last)
        records = []
        for day in progress(self.dates):
            # A verdict holds far more than its record, and seasons have many; the first one has read all there is.
            verdict = self.verdict(day)
            mute = mute_in_force(mutes.get(day, ()), self.now)
            bytes_read = self.warehouse.bytes_read
            records.append(CheckRecord.from_verdict(verdict, run_id, trigger, mute, self.is_clock_real, bytes_read))
        self.warehouse.append_checks(records)
        self._recorded.extend(records)
        return records

    def recorded(self) -> History:
        """The verdicts that this look has recorded; where it has recorded none, those that the history holds."""
        if self._recorded:
            return History(tuple(self._recorded))
        return self.warehouse.history(self.first, self.last)

    def keep_slates(self) -> None:
        """Replace the dates' rows of the table of scheduled games."""
        self.warehouse.replace_scheduled_games(self.first, self.last, self.slates, self.now)

    def keep_coverages(self) -> None:
        """Replace the dates' rows of the tables of the stages' coverage."""
        self.warehouse.replace_coverage(self.first, self.last, self.coverages, self.now)


def watched(reads: Mapping[str, StageRead], settings: Settings) -> Mapping[str, StageRead]:
    """What was read of the stages that are watched. Raises WarehouseError where Phase 4's table can't be read."""
    why = reads[PHASE4].unreadable
    if why is not None:
        raise WarehouseError(why)
    if isinstance(settings.warehouse, DuckDBWarehouse):
        # A file on one machine may hold a part of the platform; in production a table that is gone is a finding.
        return {name: read for name, read in reads.items() if read.is_there}
    return reads


def past_arrivals(warehouse: Warehouse, first: date, last: date, as_of: datetime) -> Arrivals:
    """What the history tells of when stages come, for looks on the Eastern days from first to last: one query.

    Looks that were taken at `as_of` (UTC) or later are left out.
    """
    try:
        found = warehouse.arrivals(first - LOOK_BACK, last - timedelta(days=1), as_of)
    except WarehouseError as error:
        return Arrivals((), [f"when stages usually come is not known, so `due` holds alone: {error}"])
    if not found.unreadable:
        return Arrivals(found.records)
    row, *more = found.unreadable
    others = f", nor can {len(more):,} more" if more else ""
    return Arrivals(found.records, [f"of when stages usually come: {row}{others}"])


def league_games(reports: Sequence[SourceReport]) -> Mapping[str, Set[Game]]:
    """The games that each ten-digit league id is listed as."""
    games: defaultdict[str, set[Game]] = defaultdict(set)
    for report in reports:
        for entry in report.listed:
            if entry.league_id:
                games[entry.league_id].add(entry.game)
    return games
