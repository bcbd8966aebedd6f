"""The shipped dagster.yaml, as Dagster reads it."""

from __future__ import annotations

import shutil
from pathlib import Path

import dagster as dg
import pytest

from nba_monitoring.orchestration.launcher import WatchedRunLauncher
from nba_monitoring_tests.orchestration.served import PROJECT


@pytest.mark.slow
def test_dagster_reads_the_shipped_config(tmp_path: Path) -> None:
    shutil.copy(PROJECT / "deploy" / "dagster.yaml", tmp_path)
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        assert instance.run_monitoring_enabled
        assert instance.run_monitoring_max_runtime_seconds == 900
        assert isinstance(instance.run_launcher, WatchedRunLauncher)
        assert (instance.run_retries_enabled, instance.run_retries_max_retries) == (True, 1)
        queue = instance.get_concurrency_config().run_queue_config
    assert queue is not None
    assert [(limit["key"], limit["limit"]) for limit in queue.tag_concurrency_limits] == [
        ("dagster/partition", 1),
        ("dagster/backfill", 1),
        ("nba_monitoring/catch_up", 1),
    ]
