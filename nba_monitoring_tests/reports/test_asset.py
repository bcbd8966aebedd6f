"""The report as a separate asset, once per morning."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import time_machine

from nba_monitoring.core.eastern import morning_of
from nba_monitoring.definitions import definitions
from nba_monitoring_tests.morning import NBAC, Platform
from nba_monitoring_tests.platform_tables import nbac_row
from nba_monitoring_tests.reports.season import keep_ledger, look_at

pytestmark = pytest.mark.slow

DAY = date(2026, 1, 24)


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    made = Platform(tmp_path / "warehouse.duckdb")
    made.add(NBAC, [nbac_row(DAY, "ORL", "MEM")])
    made.play_around(DAY)
    return made


def materialized(platform: Platform, instance: dg.DagsterInstance) -> dict[str, Any]:
    """The metadata of a report at 11:00 AM ET of the day."""
    with time_machine.travel(morning_of(DAY), tick=False):
        job = definitions(platform.settings).resolve_job_def("season_report_job")
        result = job.execute_in_process(instance=instance)
    (event,) = result.get_asset_materialization_events()
    assert (event.asset_key, event.partition) == (dg.AssetKey("season_report"), None)
    return {name: value.value for name, value in event.materialization.metadata.items()}


def test_the_asset_shows_key_figures_and_open_gaps(platform: Platform, quick_instance: dg.DagsterInstance) -> None:
    look_at(platform.settings, DAY, DAY, morning_of(DAY))
    keep_ledger(platform.settings)
    shown = materialized(platform, quick_instance)
    assert shown["summary"] == "2025-26: 1 date checked, 1 stage, 1 open gap (1 stage-date), 2 incidents, 3 messages"
    assert shown["page"] == "`nba-monitoring report --season 2025-26 --out report.html`"
    (gap,) = shown["open_gaps"].records
    assert (gap.data["status"], gap.data["first"], gap.data["ready"]) == ("MISSING_DATA", "2026-01-24", "0 of 1")
    assert (shown["dates_checked"], shown["incidents"], shown["messages"]) == (1, 2, 3)
    assert (shown["median_minutes_to_detect"], shown["median_minutes_time_left_at_alert"]) == (2.5, 54.0)
    assert shown["not_checked"] == "2025-10-21 to 2026-01-23"
    assert [row.data for row in shown["calendar"].records] == [
        {"date": "Sat 2026-01-24", "failing": "Phase 4: MISSING_DATA", "passing": 0}
    ]
    assert shown["replay"] == "not replayed: no date with games has been checked before today"


def test_the_asset_has_the_score_of_the_replay(platform: Platform, quick_instance: dg.DagsterInstance) -> None:
    before = DAY - timedelta(days=1)
    look_at(platform.settings, before, DAY, morning_of(DAY))
    shown = materialized(platform, quick_instance)
    assert shown["replay"] == "2025-10-21 to 2026-01-23"
    assert (shown["replay_false_alarms"], shown["replay_incidents"] > 0) == (0, True)


def test_the_first_morning_of_a_season_is_not_a_failure(platform: Platform, quick_instance: dg.DagsterInstance) -> None:
    assert materialized(platform, quick_instance) == {
        "summary": "the history has no checks for season 2025-26 (2025-10-21 to 2026-10-20); record some with "
        "'nba-monitoring check --from 2025-10-21 --to ...', or choose another with --season"
    }


def test_it_is_refreshed_at_ten_past_eight_pacific_apart_from_the_morning_check(platform: Platform) -> None:
    repository = definitions(platform.settings).get_repository_def()
    schedule = repository.get_schedule_def("season_report_8am")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("10 8 * * *", "America/Los_Angeles")
    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
    report = dg.AssetKey("season_report")
    assert repository.get_job("season_report_job").asset_layer.executable_asset_keys == {report}
    assert report not in repository.get_job("morning_check").asset_layer.executable_asset_keys
