"""The made-up season around today: games every day, so that whoever tries the monitor finds a slate.

It skips the All-Star break and the summer: it is a regular season that lasts until the next one opens, beside 2025-26.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from nba_monitoring.core.eastern import dates_between
from nba_monitoring.core.games import SeasonType
from nba_monitoring.core.slate.seasons import OPENERS
from nba_monitoring.sample.calendar import REGULAR_GAMES, deal, usual_count
from nba_monitoring.sample.games import SeasonGame, league_id, tip_time

# How far ahead a season that opens soon is listed beside the one of today.
_AHEAD = timedelta(days=14)

# Only a whole schedule, of more than 1,300 games, proves that its first game is the opener.
_LEAST_LENGTH = timedelta(weeks=25)


@dataclass(frozen=True, slots=True)
class CurrentSeason:
    """The season's opener, and its games up to the last that is listed."""

    opener: date
    games: list[SeasonGame]


def current_seasons(today: date, after: date) -> Iterator[CurrentSeason]:
    """The season of an Eastern date, and the next one if it opens within two weeks.

    All games are later than `after`, the last date of 2025-26.
    """
    for year in sorted({_season_of(today), _season_of(today + _AHEAD)}):
        opener, last = _opener(year), _opener(year + 1) - timedelta(days=1)
        first = max(opener, after + timedelta(days=1))
        days = dates_between(first, min(max(opener + _LEAST_LENGTH, today + _AHEAD), last))
        if days:
            rng = Random(year)  # noqa: S311 the same season every time is the point
            games = enumerate(deal({day: usual_count(day) for day in days}, rng), 1)
            numbered = REGULAR_GAMES if first > opener else 0
            yield CurrentSeason(
                opener,
                [
                    SeasonGame(
                        game,
                        SeasonType.REGULAR_SEASON,
                        league_id(SeasonType.REGULAR_SEASON, numbered + number, year),
                        tip_time(game, rng),
                        listed_on=first,
                    )
                    for number, game in games
                ],
            )


def opener_before(today: date) -> date:
    """The opener of the season of an Eastern date."""
    return _opener(_season_of(today))


def _season_of(day: date) -> int:
    """The year in which the season of a date opened."""
    return day.year if day >= _opener(day.year) else day.year - 1


def _opener(year: int) -> date:
    """The known opener, or else the Tuesday from October 18 to 24, as in every year since 2021."""
    earliest = date(year, 10, 18)
    return OPENERS.get(year, earliest + timedelta(days=(1 - earliest.weekday()) % 7))
