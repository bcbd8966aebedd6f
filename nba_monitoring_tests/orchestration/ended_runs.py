"""Runs that have ended, put into an instance without running them, for tests of many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import dagster as dg

from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.orchestration.checks import CHECK_KEY, RECORD
from nba_monitoring.orchestration.partitions import trigger_of
from nba_monitoring_tests.alerts.looks import look
from nba_monitoring_tests.days import eastern
from nba_monitoring_tests.morning import Platform, verdict

JOB = "morning_check"

Tags = Mapping[str, str] | None


def fail_a_run(
    instance: dg.DagsterInstance,
    dates: str,
    error: str = "the warehouse is out of reach",
    job: str = JOB,
    tags: Tags = None,
) -> str:
    run = _start(instance, dates, job, tags)
    instance.report_run_failed(run, error)
    return run.run_id


def cancel_a_run(instance: dg.DagsterInstance, dates: str, tags: Tags = None) -> str:
    run = _start(instance, dates, tags=tags)
    instance.report_run_canceled(run)
    return run.run_id


def start_a_run(instance: dg.DagsterInstance, dates: str) -> str:
    """A run that has begun and does not end."""
    run = _start(instance, dates)
    _report(instance, run, dg.DagsterEventType.RUN_START)
    return run.run_id


def complete_a_run(
    instance: dg.DagsterInstance,
    dates: str,
    records: Iterable[CheckRecord] = (),
    tags: Tags = None,
    again: str | None = None,
) -> str:
    """A run whose verdicts are these: its own, or of the run whose id is `again`, which it executes again."""
    run = _start(instance, dates, tags=tags, again=again)
    for record in records:
        values = replace(record, run_id=again or run.run_id).to_json_values()
        _evaluate(instance, run, record.check_date.isoformat(), record.status.passes, values)
    _report(instance, run, dg.DagsterEventType.RUN_SUCCESS)
    return run.run_id


def look_in_a_run(platform: Platform, instance: dg.DagsterInstance, day: date, tags: Tags = None) -> CheckRecord:
    """A look at a date now: its verdict, its row of the history, and the evaluation of a run that has ended. All that
    a real one leaves for the sensor and the schedules, without the thirty events of its steps.
    """
    run = _start(instance, str(day), tags=tags)
    record = verdict(platform, day, run.run_id, trigger_of(run))
    _evaluate(instance, run, str(day), record.status.passes, record.to_json_values())
    _report(instance, run, dg.DagsterEventType.RUN_SUCCESS)
    return record


def complete_a_run_that_left(instance: dg.DagsterInstance, day: date, values: Any) -> str:
    """A run whose evaluation of the date holds these values as its record."""
    run = _start(instance, day.isoformat())
    _evaluate(instance, run, day.isoformat(), False, values)
    _report(instance, run, dg.DagsterEventType.RUN_SUCCESS)
    return run.run_id


def failing_look(day: date, at: datetime | None = None) -> CheckRecord:
    """None of six games covered, looked at at 11:00 AM Eastern of the date, or `at` another time. Before 7:00 AM
    nothing is due yet, so an earlier look finds what it would have found then. At a past date a person looks.
    """
    looked_at = (at or eastern(11, day=day)).astimezone(UTC)
    trigger = Trigger.MANUAL if day < game_date(looked_at) else Trigger.RECHECK
    return replace(look(max(looked_at, eastern(7, day=day)), day=day, trigger=trigger), check_time=looked_at)


def days_from(first: date, number: int) -> list[date]:
    return [first + timedelta(days=step) for step in range(number)]


def _start(
    instance: dg.DagsterInstance, dates: str, job: str = JOB, tags: Tags = None, again: str | None = None
) -> dg.DagsterRun:
    all_tags = {"dagster/partition": dates, **(tags or {})}
    return instance.add_run(dg.DagsterRun(job_name=job, tags=all_tags, parent_run_id=again, root_run_id=again))


def _evaluate(instance: dg.DagsterInstance, run: dg.DagsterRun, partition: str, passed: bool, record: Any) -> None:
    evaluation = dg.AssetCheckEvaluation(
        asset_key=CHECK_KEY.asset_key,
        check_name=CHECK_KEY.name,
        passed=passed,
        partition=partition,
        metadata={RECORD: dg.MetadataValue.json(record)},
    )
    _report(instance, run, dg.DagsterEventType.ASSET_CHECK_EVALUATION, evaluation)


def _report(
    instance: dg.DagsterInstance,
    run: dg.DagsterRun,
    kind: dg.DagsterEventType,
    data: dg.AssetCheckEvaluation | None = None,
) -> None:
    instance.report_dagster_event(
        dg.DagsterEvent(event_type_value=kind.value, job_name=JOB, event_specific_data=data), run_id=run.run_id
    )
