"""Runs killed with their process or their machine, and runs that want the warehouse at the same time."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from datetime import date
from functools import partial

import dagster as dg
import pytest

from nba_monitoring.core.eastern import dates_between
from nba_monitoring.orchestration.run_failures import why_failed
from nba_monitoring_tests.orchestration.served import ServedMonitor

pytestmark = [pytest.mark.daemon, pytest.mark.timeout(900)]


@pytest.fixture
def home(served_monitor: ServedMonitor) -> Iterator[dg.DagsterInstance]:
    """The served Dagster's own instance."""
    with dg.DagsterInstance.from_config(str(served_monitor.dagster.home)) as opened:
        yield opened


def process_of(home: dg.DagsterInstance, run_id: str) -> int:
    """The process of a run, as its events name it."""
    for entry in home.all_logs(run_id, of_type=dg.DagsterEventType.ENGINE_EVENT):
        process = entry.get_dagster_event().engine_event_data.metadata.get("pid")
        if process is not None:
            return int(str(process.value))
    raise AssertionError(f"no process of run {run_id}")


def retry_of(home: dg.DagsterInstance, run_id: str) -> str | None:
    """The id of the run by which Dagster retried another."""
    run = home.get_run_by_id(run_id)
    return run.tags.get("dagster/auto_retry_run_id") if run is not None else None


def why(home: dg.DagsterInstance, run_id: str) -> str:
    run = home.get_run_by_id(run_id)
    assert run is not None
    return why_failed(home, run)


def looks_kept(monitor: ServedMonitor, day: str) -> list[tuple[str, int]]:
    """The runs that left a verdict on a date, with how many."""
    verdicts = f"FROM nba_monitoring.data_availability_checks WHERE check_date = '{day}'"
    return monitor.platform.rows(f"SELECT run_id, count(*) {verdicts} GROUP BY run_id")


def test_a_run_whose_process_is_killed_is_retried_to_success(
    served_monitor: ServedMonitor, home: dg.DagsterInstance
) -> None:
    dagster = served_monitor.dagster
    # The run waits for the file, and so is in its midst for as long as the test wants.
    with served_monitor.platform.held():
        run_id = dagster.launch("2025-11-03")
        dagster.wait_for_start(run_id)
        os.kill(process_of(home, run_id), signal.SIGKILL)
        assert dagster.wait_for("the run's end", lambda: dagster.end_of(run_id)) == "FAILURE"
    assert why(home, run_id) == "Worker killed: the process was terminated by signal 9 (SIGKILL)."
    retry = dagster.wait_for("the retry", lambda: retry_of(home, run_id))
    assert dagster.wait_for("the retry's end", lambda: dagster.end_of(retry)) == "SUCCESS"
    assert not [text for text in served_monitor.slack.texts if run_id[:8] in text]
    assert looks_kept(served_monitor, "2025-11-03") == [(retry, 1)]


def test_a_run_killed_with_its_machine_does_not_block_the_next_of_its_date(
    served_monitor: ServedMonitor, home: dg.DagsterInstance
) -> None:
    dagster = served_monitor.dagster
    with served_monitor.platform.held():
        killed = dagster.launch("2025-11-04")
        dagster.wait_for_start(killed)
        dagster.restart_code_server()
    following = dagster.launch("2025-11-04")
    assert dagster.wait_for("the next run's end", lambda: dagster.end_of(following)) == "SUCCESS"
    assert dagster.status_of(killed) == "FAILURE"
    assert why(home, killed).startswith(
        "Worker killed: the launcher reports NOT_FOUND: 'its code server was restarted'"
    )
    # Dagster retries it, unless it reads of the failure in the moment before it has decided on that.
    if retry := retry_of(home, killed):
        assert dagster.wait_for("the retry's end", lambda: dagster.end_of(retry)) == "SUCCESS"
    assert (following, 1) in looks_kept(served_monitor, "2025-11-04")
    assert {count for _, count in looks_kept(served_monitor, "2025-11-04")} == {1}


def test_a_run_that_hangs_is_ended_at_its_maximum_run_time_and_frees_its_date(
    served_monitor: ServedMonitor, home: dg.DagsterInstance
) -> None:
    dagster = served_monitor.dagster
    with served_monitor.platform.held():
        # As `max_runtime_seconds`, for this run and a retry, which has to end within it on a busy machine.
        hanging = dagster.launch("2025-11-10", max_runtime="20")
        # The worker says that it was canceled, and Dagster that it failed, in either order.
        dagster.wait_for("the run's end", lambda: dagster.end_of(hanging))
    assert why(home, hanging).startswith("Ended by Dagster after the 20-second limit: the worker hung, or was killed")
    dagster.run_job("2025-11-10")


def test_runs_of_two_dates_at_once_both_get_the_one_warehouse_file(served_monitor: ServedMonitor) -> None:
    dagster = served_monitor.dagster
    with served_monitor.platform.held():
        both = [dagster.launch(day) for day in ("2025-11-05", "2025-11-06")]
        for run_id in both:
            dagster.wait_for_start(run_id)
    for run_id in both:
        assert dagster.wait_for("its end", partial(dagster.end_of, run_id)) == "SUCCESS"


@pytest.mark.parametrize("tag", ["dagster/backfill", "nba_monitoring/catch_up"])
def test_many_runs_of_one_cause_leave_the_morning_a_place(served_monitor: ServedMonitor, tag: str) -> None:
    dagster = served_monitor.dagster
    with served_monitor.platform.held():
        many = [dagster.launch(day, **{tag: "manydates"}) for day in ("2025-11-07", "2025-11-08", "2025-11-09")]
        morning = dagster.launch("2025-11-20")
        dagster.wait_for_start(morning)
        assert sum(dagster.has_started(run_id) for run_id in many) <= 1
    for run_id in (morning, *many):
        assert dagster.wait_for("its end", partial(dagster.end_of, run_id)) == "SUCCESS"


def test_a_season_s_backfill_and_the_morning_s_check_run_beside_each_other(served_monitor: ServedMonitor) -> None:
    dagster = served_monitor.dagster
    season = [str(day) for day in dates_between(date(2024, 10, 22), date(2025, 6, 22))]
    backfill = dagster.launch_backfill(("scheduled_games", "phase4_coverage", "data_availability_checks"), season)

    def its_run() -> str | None:
        return next((run_id for run_id in dagster.runs_of(backfill) if dagster.has_started(run_id)), None)

    run_id = dagster.wait_for("the backfill's run", its_run)
    dagster.run_job("2025-11-21")
    assert dagster.status_of(run_id) == "STARTED", "the morning's check waited for the backfill's end"
    assert dagster.wait_for("the backfill's end", lambda: dagster.end_of(run_id)) == "SUCCESS"
