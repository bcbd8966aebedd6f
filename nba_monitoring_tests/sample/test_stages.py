"""Every stage of 2025-26 has what the platform had: how much, from which day on, written when."""

from __future__ import annotations

from datetime import date, timedelta

import duckdb
import pytest

from nba_monitoring.sample.platform_tables import ALL_TABLES
from nba_monitoring.sample.stage_columns import STAGE_TABLES
from nba_monitoring_tests.sample.queries import GRADABLE, row, rows, value

pytestmark = pytest.mark.xdist_group("sample")

OPENER, LAST_DATE = date(2025, 10, 21), date(2026, 6, 19)
STAGES = (
    "player_context",
    "team_context",
    "team_defense",
    "shot_zones",
    "daily_cache",
    "phase4",
    "feature_store",
    "predictions",
    "player_summary",
    "grading",
)

# An unremarkable Monday in January.
HEALTHY = "2026-01-12"
GAMES = (
    "SELECT DISTINCT game_date AS day, strftime(game_date, '%Y%m%d_') || away_team_tricode || '_' || home_team_tricode "
    "AS game_id FROM nba_raw.nbac_schedule WHERE game_status = 3 AND home_team_score IS NOT NULL "
    "AND game_id NOT LIKE '006%' AND game_date BETWEEN '2025-10-21' AND '2026-06-19'"
)


def per_game(sample: duckdb.DuckDBPyConnection, table: str, usable: str) -> tuple[int, float, int]:
    """Least, median and most distinct players of usable rows in a game that was played."""
    return row(
        sample,
        f"SELECT min(n), median(n), max(n) FROM (SELECT count(DISTINCT t.player_lookup) AS n FROM ({GAMES}) AS g "
        f"LEFT JOIN {table} AS t ON t.game_id = g.game_id AND ({usable}) GROUP BY g.game_id)",
    )


def test_the_ten_stages_have_their_tables_in_the_order_of_the_pipeline() -> None:
    assert tuple(STAGE_TABLES) == STAGES


def test_all_tables_of_the_platform_exist(sample: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        sample,
        "SELECT table_schema || '.' || table_name AS name, list(column_name ORDER BY ordinal_position) "
        "FROM information_schema.columns WHERE table_schema <> 'sample_later' GROUP BY name",
    )
    assert {name: tuple(columns) for name, columns in found} == {
        name: tuple(columns) for name, columns in ALL_TABLES.items()
    }


@pytest.mark.parametrize(
    ("table", "date_column"),
    [
        ("nba_precompute.player_composite_factors", "game_date"),
        ("nba_precompute.player_daily_cache", "cache_date"),
        ("nba_predictions.player_prop_predictions", "game_date"),
    ],
)
def test_the_first_fourteen_days_are_empty_by_design(
    sample: duckdb.DuckDBPyConnection, table: str, date_column: str
) -> None:
    assert value(sample, f"SELECT min({date_column}) FROM {table}") == OPENER + timedelta(days=14)


def test_the_feature_store_begins_with_placeholders(sample: duckdb.DuckDBPyConnection) -> None:
    early = (
        "SELECT DISTINCT early_season_flag, is_quality_ready, feature_count IS NULL AND feature_quality_score IS NULL "
        "FROM nba_predictions.ml_feature_store_v2 WHERE game_date BETWEEN $first AND $last"
    )
    opener_to_day_13 = rows(sample, early, first=OPENER, last=OPENER + timedelta(days=13))
    day_14 = rows(sample, early, first=OPENER + timedelta(days=14), last=OPENER + timedelta(days=14))
    assert opener_to_day_13 == [(True, False, True)]
    assert sorted(day_14) == [(False, False, False), (False, True, False)]


@pytest.mark.parametrize(
    ("table", "counts"),
    [
        ("nba_precompute.team_defense_zone_analysis", {25: 0, 26: 1, 29: 1, 30: 23, 35: 23, 36: 30, 100: 30}),
        ("nba_precompute.player_shot_zone_analysis", {16: 0, 18: 64, 21: 220, 30: 300, 100: 360}),
    ],
)
def test_the_league_s_stages_ramp_up_as_they_did(
    sample: duckdb.DuckDBPyConnection, table: str, counts: dict[int, int]
) -> None:
    for season_day, count in counts.items():
        day = OPENER + timedelta(days=season_day)
        assert value(sample, f"SELECT count(*) FROM {table} WHERE analysis_date = $day", day=day) == count, day


def test_the_contexts_cover_every_game_of_the_season(sample: duckdb.DuckDBPyConnection) -> None:
    usable = "t.is_production_ready OR t.has_prop_line"
    assert per_game(sample, "nba_analytics.upcoming_player_game_context", usable) == (25, 33, 40)
    two_teams = (
        "SELECT DISTINCT n FROM (SELECT count(DISTINCT t.team_abbr) AS n FROM nba_raw.nbac_schedule AS s "
        "LEFT JOIN nba_analytics.upcoming_team_game_context AS t "
        "ON t.game_date = s.game_date AND t.team_abbr IN (s.away_team_tricode, s.home_team_tricode) "
        "WHERE s.home_team_score IS NOT NULL AND s.game_id NOT LIKE '006%' AND s.game_date <= '2026-06-19' "
        "GROUP BY s.game_id)"
    )
    assert rows(sample, two_teams) == [(2,)]


def test_some_players_stand_twice_in_the_context_after_a_rerun(sample: duckdb.DuckDBPyConnection) -> None:
    assert value(
        sample,
        "SELECT count(*) - count(DISTINCT (player_lookup, game_id)) FROM nba_analytics.upcoming_player_game_context "
        "WHERE game_date = $day",
        day=HEALTHY,
    )


def test_the_team_context_names_its_games_by_the_league_s_ten_digits(sample: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        sample,
        "SELECT count(*) FROM nba_analytics.upcoming_team_game_context AS t ANTI JOIN nba_raw.nbac_schedule AS s "
        "ON s.game_id = t.game_id AND s.game_date = t.game_date "
        "AND t.team_abbr = CASE WHEN t.home_game THEN s.home_team_tricode ELSE s.away_team_tricode END "
        "WHERE t.game_date <> '2026-01-06'",
    ) == [(0,)]


def test_after_a_game_the_summary_has_21_players_with_points(sample: duckdb.DuckDBPyConnection) -> None:
    usable = "t.points IS NOT NULL"
    table = (
        "(SELECT * REPLACE (strftime(game_date, '%Y%m%d_') || split_part(game_id, '_', 3) || '_' || "
        "split_part(game_id, '_', 2) AS game_id) FROM nba_analytics.player_game_summary WHERE game_date = '2026-01-27' "
        "UNION ALL SELECT * FROM nba_analytics.player_game_summary)"
    )
    assert per_game(sample, table, usable) == (21, 21, 21)


def test_a_healthy_date_has_its_volume_in_every_stage(sample: duckdb.DuckDBPyConnection) -> None:
    games = value(sample, f"SELECT count(*) FROM ({GAMES}) WHERE day = $day", day=HEALTHY)

    def count(what: str, table: str, date_column: str = "game_date") -> float:
        return float(value(sample, f"SELECT {what} FROM {table} WHERE {date_column} = $day", day=HEALTHY))

    assert 30 <= count("count(*)", "nba_precompute.player_composite_factors") / games <= 36
    assert count("count(*)", "nba_precompute.player_daily_cache", "cache_date") == 19 * games
    assert count("avg(is_quality_ready::INT)", "nba_predictions.ml_feature_store_v2") > 0.85
    assert count("count(*)", "nba_predictions.ml_feature_store_v2") < count(
        "count(DISTINCT player_lookup)", "nba_analytics.upcoming_player_game_context"
    )
    assert count("count(DISTINCT system_id)", "nba_predictions.player_prop_predictions") == 6
    assert count("count(*)", "nba_predictions.player_prop_predictions") == 6 * 12 * games


def test_predictions_are_of_players_whose_features_are_usable(sample: duckdb.DuckDBPyConnection) -> None:
    assert (
        value(
            sample,
            "SELECT count(*) FROM nba_predictions.player_prop_predictions AS p ANTI JOIN "
            "nba_predictions.ml_feature_store_v2 AS f ON f.game_date = p.game_date "
            "AND f.player_lookup = p.player_lookup AND f.is_quality_ready WHERE p.game_date = $day",
            day=HEALTHY,
        )
        == 0
    )


def test_a_line_is_never_the_placeholder_and_names_its_source(sample: duckdb.DuckDBPyConnection) -> None:
    assert sorted(
        rows(
            sample,
            "SELECT DISTINCT line_source, current_points_line IS NULL, has_prop_line "
            "FROM nba_predictions.player_prop_predictions WHERE current_points_line IS DISTINCT FROM 20.0",
        )
    ) == [
        ("ACTUAL_PROP", False, True),
        ("BETTINGPROS", False, True),
        ("NO_PROP_LINE", True, False),
        ("ODDS_API", False, True),
    ]
    assert (
        value(sample, "SELECT count(*) FROM nba_predictions.player_prop_predictions WHERE current_points_line = 20")
        == 0
    )


def test_most_gradable_predictions_are_graded_with_the_points_of_the_game(sample: duckdb.DuckDBPyConnection) -> None:
    shares = row(
        sample,
        "SELECT min(graded / gradable), median(graded / gradable) FROM (SELECT p.game_date, count(*) AS gradable, "
        "count(g.system_id) AS graded FROM nba_predictions.player_prop_predictions AS p LEFT JOIN ("
        "SELECT DISTINCT player_lookup, game_id, system_id FROM nba_predictions.prediction_accuracy "
        "WHERE actual_points IS NOT NULL OR is_voided) AS g USING (player_lookup, game_id, system_id) "
        f"WHERE p.game_date < '2026-03-01' AND {GRADABLE} GROUP BY p.game_date)",
    )
    assert min(shares) >= 0.93
    assert rows(
        sample,
        "SELECT DISTINCT g.is_voided, g.actual_points IS NULL, g.actual_points = s.points "
        "FROM nba_predictions.prediction_accuracy AS g JOIN nba_analytics.player_game_summary AS s "
        "USING (game_date, player_lookup) ORDER BY 1",
    ) == [(False, False, True), (True, True, None)]


def test_what_exists_before_the_games_was_written_by_11_am_eastern(sample: duckdb.DuckDBPyConnection) -> None:
    morning = "2026-01-12 16:00:00"
    for stage in STAGES[:8]:
        table = STAGE_TABLES[stage]
        columns = list(table.columns)
        written = "processed_at" if "processed_at" in columns else "created_at"
        day_column = next(column for column in columns if column.endswith("_date"))
        late = f"SELECT count(*) FROM {table.name} WHERE {day_column} = $day AND {written} > $morning"
        assert value(sample, late, day=HEALTHY, morning=morning) == 0, stage
        assert value(sample, late, day=HEALTHY, morning="2026-01-11 12:00:00") > 0, stage


def test_what_follows_the_games_was_written_the_next_morning(sample: duckdb.DuckDBPyConnection) -> None:
    for table, written in (
        ("nba_analytics.player_game_summary", "processed_at"),
        ("nba_predictions.prediction_accuracy", "graded_at"),
    ):
        first, last = row(
            sample,
            f"SELECT min({written})::DATE, max({written})::DATE FROM {table} WHERE game_date = $day",
            day=HEALTHY,
        )
        assert (first, last) == (date(2026, 1, 13), date(2026, 1, 13))
