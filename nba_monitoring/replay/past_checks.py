"""Checks of past dates, each as of its own time; every table is read once, however many checks there are."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

from nba_monitoring.core.coverage import Coverage
from nba_monitoring.core.eastern import dates_between, end_of_day, morning_of, results_deadline, start_of
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.recording import record_of
from nba_monitoring.core.service_causes import RECENTLY, with_causes
from nba_monitoring.core.services import ServiceCheck
from nba_monitoring.core.settled import last_check
from nba_monitoring.core.slate.slate import Reconciled, Slate
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.core.stages import Due, StageTable
from nba_monitoring.monitor import Checker, league_games, past_arrivals, recorded_services, watched
from nba_monitoring.settings import Settings
from nba_monitoring.warehouse import Warehouse
from nba_monitoring.warehouse.snapshots import Snapshot
from nba_monitoring.warehouse.stage_reads import StageRead


def _time(check: ServiceCheck) -> datetime:
    return check.check_time


class PastSchedule:
    """The slates of a range of dates and the arrivals before them, whichever stages are checked.

    The schedule's tables keep no past: a date's slate is what they list now, as of that morning. Arrivals are those in
    the history before each check. Raises WarehouseError.
    """

    def __init__(
        self, warehouse: Warehouse, settings: Settings, span: tuple[date, date], lookback: timedelta, until: datetime
    ) -> None:
        """`lookback` is how long before the dates rules look, `until` the current instant (UTC)."""
        self.first, self.last = span
        self.until = until
        reports = warehouse.schedule_reports(*span)
        self.league_games = league_games(reports)
        reconciled = Reconciled.from_reports(reports, settings.counted_season_types)
        self.final_slates = reconciled.slates(dates_between(self.first - lookback, self.last), until)
        # The last date is last checked on the morning after it.
        self.arrivals = past_arrivals(warehouse, self.first, self.last + timedelta(days=1), until)
        # Until the results of the last date are due.
        until_last = end_of_day(self.last + timedelta(days=1))
        self._services = recorded_services(warehouse, settings, start_of(self.first), until_last)
        self.slates: Mapping[date, Slate] = {day: reconciled.slates([day], morning_of(day))[day] for day in self.days}

    def services_until(self, instant: datetime) -> Sequence[ServiceCheck]:
        """The checks of services that a check at an instant (UTC) had, by time."""
        first = bisect_left(self._services, instant - RECENTLY, key=_time)
        return self._services[first : bisect_right(self._services, instant, key=_time)]

    @property
    def days(self) -> Sequence[date]:
        """The dates, ascending."""
        return dates_between(self.first, self.last)


class PastChecks:
    """The checks that the schedules would have made for a range of dates, up to now. Raises WarehouseError."""

    def __init__(
        self,
        warehouse: Warehouse,
        settings: Settings,
        stages: StageTable,
        schedule: PastSchedule,
        every: timedelta,
    ) -> None:
        """`every` is the time between two checks of a date."""
        self.stages = stages
        self.schedule = schedule
        self._every = every
        self._checker = Checker(stages, schedule.final_slates, schedule.league_games, is_clock_real=False)
        self._now = watched(warehouse.read_stages(stages, schedule.first, schedule.last), warehouse, settings)
        self._rows_now = {name: self._checker.rows(read, schedule.days) for name, read in self._now.items()}
        self._several_ids = {
            name: self._checker.several_ids(read, self._rows_now[name]) for name, read in self._now.items()
        }
        self._keys_over_ids = {
            name: warehouse.keys_over_ids(read.stage, self._several_ids[name]) for name, read in self._now.items()
        }
        snapshots = list(self._snapshots())
        self._reads = warehouse.read_snapshots(self._now, snapshots) if snapshots else {}

    def instants(self, day: date, due: Due) -> Sequence[datetime]:
        """When a date is checked (UTC) for what is due at one time: from 11:00 AM ET until after its deadline."""
        if due is Due.MORNING_AFTER:
            begin, end = morning_of(day + timedelta(days=1)), results_deadline(day)
        else:
            begin, end = morning_of(day), self._end(day)
        deciding = last_check(end)
        steps = max(0, (end - begin) // self._every if deciding is None else -((begin - deciding) // self._every))
        tip = self.schedule.slates[day].first_tip_at if due is Due.BEFORE_TIP else None
        found = {begin + n * self._every for n in range(steps + 1)} | ({tip} if tip and tip > begin else set())
        return sorted(instant for instant in found if instant <= self.schedule.until)

    def record(
        self, day: date, instant: datetime, run_id: str = "replay", trigger: Trigger = Trigger.SCHEDULED
    ) -> CheckRecord:
        """The history row of a check at one of the `instants`, in a run of that id."""
        reads = [snapshots[Snapshot(day, instant)] for snapshots in self._reads.values()]
        verdict = self._checker.verdict(
            self.schedule.slates[day],
            [(read, self._coverage(read, day)) for read in reads],
            self.schedule.arrivals.usual_at(instant),
            instant,
        )
        return with_causes(record_of(verdict, run_id, trigger), self.schedule.services_until(instant))

    def has_rows(self, day: date) -> Mapping[str, bool]:
        """Whether each stage has rows for a date now, by the stage's name."""
        return {name: bool(rows[day]) for name, rows in self._rows_now.items()}

    def _end(self, day: date) -> datetime:
        """The last tip-off. A game that the schedule does not show, or without a time, may be played all day."""
        slate = self.schedule.slates[day]
        if slate.unreadable or not (slate.expected or slate.off_day_proof):
            return end_of_day(day)
        return max((entry.tip_at or end_of_day(day) for entry in slate.expected), default=morning_of(day))

    def _snapshots(self) -> Iterator[Snapshot]:
        for day in self.schedule.days:
            for due in Due:
                for instant in self.instants(day, due):
                    yield Snapshot(day, instant)

    def _coverage(self, read: StageRead, day: date) -> Coverage:
        # Keys over several ids are read once, as they are now: for a check that saw other ids the largest count stands.
        now, keys = self._several_ids[read.stage.name], self._keys_over_ids[read.stage.name]
        held = self._checker.rows(read, [day])
        ids_then = self._checker.several_ids(read, held)
        over_ids = {game: keys[game] for game, ids in ids_then.items() if ids == now.get(game) and game in keys}
        return self._checker.coverage(read, day, held[day], over_ids)
