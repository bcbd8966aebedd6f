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

from nba_monitoring.core.record import BytesRead
from nba_monitoring.settings import BigQueryWarehouse
from nba_monitoring.warehouse.engines import Parameters, Row, Rows, Statement, StatementRefusedError, WarehouseError
from nba_monitoring.warehouse.engines.bigquery_errors import explained
from nba_monitoring.warehouse.engines.bigquery_jobs import DEFAULT_POLICY, BigQueryPolicy, QueryJobs
from nba_monitoring.warehouse.tables import LABELS, OWN_DATASET, Table

# The monitor's dataset must be in its location: a statement can't read in two.
PLATFORM_DATASET = "nba_raw"


def connect_to(target: BigQueryWarehouse) -> bigquery.Client:
    """A client of the project or the emulator. Raises WarehouseError if there are no credentials."""
    with explained(f"bigquery://{target.project}", target.project):
        if target.emulator_host is None:
            return bigquery.Client(project=target.project, location=target.location)
        return bigquery.Client(
            project=target.project,
            location=target.location,
            credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]
            client_options=ClientOptions(api_endpoint=target.emulator_host),
        )


def policy_of(target: BigQueryWarehouse, patience: float | None = None) -> BigQueryPolicy:
    """The policy with the limits from the settings. No job goes on for longer than `patience` (seconds)."""
    policy = replace(DEFAULT_POLICY, max_bytes_billed=target.max_bytes_billed)
    if patience is not None:
        policy = replace(
            policy,
            query_timeout=min(policy.query_timeout, patience),
            job_retry=policy.job_retry.with_timeout(patience),
        )
    if target.emulator_host is None:
        return policy
    # Google answers when a job has started, an emulator when it is done: 6 to 24 s for a month's rows.
    # Its tables are never newer than their creation.
    return replace(policy, request_timeout=policy.query_timeout, tells_changes=False)


class BigQueryEngine:
    """Runs on an open client, which its owner closes.

    Every job has labels for its table and what started the run (`trigger`), to break down the bill.
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
        """Run one statement atomically. Rows with keys are written once, however often they are sent."""
        self._run(statement, parameters)

    def columns(self, table: Table) -> frozenset[str]:
        """The names of the table's columns; empty if the table does not exist."""
        found = self._table(table)
        return frozenset() if found is None else frozenset(field.name for field in found.schema)

    def changed_at(self, table: Table) -> datetime | None:
        """When the table's rows last changed, which is a free request."""
        found = self._table(table) if self._policy.tells_changes else None
        return None if found is None else found.modified

    def create_table(self, table: Table) -> None:
        """Create the table and its dataset, or add the columns that an existing table lacks.

        Checks first: an account that may write the table may lack the permission to create datasets.
        """
        change = self.change(table)
        if change is None:
            return
        if not self.has_dataset(table):
            self._create_dataset(table)
        try:
            self._run(change, {})
        except StatementRefusedError as error:
            if "Only one ALTER command" not in str(error):  # a limit of the emulator
                raise
            there = self.columns(table)
            for name, kind in table.columns.items():
                if name not in there:
                    self._run(_added(table, {name: kind}), {})

    def change(self, table: Table) -> Statement | None:
        """The statement that creates the table or adds its missing columns; None if it is complete."""
        there = self.columns(table)
        if not there:
            return _made(table)
        missing = {name: kind for name, kind in table.columns.items() if name not in there}
        return _added(table, missing) if missing else None

    def has_dataset(self, table: Table) -> bool:
        """Whether the table's dataset exists."""
        with explained(table.name, self.client.project):
            try:
                self.client.get_dataset(table.name.partition(".")[0], **self._request)
            except NotFound:
                return False
            return True

    def estimate(self, statement: Statement, parameters: Parameters) -> int:
        """The bytes that a statement would read, by a dry run. Raises WarehouseError if it would be refused."""
        config = self.job_config(statement, parameters)
        config.dry_run = True
        config.use_query_cache = False
        with explained(statement.table, self.client.project):
            job = self.client.query(statement.sql, config, location=self._location, job_retry=None, **self._request)
            return int(job.total_bytes_processed or 0)

    def bring_up_to_date(self, table: Table) -> Sequence[str]:
        """Create or extend the table, set descriptions and clustering. Returns one phrase per change or limitation."""
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
                f"is not partitioned by {table.partitioned_by}, and an existing table can't be repartitioned: "
                "each query reads all of it"
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
        """The client's location, or else the platform's dataset's. Raises WarehouseError if there is neither.

        Without one, datasets are created in the US, and jobs in other locations are never found again.
        """
        if self.client.location is not None:
            return str(self.client.location)
        project = self.client.project
        with explained(f"bigquery://{project}", project):
            try:
                return str(self.client.get_dataset(PLATFORM_DATASET, **self._request).location)
            except NotFound:
                raise WarehouseError(
                    f"bigquery://{project}: unknown location, because it has no dataset {PLATFORM_DATASET}; "
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
        """The configuration of a statement's job: parameters, labels, and the maximum to be billed."""
        return bigquery.QueryJobConfig(
            query_parameters=[sent_parameter(*item) for item in parameters.items()],
            labels={**LABELS, "table": _label(statement.table), "trigger": _label(self._trigger)},
            maximum_bytes_billed=self._policy.max_bytes_billed,
        )


def _job_name(statement: Statement, parameters: Parameters) -> str:
    """The name that all attempts at one statement share.

    Rows with keys are appended once: the same keys give the same name, in other processes too. Any other statement is
    new each time, such as one that replaces a table's rows again.
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
    """One statement for all columns: BigQuery refuses a sixth change to a table within ten seconds."""
    added = ",\n  ".join(
        f"ADD COLUMN IF NOT EXISTS {name} {kind} OPTIONS(description={_quoted(table.descriptions[name])})"
        for name, kind in missing.items()
    )
    return Statement(table.name, f"ALTER TABLE {table.name}\n  {added}")


def _described(found: bigquery.Table, table: Table) -> list[str]:
    """Update a table's descriptions, labels and clustering. Returns the fields that changed."""
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
    # The emulator never returns added columns, and a schema without them would remove them.
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


def sent_parameter(name: str, value: date | datetime | str | Rows) -> Any:
    """A parameter in the form that the client sends."""
    if isinstance(value, Rows):
        columns = value.table.columns
        rows = [bigquery.StructQueryParameter(None, *_fields(row, columns)) for row in value.rows]
        return bigquery.ArrayQueryParameter(name, "STRUCT", rows)
    kind = "STRING" if isinstance(value, str) else "TIMESTAMP" if isinstance(value, datetime) else "DATE"
    return bigquery.ScalarQueryParameter(name, kind, value)


def _fields(row: Row, columns: Mapping[str, str]) -> Iterator[Any]:
    for name, kind in columns.items():
        if element := re.fullmatch(r"ARRAY<(\w+)>", kind):
            yield bigquery.ArrayQueryParameter(name, element[1], row[name])
        else:
            yield bigquery.ScalarQueryParameter(name, kind, row[name])
