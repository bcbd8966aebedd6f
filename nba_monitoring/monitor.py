"""The engine: read the schedule and the stage tables, decide, and record verdicts."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from nba_monitoring.core.coverage import Coverage, Keys, StageRows, cover, several_ids, stage_rows
from nba_monitoring.core.eastern import dates_between, game_date
from nba_monitoring.core.games import Game, GameKey
from nba_monitoring.core.record import CheckRecord, mute_in_force
from nba_monitoring.core.recording import record_of
from nba_monitoring.core.scheduler_job import SchedulerJob
from nba_monitoring.core.service_causes import RECENTLY, with_causes
from nba_monitoring.core.services import ServiceCheck
from nba_monitoring.core.slate.slate import Slate, build_slates
from nba_monitoring.core.slate.sources import SourceReport
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.core.stage_verdict import StageInput
from nba_monitoring.core.stages import PHASE4, StageTable
from nba_monitoring.core.teams import is_known
from nba_monitoring.core.usual_arrival import LOOK_BACK, Arrivals, Usual
from nba_monitoring.core.verdict import DateVerdict, judge
from nba_monitoring.settings import AskSchedules, DuckDBWarehouse, Settings
from nba_monitoring.warehouse import Warehouse
from nba_monitoring.warehouse.engines import WarehouseError
from nba_monitoring.warehouse.records import History
from nba_monitoring.warehouse.stage_reads import StageRead

if TYPE_CHECKING:
    from nba_monitoring.google_apis.scheduler import CloudScheduler

DAYS_AROUND_TODAY = timedelta(days=1)
# As far as a rule may look back.
_MOST_GAME_DAYS = 30


@dataclass(frozen=True)
class Checker:
    """Compares slates with what was read of the stages: once for the monitor, at many instants for a replay."""

    stages: StageTable
    slates: Mapping[date, Slate]  # of the checked dates and of those before them that rules look back on; ascending
    league_games: Mapping[str, Set[Game]]
    is_clock_real: bool = True  # False for past instants, which tables that keep no past don't show

    def rows(self, read: StageRead, days: Iterable[date]) -> Mapping[date, Sequence[StageRows]]:
        """What a stage has for each date, by unit."""
        return stage_rows(read.stage, read.measured, days)

    def several_ids(
        self, read: StageRead, held: Mapping[date, Iterable[StageRows]]
    ) -> Mapping[GameKey, tuple[str, ...]]:
        """The games that a stage has under several ids, whose distinct keys have to be counted over all of them."""
        return several_ids(read.stage, held, self.league_games)

    def coverage(
        self, read: StageRead, day: date, held: Iterable[StageRows], keys_over_ids: Mapping[GameKey, Keys]
    ) -> Coverage:
        """What a stage covers of a date, from its rows for it."""
        if read.unreadable is not None:
            return Coverage.not_read(day, read.unreadable)
        return cover(read.stage, day, held, self.league_games, keys_over_ids)

    def verdict(
        self, slate: Slate, found: Iterable[tuple[StageRead, Coverage]], usual: Usual, now: datetime
    ) -> DateVerdict:
        """The verdict on the date of a slate at an instant (UTC), from each stage's read and its coverage."""
        is_of_the_day = self.is_clock_real and slate.day >= game_date(now)
        seen = [self._seen(read, slate, coverage, usual, is_of_the_day) for read, coverage in found]
        return judge(slate, seen, self.stages, now)

    def _seen(self, read: StageRead, slate: Slate, coverage: Coverage, usual: Usual, is_of_the_day: bool) -> StageInput:
        earlier = self._game_days[: bisect_left(self._game_days, slate.day)]
        return StageInput(
            stage=read.stage,
            slate=slate,
            coverage=coverage,
            measured=read.measured,
            game_days=earlier[: -_MOST_GAME_DAYS - 1 : -1],
            day_before=self.slates.get(slate.day - timedelta(days=1)),
            joined=read.joined,
            league_games=self.league_games,
            members=read.members,
            are_members_of_the_day=is_of_the_day,
            halt=read.halts.get(slate.day),
            unreadable=(*read.problems, *usual.problems),
            usual=usual.by_stage.get(read.stage.name),
        )

    @cached_property
    def _game_days(self) -> Sequence[date]:
        return [day for day, slate in self.slates.items() if slate.expected]


@dataclass
class Monitor:
    """One check of the dates from `first` to `last`.

    Each source is read once, when it is first needed, however many dates and callers there are. Raises WarehouseError
    if a table can't be read; a live service that fails is a finding, not an error.
    """

    warehouse: Warehouse
    settings: Settings
    first: date
    last: date
    now: datetime  # the time of the check (UTC)
    as_of: datetime | None = None  # hides rows written later (UTC)
    is_clock_real: bool = True  # False if `now` was moved: live services only know the present
    _recorded: list[CheckRecord] = field(default_factory=list, init=False)

    @property
    def dates(self) -> Sequence[date]:
        """The checked dates, ascending."""
        return dates_between(self.first, self.last)

    @cached_property
    def reports(self) -> Sequence[SourceReport]:
        """What each schedule source lists."""
        reports = self.warehouse.schedule_reports(self.first, self.last)
        days = self._days_to_ask_services_for()
        if days:
            # Imported here: a check of a past date needs no HTTP client.
            from nba_monitoring.schedule_apis import live_reports

            reports += live_reports(self.settings, days)
        return reports

    def _days_to_ask_services_for(self) -> Sequence[date]:
        """Today and its neighbors: for older dates, a service reports today's state, not what was known then."""
        if self.settings.ask_schedule_apis is AskSchedules.ALWAYS:
            return self.dates
        if self.settings.ask_schedule_apis is AskSchedules.NEVER or not self.is_clock_real:
            return ()
        if isinstance(self.settings.warehouse, DuckDBWarehouse) and self.settings.warehouse.is_sample:
            # Today's real games are not the sample's.
            return ()
        today = game_date(self.now)
        return [day for day in self.dates if abs(day - today) <= DAYS_AROUND_TODAY]

    @cached_property
    def slates(self) -> Mapping[date, Slate]:
        """The games expected on each date."""
        return {day: self._checker.slates[day] for day in self.dates}

    @cached_property
    def _checker(self) -> Checker:
        stages = self.settings.stages
        days = dates_between(self.first - stages.lookback, self.last)
        slates = build_slates(days, self.reports, self.now, self.settings.counted_season_types)
        return Checker(stages, slates, league_games(self.reports), self.is_clock_real)

    @cached_property
    def _reads(self) -> Mapping[str, StageRead]:
        stages = self.settings.stages
        reads = self.warehouse.read_stages(stages, self.first, self.last, self.as_of)
        return watched(reads, self.warehouse, self.settings)

    @cached_property
    def coverages(self) -> Mapping[str, Mapping[date, Coverage]]:
        """What each watched stage covers of each date, by the stage's name."""
        return {name: self._coverages_of(read) for name, read in self._reads.items()}

    def _coverages_of(self, read: StageRead) -> Mapping[date, Coverage]:
        held = self._checker.rows(read, self.dates)
        ids = self._checker.several_ids(read, held)
        over_ids = self.warehouse.keys_over_ids(read.stage, ids, self.as_of)
        return {day: self._checker.coverage(read, day, rows, over_ids) for day, rows in held.items()}

    @cached_property
    def usual(self) -> Usual:
        """When the stages usually arrive, from earlier checks. An unreadable history does not stop a check."""
        return self._arrivals.usual_at(self.now)

    @cached_property
    def _arrivals(self) -> Arrivals:
        today = game_date(self.now)
        return past_arrivals(self.warehouse, today, today, self.now)

    def verdict(self, day: date) -> DateVerdict:
        """The verdict on one of the dates."""
        # No use for a date that is over: nobody waits for it, and a backfill need not read it.
        usual = self.usual if day >= game_date(self.now) - DAYS_AROUND_TODAY else Usual()
        found = [(read, self.coverages[name][day]) for name, read in self._reads.items()]
        return self._checker.verdict(self.slates[day], found, usual, self.now)

    def record(
        self, run_id: str, trigger: Trigger, progress: Callable[[Sequence[date]], Iterable[date]] = iter
    ) -> Sequence[CheckRecord]:
        """Check every date and append the verdicts to the history, all or none. `progress` iterates over the dates."""
        mutes = self.warehouse.mutes(self.first, self.last)
        records = []
        for day in progress(self.dates):
            # Keep records, not verdicts, which are far larger. The first verdict has read all there is to read.
            verdict = self.verdict(day)
            then = [mute for mute in mutes.get(day, ()) if self.as_of is None or mute.set_at <= self.as_of]
            mute = mute_in_force(then, self.now)
            bytes_read = self.warehouse.bytes_read
            record = record_of(verdict, run_id, trigger, mute, self.is_clock_real, bytes_read)
            records.append(self._with_job(with_causes(record, self._service_checks)))
        self.warehouse.append_checks(records)
        self._recorded.extend(records)
        return records

    @cached_property
    def _service_checks(self) -> Sequence[ServiceCheck]:
        """The newest checks of the services, which explain what is missing; none if they can't be read."""
        return recorded_services(self.warehouse, self.settings, self.now - RECENTLY, self.now)

    def _with_job(self, record: CheckRecord) -> CheckRecord:
        """With what Cloud Scheduler shows of the job that fills the stage to alert about, if that is set, and how long
        it usually takes.
        """
        stage = record.alerting_stage
        if stage is None:
            return record
        job = None if self._scheduler is None else SchedulerJob.of(self.settings.stages[stage].fix)
        seen = None if job is None or self._scheduler is None else self._scheduler.seen(job, self.now)
        return record.with_job(stage, seen, self._arrivals.takes_at(stage, self.now))

    @cached_property
    def _scheduler(self) -> CloudScheduler | None:
        """None if it is not set, or if the clock was moved: it only knows the present."""
        project = self.settings.scheduler_project
        if project is None or not self.is_clock_real:
            return None
        # Imported here: most checks pass, and google-auth takes longer to import than a date to check.
        from nba_monitoring.google_apis.scheduler import CloudScheduler

        return CloudScheduler(project, self.settings.scheduler_url)

    def recorded(self) -> History:
        """The verdicts that this check has recorded; if none, those in the history."""
        if self._recorded:
            return History(tuple(self._recorded))
        return self.warehouse.history(self.first, self.last)

    def keep_slates(self) -> None:
        """Replace the dates' rows in `scheduled_games`."""
        self.warehouse.replace_scheduled_games(self.first, self.last, self.slates, self.now)

    def keep_coverages(self) -> None:
        """Replace the dates' rows in the coverage tables."""
        self.warehouse.replace_coverage(self.first, self.last, self.coverages, self.now)


def watched(reads: Mapping[str, StageRead], warehouse: Warehouse, settings: Settings) -> Mapping[str, StageRead]:
    """The reads of the watched stages, by name. Raises WarehouseError if Phase 4's table can't be read."""
    why = reads[PHASE4].unreadable
    if why is not None:
        raise WarehouseError(why)
    if not isinstance(settings.warehouse, DuckDBWarehouse) or all(read.is_there for read in reads.values()):
        return reads
    # A file may have only a part of the platform's tables. One that was there is a finding, as each is in production.
    known = warehouse.checked_stages()
    return {name: read for name, read in reads.items() if read.is_there or name in known}


def recorded_services(
    warehouse: Warehouse, settings: Settings, first: datetime, last: datetime
) -> Sequence[ServiceCheck]:
    """The checks of services between two instants (UTC), by time: none without services, or if they can't be read.

    A verdict never waits for the cause.
    """
    if settings.services_file is None:
        return ()
    try:
        return warehouse.service_history(first, last).records
    except WarehouseError:
        return ()


def past_arrivals(warehouse: Warehouse, first: date, last: date, as_of: datetime) -> Arrivals:
    """Read past arrivals of the stages from the history, for checks on the Eastern days from first to last: one query.

    Checks made at `as_of` (UTC) or later are left out.
    """
    try:
        found = warehouse.arrivals(first - LOOK_BACK, last - timedelta(days=1), as_of)
    except WarehouseError as error:
        return Arrivals((), [f"usual arrival times are unknown, so only `due` counts: {error}"])
    if not found.unreadable:
        return Arrivals(found.records)
    row, *more = found.unreadable
    others = f", and {len(more):,} more" if more else ""
    return Arrivals(found.records, [f"usual arrival times: {row}{others}"])


def league_games(reports: Sequence[SourceReport]) -> Mapping[str, Set[Game]]:
    """The games listed under each id that a stage's table may have and only a schedule can explain.

    These are the league's ten digits, and the ids of games of a team that nobody knows, which a stage may spell alike.
    """
    games: defaultdict[str, set[Game]] = defaultdict(set)
    for report in reports:
        for entry in report.listed:
            game = entry.game
            if entry.league_id:
                games[entry.league_id].add(game)
            if not (is_known(game.away) and is_known(game.home)):
                games[game.id].add(game)
                games[Game(game.day, game.home, game.away).id].add(game)
    return games
