"""Rows that a stage wrote at once, and the game days they are about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from nba_monitoring.core.games import COUNTED_SEASON_TYPES, Game
from nba_monitoring.sample.games import Fate, SeasonGame, utc_from_eastern

# By design Phase 4 writes nothing on days 0 to 13 of a season.
BOOTSTRAP_DAYS = 14

_FEWEST_PLAYERS, _MEDIAN_PLAYERS, _MOST_PLAYERS = 25, 33, 40


@dataclass(frozen=True, slots=True)
class CoveredGame:
    """A game that the platform worked on."""

    game: Game
    league_id: str
    players: int  # those that the contexts know
    first_pass: datetime  # the evening's Phase 4 for the next day (naive UTC)


@dataclass(frozen=True, slots=True)
class GameDay:
    """A date with games that count; `season_day` is 0 on the opening night."""

    day: date
    season_day: int
    games: Sequence[CoveredGame]


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one game, or of the whole league, that were written at once."""

    day: date
    season_day: int
    rows: int
    written_at: datetime  # naive UTC
    values_of: date  # the date on which the numbers were computed
    game: Game | None = None
    game_id: str | None = None
    first: int = 0  # numbers the first row, and so its player or team, within the game or the league
    unready: int = 0  # the first so many rows are not usable; of the player summary the last
    system: str | None = None  # predictions alone have one, its version, and betting lines
    model_version: str | None = None
    is_active: bool = True
    lined: int = 0  # players with a real betting line


def game_days(games: Iterable[SeasonGame], opener: date, rng: Random) -> list[GameDay]:
    """The season's dates with games that count and were, or will be, played."""
    by_day: defaultdict[date, list[CoveredGame]] = defaultdict(list)
    for entry in sorted(games, key=lambda listed: listed.game):
        if entry.season_type in COUNTED_SEASON_TYPES and entry.fate is Fate.PLAYED:
            by_day[entry.game.day].append(_covered(entry, opener, rng))
    return [GameDay(day, (day - opener).days, covered) for day, covered in by_day.items()]


def _covered(entry: SeasonGame, opener: date, rng: Random) -> CoveredGame:
    """With the first pass of the evening before, between 5 and 6 PM Eastern."""
    day = entry.game.day
    players, minute = _MEDIAN_PLAYERS, 0
    if day >= opener + timedelta(days=BOOTSTRAP_DAYS):
        players = min(max(round(rng.gauss(_MEDIAN_PLAYERS, 3)), _FEWEST_PLAYERS), _MOST_PLAYERS)
        minute = rng.randrange(60)
    return CoveredGame(
        entry.game, entry.league_id, players, utc_from_eastern(day - timedelta(days=1), time(17, minute))
    )
