"""The ten stages' tables: their columns and the sample's values.

Each column has a type that both BigQuery and DuckDB know, and SQL for its value over `b`, a batch of rows, and `n`, the
number of a row, which is its player or team in the game or league. Values depend on `n` and `b.number_of_day`, so they
repeat another day's only if they are copied.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Columns = Mapping[str, tuple[str, str]]

# Rows are made in DuckDB: half a million of them would take Python seconds.
_OF_BATCHES = "FROM batches AS b, range(b.first, b.first + b.rows) AS r(n)"

# What can be graded, except one in sixteen: 62 of 66 on 2026-01-17.
_OF_GRADABLE = """
FROM batches AS b
JOIN (
    SELECT
        *,
        ROW_NUMBER() OVER (PARTITION BY game_date ORDER BY game_id, system_id, player_lookup) AS number
    FROM nba_predictions.player_prop_predictions
    WHERE is_active
        AND current_points_line <> 20.0
        AND line_source IN ('ACTUAL_PROP', 'ODDS_API', 'BETTINGPROS')
        AND invalidation_reason IS NULL
) AS p ON p.game_date = b.day
JOIN nba_analytics.player_game_summary AS s ON s.game_date = p.game_date AND s.player_lookup = p.player_lookup
WHERE p.number % 16 <> 0
"""

# Players alternate between the two teams.
_TEAM = "CASE WHEN n % 2 = 0 THEN b.away ELSE b.home END"
_OPPONENT = "CASE WHEN n % 2 = 0 THEN b.home ELSE b.away END"
_PLAYER = f"lower({_TEAM}) || 'player' || n // 2 + 1"
_LEAGUE_TEAM = "$teams[n % 30 + 1]"
_LEAGUE_PLAYER = f"lower({_LEAGUE_TEAM}) || 'player' || n // 30 + 1"
_READY = "n >= b.first + b.unready"
_EARLY_SEASON = "b.season_day < 30"
_HAS_LINE = "n < b.first + b.lined"
_WRITTEN = "b.written_at"


@dataclass(frozen=True, slots=True)
class SampleTable:
    """A stage's table, its columns, and the source of its rows."""

    name: str
    columns: Columns
    source: str = _OF_BATCHES

    @property
    def types(self) -> Mapping[str, str]:
        """The type of each column."""
        return {column: kind for column, (kind, _) in self.columns.items()}

    @property
    def day(self) -> str:
        """The column with the game date."""
        return next(column for column, (kind, _) in self.columns.items() if kind == "DATE")

    @property
    def written(self) -> str:
        """The column with the time at which a row was first written."""
        return self.written_columns[0]

    @property
    def written_columns(self) -> Sequence[str]:
        """All columns with that time."""
        return [column for column, (_, value) in self.columns.items() if value == _WRITTEN]

    @property
    def insert(self) -> str:
        """The statement that inserts all batches."""
        values = ", ".join(f"{value} AS {column}" for column, (_, value) in self.columns.items())
        return f"INSERT INTO {self.name} SELECT {values} {self.source}"


def _varying(least: str, step: str, over: int) -> str:
    """SQL for a number that differs by row and day."""
    return f"{least} + (n * 7 + b.number_of_day * 11) % {over} * {step}"


_POINTS = "(n * 5 + b.number_of_day * 3) % 29 + 2"

STAGE_TABLES: Mapping[str, SampleTable] = {
    "player_context": SampleTable(
        "nba_analytics.upcoming_player_game_context",
        {
            "player_lookup": ("STRING", _PLAYER),
            "game_id": ("STRING", "b.game_id"),
            "game_date": ("DATE", "b.day"),
            "team_abbr": ("STRING", _TEAM),
            "opponent_team_abbr": ("STRING", _OPPONENT),
            "has_prop_line": ("BOOL", "n < 18"),
            "current_points_line": ("NUMERIC", "CASE WHEN n < 18 THEN n % 20 + 8.5 END"),
            "is_production_ready": ("BOOL", "n >= 3"),  # the others have a line, which makes them usable
            "created_at": ("TIMESTAMP", _WRITTEN),
            "processed_at": ("TIMESTAMP", _WRITTEN),
        },
    ),
    "team_context": SampleTable(
        "nba_analytics.upcoming_team_game_context",
        {
            "team_abbr": ("STRING", _TEAM),
            "game_id": ("STRING", "b.game_id"),
            "game_date": ("DATE", "b.day"),
            "opponent_team_abbr": ("STRING", _OPPONENT),
            "home_game": ("BOOL", "n % 2 = 1"),
            "is_production_ready": ("BOOL", "TRUE"),
            "created_at": ("TIMESTAMP", _WRITTEN),
            "processed_at": ("TIMESTAMP", _WRITTEN),
        },
    ),
    "team_defense": SampleTable(
        "nba_precompute.team_defense_zone_analysis",
        {
            "team_abbr": ("STRING", _LEAGUE_TEAM),
            "analysis_date": ("DATE", "b.day"),
            "paint_defense_vs_league_avg": ("NUMERIC", _varying("-6", "0.125", 97)),
            "mid_range_defense_vs_league_avg": ("NUMERIC", _varying("-5", "0.1", 101)),
            "three_pt_defense_vs_league_avg": ("NUMERIC", _varying("-4", "0.075", 103)),
            "games_in_sample": ("INT64", "15"),
            "is_production_ready": ("BOOL", "TRUE"),
            "early_season_flag": ("BOOL", _EARLY_SEASON),
            "processed_at": ("TIMESTAMP", _WRITTEN),
        },
    ),
    "shot_zones": SampleTable(
        "nba_precompute.player_shot_zone_analysis",
        {
            "player_lookup": ("STRING", _LEAGUE_PLAYER),
            "analysis_date": ("DATE", "b.day"),
            "paint_rate_last_10": ("NUMERIC", _varying("20", "0.25", 97)),
            "mid_range_rate_last_10": ("NUMERIC", _varying("5", "0.2", 101)),
            "three_pt_rate_last_10": ("NUMERIC", _varying("15", "0.25", 103)),
            "games_in_sample_10": ("INT64", "10"),
            "is_production_ready": ("BOOL", "TRUE"),
            "early_season_flag": ("BOOL", _EARLY_SEASON),
            "processed_at": ("TIMESTAMP", _WRITTEN),
        },
    ),
    "daily_cache": SampleTable(
        "nba_precompute.player_daily_cache",
        {
            "player_lookup": ("STRING", _PLAYER),
            "cache_date": ("DATE", "b.day"),
            "points_avg_last_5": ("NUMERIC", _varying("4", "0.25", 97)),
            "points_avg_last_10": ("NUMERIC", _varying("4", "0.2", 101)),
            "is_production_ready": ("BOOL", "TRUE"),
            "early_season_flag": ("BOOL", _EARLY_SEASON),
            "processed_at": ("TIMESTAMP", _WRITTEN),
        },
    ),
    "phase4": SampleTable(
        "nba_precompute.player_composite_factors",
        {
            "player_lookup": ("STRING", _PLAYER),
            "game_id": ("STRING", "b.game_id"),
            "game_date": ("DATE", "b.day"),
            "fatigue_score": ("INT64", "100 - n"),  # 100 is fresh
            "shot_zone_mismatch_score": ("NUMERIC", "n % 11 - 5"),
            "pace_score": ("NUMERIC", "n % 7 / 2 - 1.5"),
            "usage_spike_score": ("NUMERIC", "0"),
            "is_production_ready": ("BOOL", _READY),
            "early_season_flag": ("BOOL", _EARLY_SEASON),
            "backfill_bootstrap_mode": ("BOOL", "FALSE"),
            "processed_at": ("TIMESTAMP", _WRITTEN),
        },
    ),
    "feature_store": SampleTable(
        "nba_predictions.ml_feature_store_v2",
        {
            "player_lookup": ("STRING", _PLAYER),
            "game_id": ("STRING", "b.game_id"),
            "game_date": ("DATE", "b.day"),
            "feature_count": ("INT64", "CASE WHEN b.season_day >= 14 THEN 33 END"),
            "feature_quality_score": (
                "NUMERIC",
                f"CASE WHEN b.season_day >= 14 THEN CASE WHEN {_READY} THEN 85 ELSE 55 END + n % 10 END",
            ),
            "is_quality_ready": ("BOOL", _READY),
            "early_season_flag": ("BOOL", "b.season_day < 14"),
            "created_at": ("TIMESTAMP", _WRITTEN),
            "updated_at": ("TIMESTAMP", _WRITTEN),
        },
    ),
    "predictions": SampleTable(
        "nba_predictions.player_prop_predictions",
        {
            "player_lookup": ("STRING", _PLAYER),
            "game_id": ("STRING", "b.game_id"),
            "game_date": ("DATE", "b.day"),
            "system_id": ("STRING", "b.system"),
            "model_version": ("STRING", "b.model_version"),
            "predicted_points": ("NUMERIC", f"{_POINTS} + (n * 3 + b.number_of_day + length(b.system)) % 9 - 1.5"),
            "current_points_line": ("NUMERIC", f"CASE WHEN {_HAS_LINE} THEN n % 20 + 8.5 END"),
            "line_source": (
                "STRING",
                f"CASE WHEN {_HAS_LINE} THEN ['ACTUAL_PROP', 'ODDS_API', 'BETTINGPROS'][n % 3 + 1] "
                "ELSE 'NO_PROP_LINE' END",
            ),
            "has_prop_line": ("BOOL", _HAS_LINE),
            "is_active": ("BOOL", "b.is_active"),
            "invalidation_reason": ("STRING", "CASE WHEN n = b.first + 11 THEN 'player_inactive' END"),
            "created_at": ("TIMESTAMP", _WRITTEN),
            "updated_at": ("TIMESTAMP", _WRITTEN),
        },
    ),
    "player_summary": SampleTable(
        "nba_analytics.player_game_summary",
        {
            "player_lookup": ("STRING", _PLAYER),
            "game_id": ("STRING", "b.game_id"),
            "game_date": ("DATE", "b.day"),
            "team_abbr": ("STRING", _TEAM),
            "opponent_team_abbr": ("STRING", _OPPONENT),
            "minutes_played": ("NUMERIC", "CASE WHEN n < b.rows - b.unready THEN 36 - n END"),
            "points": ("INT64", f"CASE WHEN n < b.rows - b.unready THEN {_POINTS} END"),
            "created_at": ("TIMESTAMP", _WRITTEN),
            "processed_at": ("TIMESTAMP", _WRITTEN),
        },
    ),
    # Derived from predictions and summary. One in fifty is void, because the player did not play.
    "grading": SampleTable(
        "nba_predictions.prediction_accuracy",
        {
            "player_lookup": ("STRING", "p.player_lookup"),
            "game_id": ("STRING", "p.game_id"),
            "game_date": ("DATE", "p.game_date"),
            "system_id": ("STRING", "p.system_id"),
            "predicted_points": ("NUMERIC", "p.predicted_points"),
            "line_value": ("NUMERIC", "p.current_points_line"),
            "actual_points": ("INT64", "CASE WHEN p.number % 50 <> 1 THEN s.points END"),
            "is_voided": ("BOOL", "p.number % 50 = 1"),
            "graded_at": ("TIMESTAMP", _WRITTEN),
        },
        _OF_GRADABLE,
    ),
}
