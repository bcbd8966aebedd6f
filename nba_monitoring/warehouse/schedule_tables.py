"""Reads the platform's schedule tables as reports of their games."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from nba_monitoring.core.game_ids import parse_game_id
from nba_monitoring.core.games import Game, GameState
from nba_monitoring.core.slate.sources import ListedGame, SourceKind, SourceReport, UnnamedGame
from nba_monitoring.core.teams import names_a_team, team_of
from nba_monitoring.warehouse.engines import Engine, statement

# Far enough for a game's other date, the season's opener, the games around a day off, and a source that stopped months
# ago.
AROUND = timedelta(days=300)

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
    found = [_game(table, row) for row in rows]
    games = [
        game if isinstance(game, Game) else Game(row["game_date"], "", "")
        for game, row in zip(found, rows, strict=True)
    ]
    listed = list(zip(found, table.listed(table.name, list(zip(games, rows, strict=True))), strict=True))
    unnamed = [UnnamedGame(entry.game.day, game, entry) for game, entry in listed if isinstance(game, str)]
    return SourceReport(
        source=table.name,
        kind=table.kind,
        listed=tuple(entry for game, entry in listed if isinstance(game, Game)),
        unnamed=tuple(sorted(unnamed, key=lambda game: (game.day, game.sentence))),
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
    has_teams = names_a_team(away) and names_a_team(home)
    if has_teams and away != home:
        return Game(row["game_date"], team_of(away), team_of(home))
    for column in table.id_columns:
        named = parse_game_id(row[column])
        if isinstance(named, Game):
            return Game(row["game_date"], named.away, named.home)
    if not has_teams:
        return f"{table.name}: one listed game has no teams yet (game_id {row['game_id']!r})"
    columns = " and ".join(f"{column} {row[column]!r}" for column in table.team_columns)
    return f"{table.name}: the row with game_id {row['game_id']!r} identifies no game: {columns}"
