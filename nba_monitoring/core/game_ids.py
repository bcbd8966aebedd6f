"""Parse the game ids of the platform's tables, in each of their formats."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from nba_monitoring.core.games import LEAGUE_PREFIXES, Game, SeasonType
from nba_monitoring.core.teams import is_known, names_a_team, team_of

_LEAGUE_ID = re.compile(r"[0-9]{10}")
# 20260118_ORL_MEM, and the 20251101LAL_GSW once seen.
_DATED_ID = re.compile(r"([0-9]{8})[_/]?([A-Z]{2,5})_([A-Z]{2,5})")
# The league's 20260118/ORLMEM: without a separator, only two tricodes can be split.
_GAME_CODE = re.compile(r"([0-9]{8})[_/]?([A-Z]{3})([A-Z]{3})")

# Each of a season's ids is parsed several times: for every stage's rows, the schedule's, their series and the openers.
MOST_IDS = 20_000


@dataclass(frozen=True, slots=True)
class LeagueId:
    """The league's ten digits, such as 0022500578: season_type, season (the year it starts) and running number."""

    id: str
    season_type: SeasonType | None
    season: int
    number: int

    @classmethod
    @lru_cache(maxsize=MOST_IDS)
    def from_text(cls, text: str) -> LeagueId | None:
        """None if the text is not ten digits; `season_type` is None for an unknown prefix."""
        if not _LEAGUE_ID.fullmatch(text):
            return None
        year = int(text[3:5])
        # Two digits of the year the season starts; the league's first season was 1946-47.
        return cls(text, LEAGUE_PREFIXES.get(text[:3]), (1900 if year >= 46 else 2000) + year, int(text[5:]))

    @property
    def series(self) -> int | None:
        """Round and series of a playoff game, `004YY00RSG`: 10 to 17, 20 to 23, 30 and 31, and 40 for the Finals."""
        return self.number // 10 if self.season_type is SeasonType.PLAYOFFS else None


@dataclass(frozen=True, slots=True)
class UnreadableId:
    """An id that names no game, and why."""

    id: str
    reason: str
    # The game that it names if a schedule has the same teams, which nobody else knows.
    spelled: Game | None = field(default=None, compare=False)


@lru_cache(maxsize=MOST_IDS)
def parse_game_id(text: str | None) -> Game | LeagueId | UnreadableId:
    """Parse a table's game id. An unreadable id is reported, never guessed or dropped."""
    if text is None or not text.strip():
        return UnreadableId("" if text is None else text, "no game id")
    stripped = text.strip().upper()
    match = _DATED_ID.fullmatch(stripped) or _GAME_CODE.fullmatch(stripped)
    if match is None:
        return LeagueId.from_text(stripped) or UnreadableId(text, "not in a known format")
    day = _date(match[1])
    if day is None:
        return UnreadableId(text, f"{match[1]} is not a date")
    game = Game(day, team_of(match[2]), team_of(match[3]))
    unknown = [side for side in (game.away, game.home) if not is_known(side)]
    if unknown:
        has_teams = names_a_team(game.away) and names_a_team(game.home) and game.away != game.home
        return UnreadableId(text, f"unknown team {unknown[0]}", game if has_teams else None)
    if game.away == game.home:
        return UnreadableId(text, f"{game.away} can't play itself")
    return game


def game_named(text: str) -> Game | None:
    """The game of an id with both teams, known or not, for people to read; None if it names none."""
    found = parse_game_id(text)
    if isinstance(found, UnreadableId):
        return found.spelled
    return found if isinstance(found, Game) else None


def _date(digits: str) -> date | None:
    try:
        return date.fromisoformat(digits)
    except ValueError:
        return None
