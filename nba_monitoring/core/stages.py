"""The watched stages of the pipeline. All that is particular to Phase 4 is its entry in this table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage to watch."""

    name: str
    title: str  # as a person calls it
    table: str  # dataset and table that hold its rows
    ready_column: str  # BOOL; a row with false is not usable
    min_rows_per_game: int  # fewer distinct players of usable rows, and the game is partial
    bootstrap_days: int  # a season's first days, in which it holds nothing by design
    fix_command: str  # what an operator runs when it is behind


PHASE4 = Stage(
    name="phase4",
    title="Phase 4",
    table="nba_precompute.player_composite_factors",
    ready_column="is_production_ready",
    # Median 33 rows a game; on a healthy date of 2024-25 never under 12.
    min_rows_per_game=12,
    bootstrap_days=14,
    fix_command="gcloud scheduler jobs run same-day-phase4 --location=us-west2",
)


@dataclass(frozen=True, slots=True)
class StageRows:
    """What a stage's table holds under one game id on one date, counted in the warehouse."""

    day: date
    game_id: str | None
    rows: int
    usable_rows: int  # whose ready column is not false
    written_at: datetime | None  # UTC
