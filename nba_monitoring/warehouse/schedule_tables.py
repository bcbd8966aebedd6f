"""The platform's schedule tables as reports of their games."""

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

# Far enough to see a game's other date, the season's opener, the games around a day off, and a source that stopped
# months ago.
AROUND = timedelta(days=300)


# A play-in or first-round game is listed before its teams are known.
_NO_TEAM = frozenset({"", "TBD"})

Row = Mapping[str, Any]


@dataclass(frozen=True)
class ScheduleTable:
    """A table that lists games, one row a game and date."""

    name: str
    kind: SourceKind
    query: str  # names its .sql file
    team_columns: tuple[str, str]  # away and home
    id_columns: tuple[str, ...]  # those that name a row's game where a team is missing
    # Reads all rows at once, as what one means can depend on the others.
    listed: Callable[[str, Sequence[tuple[Game, Row]]], Iterable[ListedGame]]


def schedule_report(engine: Engine, table: ScheduleTable, first: date, last: date) -> SourceReport:
    """What a table says around a range of game dates, asked in one query. Raises WarehouseError."""
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
    """Whether a game was scored: one that was not shows no score, or none to none."""
    scores = row["away_team_score"], row["home_team_score"]
    return None not in scores and scores != (0, 0)


def winner(game: Game, state: GameState, row: Row) -> str | None:
    """The side that won a game that is over; None before, and where no score says."""
    away, home = row["away_team_score"], row["home_team_score"]
    if state is not GameState.FINAL or not has_score(row) or away == home:
        return None
    return game.away if away > home else game.home


def _game(table: ScheduleTable, row: Row) -> Game | str:
    """The game of a row, or a sentence on why it can't be told."""
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
    return f"{table.name}: the row with game_id {row['game_id']!r} names no game: {columns}"
