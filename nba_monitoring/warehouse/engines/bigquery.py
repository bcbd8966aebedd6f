"""BigQuery: the platform's warehouse."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property
from hashlib import sha256
from typing import Any
from uuid import uuid4

from google.api_core.client_options import ClientOptions
from google.api_core.exceptions import NotFound
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from nba_monitoring.core.bytes_read import BytesRead
from nba_monitoring.settings import BigQueryWarehouse
from nba_monitoring.warehouse.engines import Parameters, Row, Rows, Statement, StatementRefusedError, WarehouseError
from nba_monitoring.warehouse.engines.bigquery_errors import explained
from nba_monitoring.warehouse.engines.bigquery_jobs import DEFAULT_POLICY, BigQueryPolicy, QueryJobs
from nba_monitoring.warehouse.tables import LABELS, OWN_DATASET, Table

# Where the monitor's own dataset has to be too: one statement never reads in two locations.
PLATFORM_DATASET = "nba_raw"


def connect_to(target: BigQueryWarehouse) -> bigquery.Client:
    """A client of the project, or of the emulator. Raises WarehouseError when there are no credentials."""
    with explained(f"bigquery://{target.project}", target.project):
        if target.emulator_host is None:
            return bigquery.Client(project=target.project, location=target.location)
        return bigquery.Client(
            project=target.project,
            location=target.location,
            credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]
            client_options=ClientOptions(api_endpoint=target.emulator_host),
        )


def policy_of(target: BigQueryWarehouse) -> BigQueryPolicy:
    """The policy with what the settings say of it."""
    policy = replace(DEFAULT_POLICY, max_bytes_billed=target.max_bytes_billed)
    if target.emulator_host is None:
        return policy
    # Google answers that a job was sent; an emulator answers once it is done, which for a month's rows takes 6 to 24 s.
    return replace(policy, request_timeout=policy.query_timeout)


class BigQueryEngine:
    """Works on an open client, which stays its owner's to close.

    Every job is labelled with its table and what started the run (`trigger`), so that the bill can be told apart.
    """

    def __init__(
        self, client: bigquery.Client, policy: BigQueryPolicy = DEFAULT_POLICY, trigger: str = "manual"
    ) -> None:
        self.client = client
        self.bytes_read = BytesRead()
        self._policy = policy
        self._trigger = trigger

    def read(self, statement: Statement, parameters: Parameters) -> list[dict[str, Any]]:
        """The rows of a query."""
        return self._run(statement, parameters)

    def write(self, statement: Statement, parameters: Parameters) -> None:
        """Run one statement, wholly or not at all; of rows that have keys once only, whoever sends it again."""
        self._run(statement, parameters)

    def columns(self, table: Table) -> frozenset[str]:
        """The names of the table's columns; none where there is no table."""
        found = self._table(table)
        return frozenset() if found is None else frozenset(field.name for field in found.schema)

    def create_table(self, table: Table) -> None:
        """Make the table, the dataset it belongs to, or those of its columns that are missing.

        Looks first: who may write an existing table need not have the right to make datasets.
        """
        change = self.change(table)
        if change is None:
            return
        if not self.has_dataset(table):
            self._create_dataset(table)
        try:
            self._run(change, {})
        except StatementRefusedError as error:
            if "Only one ALTER command" not in str(error):  # the emulator's own limit
                raise
            there = self.columns(table)
            for name, kind in table.columns.items():
                if name not in there:
                    self._run(_added(table, {name: kind}), {})

    def change(self, table: Table) -> Statement | None:
        """The statement that makes the table, or adds all columns that are missing; None where nothing is missing."""
        there = self.columns(table)
        if not there:
            return _made(table)
        missing = {name: kind for name, kind in table.columns.items() if name not in there}
        return _added(table, missing) if missing else None

    def has_dataset(self, table: Table) -> bool:
        """Whether the dataset that the table belongs to is there."""
        with explained(table.name, self.client.project):
            try:
                self.client.get_dataset(table.name.partition(".")[0], **self._request)
            except NotFound:
                return False
            return True

    def estimate(self, statement: Statement, parameters: Parameters) -> int:
        """The bytes that a statement would read; raises WarehouseError where it would be refused. Runs nothing."""
        config = self.job_config(statement, parameters)
        config.dry_run = True
        config.use_query_cache = False
        with explained(statement.table, self.client.project):
            job = self.client.query(statement.sql, config, location=self._location, job_retry=None, **self._request)
            return int(job.total_bytes_processed or 0)

    def bring_up_to_date(self, table: Table) -> Sequence[str]:
        """The same, and what describes and clusters the table; what was done, and what can't be, a phrase each."""
        before = self._table(table)
        self.create_table(table)
        if before is None:
            return ["created"]
        there = frozenset(field.name for field in before.schema)
        added = [name for name in table.columns if name not in there]
        done = [f"added {', '.join(added)}"] if added else []
        with explained(table.name, self.client.project):
            found = self.client.get_table(table.name, **self._request)
            changed = _described(found, table)
            if changed:
                self.client.update_table(found, changed, **self._request)
                done.append(f"brought {', '.join(name.replace('_', ' ') for name in changed)} up to date")
        if before.time_partitioning is None or before.time_partitioning.field != table.partitioned_by:
            done.append(
                f"is not partitioned by {table.partitioned_by}, which a table that is there can't become: "
                "each query reads it whole"
            )
        return done

    def _table(self, table: Table) -> bigquery.Table | None:
        with explained(table.name, self.client.project):
            try:
                return self.client.get_table(table.name, **self._request)
            except NotFound:
                return None

    def _create_dataset(self, table: Table) -> None:
        dataset = bigquery.Dataset(f"{self.client.project}.{table.name.partition('.')[0]}")
        dataset.location = self._location
        dataset.description = OWN_DATASET
        dataset.labels = LABELS
        with explained(table.name, self.client.project):
            self.client.create_dataset(dataset, exists_ok=True, **self._request)

    @property
    def _request(self) -> dict[str, Any]:
        return {"retry": self._policy.retry, "timeout": self._policy.request_timeout}

    @cached_property
    def _location(self) -> str:
        """The client's, else that of the platform's dataset. Raises WarehouseError where neither tells.

        Without one a dataset is made in the US, and a job in another location is never found again.
        """
        if self.client.location is not None:
            return str(self.client.location)
        project = self.client.project
        with explained(f"bigquery://{project}", project):
            try:
                return str(self.client.get_dataset(PLATFORM_DATASET, **self._request).location)
            except NotFound:
                raise WarehouseError(
                    f"bigquery://{project}: has no dataset {PLATFORM_DATASET}, whose location would be taken; "
                    f"set it: NBA_MONITORING_WAREHOUSE=bigquery://{project}?location=us-west2"
                ) from None

    def _run(self, statement: Statement, parameters: Parameters) -> list[dict[str, Any]]:
        jobs = QueryJobs(self.client, self._policy, self._location)
        config = self.job_config(statement, parameters)
        with explained(statement.table, self.client.project):
            job, rows = jobs.run(statement.sql, config, _job_name(statement, parameters))
            self.bytes_read = self.bytes_read.plus(job.total_bytes_processed, job.total_bytes_billed)
            return rows

    def job_config(self, statement: Statement, parameters: Parameters) -> bigquery.QueryJobConfig:
        """How a statement is sent: its parameters, the labels that its cost is found by, and the most it may cost."""
        return bigquery.QueryJobConfig(
            query_parameters=[sent_parameter(*item) for item in parameters.items()],
            labels={**LABELS, "table": _label(statement.table), "trigger": _label(self._trigger)},
            maximum_bytes_billed=self._policy.max_bytes_billed,
        )


def _job_name(statement: Statement, parameters: Parameters) -> str:
    """What every attempt at the same thing is called.

    Rows that have keys are appended once: the same keys are the same write, in another process too. Whatever else is
    sent anew is another thing, such as a table's rows put back to what they were.
    """
    table = re.sub(r"\W", "-", statement.table)
    appended = [value for value in parameters.values() if isinstance(value, Rows) and value.table.key]
    if not appended:
        return f"{table}_{uuid4().hex}"
    keys = sorted("|".join(str(row[column]) for column in rows.table.key) for rows in appended for row in rows.rows)
    written = "\n".join(keys)
    return f"{table}_{sha256(written.encode()).hexdigest()[:32]}"


def _made(table: Table) -> Statement:
    columns = ",\n  ".join(
        f"{name} {kind} OPTIONS(description={_quoted(table.descriptions[name])})"
        for name, kind in table.columns.items()
    )
    labels = ", ".join(f"({_quoted(name)}, {_quoted(value)})" for name, value in LABELS.items())
    clustering = f"CLUSTER BY {', '.join(table.clustered_by)}\n" if table.clustered_by else ""
    return Statement(
        table.name,
        f"CREATE TABLE IF NOT EXISTS {table.name} (\n  {columns}\n)\n"
        f"PARTITION BY {table.partition}\n{clustering}"
        f"OPTIONS(description={_quoted(table.description)}, labels=[{labels}])",
    )


def _added(table: Table, missing: Mapping[str, str]) -> Statement:
    """One statement for all columns: a table takes five changes in ten seconds, and the sixth is refused."""
    added = ",\n  ".join(
        f"ADD COLUMN IF NOT EXISTS {name} {kind} OPTIONS(description={_quoted(table.descriptions[name])})"
        for name, kind in missing.items()
    )
    return Statement(table.name, f"ALTER TABLE {table.name}\n  {added}")


def _described(found: bigquery.Table, table: Table) -> list[str]:
    """Set on a table what describes it, where that is something else; the fields that changed."""
    schema = [
        bigquery.SchemaField.from_api_repr({**field.to_api_repr(), "description": table.descriptions[field.name]})
        if field.name in table.descriptions
        else field
        for field in found.schema
    ]
    wanted: dict[str, Any] = {
        "description": table.description,
        "labels": {**found.labels, **LABELS},
        "clustering_fields": list(table.clustered_by) or None,
    }
    # The emulator's answer never learns of columns that were added; a schema without them would take them away.
    if {field.name for field in found.schema} >= set(table.columns):
        wanted["schema"] = schema
    changed = [name for name, value in wanted.items() if getattr(found, name) != value]
    for name in changed:
        setattr(found, name, wanted[name])
    return changed


def _quoted(text: str) -> str:
    return '"{}"'.format(text.replace("\\", "\\\\").replace('"', '\\"'))


def _label(text: str) -> str:
    return re.sub(r"[^a-z0-9_-]", "-", text.lower())[:63]


def sent_parameter(name: str, value: date | datetime | Rows) -> Any:
    """A parameter as the client sends it."""
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
