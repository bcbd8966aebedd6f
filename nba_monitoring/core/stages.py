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
    early_season_column: str  # BOOL; a row with true and none of the values is a placeholder, and not usable
    value_columns: tuple[str, ...]  # what the rows are there for
    min_rows_per_game: int  # fewer distinct players of usable rows, and the game is partial
    bootstrap_days: int  # a season's first days, in which it holds nothing by design
    fix_command: str  # what an operator runs when it is behind


PHASE4 = Stage(
    name="phase4",
    title="Phase 4",
    table="nba_precompute.player_composite_factors",
    ready_column="is_production_ready",
    early_season_column="early_season_flag",
    # The four factors that are computed. Four more are deferred and always 0, in placeholders too.
    value_columns=("fatigue_score", "shot_zone_mismatch_score", "pace_score", "usage_spike_score"),
    # Median 33 rows a game; on a healthy date of 2024-25 never under 12.
    min_rows_per_game=12,
    bootstrap_days=14,
    # Not same-day-phase4, which runs the feature store alone.
    fix_command="gcloud scheduler jobs run player-composite-factors-upcoming --location=us-west2",
)


@dataclass(frozen=True, slots=True)
class StageRows:
    """What a stage's table holds under one game id on one date, counted in the warehouse."""

    day: date
    game_id: str | None
    rows: int
    usable_players: int  # distinct, of the rows that are ready and no placeholders
    written_at: datetime | None  # UTC
    repeats: int = 0  # rows beyond the first of each player, and those that name no player
    placeholders: int = 0  # early-season rows without a value

    @property
    def players(self) -> int:
        """Distinct players of all rows, usable or not."""
        return self.rows - self.repeats
