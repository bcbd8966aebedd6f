"""The page's two charts as coordinates: when each stage was complete, and messages per week."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from math import ceil, floor

from nba_monitoring.core.stages import StageTable
from nba_monitoring.core.usual_arrival import UsualArrival

_HOUR = timedelta(hours=1)
# Between two ticks of the axis: half a day if it is longer than a day.
_HALF_DAY, _QUARTER_DAY = 12, 6


@dataclass(frozen=True, slots=True)
class Strip:
    """One stage's arrivals on the axis of all stages, in percent of its width."""

    arrivals: Sequence[float]  # one per game day
    median: float
    nearly_always: float
    due: float | None  # None if the stage table no longer has the stage


@dataclass(frozen=True, slots=True)
class Arrivals:
    """The strips by stage, and the axis: the percentage and the Eastern clock of each tick."""

    ticks: Sequence[tuple[float, str]]
    strips: Mapping[str, Strip]


def arrivals(usual: Mapping[str, UsualArrival], table: StageTable) -> Arrivals | None:
    """The usual arrivals as strips on one axis. None if no stage has enough of them."""
    if not usual:
        return None
    due = {name: _due(table, name) for name in usual if name in table}
    hours = [*(at / _HOUR for found in usual.values() for at in found.arrivals.values()), *due.values()]
    step = _HALF_DAY if max(hours) - min(hours) > 2 * _HALF_DAY else _QUARTER_DAY
    first = floor(min(hours) / step) * step
    last = max(ceil(max(hours) / step) * step, first + step)

    def percent(hour: float) -> float:
        return round(100 * (hour - first) / (last - first), 2)

    return Arrivals(
        ticks=[(percent(hour), _clock(hour)) for hour in range(first, last + 1, step)],
        strips={
            name: Strip(
                arrivals=[percent(at / _HOUR) for at in found.arrivals.values()],
                median=percent(found.median / _HOUR),
                nearly_always=percent(found.nearly_always / _HOUR),
                due=percent(due[name]) if name in due else None,
            )
            for name, found in usual.items()
        },
    )


def _due(table: StageTable, name: str) -> float:
    """Hours since midnight of the game date."""
    due = table[name].due
    return due.at.hour + due.at.minute / 60 + 24 * due.next_day


def _clock(hours: int) -> str:
    """'6 AM', '6 AM +1' for the day after the games."""
    days, hour = divmod(hours, 24)
    return f"{hour % 12 or 12} {time(hour):%p}" + (f" {days:+d}" if days else "")


@dataclass(frozen=True, slots=True)
class Bar:
    """A week from its Monday, its number, and the height of its bar in percent of the highest."""

    monday: date
    number: int
    height: float


def weekly_bars(by_week: Mapping[date, int]) -> Sequence[Bar]:
    """One bar per week. Empty if nothing was counted."""
    most = max(by_week.values(), default=0)
    return [Bar(monday, number, round(100 * number / most, 1)) for monday, number in by_week.items()] if most else []
