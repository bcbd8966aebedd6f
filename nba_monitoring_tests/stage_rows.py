"""The stages' tables as the tests need them: made, and filled with rows as the platform's writers write them.

Statements are spelled as BigQuery and DuckDB both know them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from nba_monitoring.core.teams import TRICODES
from nba_monitoring_tests.platform_tables import Row, execute, morning_of
from nba_monitoring_tests.stages import STAGES

TEAMS = tuple(sorted(TRICODES))
SYSTEMS = (
    "catboost_v8",
    "ensemble_v1",
    "moving_average",
    "similarity_balanced_v1",
    "xgboost_v1",
    "zone_matchup_v1",
)

_PLAYER_GAME = {"player_lookup": "STRING", "game_id": "STRING", "game_date": "DATE"}
_READY = {"is_production_ready": "BOOL", "processed_at": "TIMESTAMP"}

STAGE_COLUMNS: Mapping[str, Mapping[str, str]] = {
    "player_context": {
        **_PLAYER_GAME,
        "team_abbr": "STRING",
        "has_prop_line": "BOOL",
        "is_production_ready": "BOOL",
        "created_at": "TIMESTAMP",
    },
    "team_context": {
        "team_abbr": "STRING",
        "game_id": "STRING",
        "game_date": "DATE",
        "is_production_ready": "BOOL",
        "created_at": "TIMESTAMP",
    },
    "team_defense": {
        "team_abbr": "STRING",
        "analysis_date": "DATE",
        "paint_defense_vs_league_avg": "NUMERIC",
        "mid_range_defense_vs_league_avg": "NUMERIC",
        "three_pt_defense_vs_league_avg": "NUMERIC",
        **_READY,
    },
    "shot_zones": {"player_lookup": "STRING", "analysis_date": "DATE", "paint_rate_last_10": "NUMERIC", **_READY},
    "daily_cache": {"player_lookup": "STRING", "cache_date": "DATE", **_READY},
    "phase4": {**_PLAYER_GAME, "fatigue_score": "INT64", "early_season_flag": "BOOL", **_READY},
    "feature_store": {
        **_PLAYER_GAME,
        "is_quality_ready": "BOOL",
        "early_season_flag": "BOOL",
        "created_at": "TIMESTAMP",
        "updated_at": "TIMESTAMP",
    },
    "predictions": {
        **_PLAYER_GAME,
        "system_id": "STRING",
        "model_version": "STRING",
        "predicted_points": "NUMERIC",
        "current_points_line": "NUMERIC",
        "line_source": "STRING",
        "is_active": "BOOL",
        "invalidation_reason": "STRING",
        "created_at": "TIMESTAMP",
        "updated_at": "TIMESTAMP",
    },
    "player_summary": {**_PLAYER_GAME, "team_abbr": "STRING", "points": "INT64", "processed_at": "TIMESTAMP"},
    "grading": {
        **_PLAYER_GAME,
        "system_id": "STRING",
        "actual_points": "INT64",
        "is_voided": "BOOL",
        "graded_at": "TIMESTAMP",
    },
}

HALT_STATE = "nba_orchestration.halt_state"
HALT_COLUMNS = {
    "effective_date": "DATE",
    "sport": "STRING",
    "halt_active": "BOOL",
    "halt_reason": "STRING",
    "halt_since": "DATE",
    "written_at": "TIMESTAMP",
}


def create_stage_tables(target: Any, *stages: str, without: Sequence[str] = ()) -> None:
    """Create the tables of the stages (default: all), empty, without some columns."""
    for stage in stages or STAGE_COLUMNS:
        kept = {name: kind for name, kind in STAGE_COLUMNS[stage].items() if name not in without}
        make_table(target, table_of(stage), kept)


def make_table(target: Any, table: str, columns: Mapping[str, str]) -> None:
    execute(target, f"CREATE SCHEMA IF NOT EXISTS {table.partition('.')[0]}")
    execute(target, f"CREATE TABLE {table} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")


def table_of(stage: str) -> str:
    return STAGES[stage].table


def add(target: Any, stage: str, rows: Iterable[Row]) -> None:
    """Add rows to a stage's table; columns missing from a row are NULL."""
    add_to(target, table_of(stage), rows)


def add_to(target: Any, table: str, rows: Iterable[Row]) -> None:
    by_columns: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        by_columns.setdefault(tuple(row), []).append(f"({', '.join(map(_literal, row.values()))})")
    for columns, values in by_columns.items():
        execute(target, f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join(values)}")


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime):
        return f"TIMESTAMP '{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}'"
    if isinstance(value, date):
        return f"DATE '{value}'"
    return f"'{value}'" if isinstance(value, str) else str(value)


def players(game_id: str, count: int) -> list[str]:
    """Players of one game, no other game's."""
    teams = game_id.partition("_")[2].lower().replace("_", "")
    return [f"{teams}player{number}" for number in range(count)]


def player_rows(day: date, game_id: str, count: int, **others: Any) -> list[Row]:
    """One row per player of a game, with what all stages by game have in common."""
    return [{"player_lookup": name, "game_id": game_id, "game_date": day, **others} for name in players(game_id, count)]


def context_rows(day: date, game_id: str, count: int = 33) -> list[Row]:
    return player_rows(day, game_id, count, is_production_ready=True, created_at=morning_of(day))


def factor_rows(day: date, game_id: str, count: int = 33) -> list[Row]:
    return player_rows(
        day,
        game_id,
        count,
        fatigue_score=90,
        early_season_flag=False,
        is_production_ready=True,
        processed_at=morning_of(day),
    )


def feature_rows(day: date, game_id: str, count: int = 25, ready: int | None = None) -> list[Row]:
    """`ready` of the players' rows are quality-ready; by default all."""
    return [
        {**row, "is_quality_ready": number < (count if ready is None else ready)}
        for number, row in enumerate(
            player_rows(day, game_id, count, early_season_flag=False, created_at=morning_of(day))
        )
    ]


def prediction_rows(
    day: date, game_id: str, count: int = 16, systems: Sequence[str] = SYSTEMS, **others: Any
) -> list[Row]:
    """One row per player and system, each with a line from a book and its model's version by default."""
    return [
        {
            **row,
            "system_id": system,
            "model_version": f"{system}_20251201",
            "predicted_points": 14.5,
            "current_points_line": 13.5,
            "line_source": "ODDS_API",
            "is_active": True,
            "invalidation_reason": None,
            "created_at": morning_of(day),
            **others,
        }
        for system in systems
        for row in player_rows(day, game_id, count)
    ]


def defense_rows(day: date, *, content_of: date | None = None, same: Iterable[str] = ()) -> list[Row]:
    """The thirty teams' rows; with another day's content for all, or for some."""
    return [
        {
            "team_abbr": team,
            "analysis_date": day,
            **_defense(number, (content_of or day) if team not in set(same) else date(2000, 1, 1)),
            "is_production_ready": True,
            "processed_at": morning_of(day),
        }
        for number, team in enumerate(TEAMS)
    ]


def _defense(number: int, day: date) -> Row:
    return {
        "paint_defense_vs_league_avg": (number * 7 + day.toordinal() * 11) % 97 / 8,
        "mid_range_defense_vs_league_avg": (number * 5 + day.toordinal() * 3) % 101 / 10,
        "three_pt_defense_vs_league_avg": (number * 3 + day.toordinal() * 5) % 103 / 4,
    }


def summary_rows(day: date, game_id: str, count: int = 21) -> list[Row]:
    return player_rows(day, game_id, count, points=12, processed_at=morning_of(day))


def graded(rows: Iterable[Row], graded_at: datetime) -> list[Row]:
    """What grading makes of predictions."""
    return [
        {name: row[name] for name in ("player_lookup", "game_id", "game_date", "system_id")}
        | {"actual_points": 12, "is_voided": False, "graded_at": graded_at}
        for row in rows
    ]
