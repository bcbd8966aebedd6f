"""When rows come that did not come in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from nba_monitoring_tests.season_machine.answers import Planted
from nba_monitoring_tests.season_machine.clock import DAY, HALF_HOUR, morning
from nba_monitoring_tests.season_machine.season import Season

A_MINUTE = timedelta(minutes=1)


def recovered(
    season: Season, planted: Planted, ways: Sequence[str] = ("never", "in time", "in time", "too late")
) -> Planted:
    """The fault with the time at which its rows come: never, before the last check, or after the deadline."""
    answer = planted.answer
    assert answer is not None
    way = season.rng.choice(ways)
    if way == "never":
        return planted
    # Seen failing once at least, and seen again before the last tip-off.
    first, last = answer.first.last + A_MINUTE, answer.deadline - HALF_HOUR - A_MINUTE
    if way == "too late" or first > last:
        first, last = answer.deadline + 5 * A_MINUTE, morning(planted.day + DAY) - HALF_HOUR
        if planted.is_results:
            return planted
    return replace(planted, recovered=between(season, first, last))


def between(season: Season, first: datetime, last: datetime) -> datetime:
    """A minute from one to another."""
    return first + season.rng.randint(0, int((last - first) / A_MINUTE)) * A_MINUTE


def is_in_season(season: Season, day: date, days: int) -> bool:
    """Whether so many days of the season are over."""
    return season.calendar.season_day(day) >= days
