"""BigQuery's errors in one sentence each, and which of them a retry may cure.

The HTTP status is not enough: a 403 is about permissions, quota or billing, a 400 about the statement, its cost or
another run's write. The error's `reason` decides, or Google's wording where one reason has several meanings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from google.api_core.exceptions import BadRequest, Forbidden, GoogleAPICallError, NotFound, RetryError, Unauthorized
from google.auth.exceptions import GoogleAuthError, TransportError
from requests.exceptions import RequestException

from nba_monitoring.warehouse.engines import StatementRefusedError, WarehouseError


class JobOverranError(Exception):
    """A job took too long. The message says whether it was canceled."""


# The client raises the last three for an answer that is HTML or unexpected JSON.
_FAILURES = (
    JobOverranError,
    GoogleAPICallError,
    RetryError,
    GoogleAuthError,
    RequestException,
    TimeoutError,
    ValueError,
    KeyError,
    AttributeError,
)

# Reasons that are no fault of the job.
_PASSING_REASONS = frozenset(
    [
        "rateLimitExceeded",
        "jobRateLimitExceeded",
        "backendError",
        "jobBackendError",
        "internalError",
        "jobInternalError",
    ]
)
# "Could not serialize access to table ... due to concurrent update": two runs replaced rows of one partition.
_CONFLICT = "Could not serialize access"
# "Too many DML statements outstanding against table ..., limit is 20": 2 run at once, 20 wait.
_DML_QUEUE = "Too many DML statements outstanding"

_TOO_LARGE = "the request exceeds BigQuery's limit of 10 MB: {said}; check fewer dates at once"

_TOO_OFTEN = "rate limit exceeded, also after retries: {said}; run fewer checks at once"

_BY_TEXT = {
    _CONFLICT: "conflicting writes to the same dates: {said}; nothing was written, run it again",
    _DML_QUEUE: "too many writes are queued for this table: {said}; nothing was written, run it again later",
    "partition elimination": "requires a filter on its partition column: {said}; set that column as date_column in the "
    "stages file",
    "payload size exceeds": _TOO_LARGE,
    "Request Entity Too Large": _TOO_LARGE,
}

_BY_REASON = {
    "quotaExceeded": "a quota of project {project} is used up: {said}; wait for it to reset, or request an increase",
    "rateLimitExceeded": _TOO_OFTEN,
    "jobRateLimitExceeded": _TOO_OFTEN,
    "billingNotEnabled": "project {project} has no billing account, so nothing can be written: {said}; link one",
    "bytesBilledLimitExceeded": "the query would cost more than NBA_MONITORING_MAX_BYTES_BILLED allows: {said}; "
    "raise the limit if the cost is right",
    "responseTooLarge": "the result exceeds BigQuery's limit: {said}; check fewer dates at once",
    "resourcesExceeded": "the query exceeds BigQuery's resources: {said}; check fewer dates at once",
    "policyViolation": "blocked by an organization policy: {said}; ask whoever manages VPC Service Controls",
    "stopped": "the job was canceled: {said}; run it again",
}

# In BigQuery's words, for a query and for an INSERT, and in the emulator's.
_MISSING_COLUMN = re.compile(
    r"Unrecognized name: (\w+)|Name (\w+) not found|Column (\w+) is not present"
    r'|(?:Referenced column|have a column (?:with name|named)) "?(?:\w+\.)?(\w+)'
)
# At the end of a 400-character message.
_NO_ANSWER = re.compile(r"\[Errno -?\d+\] ([\w ]+)|RemoteDisconnected\('([\w ]+)'")
_ELSEWHERE = re.compile(r"Dataset [\w.-]+[:.](\w+) was not found in location ([\w-]+)")
_DENIED_TABLE = re.compile(r"Table [\w.-]+[:.](\w+)\.(\w+)")


@contextmanager
def explained(place: str, project: str) -> Iterator[None]:
    """Turn the client's errors into WarehouseError, prefixed with the table or address."""
    try:
        yield
    except _FAILURES as error:
        raise _explained(_cause(error), place, project) from error


def may_pass(error: Exception) -> bool:
    """Whether a failed job may succeed on retry: another run or BigQuery itself was the cause."""
    if not isinstance(error, GoogleAPICallError):
        return False
    return reason_of(error) in _PASSING_REASONS or any(text in error.message for text in (_CONFLICT, _DML_QUEUE))


def reason_of(error: GoogleAPICallError) -> str:
    """BigQuery's reason code; empty if there is none."""
    match error.errors:
        case [{"reason": str(reason)}, *_]:
            return reason
        case _:
            return ""


def first_line(error: Exception) -> str:
    """The error's message, without the client's additions."""
    message = error.message if isinstance(error, GoogleAPICallError) else str(error)
    line = (message or "").strip().partition("\n")[0].partition("; reason:")[0]
    return re.sub(r"^[A-Z]+ https?://\S+: ", "", line).rstrip(".")


def _cause(error: Exception) -> Exception:
    """The last answer, if the client gave up retrying."""
    return error.cause if isinstance(error, RetryError) and isinstance(error.cause, GoogleAPICallError) else error


def _explained(error: Exception, place: str, project: str) -> WarehouseError:
    if isinstance(error, GoogleAPICallError):
        known = _known(error, place, project)
        if known is not None:
            return WarehouseError(f"{place}: {known}")
        if isinstance(error, BadRequest):
            return StatementRefusedError(f"{place}: {_why_bad(first_line(error))}")
    return WarehouseError(f"{place}: {_why(error, project)}")


def _known(error: GoogleAPICallError, place: str, project: str) -> str | None:
    """The sentence for a known reason or wording; None for any other."""
    said = first_line(error)
    reason = reason_of(error)
    if reason == "accessDenied":
        return _denied(said, place, project)
    by_text = (sentence for text, sentence in _BY_TEXT.items() if text in said)
    sentence = next(by_text, _BY_REASON.get(reason))
    return None if sentence is None else sentence.format(project=project, said=said)


def _denied(said: str, place: str, project: str) -> str:
    """Which permission is missing, and the role that grants it.

    Google's long message comes last, because alerts truncate long reasons.
    """
    if "bigquery.jobs.create" in said:
        return f"no permission to run queries in project {project}; grant the account roles/bigquery.jobUser: {said}"
    if "bigquery.datasets.create" in said:
        return (
            f"no permission to create datasets in project {project}; "
            f"have someone with roles/bigquery.user run `nba-monitoring init` once: {said}"
        )
    named = _DENIED_TABLE.search(said)
    table = f"{named[1]}.{named[2]}" if named else place
    dataset = table.partition(".")[0]
    if dataset == "nba_monitoring":
        return (
            f"no permission to write {table}; grant the account roles/bigquery.dataEditor on dataset {dataset}: {said}"
        )
    return f"no permission to read {table}; grant the account roles/bigquery.dataViewer on dataset {dataset}: {said}"


def _why(error: Exception, project: str) -> str:
    said = first_line(error)
    match error:
        case JobOverranError():
            return str(error)
        case GoogleAuthError() if not isinstance(error, TransportError):
            return f"no valid Google credentials ({said}); run gcloud auth application-default login"
        case Unauthorized():
            return f"no valid Google credentials ({said}); run gcloud auth application-default login"
        case Forbidden():
            return f"BigQuery project {project} denies access: {said}; grant the monitor's account access"
        case NotFound() if elsewhere := _ELSEWHERE.search(said):
            return (
                f"dataset {elsewhere[1]} was not found in location {elsewhere[2]} of project {project}; "
                "set the location of its data: NBA_MONITORING_WAREHOUSE=bigquery://PROJECT?location=us-west2"
            )
        case NotFound():
            return f"not found in BigQuery project {project}: {said}; check NBA_MONITORING_WAREHOUSE"
        case ValueError() | KeyError() | AttributeError():
            return f"BigQuery's answer can't be read ({said}); check the address"
        case GoogleAPICallError():
            return f"BigQuery failed: {said}; retry later"
        case _:
            cause = _NO_ANSWER.search(str(error))
            why = next(filter(None, cause.groups())) if cause else said
            return f"BigQuery can't be reached: {why}; check the network and BIGQUERY_EMULATOR_HOST"


def _why_bad(message: str) -> str:
    if column := _MISSING_COLUMN.search(message):
        return f"has no column {next(filter(None, column.groups()))}, which the monitor needs"
    return f"BigQuery refuses the query; check its columns' types: {message}"
