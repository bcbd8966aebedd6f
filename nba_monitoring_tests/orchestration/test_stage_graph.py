"""What Dagster serves of the table of stages: an eleventh entry, and what it brings along without a line of code."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest
import yaml

from nba_monitoring.definitions import definitions
from nba_monitoring.orchestration.assets import stage_tables
from nba_monitoring.orchestration.checks import stage_checks
from nba_monitoring.orchestration.partitions import game_dates
from nba_monitoring.settings import Settings
from nba_monitoring.stages_file import SHIPPED, load_stages
from nba_monitoring_tests.morning import settings_for

STAGES = load_stages()
ODDS = {
    "title": "Odds",
    "group": "phase2",
    "table": "nba_raw.odds_api_player_points_props",
    "date_column": "game_date",
    "unit": "game",
    "unit_column": "game_id",
    "key": "player_lookup",
    "usable": "points_line IS NOT NULL",
    "written": ["created_at"],
    "least": {"per_unit": 5},
    "due": {"at": "12:00"},
    "upstream": ["player_context"],
    "fix": "gcloud scheduler jobs run odds --location=us-west2",
}


def with_stages(folder: Path, *left_out: str, **entries: object) -> Settings:
    """Settings whose table of stages is the shipped one without some, and with these entries."""
    table = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    for name in left_out:
        del table["stages"][name]
    table["stages"].update(entries)
    path = folder / "stages.yaml"
    path.write_text(yaml.safe_dump(table, sort_keys=False), encoding="utf-8")
    return settings_for(folder / "warehouse.duckdb", NBA_MONITORING_STAGES=str(path))


def graph_of(settings: Settings) -> dg.AssetGraph:
    graph: dg.AssetGraph = definitions(settings).get_repository_def().asset_graph
    return graph


def parents(graph: dg.AssetGraph, *path: str) -> set[str]:
    return {key.to_user_string() for key in graph.get(dg.AssetKey(path)).parent_keys}


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> dg.AssetGraph:
    return graph_of(settings_for(tmp_path_factory.mktemp("shipped") / "warehouse.duckdb"))


@pytest.fixture(scope="module")
def eleven(tmp_path_factory: pytest.TempPathFactory) -> dg.AssetGraph:
    return graph_of(with_stages(tmp_path_factory.mktemp("eleven"), odds=ODDS))


def test_each_stage_has_a_coverage_in_its_group_and_a_check(shipped: dg.AssetGraph) -> None:
    groups = {key.to_user_string(): shipped.get(key).group_name for key in shipped.materializable_asset_keys}
    assert groups == {f"{stage.name}_coverage": stage.group for stage in STAGES} | {
        "scheduled_games": "monitoring",
        "data_availability_checks": "monitoring",
        "pipeline_status": "monitoring",
        "season_report": "monitoring",
    }
    checks = {(key.asset_key.to_user_string(), key.name) for key in shipped.asset_check_keys}
    assert checks == {
        (f"{stage.name}_coverage", f"{stage.name}_is_complete") for stage in STAGES if stage.name != "phase4"
    } | {
        ("data_availability_checks", "phase4_covers_scheduled_games"),
        ("scheduled_games", "schedule_sources_agree"),
    }


def test_the_lineage_follows_the_pipeline(shipped: dg.AssetGraph) -> None:
    assert parents(shipped, "grading_coverage") == {
        "nba_predictions/prediction_accuracy",
        "predictions_coverage",
        "player_summary_coverage",
    }
    assert parents(shipped, "phase4_coverage") == {
        "nba_precompute/player_composite_factors",
        "nba_raw/nbac_schedule",
        "player_context_coverage",
        "team_context_coverage",
        "team_defense_coverage",
        "shot_zones_coverage",
    }
    coverages = {f"{stage.name}_coverage" for stage in STAGES}
    assert parents(shipped, "data_availability_checks") == {"scheduled_games", *coverages}


def test_the_tables_of_others_are_outside_in_a_group_of_their_own(shipped: dg.AssetGraph) -> None:
    outside = {key.to_user_string(): shipped.get(key).group_name for key in shipped.external_asset_keys}
    tables = {stage.table.replace(".", "/") for stage in STAGES}
    assert outside == dict.fromkeys({"nba_raw/espn_scoreboard", "nba_raw/nbac_schedule", *tables}, "platform") | {
        "schedule_apis/espn": "schedule_apis",
        "schedule_apis/balldontlie": "schedule_apis",
    }


def test_an_eleventh_stage_brings_its_table_its_coverage_and_its_check(eleven: dg.AssetGraph) -> None:
    assert parents(eleven, "odds_coverage") == {
        "nba_raw/odds_api_player_points_props",
        "nba_raw/nbac_schedule",
        "player_context_coverage",
    }
    assert eleven.get(dg.AssetKey("odds_coverage")).group_name == "phase2"
    assert "odds_coverage" in parents(eleven, "data_availability_checks")
    table = eleven.get(dg.AssetKey(["nba_raw", "odds_api_player_points_props"]))
    assert table.is_external
    assert "points_line IS NOT NULL" in (table.description or "")
    assert dg.AssetCheckKey(dg.AssetKey("odds_coverage"), "odds_is_complete") in eleven.asset_check_keys


def test_the_job_checks_every_stage_of_the_table(tmp_path: Path) -> None:
    job = definitions(with_stages(tmp_path, odds=ODDS)).resolve_job_def("morning_check")
    selected = {key.to_user_string() for key in job.asset_layer.executable_asset_keys}
    assert {"odds_coverage", "grading_coverage", "scheduled_games", "data_availability_checks"} <= selected
    assert not any("/" in name for name in selected)
    # One step for all coverages and one for all of their checks: with a step each, a season takes half as long again.
    assert {node.name for node in job.nodes} == {
        "scheduled_games",
        "stage_coverages",
        "data_availability_checks",
        "scheduled_games_schedule_sources_agree",
        "data_availability_checks_phase4_covers_scheduled_games",
        "stages_are_complete",
    }


def test_a_table_that_several_stages_write_appears_once(tmp_path: Path) -> None:
    lines = ODDS | {"table": "nba_predictions.player_prop_predictions", "title": "Lines"}
    slate = ODDS | {"table": "nba_raw.nbac_schedule", "title": "Slate"}
    settings = with_stages(tmp_path, lines=lines, slate=slate)
    assert definitions(settings).get_repository_def()
    found = {spec.key.to_user_string(): spec.description or "" for spec in stage_tables(settings.stages, {})}
    assert "nba_raw/nbac_schedule" not in found
    shared = found["nba_predictions/player_prop_predictions"].splitlines()
    assert [line.split(",", maxsplit=1)[0] for line in shared] == ["Predictions", "Lines"]


def test_a_table_of_phase4_alone_has_its_check_and_no_other(tmp_path: Path) -> None:
    phase4 = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))["stages"]["phase4"]
    others = [stage.name for stage in STAGES if not stage.is_phase4]
    settings = with_stages(tmp_path, *others, phase4=phase4 | {"upstream": []})
    assert stage_checks(settings.stages, game_dates) == []
    assert {key.name for key in graph_of(settings).asset_check_keys} == {
        "phase4_covers_scheduled_games",
        "schedule_sources_agree",
    }
