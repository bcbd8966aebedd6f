"""A check that is executed alone, as the web interface does it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import dagster as dg
import pytest

from nba_monitoring.orchestration.runs import ended_runs, unread_span
from nba_monitoring_tests.orchestration.ended_runs import JOB
from nba_monitoring_tests.orchestration.served import ServedMonitor


@pytest.mark.daemon
@pytest.mark.timeout(900)
def test_a_check_executed_alone_counts_as_a_check_of_its_date(served_monitor: ServedMonitor) -> None:
    dagster = served_monitor.dagster
    dagster.run_job("2025-11-10")
    now = datetime.now(UTC)
    with dg.DagsterInstance.from_config(str(dagster.home)) as instance:
        before = unread_span(instance, JOB, None, now).up_to
        run_id = dagster.launch_check("2025-11-10")
        assert dagster.wait_for("the check's end", lambda: dagster.end_of(run_id)) == "SUCCESS"
        found = list(ended_runs(instance, JOB, unread_span(instance, JOB, before, now), now))
    (alone,) = [run for run in found if run.run_id == run_id]
    assert [record.check_date for record in alone.records] == [date(2025, 11, 10)]
