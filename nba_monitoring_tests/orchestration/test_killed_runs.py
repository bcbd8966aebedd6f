"""Runs killed with their process or their machine, and runs that want the warehouse at the same time."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from functools import partial

import dagster as dg
import pytest

from nba_monitoring.orchestration.run_failures import why_failed
from nba_monitoring_tests.orchestration.served import Served, ServedMonitor

pytestmark = [pytest.mark.daemon, pytest.mark.timeout(900)]


@pytest.fixture
def home(served_monitor: ServedMonitor) -> Iterator[dg.DagsterInstance]:
    """The served Dagster's own instance."""
    with dg.DagsterInstance.from_config(str(served_monitor.dagster.home)) as opened:
        yield opened


def has_started(dagster: Served, run_id: str) -> bool:
    return dagster.status_of(run_id) == "STARTED"


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
        dagster.wait_for("the run's start", lambda: has_started(dagster, run_id))
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
        # As `max_runtime_seconds`, for this run and its retry, which has to end within it on a busy machine.
        killed = dagster.launch("2025-11-04", max_runtime="20")
        dagster.wait_for("the run's start", lambda: has_started(dagster, killed))
        dagster.restart_code_server()
    following = dagster.launch("2025-11-04")
    assert dagster.wait_for("the next run's end", lambda: dagster.end_of(following)) == "SUCCESS"
    assert dagster.status_of(killed) == "FAILURE"
    assert why(home, killed).startswith("Ended by Dagster after the 20-second limit: the worker hung, or was killed")
    slack = served_monitor.slack
    # Whether Dagster could launch a retry depends on how soon the code server was back: else the operator is alerted.
    dagster.wait_for(
        "the retry, or the word of it",
        lambda: retry_of(home, killed) or any(killed[:8] in text for text in slack.texts),
    )
    if retry := retry_of(home, killed):
        assert dagster.wait_for("the retry's end", lambda: dagster.end_of(retry)) == "SUCCESS"
    expected = [(run_id, 1) for run_id in (following, retry) if run_id]
    assert sorted(looks_kept(served_monitor, "2025-11-04")) == sorted(expected)


def test_runs_of_two_dates_at_once_both_get_the_one_warehouse_file(served_monitor: ServedMonitor) -> None:
    dagster = served_monitor.dagster
    with served_monitor.platform.held():
        both = [dagster.launch(day) for day in ("2025-11-05", "2025-11-06")]
        for run_id in both:
            dagster.wait_for("a run that waits for the file", partial(has_started, dagster, run_id))
    for run_id in both:
        assert dagster.wait_for("its end", partial(dagster.end_of, run_id)) == "SUCCESS"


def test_a_backfill_run_by_run_leaves_the_morning_a_place(served_monitor: ServedMonitor) -> None:
    dagster = served_monitor.dagster
    with served_monitor.platform.held():
        of_backfill = [dagster.launch(day, backfill="manydates") for day in ("2025-11-07", "2025-11-08", "2025-11-09")]
        morning = dagster.launch("2025-11-20")
        dagster.wait_for("the morning's start", lambda: has_started(dagster, morning))
        assert sum(has_started(dagster, run_id) for run_id in of_backfill) <= 1
    for run_id in (morning, *of_backfill):
        assert dagster.wait_for("its end", partial(dagster.end_of, run_id)) == "SUCCESS"
