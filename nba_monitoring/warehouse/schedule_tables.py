"""Reads the platform's schedule tables as reports of their games."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from nba_monitoring.core.game_ids import parse_game_id
from nba_monitoring.core.games import Game, GameState
from nba_monitoring.core.slate.sources import ListedGame, SourceKind, SourceReport
from nba_monitoring.core.teams import tricode
from nba_monitoring.warehouse.engines import Engine, statement

# Far enough for a game's other date, the season's opener, the games around a day off, and a source that stopped months
# ago.
AROUND = timedelta(days=300)

# Play-in and first-round games are listed before their teams are known.
_NO_TEAM = frozenset({"", "TBD"})

Row = Mapping[str, Any]


@dataclass(frozen=True)
class ScheduleTable:
    """A table that lists games, one row per game and date."""

    name: str
    kind: SourceKind
    query: str  # its .sql file
    team_columns: tuple[str, str]  # away and home
    id_columns: tuple[str, ...]  # identify the game if a team is missing
    # Takes all rows at once, since the meaning of one can depend on the others.
    listed: Callable[[str, Sequence[tuple[Game, Row]]], Iterable[ListedGame]]


def schedule_report(engine: Engine, table: ScheduleTable, first: date, last: date) -> SourceReport:
    """What a table lists around a range of game dates, in one query. Raises WarehouseError."""
    rows = engine.read(statement(table.query, table.name), {"first": first - AROUND, "last": last + AROUND})
    games: list[tuple[Game, Row]] = []
    unreadable: defaultdict[date, tuple[str, ...]] = defaultdict(tuple)
    for row in rows:
        game = _game(table, row)
        if isinstance(game, Game):
            games.append((game, row))
        else:
            unreadable[row["game_date"]] += (game,)
    return SourceReport(
        source=table.name,
        kind=table.kind,
        listed=tuple(table.listed(table.name, games)),
        unreadable={day: tuple(sorted(sentences)) for day, sentences in unreadable.items()},
        scraped_at=max((row["seen_at"] for row in rows if row["seen_at"]), default=None),
    )


def has_score(row: Row) -> bool:
    """Whether a row has a score. Unplayed games have none, or 0 to 0."""
    scores = row["away_team_score"], row["home_team_score"]
    return None not in scores and scores != (0, 0)


def winner(game: Game, state: GameState, row: Row) -> str | None:
    """The winner of a final game; None without a decisive score."""
    away, home = row["away_team_score"], row["home_team_score"]
    if state is not GameState.FINAL or not has_score(row) or away == home:
        return None
    return game.away if away > home else game.home


def _game(table: ScheduleTable, row: Row) -> Game | str:
    """The game of a row, or a sentence on why it is unknown."""
    away, home = ((row[column] or "").strip() for column in table.team_columns)
    if _NO_TEAM.isdisjoint((away, home)) and away != home:
        return Game(row["game_date"], tricode(away) or away, tricode(home) or home)
    for column in table.id_columns:
        named = parse_game_id(row[column])
        if isinstance(named, Game):
            return Game(row["game_date"], named.away, named.home)
    if away in _NO_TEAM or home in _NO_TEAM:
        return f"{table.name}: one listed game has no teams yet (game_id {row['game_id']!r})"
    columns = " and ".join(f"{column} {row[column]!r}" for column in table.team_columns)
    return f"{table.name}: the row with game_id {row['game_id']!r} identifies no game: {columns}"
