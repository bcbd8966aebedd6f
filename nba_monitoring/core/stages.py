"""The watched stages of the pipeline. All that is particular to Phase 4 is its entry in this table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage to watch: where its rows are, which count, and how few a game may have.

    `fix_command` is what an operator runs when the stage is behind.
    """

    name: str
    title: str
    table: str
    ready_column: str
    min_rows_per_game: int
    fix_command: str


PHASE4 = Stage(
    name="phase4",
    title="Phase 4",
    table="nba_precompute.player_composite_factors",
    ready_column="is_production_ready",
    # Median 33 rows a game; on a healthy date of 2024-25 never under 12.
    min_rows_per_game=12,
    fix_command="gcloud scheduler jobs run same-day-phase4 --location=us-west2",
)


@dataclass(frozen=True, slots=True)
class StageRows:
    """What a phase's table holds under one game id on one date, counted in the warehouse.

    `rows` counts all rows, `usable_rows` those whose `is_production_ready` is not false; `written_at` is UTC.
    """

    day: date
    game_id: str | None
    rows: int
    usable_rows: int
    written_at: datetime | None
