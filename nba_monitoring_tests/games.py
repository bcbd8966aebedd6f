"""Games by their ids, as tests write them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from nba_monitoring.core.games import Game


def game_of(game_id: str) -> Game:
    """The game of a `YYYYMMDD_AWAY_HOME`."""
    day, away, home = game_id.split("_")
    return Game(date.fromisoformat(day), away, home)


def ids(games: Iterable[Game]) -> tuple[str, ...]:
    return tuple(found.id for found in games)
