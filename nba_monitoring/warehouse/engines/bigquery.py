"""BigQuery: the platform's warehouse."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from google.api_core.client_options import ClientOptions
from google.api_core.exceptions import BadRequest, Forbidden, GoogleAPICallError, NotFound, RetryError, Unauthorized
from google.api_core.retry import Retry
from google.auth.credentials import AnonymousCredentials
from google.auth.exceptions import GoogleAuthError, TransportError
from google.cloud import bigquery
from google.cloud.bigquery.retry import DEFAULT_RETRY
from requests.exceptions import RequestException

from nba_monitoring.settings import BigQueryWarehouse
from nba_monitoring.warehouse.engines import Parameters, Row, Rows
from nba_monitoring.warehouse.errors import StatementRefusedError, WarehouseError
from nba_monitoring.warehouse.statements import Statement
from nba_monitoring.warehouse.tables import Table

# The client's own patience with an address that does not answer is ten minutes; the morning check has less.
_RETRY = DEFAULT_RETRY.with_timeout(15.0).with_delay(initial=0.5, maximum=4.0)


@dataclass(frozen=True)
class BigQueryPolicy:
    """How patient to be with BigQuery, in seconds: with one request, with one and its repetitions, with a query."""

    request_timeout: float = 8.0
    retry: Retry = _RETRY
    # A query over a season takes seconds; a project short of slots may keep it waiting.
    query_timeout: float = 180.0


DEFAULT_POLICY = BigQueryPolicy()

# The client trusts an answer's shape; of HTML, or of JSON in another shape, it raises the last three.
_FAILURES = (
    GoogleAPICallError,
    RetryError,
    GoogleAuthError,
    RequestException,
    TimeoutError,
    ValueError,
    KeyError,
    AttributeError,
)

# As BigQuery says it, in a query and in an INSERT, and as the emulator does.
_MISSING_COLUMN = re.compile(
    r"Unrecognized name: (\w+)|Name (\w+) not found|Column (\w+) is not present"
    r'|(?:Referenced column|have a column (?:with name|named)) "?(?:\w+\.)?(\w+)'
)


def connect_to(target: BigQueryWarehouse) -> bigquery.Client:
    """A client of the project, or of the emulator. Raises WarehouseError when there are no credentials."""
    with _errors(f"bigquery://{target.project}", target.project):
        if target.emulator_host is None:
            return bigquery.Client(project=target.project, location=target.location)
        return bigquery.Client(
            project=target.project,
            location=target.location,
            credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]
            client_options=ClientOptions(api_endpoint=target.emulator_host),
        )


class BigQueryEngine:
    """Works on an open client, which stays its owner's to close."""

    def __init__(self, client: bigquery.Client, policy: BigQueryPolicy = DEFAULT_POLICY) -> None:
        self.client = client
        self._policy = policy

    def read(self, statement: Statement, parameters: Parameters) -> list[dict[str, Any]]:
        """The rows of a query."""
        return self._run(statement, parameters)

    def write(self, statement: Statement, parameters: Parameters) -> None:
        """Run one statement, wholly or not at all."""
        self._run(statement, parameters)

    def columns(self, table: Table) -> frozenset[str]:
        """The names of the table's columns; none where there is no table."""
        with _errors(table.name, self.client.project):
            try:
                found = self.client.get_table(
                    table.name, retry=self._policy.retry, timeout=self._policy.request_timeout
                )
            except NotFound:
                return frozenset()
            return frozenset(field.name for field in found.schema)

    def create_table(self, table: Table) -> None:
        """Make the table, the dataset it belongs to, or those of its columns that are missing.

        Looks first: who may write an existing table need not have the right to make datasets.
        """
        there = self.columns(table)
        missing = [f"{name} {kind}" for name, kind in table.columns.items() if name not in there]
        if there:
            for column in missing:
                self._run(Statement(table.name, f"ALTER TABLE {table.name} ADD COLUMN IF NOT EXISTS {column}"), {})
        else:
            with _errors(table.name, self.client.project):
                dataset = table.name.partition(".")[0]
                self.client.create_dataset(
                    dataset, exists_ok=True, retry=self._policy.retry, timeout=self._policy.request_timeout
                )
            made = f"CREATE TABLE IF NOT EXISTS {table.name} ({', '.join(missing)}) PARTITION BY {table.partition}"
            self._run(Statement(table.name, made), {})

    def _run(self, statement: Statement, parameters: Parameters) -> list[dict[str, Any]]:
        config = bigquery.QueryJobConfig(query_parameters=[_parameter(*item) for item in parameters.items()])
        with _errors(statement.table, self.client.project):
            # Not query_and_wait, which has been seen to give no rows and no error for a table that is missing.
            job = self.client.query(
                statement.sql, config, retry=self._policy.retry, job_retry=None, timeout=self._policy.request_timeout
            )
            return [
                dict(row)
                for row in job.result(retry=self._policy.retry, job_retry=None, timeout=self._policy.query_timeout)
            ]


@contextmanager
def _errors(place: str, project: str) -> Iterator[None]:
    try:
        yield
    except _FAILURES as error:
        kind = StatementRefusedError if isinstance(error, BadRequest) else WarehouseError
        raise kind(f"{place}: {_why(error, project)}") from error


def _why(error: Exception, project: str) -> str:
    match error:
        case GoogleAuthError() if not isinstance(error, TransportError):
            return f"no valid Google credentials ({_first_line(error)}); run gcloud auth application-default login"
        case Unauthorized() | Forbidden():
            return f"BigQuery project {project} refuses: {_first_line(error)}; grant the monitor's account access"
        case NotFound():
            return f"not found in BigQuery project {project}: {_first_line(error)}; check NBA_MONITORING_WAREHOUSE"
        case BadRequest():
            return _why_bad(_first_line(error))
        case ValueError() | KeyError() | AttributeError():
            return f"BigQuery's answer can't be read ({_first_line(error)}); is the address right?"
        case GoogleAPICallError():
            return f"BigQuery failed: {_first_line(error)}; try again later"
        case _:
            cause = re.search(r"\[Errno -?\d+\] ([\w ]+)", str(error))  # at the end of 400 characters of wrappings
            said = cause[1] if cause else _first_line(error)
            return f"BigQuery can't be reached: {said}; check the network and BIGQUERY_EMULATOR_HOST"


def _why_bad(message: str) -> str:
    if column := _MISSING_COLUMN.search(message):
        return f"has no column {next(filter(None, column.groups()))}, which the monitor needs"
    return f"BigQuery refuses the query, perhaps for a column's type: {message}"


def _first_line(error: Exception) -> str:
    message = error.message if isinstance(error, GoogleAPICallError) else str(error)
    line = message.strip().partition("\n")[0].partition("; reason:")[0]
    return re.sub(r"^[A-Z]+ https?://\S+: ", "", line).rstrip(".")


def _parameter(name: str, value: date | datetime | Rows) -> Any:
    if isinstance(value, Rows):
        columns = value.table.columns
        rows = [bigquery.StructQueryParameter(None, *_fields(row, columns)) for row in value.rows]
        return bigquery.ArrayQueryParameter(name, "STRUCT", rows)
    return bigquery.ScalarQueryParameter(name, "TIMESTAMP" if isinstance(value, datetime) else "DATE", value)


def _fields(row: Row, columns: Mapping[str, str]) -> Iterator[Any]:
    for name, kind in columns.items():
        if element := re.fullmatch(r"ARRAY<(\w+)>", kind):
            yield bigquery.ArrayQueryParameter(name, element[1], row[name])
        else:
            yield bigquery.ScalarQueryParameter(name, kind, row[name])
