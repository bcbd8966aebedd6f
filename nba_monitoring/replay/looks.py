"""Looks at past dates, each as of its instant: every table is read once, however many looks there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

from nba_monitoring.core.coverage import Coverage, cover, several_ids
from nba_monitoring.core.eastern import dates_between, end_of_day, end_of_morning_after, morning_look
from nba_monitoring.core.games import GameKey
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.rules import distinct_keys
from nba_monitoring.core.slate.slate import Reconciled, Slate
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.core.stages import Due, StageTable
from nba_monitoring.core.verdict import judge
from nba_monitoring.monitor import Around, league_games, past_arrivals, watched
from nba_monitoring.settings import Settings
from nba_monitoring.warehouse import Warehouse
from nba_monitoring.warehouse.snapshots import Snapshot
from nba_monitoring.warehouse.stage_reads import StageRead


class PastSchedule:
    """What is the same of a range of dates whichever stages are looked at: the slates, and when stages had come before.

    The schedule's tables keep no past: the slate of a date is what they say now, judged as of its morning. When stages
    came is what the history holds, as of each look. Raises WarehouseError.
    """

    def __init__(
        self, warehouse: Warehouse, settings: Settings, span: tuple[date, date], lookback: timedelta, until: datetime
    ) -> None:
        """`lookback` is how long before the dates rules have to see, `until` the instant (UTC) that is now."""
        self.first, self.last = span
        self.until = until
        reports = warehouse.schedule_reports(*span)
        self.league_games = league_games(reports)
        reconciled = Reconciled.from_reports(reports, settings.counted_season_types)
        self.around = Around(reconciled.slates(dates_between(self.first - lookback, self.last), until))
        # The morning after the last date is the last to be looked at.
        self.arrivals = past_arrivals(warehouse, self.first, self.last + timedelta(days=1), until)
        self.slates: Mapping[date, Slate] = {day: reconciled.slates([day], morning_look(day))[day] for day in self.days}

    @property
    def days(self) -> Sequence[date]:
        """The dates."""
        return dates_between(self.first, self.last)


class PastLooks:
    """The looks that the schedules may take at the dates of a range, up to now, and what each would see.

    Raises WarehouseError.
    """

    def __init__(
        self,
        warehouse: Warehouse,
        settings: Settings,
        stages: StageTable,
        schedule: PastSchedule,
        every: timedelta,
    ) -> None:
        """`every` is the time between two looks of a morning."""
        self.stages = stages
        self.schedule = schedule
        self._every = every
        self._final = watched(warehouse.read_stages(stages, schedule.first, schedule.last), settings)
        self._ids_in_the_end = {name: self._several_ids(read, *schedule.days) for name, read in self._final.items()}
        self._keys_over_ids = {
            name: warehouse.keys_over_ids(read.stage, self._ids_in_the_end[name]) for name, read in self._final.items()
        }
        looks = list(self._looks())
        self._reads = warehouse.read_snapshots(self._final, looks) if looks else {}

    def instants(self, day: date, due: Due) -> Sequence[datetime]:
        """When a date may be looked at for what is due at one time, from 8:00 AM Pacific on."""
        if due is Due.MORNING_AFTER:
            begin, end = morning_look(day + timedelta(days=1)), end_of_morning_after(day)
        else:
            begin, end = morning_look(day), self._last_tip(day)
        steps = max(0, (end - begin) // self._every)
        tip = self.schedule.slates[day].first_tip_at if due is Due.BEFORE_TIP else None
        found = {begin + n * self._every for n in range(steps + 1)} | ({tip} if tip and tip > begin else set())
        return sorted(instant for instant in found if instant <= self.schedule.until)

    def record(self, day: date, instant: datetime) -> CheckRecord:
        """The verdict of one of the looks, as the history would have it."""
        slate, reads = self.schedule.slates[day], [looks[Snapshot(day, instant)] for looks in self._reads.values()]
        usual = self.schedule.arrivals.usual_at(instant)
        seen = [self.schedule.around.seen(read, slate, self._coverage(read, day), usual) for read in reads]
        return CheckRecord.from_verdict(judge(slate, seen, self.stages, instant), "replay", Trigger.SCHEDULED)

    def holds(self, day: date) -> Mapping[str, bool]:
        """Whether each stage has rows of a date now."""
        return {
            name: bool(distinct_keys.stage_rows(read.stage, read.measured, day)) for name, read in self._final.items()
        }

    def _last_tip(self, day: date) -> datetime:
        expected = self.schedule.slates[day].expected
        return max((entry.tip_at or end_of_day(day) for entry in expected), default=morning_look(day))

    def _looks(self) -> Iterator[Snapshot]:
        for day in self.schedule.days:
            for due in Due:
                for instant in self.instants(day, due):
                    yield Snapshot(day, instant)

    def _coverage(self, read: StageRead, day: date) -> Coverage:
        if read.unreadable is not None:
            return Coverage.not_read(day, read.unreadable)
        rows = distinct_keys.stage_rows(read.stage, read.measured, day)
        # The keys over several ids are asked for once, as they are now: a look that saw other ids takes the fullest.
        over_ids = {
            game: keys
            for game, ids in self._several_ids(read, day).items()
            if ids == self._ids_in_the_end[read.stage.name].get(game)
            and (keys := self._keys_over_ids[read.stage.name].get(game)) is not None
        }
        return cover(read.stage, day, rows, self.schedule.league_games, over_ids)

    def _several_ids(self, read: StageRead, *days: date) -> Mapping[GameKey, tuple[str, ...]]:
        held = {day: distinct_keys.stage_rows(read.stage, read.measured, day) for day in days}
        return several_ids(read.stage, held, self.schedule.league_games)
