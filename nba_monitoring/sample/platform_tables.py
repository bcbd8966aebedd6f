"""The platform's tables and their columns, with types that both BigQuery and DuckDB know.

A TIMESTAMP is UTC, even in `game_date_est`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from nba_monitoring.sample.stage_columns import STAGE_TABLES

# The schedule and Phase 4.
PLATFORM_TABLES: Mapping[str, Mapping[str, str]] = {
    "nba_raw.espn_scoreboard": {
        "game_id": "STRING",
        "espn_game_id": "STRING",
        "game_date": "DATE",
        "season_year": "INT64",
        "home_team_abbr": "STRING",
        "away_team_abbr": "STRING",
        "home_team_name": "STRING",
        "away_team_name": "STRING",
        "home_team_espn_abbr": "STRING",
        "away_team_espn_abbr": "STRING",
        "game_status": "STRING",
        "espn_state": "STRING",
        "is_completed": "BOOL",
        "scheduled_start_time": "TIMESTAMP",
        "home_team_score": "INT64",
        "away_team_score": "INT64",
        "scrape_timestamp": "TIMESTAMP",
        "processed_at": "TIMESTAMP",
    },
    "nba_raw.nbac_schedule": {
        "game_id": "STRING",
        "game_code": "STRING",
        "game_date": "DATE",
        "game_date_est": "TIMESTAMP",
        "game_status": "INT64",
        "game_status_text": "STRING",
        "home_team_tricode": "STRING",
        "away_team_tricode": "STRING",
        "home_team_score": "INT64",
        "away_team_score": "INT64",
        "is_regular_season": "BOOL",
        "is_playoffs": "BOOL",
        "is_all_star": "BOOL",
        "processed_at": "TIMESTAMP",
        "scrape_timestamp": "TIMESTAMP",
    },
    STAGE_TABLES["phase4"].name: STAGE_TABLES["phase4"].types,
}

# All tables: also the other stages, and those that explain missing data.
ALL_TABLES: Mapping[str, Mapping[str, str]] = {
    **PLATFORM_TABLES,
    **{table.name: table.types for table in STAGE_TABLES.values()},
    "nba_orchestration.halt_state": {
        "effective_date": "DATE",
        "sport": "STRING",
        "halt_active": "BOOL",
        "halt_reason": "STRING",
        "halt_since": "DATE",
        "written_at": "TIMESTAMP",
    },
    "nba_orchestration.game_postponements": {
        "game_id": "STRING",
        "original_date": "DATE",
        "new_date": "DATE",
        "reason": "STRING",
    },
    "nba_predictions.model_registry": {
        "model_id": "STRING",
        "enabled": "BOOL",
        "is_production": "BOOL",
        "status": "STRING",
    },
}


def create_platform_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create all tables, empty."""
    for table, columns in ALL_TABLES.items():
        schema = table.split(".", maxsplit=1)[0]
        types = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        connection.execute(f"CREATE TABLE {table} ({types})")


def insert_rows(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows with every column of a platform table. Instants are naive UTC.

    DuckDB would convert an aware instant in a TIMESTAMP column to the machine's time zone.
    """
    columns = ALL_TABLES[table]
    struct = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    connection.execute(
        f"INSERT INTO {table} SELECT {', '.join(f'r.{name}' for name in columns)} "  # noqa: S608
        f"FROM UNNEST(CAST($rows AS STRUCT({struct})[])) AS u(r)",
        {"rows": rows},
    )
