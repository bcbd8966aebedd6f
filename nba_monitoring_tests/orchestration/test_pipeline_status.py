"""The board as a separate asset, once per morning."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import time_machine

from nba_monitoring.core.eastern import morning_of
from nba_monitoring.definitions import definitions
from nba_monitoring_tests.morning import FACTORS, NBAC, Platform
from nba_monitoring_tests.platform_tables import factor_rows, nbac_row
from nba_monitoring_tests.usual_mornings import come_usually

DAYS = [date(2026, 1, 16), date(2026, 1, 17), date(2026, 1, 18)]


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    """One game per day, of which Phase 4 has the first two, in a file without a table for another stage."""
    made = Platform(tmp_path / "board.duckdb", stages=None)
    made.add(NBAC, [nbac_row(day, "ORL", "MEM") for day in [*DAYS, date(2026, 1, 19)]])
    for day in DAYS[:-1]:
        made.add(FACTORS, factor_rows(day, f"{day:%Y%m%d}_ORL_MEM", 16))
    return made


def board(platform: Platform, instance: dg.DagsterInstance) -> dict[str, Any]:
    """The metadata of the board at 11:00 AM ET on the last day."""
    with time_machine.travel(morning_of(DAYS[-1]), tick=False):
        job = definitions(platform.settings).resolve_job_def("pipeline_status_job")
        result = job.execute_in_process(instance=instance)
    (event,) = result.get_asset_materialization_events()
    assert (event.asset_key, event.partition) == (dg.AssetKey("pipeline_status"), None)
    return {name: value.value for name, value in event.materialization.metadata.items()}


@pytest.mark.slow
def test_the_asset_shows_the_board_as_a_table_and_as_text(
    platform: Platform, quick_instance: dg.DagsterInstance
) -> None:
    shown = board(platform, quick_instance)
    assert shown["summary"] == (
        "Phase 4 is the first stage behind: latest 2026-01-17, expected 2026-01-18 (MISSING_DATA, missing for 1 game)."
    )
    (row,) = shown["stages"].records
    assert row.data == {
        "stage": "phase4",
        "newest_complete": "2026-01-17",
        "newest_expected": "2026-01-18",
        "lag_game_days": 1,
        "state": "1 game day behind",
        "waits_for": "",
        "written_at_eastern": "Jan 17 05:00",
        "due_next_eastern": "Jan 19 07:00",
        "usually_by_eastern": "",
        "by_95_percent_eastern": "",
    }
    # The web interface cuts a wide table off on its right.
    assert list(row.data)[:2] == ["stage", "state"]
    assert shown["not_watched"].startswith("player_context, team_context, ")
    assert shown["checked_at"] == morning_of(DAYS[-1]).timestamp()


@pytest.mark.slow
def test_the_asset_shows_when_a_stage_is_usually_complete(
    platform: Platform, quick_instance: dg.DagsterInstance
) -> None:
    come_usually(platform, DAYS[0] - timedelta(days=1))
    (row,) = board(platform, quick_instance)["stages"].records
    assert (row.data["usually_by_eastern"], row.data["by_95_percent_eastern"]) == ("Jan 18 07:42", "Jan 18 07:42")


@pytest.mark.slow
def test_an_unreadable_history_leaves_the_asset_and_is_reported(
    platform: Platform, quick_instance: dg.DagsterInstance
) -> None:
    assert "problems" not in board(platform, quick_instance)
    come_usually(platform, DAYS[0] - timedelta(days=1))
    platform.rows("ALTER TABLE nba_monitoring.stage_checks ALTER check_time TYPE VARCHAR USING 'soon'")
    shown = board(platform, quick_instance)
    (row,) = shown["stages"].records
    assert row.data["usually_by_eastern"] == ""
    assert shown["problems"].startswith("usual arrival times are unknown, so only `due` counts: ")


@pytest.mark.slow
def test_a_late_stage_fails_no_run_and_records_no_verdict(
    platform: Platform, quick_instance: dg.DagsterInstance
) -> None:
    board(platform, quick_instance)
    assert platform.rows("SELECT 1 FROM information_schema.schemata WHERE schema_name = 'nba_monitoring'") == []


@pytest.mark.slow
def test_the_board_is_refreshed_at_five_past_eight_pacific(platform: Platform) -> None:
    repository = definitions(platform.settings).get_repository_def()
    schedule = repository.get_schedule_def("pipeline_status_8am")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("5 8 * * *", "America/Los_Angeles")
    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
    with time_machine.travel(morning_of(DAYS[-1])):
        (request,) = schedule.evaluate_tick(dg.build_schedule_context()).run_requests or ()
    assert request.partition_key is None
    selected = repository.get_job("pipeline_status_job").asset_layer.executable_asset_keys
    assert selected == {dg.AssetKey("pipeline_status")}


@pytest.mark.slow
def test_the_board_is_not_part_of_the_morning_check(platform: Platform) -> None:
    job = definitions(platform.settings).get_repository_def().get_job("morning_check")
    assert dg.AssetKey("pipeline_status") not in job.asset_layer.executable_asset_keys
