"""The stages' tables in a warehouse file, by hand: as wide as a stage's entry asks for, and rows that it counts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from nba_monitoring.core.counting import Unit
from nba_monitoring.core.stages import Stage
from nba_monitoring.core.teams import TRICODES
from nba_monitoring_tests.morning import Platform
from nba_monitoring_tests.stages import PHASE4, STAGES

# The flags and numbers that the stages' conditions read; a row that is usable has them so.
USABLE: dict[str, tuple[str, Any]] = {
    "is_production_ready": ("BOOL", True),
    "has_prop_line": ("BOOL", False),
    "is_quality_ready": ("BOOL", True),
    "is_active": ("BOOL", True),
    "invalidation_reason": ("STRING", None),
    "predicted_points": ("NUMERIC", 20.5),
    "points": ("INT64", 20),
    "actual_points": ("INT64", 20),
    "is_voided": ("BOOL", False),
    "early_season_flag": ("BOOL", False),
}
WRITTEN = ("created_at", "updated_at", "processed_at", "graded_at")


def make_stage_tables(platform: Platform, *but: str) -> None:
    """Every stage's table, empty, but for those named; Phase 4's is there already."""
    names = {name: kind for name, (kind, _) in USABLE.items()} | dict.fromkeys(WRITTEN, "TIMESTAMP")
    for stage in STAGES:
        if stage == PHASE4 or stage.name in but:
            continue
        columns = {stage.date_column: "DATE", "game_id": "STRING", "team_abbr": "STRING", "player_lookup": "STRING"}
        types = ", ".join(f"{name} {kind}" for name, kind in (columns | names).items())
        platform.rows(f"CREATE SCHEMA IF NOT EXISTS {stage.table.partition('.')[0]}")
        platform.rows(f"CREATE TABLE {stage.table} ({types})")


def fill(platform: Platform, name: str, day: date, *game_ids: str, rows: int | None = None, **values: Any) -> None:
    """A stage's rows of a date as its writer leaves them when all is well: of each game where it counts games.

    Written at 10:00 UTC of the date. `values` are other values of some columns.
    """
    stage = STAGES[name]
    groups = game_ids if stage.unit is Unit.GAME else (None,)
    columns = {name: value for name, (_, value) in USABLE.items()} | dict.fromkeys(
        WRITTEN, datetime(day.year, day.month, day.day, 10, tzinfo=UTC).replace(tzinfo=None)
    )
    found = [
        {stage.date_column: day, "game_id": game_id, "player_lookup": f"player{n}", "team_abbr": teams[n % 30]}
        | columns
        | values
        for game_id in groups
        for teams in [_teams(game_id)]
        for n in range(_usual(stage) if rows is None else rows)
    ]
    described = platform.rows(f"DESCRIBE {stage.table}")
    there = [column for column, *_ in described if column in found[0]]
    values_of = (f"({', '.join(_sql(row[column]) for column in there)})" for row in found)
    platform.rows(f"INSERT INTO {stage.table} ({', '.join(there)}) VALUES {', '.join(values_of)}")


def _usual(stage: Stage) -> int:
    if stage.unit is Unit.TEAM:
        return 30
    return {"team_context": 2, "shot_zones": 300, "daily_cache": 60}.get(stage.name, 20)


def _teams(game_id: str | None) -> list[str]:
    return sorted(TRICODES) if game_id is None else game_id.split("_")[1:] * 15


def _sql(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "TRUE", False: "FALSE", None: "NULL"}[value]
    return str(value) if isinstance(value, float | int) else f"'{value}'"
