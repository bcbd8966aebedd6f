"""Rows that a stage writes at once, and the game days that they are for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from nba_monitoring.core.games import COUNTED_SEASON_TYPES, Game
from nba_monitoring.sample.games import Fate, SeasonGame, utc_from_eastern

# By design Phase 4 writes nothing in the first 14 days of a season.
BOOTSTRAP_DAYS = 14

_FEWEST_PLAYERS, _MEDIAN_PLAYERS, _MOST_PLAYERS = 25, 33, 40


@dataclass(frozen=True, slots=True)
class CoveredGame:
    """A game that the platform processed."""

    game: Game
    league_id: str
    players: int  # in the player context
    first_pass: datetime  # the evening's Phase 4 for the next day (naive UTC)


@dataclass(frozen=True, slots=True)
class GameDay:
    """A date with counted games; `season_day` is 0 on the opening night."""

    day: date
    season_day: int
    games: Sequence[CoveredGame]


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one game, or of the whole league, written at once."""

    day: date
    season_day: int
    rows: int
    written_at: datetime  # naive UTC
    values_of: date  # the date of the computed values
    game: Game | None = None
    game_id: str | None = None
    first: int = 0  # number of the first row, and so of its player or team
    unready: int = 0  # how many rows are unusable: the first, in the player summary the last
    system: str | None = None  # this and the next three: predictions only
    model_version: str | None = None
    is_active: bool = True
    lined: int = 0  # players with a real betting line


def game_days(games: Iterable[SeasonGame], opener: date, rng: Random) -> list[GameDay]:
    """The season's dates with counted games that were or will be played."""
    by_day: defaultdict[date, list[CoveredGame]] = defaultdict(list)
    for entry in sorted(games, key=lambda listed: listed.game):
        if entry.season_type in COUNTED_SEASON_TYPES and entry.fate is Fate.PLAYED:
            by_day[entry.game.day].append(_covered(entry, opener, rng))
    return [GameDay(day, (day - opener).days, covered) for day, covered in by_day.items()]


def _covered(entry: SeasonGame, opener: date, rng: Random) -> CoveredGame:
    """A game with its first pass between 5 and 6 PM Eastern on the evening before."""
    day = entry.game.day
    players, minute = _MEDIAN_PLAYERS, 0
    if day >= opener + timedelta(days=BOOTSTRAP_DAYS):
        players = min(max(round(rng.gauss(_MEDIAN_PLAYERS, 3)), _FEWEST_PLAYERS), _MOST_PLAYERS)
        minute = rng.randrange(60)
    return CoveredGame(
        entry.game, entry.league_id, players, utc_from_eastern(day - timedelta(days=1), time(17, minute))
    )
