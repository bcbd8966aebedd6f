"""The checks and pages of the stages: what a range run leaves on each date, and what a part of it leaves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import pytest
import time_machine

from nba_monitoring.definitions import definitions
from nba_monitoring.orchestration.assets import coverage_key
from nba_monitoring.orchestration.checks import completeness_key
from nba_monitoring_tests.days import DAY, EVE, at
from nba_monitoring_tests.morning import FACTORS, NBAC, Platform, run_check
from nba_monitoring_tests.platform_tables import factor_rows, nbac_row

pytestmark = pytest.mark.slow

DATES = [EVE - timedelta(days=1), EVE, DAY]
KEYS = [str(day) for day in DATES]
CONTEXT, DEFENSE = "nba_analytics.upcoming_player_game_context", "nba_precompute.team_defense_zone_analysis"
PREDICTIONS, HALT = "nba_predictions.player_prop_predictions", "nba_orchestration.halt_state"
WATCHED = ("player_context", "team_defense", "phase4", "predictions")

Evaluation = dg.AssetCheckEvaluation


@dataclass(frozen=True)
class Run:
    """One run of the job over three dates, at 8:00 AM Pacific of the last, and what it left.

    On the day before, player context is complete, and predictions were halted. On the day itself player context has 8
    players of one game and none of the other, and team defense has one team. Six stages have no table.
    """

    platform: Platform
    instance: dg.DagsterInstance
    evaluations: dict[tuple[str, str | None], Evaluation]
    pages: dict[tuple[str, str | None], dict[str, dg.MetadataValue]]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    platform = Platform(tmp_path_factory.mktemp("stages") / "warehouse.duckdb", stages=None)
    platform.play_around(DAY)
    platform.add(NBAC, [nbac_row(DAY - timedelta(days=80), "BOS", "NYK", status=3, score=(100, 90))])
    platform.add(NBAC, [nbac_row(DAY, "ORL", "MEM"), nbac_row(DAY, "BKN", "CHI")])
    platform.add(FACTORS, factor_rows(DAY, "20260118_ORL_MEM", 30) + factor_rows(DAY, "20260118_BKN_CHI", 30))
    for sql in (
        "CREATE SCHEMA nba_analytics",
        "CREATE SCHEMA nba_predictions",
        "CREATE SCHEMA nba_orchestration",
        f"CREATE TABLE {CONTEXT} (game_date DATE, game_id VARCHAR, player_lookup VARCHAR, is_production_ready BOOL, "
        "has_prop_line BOOL, created_at TIMESTAMP)",
        f"CREATE TABLE {DEFENSE} (analysis_date DATE, team_abbr VARCHAR, is_production_ready BOOL, "
        "processed_at TIMESTAMP)",
        f"CREATE TABLE {PREDICTIONS} (game_date DATE, game_id VARCHAR, player_lookup VARCHAR, is_active BOOL, "
        "invalidation_reason VARCHAR, predicted_points DOUBLE, created_at TIMESTAMP, updated_at TIMESTAMP)",
        f"CREATE TABLE {HALT} (effective_date DATE, sport VARCHAR, halt_active BOOL, halt_reason VARCHAR, "
        "halt_since DATE, written_at TIMESTAMP)",
        f"INSERT INTO {CONTEXT} SELECT DATE '2026-01-17', '20260117_UTA_WAS', 'player' || n, TRUE, FALSE, "
        "TIMESTAMP '2026-01-17 10:00:00' FROM range(20) AS r(n)",
        f"INSERT INTO {CONTEXT} SELECT DATE '2026-01-18', '20260118_ORL_MEM', 'player' || n, TRUE, FALSE, "
        "TIMESTAMP '2026-01-18 10:00:00' FROM range(8) AS r(n)",
        f"INSERT INTO {DEFENSE} VALUES (DATE '2026-01-18', 'ORL', TRUE, NULL), (DATE '2026-01-18', 'XXX', TRUE, NULL)",
        f"INSERT INTO {HALT} VALUES (DATE '2026-01-17', 'nba', TRUE, 'edge_collapse', DATE '2026-01-15', NULL)",
    ):
        platform.rows(sql)
    with dg.DagsterInstance.ephemeral() as instance, time_machine.travel(at(8)):
        result = run_check(platform.settings, instance, DATES[0], DATES[-1])
        yield Run(
            platform,
            instance,
            {(found.check_name, found.partition): found for found in result.get_asset_check_evaluations()},
            {
                (event.asset_key.to_user_string(), event.partition): dict(
                    event.step_materialization_data.materialization.metadata
                )
                for event in result.get_asset_materialization_events()
                if event.asset_key is not None
            },
        )


def words(ran: Run, stage: str, day: date) -> list[str]:
    return (ran.evaluations[f"{stage}_is_complete", str(day)].description or "").splitlines()


def rows(value: dg.MetadataValue) -> list[dict[str, object]]:
    assert isinstance(value, dg.TableMetadataValue)
    return [dict(record.data) for record in value.records]


def test_every_date_of_every_check_is_current_after_a_range_run(ran: Run) -> None:
    graph = definitions(ran.platform.settings).get_repository_def().asset_graph
    assert len(graph.asset_check_keys) == 11
    for key in graph.asset_check_keys:
        infos = ran.instance.event_log_storage.get_asset_check_partition_info([key], partition_keys=KEYS)
        assert sorted(str(info.partition_key) for info in infos) == KEYS, key
        assert all(info.is_current for info in infos), key


def test_each_check_passes_as_its_stage_in_the_history_does(ran: Run) -> None:
    kept = ran.platform.rows("SELECT stage, CAST(check_date AS VARCHAR), status FROM nba_monitoring.stage_checks")
    assert len(kept) == len(WATCHED) * len(DATES)
    passing = {"AVAILABLE", "NO_GAMES", "BOOTSTRAP", "NOT_DUE", "HALTED"}
    for stage, day, status in kept:
        if stage != "phase4":
            assert ran.evaluations[f"{stage}_is_complete", day].passed is (status in passing), (stage, day, status)


def test_a_dates_reasons_are_on_the_checks_page_in_words(ran: Run) -> None:
    assert words(ran, "player_context", DAY) == [
        "2026-01-18 player_context MISSING_DATA: 0 of 2 ready; missing 20260118_BKN_CHI; partial 20260118_ORL_MEM",
        "20260118_BKN_CHI: no rows.",
        "20260118_ORL_MEM: 8 players (at least 12 expected).",
        "First broken stage.",
    ]
    found = ran.evaluations["player_context_is_complete", str(DAY)]
    assert found.severity is dg.AssetCheckSeverity.WARN
    assert rows(found.metadata["units"]) == [
        {"unit": "20260118_BKN_CHI", "state": "missing", "reason": "no rows"},
        {"unit": "20260118_ORL_MEM", "state": "partial", "reason": "8 players (at least 12 expected)"},
    ]
    query = str(found.metadata["history_row"].value)
    assert ran.platform.rows(query.replace("*", "stage, status")) == [("player_context", "MISSING_DATA")]


def test_many_units_with_one_reason_are_one_line(ran: Run) -> None:
    first, reason, *_ = words(ran, "team_defense", DAY)
    assert first.startswith("2026-01-18 team_defense MISSING_DATA: 1 of 30 ready")
    assert reason.startswith("ATL, BKN, BOS, ")
    assert reason.endswith(", WAS: no rows.")


def test_what_is_not_due_says_when_it_is(ran: Run) -> None:
    found = ran.evaluations["predictions_is_complete", str(DAY)]
    assert found.passed
    assert words(ran, "predictions", DAY)[1] == "Not due until 2:00 PM ET."


def test_a_halted_stage_says_why(ran: Run) -> None:
    found = ran.evaluations["predictions_is_complete", str(EVE)]
    assert found.passed
    assert words(ran, "predictions", EVE)[1] == "Halted since 2026-01-15: edge_collapse."


def test_phase4s_own_check_says_that_it_is_downstream_of_a_failing_stage(ran: Run) -> None:
    verdict = ran.evaluations["phase4_covers_scheduled_games", str(EVE)]
    lines = (verdict.description or "").splitlines()
    assert lines[0] == "2026-01-17 MISSING_DATA: 0 of 1 games ready; missing UTA@WAS"
    assert "Downstream of a failing stage." in lines


def test_a_stage_without_a_table_is_a_warning_that_says_so_on_every_date(ran: Run) -> None:
    said = (
        "Grading is not watched, because this DuckDB file has no table nba_predictions.prediction_accuracy. "
        "Load the table, or drop the stage (NBA_MONITORING_STAGES)."
    )
    for day in KEYS:
        found = ran.evaluations["grading_is_complete", day]
        assert (found.passed, found.severity) == (False, dg.AssetCheckSeverity.WARN)
        assert found.description == said
        assert ran.pages["grading_coverage", day]["not_watched"].value == said
    assert "grading" in str(ran.pages["data_availability_checks", str(DAY)]["not_watched"].value)


def test_a_coverages_page_shows_its_units_whatever_they_are(ran: Run) -> None:
    context = ran.pages["player_context_coverage", str(DAY)]
    assert context["rows"].value == 8
    assert rows(context["units"]) == [{"unit": "ORL@MEM", "usable": 8, "rows": 8, "ids": "20260118_ORL_MEM"}]
    assert context["last_written"].value == "2026-01-18 5:00 AM ET"
    defense = ran.pages["team_defense_coverage", str(DAY)]
    assert [row["unit"] for row in rows(defense["units"])] == ["ORL"]
    assert rows(defense["unmatched"]) == [{"id": "XXX", "rows": 1, "reason": "'XXX' is not a team of the league"}]


def materialize(ran: Run, *names: str, checks: bool = False) -> dg.ExecuteInProcessResult:
    """Some coverages of the day alone, or their checks alone, as from the web interface."""
    selection = (
        dg.AssetSelection.checks(*(completeness_key(name) for name in names))
        if checks
        else dg.AssetSelection.assets(*(coverage_key(name) for name in names)).without_checks()
    )
    jobs = dg.Definitions(jobs=[dg.define_asset_job("part", selection=selection)])
    job = dg.Definitions.merge(definitions(ran.platform.settings), jobs).resolve_job_def("part")
    with time_machine.travel(at(8, 5)):
        return job.execute_in_process(instance=ran.instance, tags={"dagster/partition": str(DAY)})


def test_one_coverage_can_be_materialized_alone(ran: Run) -> None:
    result = materialize(ran, "phase4")
    assert [event.asset_key for event in result.get_asset_materialization_events()] == [coverage_key("phase4")]
    assert result.get_asset_check_evaluations() == []


def test_a_check_executed_alone_tells_the_newest_verdict_of_the_history(ran: Run) -> None:
    before = ran.platform.rows("SELECT count(*) FROM nba_monitoring.stage_checks")
    (found,) = materialize(ran, "player_context", checks=True).get_asset_check_evaluations()
    in_the_run = ran.evaluations["player_context_is_complete", str(DAY)]
    assert (found.check_name, found.partition) == (in_the_run.check_name, in_the_run.partition)
    assert (found.passed, found.severity, found.description) == (
        in_the_run.passed,
        in_the_run.severity,
        in_the_run.description,
    )
    assert found.metadata == in_the_run.metadata
    assert ran.platform.rows("SELECT count(*) FROM nba_monitoring.stage_checks") == before


def test_a_check_alone_of_a_date_without_a_verdict_asks_for_one(tmp_path: Path) -> None:
    platform = Platform(tmp_path / "warehouse.duckdb", stages=None)
    with dg.DagsterInstance.ephemeral() as instance:
        ran = Run(platform, instance, {}, {})
        (found,) = materialize(ran, "player_context", checks=True).get_asset_check_evaluations()
    assert (found.passed, found.severity) == (False, dg.AssetCheckSeverity.ERROR)
    assert found.description == ("No verdict for 2026-01-18 yet. Materialize data_availability_checks for this date.")
