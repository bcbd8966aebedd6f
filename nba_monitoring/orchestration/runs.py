"""What Dagster's instance knows of the runs that have ended: their verdicts, or their error."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import dagster as dg

from nba_monitoring.alerts.monitor_messages import FailedRun
from nba_monitoring.alerts.triage import FinishedRun
from nba_monitoring.core.codec import UnreadableError
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.orchestration.assets import data_availability_checks, phase4_coverage, scheduled_games
from nba_monitoring.orchestration.checks import CHECK_KEY, record_of

_OURS = {asset.key for asset in (scheduled_games, phase4_coverage, data_availability_checks)}
_ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
_ERRORS = {dg.DagsterEventType.STEP_FAILURE, dg.DagsterEventType.RUN_FAILURE}

_OUR_ERRORS = re.compile(r"^nba_monitoring\.[\w.]+: ")

# Runs are read a page at a time, so that a thousand of them take no more memory than a few.
PAGE = 100


def finished_runs(
    instance: dg.DagsterInstance, job_name: str, after: datetime, is_known: Callable[[str], bool]
) -> Iterator[FinishedRun]:
    """The monitor's runs that ended after an instant (UTC), in the order of their last update, except those known.

    `is_known` is asked by run id before anything else of the run is read.

    Runs rather than check evaluations: on Dagster's SQLite storage these can't be read in the order they were made.
    """
    since, seen = after, set[str]()
    while True:
        filters = dg.RunsFilter(statuses=_ENDED, updated_after=since)
        page = instance.get_run_records(filters, limit=PAGE, order_by="update_timestamp", ascending=True)
        fresh = [record for record in page if record.dagster_run.run_id not in seen]
        for record in fresh:
            ended_at = datetime.fromtimestamp(record.end_time, UTC) if record.end_time else record.update_timestamp
            # A tag added later updates a run, too, which says nothing of its end.
            if ended_at > after and _is_ours(record.dagster_run, job_name) and not is_known(record.dagster_run.run_id):
                yield _finished(instance, record.dagster_run, ended_at)
        if not fresh:
            return
        seen = {record.dagster_run.run_id for record in page}
        since = page[-1].update_timestamp - timedelta(microseconds=1)


def _is_ours(run: dg.DagsterRun, job_name: str) -> bool:
    return run.job_name == job_name or bool(run.asset_selection and run.asset_selection & _OURS)


def _finished(instance: dg.DagsterInstance, run: dg.DagsterRun, ended_at: datetime) -> FinishedRun:
    failure = None
    if run.status is not dg.DagsterRunStatus.SUCCESS:
        cancelled = run.status is dg.DagsterRunStatus.CANCELED
        error = "Cancelled by hand, or by Dagster." if cancelled else _error(instance, run.run_id)
        failure = FailedRun(run.run_id, run.job_name, error, cancelled)
    records: list[CheckRecord] = []
    unreadable: list[str] = []
    for entry in instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION):
        evaluation = entry.get_dagster_event().asset_check_evaluation_data
        if evaluation.asset_check_key != CHECK_KEY:
            continue
        try:
            record = record_of(evaluation)
        except UnreadableError as error:
            unreadable.append(f"{evaluation.partition or 'no date'}: {error}")
        else:
            records += [record] if record is not None else []
    return FinishedRun(run.run_id, _dates(run), ended_at, tuple(records), tuple(unreadable), failure)


def _error(instance: dg.DagsterInstance, run_id: str) -> str:
    """The first error of a run with its causes, a line each: ours in the words for an operator, without tracebacks."""
    for entry in instance.all_logs(run_id, of_type=_ERRORS):
        event = entry.get_dagster_event()
        error = getattr(event.event_specific_data, "error", None)
        # Dagster's own error only says in which step or resource the other was raised.
        while error is not None and error.cause is not None and error.message.startswith("dagster."):
            error = error.cause
        if error is not None:
            lines = []
            while error is not None:
                lines.append(_OUR_ERRORS.sub("", error.message.strip()))
                error = error.cause
            return "\n".join(lines)
        if event.message:
            return event.message
    return "Dagster recorded no error; the run's process may have been killed."


def _dates(run: dg.DagsterRun) -> str:
    first = run.tags.get("dagster/asset_partition_range_start")
    last = run.tags.get("dagster/asset_partition_range_end")
    if first and last:
        return f"{first} to {last}"
    return run.tags.get("dagster/partition") or f"run {run.run_id[:8]}"
