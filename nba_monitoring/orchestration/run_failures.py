"""Why a run failed or was cancelled, in words for an operator, from what Dagster recorded of it."""

from __future__ import annotations

import re

import dagster as dg

from nba_monitoring.orchestration.triggers import BACKFILL_TAG

_EVENTS = {
    dg.DagsterEventType.STEP_FAILURE,
    dg.DagsterEventType.RUN_FAILURE,
    dg.DagsterEventType.RUN_CANCELING,
    dg.DagsterEventType.RUN_CANCELED,
    dg.DagsterEventType.ENGINE_EVENT,
}
_ERRORS = {dg.DagsterEventType.STEP_FAILURE, dg.DagsterEventType.RUN_FAILURE}

_OUR_ERRORS = re.compile(r"^nba_monitoring\.[\w.]+: ")

# Dagster's own sentences, of 1.13: run monitoring's, and those of the code server on a run's process that is gone.
_TOO_LONG = re.compile(r"exceed(?:ed|ing) maximum runtime of (\d+) seconds", re.IGNORECASE)
_TOO_LONG_TO_START = re.compile(r"longer than (\d+) seconds to start")
_TOO_LONG_TO_CANCEL = re.compile(r"longer than (\d+) seconds to cancel")
_PROCESS_GONE = re.compile(r"Run execution process for \S+ (.*)", re.DOTALL)
_WORKER_GONE = re.compile(r"Detected run worker status (.*)", re.DOTALL)
_INTERRUPTED = "Execution was interrupted unexpectedly"
_FROM_OUTSIDE = "from outside the execution context"


def why_failed(instance: dg.DagsterInstance, run: dg.DagsterRun) -> str:
    """The cause of a run that failed or was cancelled: in the first line in words, then the error's own causes.

    Without tracebacks. Our own errors are in the words of whoever raised them.
    """
    entries = instance.all_logs(run.run_id, of_type=_EVENTS)
    events = [entry.get_dagster_event() for entry in entries]
    messages = "\n".join(event.message or "" for event in events)
    if too_long := _TOO_LONG.search(messages):
        return (
            f"Ended by Dagster after {too_long[1]} seconds, the longest run time: "
            "its worker was killed with its machine, or hangs."
        )
    if run.status is dg.DagsterRunStatus.CANCELED:
        return _why_cancelled(instance, run, messages)
    if too_long := _TOO_LONG_TO_START.search(messages):
        return f"Ended by Dagster: its worker did not start within {too_long[1]} seconds."
    if gone := _PROCESS_GONE.search(messages):
        return f"Worker killed: its process {_first_sentence(gone[1])}."
    if gone := _WORKER_GONE.search(messages):
        return f"Worker killed: its launcher says {_first_sentence(gone[1])}."
    if _INTERRUPTED in messages:
        return "Worker killed: its process was told to stop, as when its machine or code server shuts down."
    return _error(events) or "Worker killed, it seems: Dagster recorded no error."


def _why_cancelled(instance: dg.DagsterInstance, run: dg.DagsterRun, messages: str) -> str:
    backfill_id = run.tags.get(BACKFILL_TAG)
    backfill = instance.get_backfill(backfill_id) if backfill_id is not None else None
    if backfill is not None and backfill.status.value in {"CANCELING", "CANCELED"}:
        return f"Cancelled with its backfill {backfill_id}, by hand."
    if backfill is not None and backfill.status.value in {"FAILING", "FAILED"}:
        return f"Cancelled by Dagster, as its backfill {backfill_id} failed."
    if too_long := _TOO_LONG_TO_CANCEL.search(messages):
        return f"Cancelled by hand; Dagster ended it, as its worker did not stop within {too_long[1]} seconds."
    return "Cancelled by hand."


def _error(events: list[dg.DagsterEvent]) -> str | None:
    """The first error with its causes, a line each; where Dagster only says "from outside", what it said before."""
    for event in events:
        if event.event_type not in _ERRORS:
            continue
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
        if event.message and _FROM_OUTSIDE not in event.message:
            return event.message
    reported = [event for event in events if event.event_type is dg.DagsterEventType.ENGINE_EVENT]
    if reported and (error := getattr(reported[-1].event_specific_data, "error", None)) is not None:
        return f"{reported[-1].message}\n{error.message.strip()}"
    return None


def _first_sentence(message: str) -> str:
    return message.partition("\n")[0].partition(". ")[0].rstrip(". ")
