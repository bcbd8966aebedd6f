"""The tables of the pipeline's stages, counted by game."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from nba_monitoring.core.coverage import Players
from nba_monitoring.core.games import GameKey
from nba_monitoring.core.stages import Stage, StageRows
from nba_monitoring.warehouse.engines import Engine, Rows
from nba_monitoring.warehouse.statements import Statement, statement
from nba_monitoring.warehouse.tables import Table

# Not a table anywhere: the shape of the parameter that says which ids are one game.
_GAME_IDS = Table(
    name="game_ids",
    partition="game_date",
    columns={"game_date": "DATE", "game_id": "STRING", "game_number": "INT64"},
)


def stage_rows(engine: Engine, stage: Stage, first: date, last: date, as_of: datetime) -> list[StageRows]:
    """What a stage's table holds per date and game id, asked in one query. Raises WarehouseError."""
    rows = engine.read(_statement(engine, "stage_rows", stage), {"first": first, "last": last, "as_of": as_of})
    return [
        StageRows(
            day=row["game_date"],
            game_id=row["game_id"],
            rows=row["row_count"],
            usable_players=row["usable_player_count"],
            written_at=row["written_at"],
            repeats=row["row_count"] - row["player_count"],
            placeholders=row["placeholder_count"],
        )
        for row in rows
    ]


def players_over_ids(
    engine: Engine, stage: Stage, games: Mapping[GameKey, Sequence[str]], as_of: datetime
) -> dict[GameKey, Players]:
    """The distinct players of each game (one at least) over its ids, asked in one query. Raises WarehouseError."""
    keys = list(games)
    ids = [
        {"game_date": key[0], "game_id": game_id, "game_number": number}
        for number, key in enumerate(keys)
        for game_id in games[key]
    ]
    days = [day for day, _ in keys]
    found = engine.read(
        _statement(engine, "players_over_ids", stage),
        {"first": min(days), "last": max(days), "as_of": as_of, "game_ids": Rows(_GAME_IDS, ids)},
    )
    return {keys[row["game_number"]]: Players(row["player_count"], row["usable_player_count"]) for row in found}


def _statement(engine: Engine, name: str, stage: Stage) -> Statement:
    return statement(
        name, stage.table, ready_column=stage.ready_column, placeholder=_placeholder(stage, _columns(engine, stage))
    )


def _columns(engine: Engine, stage: Stage) -> frozenset[str]:
    return engine.columns(Table(stage.table, partition="game_date", columns={}))


def _placeholder(stage: Stage, there: frozenset[str]) -> str:
    """The condition that a row `p` is a placeholder, over the columns that the table has.

    The platform's early-season rows have no values and leave their readiness NULL: where the table has no values at
    all, that alone tells them.
    """
    if stage.early_season_column not in there:
        return "FALSE"
    nulls = [column for column in stage.value_columns if column in there] or [stage.ready_column]
    return " AND ".join([f"p.{stage.early_season_column} IS TRUE", *(f"p.{column} IS NULL" for column in nulls)])
