"""The report as an asset of its own, once a morning."""

from __future__ import annotations

import base64
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import time_machine

from nba_monitoring.core.eastern import morning_look
from nba_monitoring.definitions import definitions
from nba_monitoring_tests.morning import NBAC, Platform
from nba_monitoring_tests.platform_tables import nbac_row
from nba_monitoring_tests.reports.season import OPEN, keep_ledger, look_at
from nba_monitoring_tests.usual_mornings import come_usually

pytestmark = pytest.mark.slow

DAY = date(2026, 1, 24)


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    made = Platform(tmp_path / "warehouse.duckdb")
    made.add(NBAC, [nbac_row(DAY, "ORL", "MEM")])
    made.play_around(DAY)
    return made


def materialized(platform: Platform, instance: dg.DagsterInstance) -> dict[str, Any]:
    """The metadata of a report of 8:00 AM Pacific of the day."""
    with time_machine.travel(morning_look(DAY), tick=False):
        job = definitions(platform.settings).resolve_job_def("season_report_job")
        result = job.execute_in_process(instance=instance)
    (event,) = result.get_asset_materialization_events()
    assert (event.asset_key, event.partition) == (dg.AssetKey("season_report"), None)
    return {name: value.value for name, value in event.materialization.metadata.items()}


def test_the_asset_shows_the_calendar_and_the_tables(platform: Platform, quick_instance: dg.DagsterInstance) -> None:
    look_at(platform.settings, DAY, DAY, morning_look(DAY))
    keep_ledger(platform.settings)
    shown = materialized(platform, quick_instance)
    assert shown["summary"] == (
        "2025-26: 1 date looked at, 1 stage, 1 open gap (1 stage-date), 2 incidents, 3 messages"
    )
    words, _, picture = shown["calendar"].partition("](data:image/png;base64,")
    assert words == "![Calendar of 2025-26: status of each stage by date"
    assert base64.b64decode(picture.removesuffix(")")).startswith(b"\x89PNG")
    (counted,) = shown["dates_by_status"].records
    assert counted.data == {"stage": "Phase 4", "MISSING_DATA": 1}
    (gap,) = shown["open_gaps"].records
    assert (gap.data["status"], gap.data["first"], gap.data["ready"]) == ("MISSING_DATA", "2026-01-24", "0 of 1")
    assert shown["incidents"].records[1].data["incident"] == OPEN.incident_id
    assert shown["usual_arrival"] == "none"
    assert shown["not_looked_at"] == "2025-10-21 to 2026-01-23"
    assert shown["replay"] == "not replayed: no date with games has been looked at before today"


def test_the_asset_says_what_the_replay_says(platform: Platform, quick_instance: dg.DagsterInstance) -> None:
    before = DAY - timedelta(days=1)
    look_at(platform.settings, before, DAY, morning_look(DAY))
    shown = materialized(platform, quick_instance)
    score = {row.data["score"]: row.data["value"] for row in shown["replay"].records}
    assert (score["from"], score["to"], score["dates"]) == ("2025-10-21", "2026-01-23", "95")
    incident = next(row.data for row in shown["replay_incidents"].records if row.data["incident"] == "nba-2026-01-23")
    assert {name: incident[name] for name in ("stage", "status", "told_eastern", "ended_as")} == {
        "stage": "Phase 4",
        "status": "MISSING_DATA",
        "told_eastern": "2026-01-23 11:00",
        "ended_as": "too_late",
    }
    assert score["incidents alerted"] == str(len(shown["replay_incidents"].records))
    assert shown["replay_lower_bound"] == "none"


def test_the_asset_shows_when_a_stage_usually_comes(platform: Platform, quick_instance: dg.DagsterInstance) -> None:
    come_usually(platform, DAY - timedelta(days=2))
    (row,) = materialized(platform, quick_instance)["usual_arrival"].records
    assert row.data == {
        "stage": "Phase 4",
        "earliest": "7:42 AM ET",
        "median": "7:42 AM ET",
        "by_95_percent": "7:42 AM ET",
        "latest": "7:42 AM ET",
        "in_time_on": "12 of 12 game days",
    }


def test_the_first_morning_of_a_season_is_no_failure(platform: Platform, quick_instance: dg.DagsterInstance) -> None:
    assert materialized(platform, quick_instance) == {
        "summary": "the history has no look at the season 2025-26, 2025-10-21 to 2026-10-20; look at its dates with "
        "'nba-monitoring check --from 2025-10-21 --to ...', or name another with --season"
    }


def test_it_is_refreshed_at_ten_past_eight_pacific_apart_from_the_morning_check(platform: Platform) -> None:
    repository = definitions(platform.settings).get_repository_def()
    schedule = repository.get_schedule_def("season_report_8am")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("10 8 * * *", "America/Los_Angeles")
    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
    report = dg.AssetKey("season_report")
    assert repository.get_job("season_report_job").asset_layer.executable_asset_keys == {report}
    assert report not in repository.get_job("morning_check").asset_layer.executable_asset_keys
