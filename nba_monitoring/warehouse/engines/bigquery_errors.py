"""What BigQuery's refusals and failures mean, a sentence each, and which of them a repetition may cure.

The HTTP status does not tell: a 403 is about rights or quota or billing, a 400 about the statement or its cost or
another run's write. The error's `reason` tells, and where one reason stands for several things, Google's own wording.
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
    """A job that took too long, and what became of it, in words."""


# The client trusts an answer's shape; of HTML, or of JSON in another shape, it raises the last three.
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

# Reasons for which a job failed that has no fault of its own.
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
# "Could not serialize access to table ... due to concurrent update": two runs replace rows of one partition.
_CONFLICT = "Could not serialize access"
# "Too many DML statements outstanding against table ..., limit is 20": 2 run at once, 20 wait.
_DML_QUEUE = "Too many DML statements outstanding"

_TOO_LARGE = "the request is too large for BigQuery, which takes 10 MB: {said}; ask for fewer dates at once"

_TOO_OFTEN = "BigQuery is asked too often, and still was after waiting: {said}; run fewer things at once"

_BY_TEXT = {
    _CONFLICT: "other writes to the same dates kept getting in the way: {said}; nothing was written, run it again",
    _DML_QUEUE: "too many writes are waiting for this table: {said}; nothing was written, run it again later",
    "partition elimination": "requires a filter on its partition: {said}; in the table of stages name that column as "
    "date_column",
    "payload size exceeds": _TOO_LARGE,
    "Request Entity Too Large": _TOO_LARGE,
}

_BY_REASON = {
    "quotaExceeded": "a quota of project {project} is used up: {said}; wait until it renews, or have it raised",
    "rateLimitExceeded": _TOO_OFTEN,
    "jobRateLimitExceeded": _TOO_OFTEN,
    "billingNotEnabled": "project {project} has no billing account, without which nothing is written: {said}; link one",
    "bytesBilledLimitExceeded": "the query costs more than NBA_MONITORING_MAX_BYTES_BILLED allows: {said}; "
    "raise it if that is right",
    "responseTooLarge": "the answer is larger than BigQuery gives: {said}; ask for fewer dates at once",
    "resourcesExceeded": "the query needs more than BigQuery gives one: {said}; ask for fewer dates at once",
    "policyViolation": "a policy of the organization forbids it: {said}; ask who keeps its VPC Service Controls",
    "stopped": "the job was cancelled before it ended: {said}; run it again",
}

# As BigQuery says it, in a query and in an INSERT, and as the emulator does.
_MISSING_COLUMN = re.compile(
    r"Unrecognized name: (\w+)|Name (\w+) not found|Column (\w+) is not present"
    r'|(?:Referenced column|have a column (?:with name|named)) "?(?:\w+\.)?(\w+)'
)
# At the end of 400 characters of wrappings.
_NO_ANSWER = re.compile(r"\[Errno -?\d+\] ([\w ]+)|RemoteDisconnected\('([\w ]+)'")
_ELSEWHERE = re.compile(r"Dataset [\w.-]+[:.](\w+) was not found in location ([\w-]+)")
_DENIED_TABLE = re.compile(r"Table [\w.-]+[:.](\w+)\.(\w+)")


@contextmanager
def explained(place: str, project: str) -> Iterator[None]:
    """Raises WarehouseError for whatever the client raises, with the table or address it is about."""
    try:
        yield
    except _FAILURES as error:
        raise _explained(_cause(error), place, project) from error


def may_pass(error: Exception) -> bool:
    """Whether a job that failed may succeed when it is sent again: another run was in its way, or BigQuery itself."""
    if not isinstance(error, GoogleAPICallError):
        return False
    return reason_of(error) in _PASSING_REASONS or any(text in error.message for text in (_CONFLICT, _DML_QUEUE))


def reason_of(error: GoogleAPICallError) -> str:
    """BigQuery's own word for what went wrong; empty where it gives none."""
    match error.errors:
        case [{"reason": str(reason)}, *_]:
            return reason
        case _:
            return ""


def first_line(error: Exception) -> str:
    """What the error says, without the client's own wrappings."""
    message = error.message if isinstance(error, GoogleAPICallError) else str(error)
    line = (message or "").strip().partition("\n")[0].partition("; reason:")[0]
    return re.sub(r"^[A-Z]+ https?://\S+: ", "", line).rstrip(".")


def _cause(error: Exception) -> Exception:
    """What was answered last, where the client gave up asking."""
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
    """The sentence for what BigQuery has a word of its own for."""
    said = first_line(error)
    reason = reason_of(error)
    if reason == "accessDenied":
        return _denied(said, place, project)
    by_text = (sentence for text, sentence in _BY_TEXT.items() if text in said)
    sentence = next(by_text, _BY_REASON.get(reason))
    return None if sentence is None else sentence.format(project=project, said=said)


def _denied(said: str, place: str, project: str) -> str:
    """Which right is missing: to run queries, to make datasets, to write the monitor's own, to read the platform's.

    Google's words, which name the table again and are long, come last: an alert cuts a long reason off.
    """
    if "bigquery.jobs.create" in said:
        return f"may not run queries in project {project}; grant the account roles/bigquery.jobUser there: {said}"
    if "bigquery.datasets.create" in said:
        return (
            f"may not make datasets in project {project}; "
            f"have someone who may run `nba-monitoring init` once (roles/bigquery.user): {said}"
        )
    named = _DENIED_TABLE.search(said)
    table = f"{named[1]}.{named[2]}" if named else place
    dataset = table.partition(".")[0]
    if dataset == "nba_monitoring":
        return f"may not write {table}; grant the account roles/bigquery.dataEditor on dataset {dataset}: {said}"
    return f"may not read {table}; grant the account roles/bigquery.dataViewer on dataset {dataset}: {said}"


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
            return f"BigQuery project {project} refuses: {said}; grant the monitor's account access"
        case NotFound() if elsewhere := _ELSEWHERE.search(said):
            return (
                f"dataset {elsewhere[1]} was not found in location {elsewhere[2]} of project {project}; "
                "set the location of its data: NBA_MONITORING_WAREHOUSE=bigquery://PROJECT?location=us-west2"
            )
        case NotFound():
            return f"not found in BigQuery project {project}: {said}; check NBA_MONITORING_WAREHOUSE"
        case ValueError() | KeyError() | AttributeError():
            return f"BigQuery's answer can't be read ({said}); is the address right?"
        case GoogleAPICallError():
            return f"BigQuery failed: {said}; try again later"
        case _:
            cause = _NO_ANSWER.search(str(error))
            why = next(filter(None, cause.groups())) if cause else said
            return f"BigQuery can't be reached: {why}; check the network and BIGQUERY_EMULATOR_HOST"


def _why_bad(message: str) -> str:
    if column := _MISSING_COLUMN.search(message):
        return f"has no column {next(filter(None, column.groups()))}, which the monitor needs"
    return f"BigQuery refuses the query, perhaps for a column's type: {message}"
