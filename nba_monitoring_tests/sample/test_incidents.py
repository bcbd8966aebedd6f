"""Each incident on record is in the rows of its date, and not in those of a healthy date beside it."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from nba_monitoring_tests.sample.queries import GRADABLE, row, rows, value

pytestmark = pytest.mark.xdist_group("sample")

PREDICTIONS = "nba_predictions.player_prop_predictions"
FEATURES = "nba_predictions.ml_feature_store_v2"
FACTORS = "nba_precompute.player_composite_factors"
CONTEXT = "nba_analytics.upcoming_player_game_context"
DEFENSE = "nba_precompute.team_defense_zone_analysis"
SUMMARY = "nba_analytics.player_game_summary"
GRADING = "nba_predictions.prediction_accuracy"
HALTS = "nba_orchestration.halt_state"

EIGHT_AM_PACIFIC = "2026-01-18 16:00:00"
HALF_PAST_TWO_PM_PACIFIC = "2026-01-18 22:30:00"
SIX = {"moving_average", "zone_matchup_v1", "similarity_balanced_v1", "xgboost_v1", "catboost_v8", "ensemble_v1"}
UNVERSIONED = {"moving_average", "zone_matchup_v1", "similarity_balanced_v1", "xgboost_v1"}


def count(sample: duckdb.DuckDBPyConnection, table: str, day: str, condition: str = "TRUE", **parameters: Any) -> int:
    found: int = value(
        sample, f"SELECT count(*) FROM {table} WHERE game_date = $day AND {condition}", day=day, **parameters
    )
    return found


def by_system(sample: duckdb.DuckDBPyConnection, what: str, day: str) -> dict[str, Any]:
    return dict(rows(sample, f"SELECT system_id, {what} FROM {PREDICTIONS} WHERE game_date = $day GROUP BY 1", day=day))


@pytest.mark.parametrize(
    ("table", "day_column", "written", "in_the_morning", "in_the_afternoon"),
    [
        (CONTEXT, "game_date", "created_at", 6 * 25, 6 * 25),
        ("nba_analytics.upcoming_team_game_context", "game_date", "created_at", 12, 12),
        (DEFENSE, "analysis_date", "processed_at", 30, 30),
        ("nba_precompute.player_shot_zone_analysis", "analysis_date", "processed_at", 300, 300),
        ("nba_precompute.player_daily_cache", "cache_date", "processed_at", 114, 114),
        (FEATURES, "game_date", "created_at", 0, 126),
        (PREDICTIONS, "game_date", "created_at", 0, 313),
    ],
)
def test_on_2026_01_18_what_comes_before_phase_4_had_run_and_the_rest_had_not(
    sample: duckdb.DuckDBPyConnection,
    *,
    table: str,
    day_column: str,
    written: str,
    in_the_morning: int,
    in_the_afternoon: int,
) -> None:
    seen = f"SELECT count(*) FROM {table} WHERE {day_column} = '2026-01-18' AND {written} <= $instant"
    morning = value(sample, seen, instant=EIGHT_AM_PACIFIC)
    afternoon = value(sample, seen, instant=HALF_PAST_TWO_PM_PACIFIC)
    if in_the_morning == 0:
        assert (morning, afternoon) == (0, in_the_afternoon)
    else:
        assert morning == afternoon >= in_the_morning


def test_on_2026_01_18_what_came_late_came_in_the_order_of_the_stages(sample: duckdb.DuckDBPyConnection) -> None:
    newest_factors = value(sample, f"SELECT max(processed_at) FROM {FACTORS} WHERE game_date = '2026-01-18'")
    features = row(sample, f"SELECT min(created_at), max(created_at) FROM {FEATURES} WHERE game_date = '2026-01-18'")
    predictions = value(sample, f"SELECT min(created_at) FROM {PREDICTIONS} WHERE game_date = '2026-01-18'")
    assert newest_factors < features[0] <= features[1] < predictions


def test_four_of_six_systems_had_no_model_version(sample: duckdb.DuckDBPyConnection) -> None:
    day = "2026-01-17"
    shares = by_system(sample, "avg((model_version IS NULL)::INT)", day)
    assert shares == dict.fromkeys(SIX, 0) | dict.fromkeys(UNVERSIONED, 1)
    whole = value(
        sample, f"SELECT avg((model_version IS NULL)::INT) FROM {PREDICTIONS} WHERE game_date = $day", day=day
    )
    assert round(100 * whole, 1) == 66.8


@pytest.mark.parametrize("day", ["2026-01-16", "2026-01-18", "2026-01-19"])
def test_beside_those_dates_every_system_had_one(sample: duckdb.DuckDBPyConnection, day: str) -> None:
    assert by_system(sample, "avg((model_version IS NULL)::INT)", day) == dict.fromkeys(SIX, 0)


def test_on_2026_01_17_66_of_313_predictions_could_be_graded_and_62_were(sample: duckdb.DuckDBPyConnection) -> None:
    assert count(sample, PREDICTIONS, "2026-01-17") == 313
    assert count(sample, PREDICTIONS, "2026-01-17", GRADABLE) == 66
    keys = f"SELECT player_lookup, game_id, system_id FROM {PREDICTIONS} WHERE game_date = '2026-01-17' AND {GRADABLE}"
    assert (
        value(sample, f"SELECT count(*) FROM {GRADING} SEMI JOIN ({keys}) USING (player_lookup, game_id, system_id)")
        == 62
    )
    assert count(sample, GRADING, "2026-01-17") == 62
    assert count(sample, PREDICTIONS, "2026-01-16", GRADABLE) / count(sample, PREDICTIONS, "2026-01-16") == 0.75


def test_on_2026_01_20_885_predictions_had_no_composite_factors(sample: duckdb.DuckDBPyConnection) -> None:
    assert (count(sample, FACTORS, "2026-01-20"), count(sample, PREDICTIONS, "2026-01-20")) == (0, 885)
    assert count(sample, FEATURES, "2026-01-20") > 0
    assert count(sample, FEATURES, "2026-01-20", "is_quality_ready") == 0
    for day in ("2026-01-19", "2026-01-21"):
        assert count(sample, FACTORS, day) > 0
        assert count(sample, FEATURES, day, "is_quality_ready") / count(sample, FEATURES, day) > 0.8


def games_without_predictions(sample: duckdb.DuckDBPyConnection, day: str) -> tuple[int, list[str]]:
    games = rows(
        sample,
        "SELECT DISTINCT away_team_tricode || '@' || home_team_tricode, p.game_id IS NULL "
        "FROM nba_raw.nbac_schedule AS s "
        f"LEFT JOIN {PREDICTIONS} AS p ON p.game_date = s.game_date "
        "AND p.game_id LIKE '%\\_' || away_team_tricode || '\\_' || home_team_tricode ESCAPE '\\' "
        "WHERE s.game_date = $day AND home_team_score IS NOT NULL",
        day=day,
    )
    return len(games), [name for name, is_missing in games if is_missing]


def test_on_2026_01_23_one_game_of_eight_was_without_predictions(sample: duckdb.DuckDBPyConnection) -> None:
    assert games_without_predictions(sample, "2026-01-23") == (8, ["TOR@POR"])
    assert games_without_predictions(sample, "2026-01-22")[1] == []
    assert count(sample, FACTORS, "2026-01-23", "game_id = '20260123_TOR_POR'") >= 25
    assert count(sample, FEATURES, "2026-01-23", "game_id = '20260123_TOR_POR'") >= 22


@pytest.mark.parametrize(("day", "context_rows"), [("2026-01-24", 181), ("2026-01-25", 211)])
def test_the_factors_were_missing_although_the_context_existed(
    sample: duckdb.DuckDBPyConnection, day: str, context_rows: int
) -> None:
    assert count(sample, CONTEXT, day) == context_rows
    least = (
        "SELECT min(n) FROM (SELECT count(DISTINCT player_lookup) AS n FROM {} WHERE game_date = $day GROUP BY game_id)"
    )
    assert value(sample, least.format(CONTEXT), day=day) >= 12
    assert [count(sample, table, day) for table in (FACTORS, FEATURES, PREDICTIONS, GRADING)] == [0, 0, 0, 0]
    assert count(sample, SUMMARY, day) > 0


@pytest.mark.parametrize("day", ["2026-01-23", "2026-01-26"])
def test_on_all_other_dates_every_stage_had_rows(sample: duckdb.DuckDBPyConnection, day: str) -> None:
    assert all(count(sample, table, day) for table in (CONTEXT, FACTORS, FEATURES, PREDICTIONS, GRADING))


def test_on_2026_01_08_a_postponed_game_had_predictions(sample: duckdb.DuckDBPyConnection) -> None:
    game = "game_id = '20260108_MIA_CHI'"
    assert count(sample, PREDICTIONS, "2026-01-08", f"{game} AND is_active AND invalidation_reason IS NULL") > 0
    assert count(sample, SUMMARY, "2026-01-08", game) == 0
    assert count(sample, GRADING, "2026-01-08", game) == 0
    # The other one of that month had none on the date that it was not played on.
    assert count(sample, PREDICTIONS, "2026-01-24", "game_id = '20260124_GSW_MIN'") == 0
    assert count(sample, PREDICTIONS, "2026-01-29", "game_id = '20260129_MIA_CHI'") > 0


@pytest.mark.parametrize(("day", "reversed_games"), [("2026-01-27", 3), ("2026-01-26", 0)])
def test_on_2026_01_27_the_boxscores_of_three_games_stood_under_the_other_order(
    sample: duckdb.DuckDBPyConnection, day: str, reversed_games: int
) -> None:
    other_order = (
        f"SELECT count(DISTINCT t.game_id) FROM {SUMMARY} AS t JOIN nba_raw.nbac_schedule AS s "
        "ON t.game_id = strftime(s.game_date, '%Y%m%d_') || home_team_tricode || '_' || away_team_tricode "
        "WHERE t.game_date = $day"
    )
    assert value(sample, other_order, day=day) == reversed_games


ZONES = "paint_defense_vs_league_avg, mid_range_defense_vs_league_avg, three_pt_defense_vs_league_avg"


def test_on_2026_02_05_the_team_defense_of_the_day_before_was_copied(sample: duckdb.DuckDBPyConnection) -> None:
    unchanged = (
        f"SELECT count(*) FROM (SELECT team_abbr, {ZONES} FROM {DEFENSE} WHERE analysis_date = $day INTERSECT "
        f"SELECT team_abbr, {ZONES} FROM {DEFENSE} WHERE analysis_date = $before)"
    )
    assert value(sample, unchanged, day="2026-02-05", before="2026-02-04") == 30
    assert value(sample, unchanged, day="2026-02-04", before="2026-02-03") == 0
    assert value(sample, unchanged, day="2026-02-06", before="2026-02-05") == 0
    written = f"SELECT min(processed_at)::DATE::VARCHAR FROM {DEFENSE} WHERE analysis_date = '2026-02-05'"
    assert value(sample, written) == "2026-02-05"


def test_on_no_other_date_a_team_s_defense_is_that_of_the_day_before(sample: duckdb.DuckDBPyConnection) -> None:
    for zone in ZONES.split(", "):
        copied = rows(
            sample,
            f"SELECT DISTINCT now.analysis_date::VARCHAR FROM {DEFENSE} AS now JOIN {DEFENSE} AS before "
            "ON before.team_abbr = now.team_abbr AND before.analysis_date = now.analysis_date - 1 "
            f"AND before.{zone} = now.{zone}",
        )
        assert copied == [("2026-02-05",)]


def test_on_2026_02_05_seven_of_eight_systems_had_127_rows(sample: duckdb.DuckDBPyConnection) -> None:
    counts = by_system(sample, "count(*)", "2026-02-05")
    assert len(counts) == 8
    assert counts.pop("similarity_balanced_v1") == 89
    assert set(counts.values()) == {127}
    assert len(set(by_system(sample, "count(*)", "2026-02-04").values())) == 1
    assert set(by_system(sample, "count(*)", "2026-01-31")) == SIX


def test_the_register_knows_the_systems_that_write_and_one_that_is_blocked(sample: duckdb.DuckDBPyConnection) -> None:
    by_status: dict[str, set[str]] = {}
    for name, enabled, status in rows(sample, "SELECT model_id, enabled, status FROM nba_predictions.model_registry"):
        by_status.setdefault(status, set()).add(name)
        assert enabled == (status != "blocked")
    assert by_status["active"] == SIX
    assert by_status["active"] | by_status["shadow"] == set(by_system(sample, "count(*)", "2026-02-05"))
    assert not by_status["blocked"] & set(by_system(sample, "count(*)", "2026-02-05"))


def test_on_2026_02_19_2_of_153_players_were_ready_and_so_it_went_on(sample: duckdb.DuckDBPyConnection) -> None:
    for table, ready in ((FACTORS, "is_production_ready"), (FEATURES, "is_quality_ready")):
        assert (count(sample, table, "2026-02-19"), count(sample, table, "2026-02-19", ready)) == (153, 2)
        assert count(sample, table, "2026-02-20", ready) / count(sample, table, "2026-02-20") > 0.8
    both = (
        f"SELECT DISTINCT player_lookup FROM {FEATURES} WHERE game_date = '2026-02-19' AND is_quality_ready ORDER BY 1"
    )
    predicted = f"SELECT DISTINCT player_lookup FROM {PREDICTIONS} WHERE game_date = '2026-02-19' ORDER BY 1"
    assert rows(sample, both) == rows(sample, predicted)
    assert count(sample, CONTEXT, "2026-02-19") > 300


def test_on_2026_02_26_only_phase_4_had_the_other_ids(sample: duckdb.DuckDBPyConnection) -> None:
    dated = "game_id LIKE '20260226\\_%' ESCAPE '\\'"
    assert (count(sample, FACTORS, "2026-02-26", dated), count(sample, FACTORS, "2026-02-26") > 300) == (0, True)
    assert count(sample, FEATURES, "2026-02-26", dated) == count(sample, FEATURES, "2026-02-26") > 300
    assert count(sample, FACTORS, "2026-02-25", f"NOT ({dated.replace('0226', '0225')})") == 0


def test_predictions_and_grading_end_with_the_halt_and_nothing_before_them(sample: duckdb.DuckDBPyConnection) -> None:
    season = "game_date BETWEEN '2025-10-21' AND '2026-06-19'"
    for table in (PREDICTIONS, GRADING):
        assert value(sample, f"SELECT max(game_date)::VARCHAR FROM {table} WHERE {season}") == "2026-02-26"
    for table in (CONTEXT, FACTORS, FEATURES, SUMMARY):
        assert value(sample, f"SELECT max(game_date)::VARCHAR FROM {table} WHERE {season}") == "2026-06-19"


def test_the_state_has_a_reason_for_each_day_since_the_halt(sample: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        sample,
        "SELECT halt_active, halt_reason, halt_since::VARCHAR, min(effective_date)::VARCHAR, "
        f"max(effective_date)::VARCHAR, count(*), count(DISTINCT effective_date) FROM {HALTS} GROUP BY ALL ORDER BY 4",
    ) == [
        (False, None, None, "2026-02-20", "2026-02-26", 7, 7),
        (True, "edge_collapse", "2026-02-27", "2026-02-27", "2026-06-19", 110, 110),
        (True, "predictions_inactive", "2026-03-10", "2026-03-10", "2026-03-12", 3, 3),
    ]
    assert rows(sample, f"SELECT DISTINCT sport FROM {HALTS}") == [("nba",)]


def test_on_2026_01_14_a_second_grading_left_every_row_twice(sample: duckdb.DuckDBPyConnection) -> None:
    repeats = (
        f"SELECT count(*) / count(DISTINCT (player_lookup, game_id, system_id)) FROM {GRADING} WHERE game_date = $day"
    )
    assert value(sample, repeats, day="2026-01-14") == 2
    assert value(sample, repeats, day="2026-01-13") == 1


def test_on_2026_01_06_the_team_context_was_its_fallback_s(sample: duckdb.DuckDBPyConnection) -> None:
    forms = "SELECT DISTINCT length(game_id) FROM nba_analytics.upcoming_team_game_context WHERE game_date = $day"
    assert rows(sample, forms, day="2026-01-06") == [(len("20260106_AAA_BBB"),)]
    assert rows(sample, forms, day="2026-01-07") == [(10,)]


def test_no_record_of_postponements_was_kept(sample: duckdb.DuckDBPyConnection) -> None:
    assert value(sample, "SELECT count(*) FROM nba_orchestration.game_postponements") == 0
