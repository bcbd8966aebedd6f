"""What a game is: a date and two teams, in either home/away order."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class SeasonType(StrEnum):
    """Part of the season, as the league's ten-digit game ids number it."""

    PRESEASON = "preseason"
    REGULAR_SEASON = "regular_season"
    ALL_STAR = "all_star"
    PLAYOFFS = "playoffs"
    PLAY_IN = "play_in"
    CUP_FINAL = "cup_final"


LEAGUE_PREFIXES = {
    "001": SeasonType.PRESEASON,
    "002": SeasonType.REGULAR_SEASON,
    "003": SeasonType.ALL_STAR,
    "004": SeasonType.PLAYOFFS,
    "005": SeasonType.PLAY_IN,
    "006": SeasonType.CUP_FINAL,
}

# The parts for which the platform computes features. It had no rows for the Cup final of 2024-12-17.
COUNTED_SEASON_TYPES = frozenset({SeasonType.REGULAR_SEASON, SeasonType.PLAY_IN, SeasonType.PLAYOFFS})


def left_out(counted: frozenset[SeasonType]) -> frozenset[SeasonType]:
    """The parts of the season that count by default and not by the settings."""
    return COUNTED_SEASON_TYPES - counted


class GameState(StrEnum):
    """The state of a game in a source."""

    SCHEDULED = "scheduled"
    LIVE = "live"
    FINAL = "final"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


GameKey = tuple[date, frozenset[str]]


@dataclass(frozen=True, order=True, slots=True)
class Game:
    """One game on its US Eastern date. Two games are the same when date and pair of teams are (see `key`)."""

    day: date
    away: str
    home: str
    # Date and unordered pair: home and away were once reversed between two tables.
    key: GameKey = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", (self.day, frozenset((self.away, self.home))))

    @property
    def id(self) -> str:
        """`YYYYMMDD_AWAY_HOME`, the platform's usual id."""
        return f"{self.day.isoformat().replace('-', '')}_{self.away}_{self.home}"

    @property
    def matchup(self) -> str:
        """`AWAY@HOME`, as people write it."""
        return f"{self.away}@{self.home}"
