"""The configuration that is shipped for production, as Dagster reads it."""

from __future__ import annotations

import dagster as dg
import pytest

pytestmark = [
    pytest.mark.daemon,
    pytest.mark.xdist_group("postgres"),
    pytest.mark.timeout(900),
]  # in the worker that has the one Postgres


def test_runs_are_watched_ended_and_retried_once(production_instance: dg.DagsterInstance) -> None:
    settings = production_instance.get_settings("run_monitoring")
    assert production_instance.run_monitoring_enabled
    assert production_instance.run_monitoring_max_runtime_seconds == 900
    assert (settings["start_timeout_seconds"], settings["cancel_timeout_seconds"]) == (90, 60)
    assert production_instance.run_monitoring_max_resume_run_attempts == 0
    assert (production_instance.run_retries_enabled, production_instance.run_retries_max_retries) == (True, 1)


def test_two_runs_of_a_date_of_a_backfill_and_of_a_catch_up_wait_for_each_other(
    production_instance: dg.DagsterInstance,
) -> None:
    queue = production_instance.get_concurrency_config().run_queue_config
    assert queue is not None
    assert queue.max_concurrent_runs == 10
    assert queue.tag_concurrency_limits == [
        {"key": "dagster/partition", "value": {"applyLimitPerUniqueValue": True}, "limit": 1},
        {"key": "dagster/backfill", "limit": 1},
        {"key": "nba_monitoring/catch_up", "limit": 1},
    ]


def test_ticks_run_in_threads_and_are_kept_for_days(production_instance: dg.DagsterInstance) -> None:
    threads = {"sensors": 4, "schedules": 2}
    for kind, workers in threads.items():
        settings = production_instance.get_settings(kind)
        assert (settings["use_threads"], settings["num_workers"]) == (True, workers)
    for instigator in ("sensor", "schedule"):
        kept = production_instance.get_settings("retention")[instigator]["purge_after_days"]
        assert 0 < kept["skipped"] < kept["success"] <= kept["failure"]


def test_nothing_is_sent_to_dagster_s_makers(production_instance: dg.DagsterInstance) -> None:
    assert not production_instance.telemetry_enabled
    assert not production_instance.nux_enabled


def test_no_password_of_the_database_is_in_the_configuration(production_instance: dg.DagsterInstance) -> None:
    assert "DAGSTER_POSTGRES_URL" in str(production_instance.get_ref().to_dict())
    assert "postgresql://" not in str(production_instance.get_ref().to_dict())
