"""When a stage is usually complete, and how long its command usually takes, estimated from earlier checks."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from nba_monitoring.core.eastern import EASTERN, eastern, game_date
from nba_monitoring.core.stage_record import StageCheck
from nba_monitoring.core.status import Status
from nba_monitoring.core.words import usually_complete

GAME_DAYS = 30
# With fewer, one late morning alone would set the 95%.
FEWEST_GAME_DAYS = 10
# Of dates on which someone ran the command; there are few.
FEWEST_STARTS = 3
# Has 30 game days at any time of a season: a season's last two months have more than 40.
LOOK_BACK = timedelta(days=60)

_HALF, _NEARLY_ALL = 0.5, 0.95
_END_OF_TIME = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class UsualArrival:
    """When a stage was complete on its last game days, in Eastern time since midnight of the game date.

    7:05 AM the next day is 31:05, and 11:30 PM the day before -0:30.
    """

    stage: str
    arrivals: Mapping[date, timedelta]  # by game date, oldest first; without late ones
    game_days: int  # on which the stage owed rows, at most 30

    @property
    def median(self) -> timedelta:
        """When it is complete on half of its game days."""
        return self._by(_HALF)

    @property
    def nearly_always(self) -> timedelta:
        """When it is complete on 95% of its game days."""
        return self._by(_NEARLY_ALL)

    @property
    def earliest(self) -> timedelta:
        """The earliest time at which it was complete."""
        return min(self.arrivals.values())

    @property
    def latest(self) -> timedelta:
        """The latest time at which it was complete, of the days on which it was in time."""
        return max(self.arrivals.values())

    @property
    def summary(self) -> str:
        """'usually complete by 7:42 AM ET (95% of the time by 8:10 AM ET)'."""
        return usually_complete(day_clock(self.median), day_clock(self.nearly_always))

    def usually_by(self, day: date) -> datetime:
        """The median on a game date (UTC)."""
        return _instant(day, self.median)

    def nearly_always_by(self, day: date) -> datetime:
        """The 95% on a game date (UTC)."""
        return _instant(day, self.nearly_always)

    def _by(self, share: float) -> timedelta:
        """The earliest arrival by which at least this share had arrived."""
        return sorted(self.arrivals.values())[math.ceil(share * len(self.arrivals)) - 1]


@dataclass(frozen=True, slots=True)
class Usual:
    """When each stage is usually complete, by name, if known; and what could not be read, one sentence each."""

    by_stage: Mapping[str, UsualArrival] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


class Arrivals:
    """Checks of stages, and when each stage usually arrives according to them, as of any later instant.

    The caller leaves out checks with --now or --as-of, which only a replay uses. `problems` says what of the checks
    could not be read, one sentence each.
    """

    def __init__(self, checks: Iterable[StageCheck], problems: Sequence[str] = ()) -> None:
        self.problems = tuple(problems)
        by_date: defaultdict[str, defaultdict[date, list[StageCheck]]] = defaultdict(lambda: defaultdict(list))
        for check in checks:
            by_date[check.stage][check.check_date].append(check)
        self._dates = {stage: [_ChecksOfDate(days[day]) for day in sorted(days)] for stage, days in by_date.items()}

    def usual_at(self, now: datetime) -> Usual:
        """What is known at `now` (UTC), from the 60 days before."""
        today = game_date(now)
        return Usual(self.usual(today, today - LOOK_BACK, now), self.problems)

    def takes_at(self, stage: str, now: datetime) -> timedelta | None:
        """How long a stage's command usually takes until it is complete, as known at `now` (UTC): the median of the 60
        days before. None with fewer than 3 dates on which someone ran it.
        """
        today = game_date(now)
        dates = [checks for checks in self._dates.get(stage, ()) if today - LOOK_BACK <= checks.day < today]
        lengths = sorted(filter(None, (checks.duration(now) for checks in dates)))
        return lengths[math.ceil(_HALF * len(lengths)) - 1] if len(lengths) >= FEWEST_STARTS else None

    def usual(self, before: date, since: date = date.min, as_of: datetime = _END_OF_TIME) -> Mapping[str, UsualArrival]:
        """When each stage is usually complete, by name, from checks of the dates before `before`.

        Each stage's last 30 game days count, none before `since`, and at least 10 must have been in time. Checks at
        `as_of` (UTC) or later are ignored.
        """
        found = {stage: _usual(stage, dates, before, as_of, since) for stage, dates in self._dates.items()}
        return {stage: usual for stage, usual in found.items() if len(usual.arrivals) >= FEWEST_GAME_DAYS}


class _ChecksOfDate:
    """The checks of a stage on a date, and what is known after any number of them."""

    def __init__(self, checks: Iterable[StageCheck]) -> None:
        self._checks = sorted(checks, key=lambda check: check.check_time)
        self._times = [check.check_time for check in self._checks]
        self._known: dict[int, tuple[bool, timedelta | None]] = {}
        self.day = self._checks[0].check_date

    def until(self, as_of: datetime) -> tuple[bool, timedelta | None]:
        """Whether the stage owed rows, and when it was complete (since midnight), by the checks before an instant."""
        made = bisect_left(self._times, as_of)
        if made not in self._known:
            checks = self._checks[:made]
            complete = complete_at(checks)
            since_midnight = None if complete is None else _since_midnight(self.day, complete)
            self._known[made] = any(check.owes_something for check in checks), since_midnight
        return self._known[made]

    def duration(self, as_of: datetime) -> timedelta | None:
        """How long the stage took from a start of its job, by the checks before an instant."""
        return complete_after_start(self._checks[: bisect_left(self._times, as_of)])


def complete_after_start(checks: Iterable[StageCheck]) -> timedelta | None:
    """How long a stage took from a start of its job until it was complete on a date; None if that is unknown.

    Counts the last start that a failing check saw, and only one after the first failing check: someone ran the job
    again. An earlier one is a scheduled run that fell short, and says nothing of how long a whole one takes.
    """
    ordered = sorted(checks, key=lambda check: check.check_time)
    failing = [check for check in ordered if not check.status.passes]
    complete = complete_at(ordered)
    if complete is None or not failing:
        return None
    jobs = [check.detail.job for check in failing if check.check_time <= complete]
    starts = [job.ran_at for job in jobs if job is not None and job.ran_at is not None and job.failure is None]
    again = [start for start in starts if failing[0].check_time < start < complete]
    return complete - again[-1] if again else None


def _usual(stage: str, dates: Sequence[_ChecksOfDate], before: date, as_of: datetime, since: date) -> UsualArrival:
    found: dict[date, timedelta | None] = {}
    for checks in reversed(dates[: bisect_left(dates, before, key=lambda checks: checks.day)]):
        if checks.day < since or len(found) == GAME_DAYS:
            break
        owed, arrival = checks.until(as_of)
        if owed:
            found[checks.day] = arrival
    arrivals = {day: arrival for day, arrival in reversed(found.items()) if arrival is not None}
    return UsualArrival(stage, arrivals, len(found))


def complete_at(checks: Iterable[StageCheck]) -> datetime | None:
    """When a stage was complete on a date (UTC), from its checks; None if it was not in time, or unknown.

    It is at the latest the first check that finds it complete. The last write of its rows is a closer estimate, unless
    a later check still found it incomplete. A gap that is filled a month later, or a rewritten table, is not a usual
    time, so it must be before the check's `deadline`.
    """
    incomplete_until: datetime | None = None
    for check in sorted(checks, key=lambda check: check.check_time):
        if check.status is not Status.AVAILABLE:
            incomplete_until = check.check_time
            continue
        found = check.check_time if check.written_at is None else min(check.written_at, check.check_time)
        found = found if incomplete_until is None else max(found, incomplete_until)
        return found if found < check.deadline else None
    return None


def _since_midnight(day: date, instant: datetime) -> timedelta:
    """As shown by a clock: on the two days per year of another length 7:00 AM is still 7:00."""
    local = eastern(instant)
    return local.replace(tzinfo=None) - datetime.combine(day, datetime.min.time())


def _instant(day: date, since_midnight: timedelta) -> datetime:
    on_the_wall = datetime.combine(day, datetime.min.time()) + since_midnight
    return on_the_wall.replace(tzinfo=EASTERN).astimezone(UTC)


def day_clock(since_midnight: timedelta) -> str:
    """'7:42 AM ET', '7:05 AM ET the next day', '11:30 PM ET the day before'."""
    days, rest = divmod(since_midnight, timedelta(days=1))
    hour, minute = divmod(rest // timedelta(minutes=1), 60)
    clock = f"{hour % 12 or 12}:{minute:02} {'AM' if hour < 12 else 'PM'} ET"
    if days == 0:
        return clock
    return f"{clock} the {'next day' if days > 0 else 'day before'}"
