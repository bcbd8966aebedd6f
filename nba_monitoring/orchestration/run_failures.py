"""Explain to an operator why a run failed or was canceled, from the events that Dagster recorded."""

from __future__ import annotations

import re

import dagster as dg

from nba_monitoring.orchestration.partitions import BACKFILL_TAG

_EVENTS = {
    dg.DagsterEventType.STEP_FAILURE,
    dg.DagsterEventType.RUN_FAILURE,
    dg.DagsterEventType.RUN_CANCELING,
    dg.DagsterEventType.RUN_CANCELED,
    dg.DagsterEventType.ENGINE_EVENT,
}
_ERRORS = {dg.DagsterEventType.STEP_FAILURE, dg.DagsterEventType.RUN_FAILURE}

_OUR_ERRORS = re.compile(r"^nba_monitoring\.[\w.]+: ")

# Sentences of Dagster 1.13: run monitoring's, and the code server's about a run whose process is gone.
_TOO_LONG = re.compile(r"exceed(?:ed|ing) maximum runtime of (\d+) seconds", re.IGNORECASE)
_TOO_LONG_TO_START = re.compile(r"longer than (\d+) seconds to start")
_TOO_LONG_TO_CANCEL = re.compile(r"longer than (\d+) seconds to cancel")
_PROCESS_GONE = re.compile(r"Run execution process for \S+ (.*)", re.DOTALL)
_WORKER_GONE = re.compile(r"Detected run worker status (.*)", re.DOTALL)
_INTERRUPTED = "Execution was interrupted unexpectedly"
_FROM_OUTSIDE = "from outside the execution context"


def why_failed(instance: dg.DagsterInstance, run: dg.DagsterRun) -> str:
    """Why a run failed or was canceled: one sentence, then the error's causes, one per line. No tracebacks."""
    entries = instance.all_logs(run.run_id, of_type=_EVENTS)
    events = [entry.get_dagster_event() for entry in entries]
    messages = "\n".join(event.message or "" for event in events)
    if too_long := _TOO_LONG.search(messages):
        return (
            f"Ended by Dagster after the {too_long[1]}-second limit: the worker hung, or was killed with its machine."
        )
    if run.status is dg.DagsterRunStatus.CANCELED:
        return _why_canceled(instance, run, messages)
    if too_long := _TOO_LONG_TO_START.search(messages):
        return f"Ended by Dagster: the worker did not start within {too_long[1]} seconds."
    if gone := _PROCESS_GONE.search(messages):
        return f"Worker killed: the process {_first_sentence(gone[1])}."
    if gone := _WORKER_GONE.search(messages):
        return f"Worker killed: the launcher reports {_first_sentence(gone[1])}."
    if _INTERRUPTED in messages:
        return "Worker killed: the process was asked to stop, for example because the machine or code server shut down."
    return _error(events) or "Probably a killed worker: Dagster recorded no error."


def _why_canceled(instance: dg.DagsterInstance, run: dg.DagsterRun, messages: str) -> str:
    backfill_id = run.tags.get(BACKFILL_TAG)
    backfill = instance.get_backfill(backfill_id) if backfill_id is not None else None
    if backfill is not None and backfill.status.value in {"CANCELING", "CANCELED"}:
        return f"Canceled by hand, with its backfill {backfill_id}."
    if backfill is not None and backfill.status.value in {"FAILING", "FAILED"}:
        return f"Canceled by Dagster, because its backfill {backfill_id} failed."
    if too_long := _TOO_LONG_TO_CANCEL.search(messages):
        return f"Canceled by hand; Dagster killed the worker because it did not stop within {too_long[1]} seconds."
    return "Canceled by hand."


def _error(events: list[dg.DagsterEvent]) -> str | None:
    """The first error and its causes, one per line; where Dagster only says "from outside", what it reported before."""
    for event in events:
        if event.event_type not in _ERRORS:
            continue
        error = getattr(event.event_specific_data, "error", None)
        # Dagster's own error only names the step or resource that raised the other.
        while error is not None and error.cause is not None and error.message.startswith("dagster."):
            error = error.cause
        if error is not None:
            lines = []
            while error is not None:
                lines.append(_OUR_ERRORS.sub("", error.message.strip()))
                error = error.cause
            return "\n".join(lines)
        if event.message and _FROM_OUTSIDE not in event.message:
            return event.message
    reported = [event for event in events if event.event_type is dg.DagsterEventType.ENGINE_EVENT]
    if reported and (error := getattr(reported[-1].event_specific_data, "error", None)) is not None:
        return f"{reported[-1].message}\n{error.message.strip()}"
    return None


def _first_sentence(message: str) -> str:
    return message.partition("\n")[0].partition(". ")[0].rstrip(". ")
