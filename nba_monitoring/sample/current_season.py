"""The made-up season around today: games every day, so that whoever tries the monitor finds a slate.

A real year has an All-Star break and a summer. This one goes on through both, as a regular season that lasts until the
next one opens, and stands beside 2025-26 without touching it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from nba_monitoring.core.eastern import dates_between
from nba_monitoring.core.games import SeasonType
from nba_monitoring.core.slate.seasons import OPENERS
from nba_monitoring.sample.calendar import REGULAR_GAMES, USUAL_COUNTS
from nba_monitoring.sample.games import SeasonGame, league_id, tip_time
from nba_monitoring.sample.scheduler import Scheduler

# How far ahead of today the stages are written, which in truth they never are: the sample is written once, and should
# not look broken the next morning.
AHEAD = timedelta(days=14)

# The schedule is loaded whole, as only then its first game is believed to be the opener: 1,300 games and more.
_LEAST_LENGTH = timedelta(weeks=25)


@dataclass(frozen=True, slots=True)
class CurrentSeason:
    """The season's opener, and its games up to the last that is listed."""

    opener: date
    games: list[SeasonGame]


def current_seasons(today: date, after: date) -> Iterator[CurrentSeason]:
    """The season of an Eastern date, and the next where it opens within two weeks.

    They have no game on or before `after`, the last date of the seeded season.
    """
    for year in sorted({_season_of(today), _season_of(today + AHEAD)}):
        opener, last = _opener(year), _opener(year + 1) - timedelta(days=1)
        first = max(opener, after + timedelta(days=1))
        days = dates_between(first, min(max(opener + _LEAST_LENGTH, today + AHEAD), last))
        if days:
            yield CurrentSeason(opener, _games(year, days, is_continued=first > opener))


def _games(year: int, days: tuple[date, ...], is_continued: bool) -> list[SeasonGame]:
    rng = Random(year)  # noqa: S311 the same season every time is the point
    counts = {day: USUAL_COUNTS[day.weekday()] for day in days}
    already_numbered = REGULAR_GAMES if is_continued else 0
    return [
        SeasonGame(
            game,
            SeasonType.REGULAR_SEASON,
            league_id(SeasonType.REGULAR_SEASON, number, year),
            tip_time(game, rng),
            listed_on=days[0],
        )
        for number, game in enumerate(Scheduler(rng).deal(counts, {}, {}), already_numbered + 1)
    ]


def _season_of(day: date) -> int:
    """The year in which the season that a date falls in opened."""
    return day.year if day >= _opener(day.year) else day.year - 1


def _opener(year: int) -> date:
    """The known one, else the Tuesday from October 18 to 24, as openers have been since 2021."""
    earliest = date(year, 10, 18)
    return OPENERS.get(year, earliest + timedelta(days=(1 - earliest.weekday()) % 7))
