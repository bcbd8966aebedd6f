"""The platform's tables: their columns, with types spelled as both BigQuery and DuckDB know them.

A TIMESTAMP is UTC, `game_date_est` too, whatever its name says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

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
    "nba_precompute.player_composite_factors": {
        "player_lookup": "STRING",
        "game_id": "STRING",
        "game_date": "DATE",
        "fatigue_score": "INT64",
        "shot_zone_mismatch_score": "NUMERIC",
        "pace_score": "NUMERIC",
        "usage_spike_score": "NUMERIC",
        "is_production_ready": "BOOL",
        "early_season_flag": "BOOL",
        "backfill_bootstrap_mode": "BOOL",
        "processed_at": "TIMESTAMP",
    },
}


def create_platform_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the three tables, empty."""
    for table, columns in PLATFORM_TABLES.items():
        schema = table.split(".", maxsplit=1)[0]
        types = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        connection.execute(f"CREATE TABLE {table} ({types})")


def insert_rows(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows that have every column of a platform table. Instants are naive UTC.

    What DuckDB makes of an aware instant in a TIMESTAMP column would depend on the machine's time zone.
    """
    columns = PLATFORM_TABLES[table]
    struct = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    connection.execute(
        f"INSERT INTO {table} SELECT {', '.join(f'r.{name}' for name in columns)} "  # noqa: S608
        f"FROM UNNEST(CAST($rows AS STRUCT({struct})[])) AS u(r)",
        {"rows": rows},
    )
