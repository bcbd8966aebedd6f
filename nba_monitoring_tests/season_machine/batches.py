"""Rows of the stages' tables, many alike as one batch, and the warehouse that they are written to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime

import duckdb

from nba_monitoring_tests.season_machine.calendar import TRICODES
from nba_monitoring_tests.stage_rows import STAGE_COLUMNS, make_table, table_of


@dataclass(frozen=True)
class Batch:
    """Rows that a stage's writer writes at once: a row a player numbered from `first`, or a row a team of `teams`."""

    day: date
    written: datetime | None  # UTC
    game_id: str | None = None
    players: str = "player"  # what their names begin with
    first: int = 0
    count: int = 0
    teams: tuple[str, ...] = ()
    updated: datetime | None = None
    usable: bool = True
    system: str | None = None
    version: str | None = None
    line: float = 13.5
    is_placeholder: bool = False
    content: int = 0  # what makes one day's values others than another's

    @property
    def size(self) -> int:
        return len(self.teams) or self.count


_TYPES = {
    "day": "DATE",
    "written": "TIMESTAMP",
    "game_id": "VARCHAR",
    "players": "VARCHAR",
    "first": "INT",
    "count": "INT",
    "teams": "VARCHAR[]",
    "updated": "TIMESTAMP",
    "usable": "BOOL",
    "system": "VARCHAR",
    "version": "VARCHAR",
    "line": "DOUBLE",
    "is_placeholder": "BOOL",
    "content": "INT",
}
assert list(_TYPES) == [field.name for field in fields(Batch)]

_PLAYER = {"player_lookup": "b.players || n", "game_id": "b.game_id", "game_date": "b.day"}
_TEAM = "b.teams[n - b.first + 1]"
_READY = {"is_production_ready": "b.usable", "processed_at": "b.written"}
_VALUE = f"(list_position($league, {_TEAM}) * {{0}} + b.content * {{1}}) % 97 / 8"

# The SQL of the row numbered `n` of a batch `b`, as the stage's writer fills it; what is left out is NULL.
COLUMNS: Mapping[str, Mapping[str, str]] = {
    "player_context": _PLAYER
    | {"has_prop_line": "FALSE", "is_production_ready": "b.usable", "created_at": "b.written"},
    "team_context": {
        "team_abbr": _TEAM,
        "game_id": "b.game_id",
        "game_date": "b.day",
        "is_production_ready": "b.usable",
        "created_at": "b.written",
    },
    "team_defense": {
        "team_abbr": _TEAM,
        "analysis_date": "b.day",
        "paint_defense_vs_league_avg": _VALUE.format(7, 11),
        "mid_range_defense_vs_league_avg": _VALUE.format(5, 3),
        "three_pt_defense_vs_league_avg": _VALUE.format(3, 5),
    }
    | _READY,
    "shot_zones": {"player_lookup": "b.players || n", "analysis_date": "b.day", "paint_rate_last_10": "0.4"} | _READY,
    "daily_cache": {"player_lookup": "b.players || n", "cache_date": "b.day"} | _READY,
    "phase4": _PLAYER
    | {"fatigue_score": "CASE WHEN b.is_placeholder THEN NULL ELSE 90 END", "early_season_flag": "b.is_placeholder"}
    | _READY,
    "feature_store": _PLAYER
    | {
        "is_quality_ready": "b.usable",
        "early_season_flag": "b.is_placeholder",
        "created_at": "b.written",
        "updated_at": "b.updated",
    },
    "predictions": _PLAYER
    | {
        "system_id": "b.system",
        "model_version": "b.version",
        "predicted_points": "14.5",
        "current_points_line": "b.line",
        "line_source": "'ODDS_API'",
        "is_active": "b.usable",
        "created_at": "b.written",
        "updated_at": "b.updated",
    },
    "player_summary": _PLAYER | {"points": "CASE WHEN b.usable THEN 12 END", "processed_at": "b.written"},
    "grading": _PLAYER
    | {
        "system_id": "b.system",
        "actual_points": "CASE WHEN b.usable THEN 12 END",
        "is_voided": "FALSE",
        "graded_at": "b.written",
    },
}


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """The ten stages' tables, empty."""
    for stage, columns in STAGE_COLUMNS.items():
        make_table(connection, table_of(stage), columns)


def write_batches(connection: duckdb.DuckDBPyConnection, written: Mapping[str, Iterable[Batch]]) -> None:
    """Add rows to the stages' tables."""
    struct = ", ".join(f'"{name}" {kind}' for name, kind in _TYPES.items())
    for stage, batches in written.items():
        values = COLUMNS[stage]
        rows = [_struct(batch) for batch in batches]
        if rows:
            connection.execute(
                f"INSERT INTO {table_of(stage)} ({', '.join(values)}) SELECT {', '.join(values.values())} "
                f"FROM (SELECT b, UNNEST(range(b.first, b.first + greatest(b.count, len(b.teams)))) AS n "
                f"FROM UNNEST(CAST($batches AS STRUCT({struct})[])) AS u(b))",
                {"batches": rows} | ({"league": list(TRICODES)} if stage == "team_defense" else {}),
            )


def _struct(batch: Batch) -> dict[str, object]:
    values = {name: getattr(batch, name) for name in _TYPES}
    return {
        name: value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value
        for name, value in values.items()
    }


def by_stage(batches: Mapping[tuple[str, date], Sequence[Batch]]) -> Mapping[str, Sequence[Batch]]:
    """The batches of all dates, by stage."""
    found: defaultdict[str, list[Batch]] = defaultdict(list)
    for (stage, _), of_date in batches.items():
        found[stage] += of_date
    return found
