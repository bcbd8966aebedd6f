"""By which time of the day a stage is usually complete, from what earlier looks found."""

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

GAME_DAYS = 30
# Of fewer, one late morning would be the 95 % by itself.
FEWEST_GAME_DAYS = 10
# In which there are 30 game days at any time of a season: the last two months of one have more than 40.
LOOK_BACK = timedelta(days=60)

_HALF, _NEARLY_ALL = 0.5, 0.95
_END_OF_TIME = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class UsualArrival:
    """When a stage was complete on its last game days, on the Eastern clock counted from midnight of the game date.

    7:05 AM of the day after is 31:05, and 11:30 PM of the day before -0:30.
    """

    stage: str
    arrivals: Mapping[date, timedelta]  # by game date, oldest first; without those that did not come in time
    game_days: int  # that the stage owed something on, at most 30

    @property
    def median(self) -> timedelta:
        """By when it is complete on half of its game days."""
        return self._by(_HALF)

    @property
    def nearly_always(self) -> timedelta:
        """By when it is complete on 95 % of its game days."""
        return self._by(_NEARLY_ALL)

    @property
    def earliest(self) -> timedelta:
        """When it was complete on the day on which it came first."""
        return min(self.arrivals.values())

    @property
    def latest(self) -> timedelta:
        """When it was complete on the day on which it came last, of those on which it came in time."""
        return max(self.arrivals.values())

    @property
    def summary(self) -> str:
        """'usually complete by 7:42 AM ET (95 % by 8:10 AM ET)'."""
        return usually_complete(day_clock(self.median), day_clock(self.nearly_always))

    def usually_by(self, day: date) -> datetime:
        """The median of a game date, as a UTC instant."""
        return _instant(day, self.median)

    def nearly_always_by(self, day: date) -> datetime:
        """The 95 % of a game date, as a UTC instant."""
        return _instant(day, self.nearly_always)

    def _by(self, share: float) -> timedelta:
        """The earliest of the arrivals by which at least this share of them had come."""
        return sorted(self.arrivals.values())[math.ceil(share * len(self.arrivals)) - 1]


@dataclass(frozen=True, slots=True)
class Usual:
    """When each stage is usually complete, by its name, as far as it is known; and what hides more, a sentence each."""

    by_stage: Mapping[str, UsualArrival] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


class Arrivals:
    """Looks at stages, and what they tell of when each stage comes, at any instant after them.

    What a look was worth is for the caller to say: those under a moved clock belong to a replay alone. `problems` says
    what of the looks can't be read, a sentence each.
    """

    def __init__(self, looks: Iterable[StageCheck], problems: Sequence[str] = ()) -> None:
        self.problems = tuple(problems)
        by_date: defaultdict[str, defaultdict[date, list[StageCheck]]] = defaultdict(lambda: defaultdict(list))
        for look in looks:
            by_date[look.stage][look.check_date].append(look)
        self._dates = {stage: [_LooksAtDate(days[day]) for day in sorted(days)] for stage, days in by_date.items()}

    def usual_at(self, now: datetime) -> Usual:
        """What is known at an instant (UTC), from the last 60 days before its own."""
        today = game_date(now)
        return Usual(self.usual(today, today - LOOK_BACK, now), self.problems)

    def usual(self, before: date, since: date = date.min, as_of: datetime = _END_OF_TIME) -> Mapping[str, UsualArrival]:
        """When each stage is usually complete, from looks at the dates before one; by stage, in the order they came.

        The last 30 game days count of each stage, none before `since`, and it takes 10 on which it came in time. Looks
        that were taken at `as_of` (UTC) or later are passed over.
        """
        found = {stage: _usual(stage, dates, before, as_of, since) for stage, dates in self._dates.items()}
        return {stage: usual for stage, usual in found.items() if len(usual.arrivals) >= FEWEST_GAME_DAYS}


class _LooksAtDate:
    """The looks at a stage on a date, and what the first so many of them tell."""

    def __init__(self, looks: Iterable[StageCheck]) -> None:
        self._looks = sorted(looks, key=lambda look: look.check_time)
        self._times = [look.check_time for look in self._looks]
        self._known: dict[int, tuple[bool, timedelta | None]] = {}
        self.day = self._looks[0].check_date

    def until(self, as_of: datetime) -> tuple[bool, timedelta | None]:
        """Whether the stage owed something, and since midnight when it was complete, by the looks before an instant."""
        taken = bisect_left(self._times, as_of)
        if taken not in self._known:
            looks = self._looks[:taken]
            complete = complete_at(looks)
            since_midnight = None if complete is None else _since_midnight(self.day, complete)
            self._known[taken] = any(look.owes_something for look in looks), since_midnight
        return self._known[taken]


def _usual(stage: str, dates: Sequence[_LooksAtDate], before: date, as_of: datetime, since: date) -> UsualArrival:
    found: dict[date, timedelta | None] = {}
    for looks in reversed(dates[: bisect_left(dates, before, key=lambda looks: looks.day)]):
        if looks.day < since or len(found) == GAME_DAYS:
            break
        owed, arrival = looks.until(as_of)
        if owed:
            found[looks.day] = arrival
    arrivals = {day: arrival for day, arrival in reversed(found.items()) if arrival is not None}
    return UsualArrival(stage, arrivals, len(found))


def complete_at(looks: Iterable[StageCheck]) -> datetime | None:
    """When a stage was complete on a date (UTC), from the looks at it; None where it was not in time, or is not known.

    The first look that finds it complete bounds it, and when its rows were last written tells it more closely, but
    not before a look that did not find it complete. A gap that is filled a month later, or a table that is written
    anew, is no time to get used to: it has to be before the check's `deadline`.
    """
    incomplete_until: datetime | None = None
    for look in sorted(looks, key=lambda look: look.check_time):
        if look.status is not Status.AVAILABLE:
            incomplete_until = look.check_time
            continue
        found = look.check_time if look.written_at is None else min(look.written_at, look.check_time)
        found = found if incomplete_until is None else max(found, incomplete_until)
        return found if found < look.deadline else None
    return None


def _since_midnight(day: date, instant: datetime) -> timedelta:
    """As the clock on the wall has it: on the two days a year of another length 7:00 AM is still 7:00."""
    local = eastern(instant)
    return local.replace(tzinfo=None) - datetime.combine(day, datetime.min.time())


def _instant(day: date, since_midnight: timedelta) -> datetime:
    on_the_wall = datetime.combine(day, datetime.min.time()) + since_midnight
    return on_the_wall.replace(tzinfo=EASTERN).astimezone(UTC)


def usually_complete(usually: str, nearly_always: str) -> str:
    """The median and the 95 %, given as clock times, in a sentence."""
    return f"usually complete by {usually} (95 % by {nearly_always})"


def day_clock(since_midnight: timedelta) -> str:
    """'7:42 AM ET', '7:05 AM ET of the next day', '11:30 PM ET of the day before'."""
    days, rest = divmod(since_midnight, timedelta(days=1))
    hour, minute = divmod(rest // timedelta(minutes=1), 60)
    clock = f"{hour % 12 or 12}:{minute:02} {'AM' if hour < 12 else 'PM'} ET"
    if days == 0:
        return clock
    return f"{clock} of the {'next day' if days > 0 else 'day before'}"
