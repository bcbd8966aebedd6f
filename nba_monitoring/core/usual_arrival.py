"""By which time of the day a stage is usually complete, from what earlier looks found."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from nba_monitoring.core.eastern import eastern, end_of_day, end_of_morning_after
from nba_monitoring.core.stage_record import StageRecord
from nba_monitoring.core.stages import Due
from nba_monitoring.core.status import Status

GAME_DAYS = 30
# Of fewer, one late morning would be the 95 % by itself.
FEWEST_GAME_DAYS = 10

_HALF, _NEARLY_ALL = 0.5, 0.95


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
    def summary(self) -> str:
        """'usually complete by 7:42 AM ET (95 % by 8:10 AM ET)'."""
        return f"usually complete by {day_clock(self.median)} (95 % by {day_clock(self.nearly_always)})"

    def _by(self, share: float) -> timedelta:
        """The earliest of the arrivals by which at least this share of them had come."""
        return sorted(self.arrivals.values())[math.ceil(share * len(self.arrivals)) - 1]


def usual_arrivals(records: Iterable[StageRecord], as_of_day: date) -> Mapping[str, UsualArrival]:
    """When each stage is usually complete, from looks at the dates before one; by stage, in the order they come.

    The last 30 game days count of each stage, and it takes 10 on which it came in time. What a look was worth is for
    the caller to say: the records of looks under a moved clock belong to a replay alone.
    """
    looks: defaultdict[str, defaultdict[date, list[StageRecord]]] = defaultdict(lambda: defaultdict(list))
    for record in records:
        if record.check_date < as_of_day:
            looks[record.stage][record.check_date].append(record)
    usual = {stage: _usual(stage, by_day) for stage, by_day in looks.items()}
    return {stage: found for stage, found in usual.items() if len(found.arrivals) >= FEWEST_GAME_DAYS}


def _usual(stage: str, looks: Mapping[date, Sequence[StageRecord]]) -> UsualArrival:
    game_days = sorted(day for day, taken in looks.items() if any(map(_owes_something, taken)))[-GAME_DAYS:]
    complete = {day: complete_at(looks[day]) for day in game_days}
    arrivals = {day: _since_midnight(day, instant) for day, instant in complete.items() if instant is not None}
    return UsualArrival(stage, arrivals, len(game_days))


def _owes_something(record: StageRecord) -> bool:
    return record.expected > 0 and not record.status.owes_nothing


def complete_at(looks: Iterable[StageRecord]) -> datetime | None:
    """When a stage was complete on a date (UTC), from the looks at it; None where it was not in time, or is not known.

    The first look that finds it complete bounds it, and when its rows were last written tells it more closely, but
    not before a look that did not find it complete. In time is until the Eastern day ends, or noon Pacific of the day
    after for what games leave behind: a gap that is filled a month later, or a table that is written anew, is no time
    to get used to.
    """
    incomplete_until: datetime | None = None
    for look in sorted(looks, key=lambda look: look.check_time):
        if look.status is not Status.AVAILABLE:
            incomplete_until = look.check_time
            continue
        found = look.check_time if look.written_at is None else min(look.written_at, look.check_time)
        found = found if incomplete_until is None else max(found, incomplete_until)
        return found if found < _end_of_its_day(look) else None
    return None


def _end_of_its_day(look: StageRecord) -> datetime:
    is_morning_after = look.detail.due is Due.MORNING_AFTER
    return end_of_morning_after(look.check_date) if is_morning_after else end_of_day(look.check_date)


def _since_midnight(day: date, instant: datetime) -> timedelta:
    """As the clock on the wall has it: on the two days a year of another length 7:00 AM is still 7:00."""
    local = eastern(instant)
    return local.replace(tzinfo=None) - datetime.combine(day, datetime.min.time())


def day_clock(since_midnight: timedelta) -> str:
    """'7:42 AM ET', '7:05 AM ET of the next day', '11:30 PM ET of the day before'."""
    days, rest = divmod(since_midnight, timedelta(days=1))
    hour, minute = divmod(rest // timedelta(minutes=1), 60)
    clock = f"{hour % 12 or 12}:{minute:02} {'AM' if hour < 12 else 'PM'} ET"
    if days == 0:
        return clock
    return f"{clock} of the {'next day' if days > 0 else 'day before'}"
