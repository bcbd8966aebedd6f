"""What the assets work with: the warehouse, and one run's look at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import dagster as dg
from dagster_duckdb import DuckDBResource
from dagster_gcp import BigQueryResource
from google.cloud import bigquery

from nba_monitoring.monitor import Monitor
from nba_monitoring.orchestration.partitions import first_and_last
from nba_monitoring.sample import ensure_sample
from nba_monitoring.settings import BigQueryWarehouse, DuckDBWarehouse, Settings
from nba_monitoring.warehouse import BigQueryEngine, DuckDBEngine, Warehouse, require_file
from nba_monitoring.warehouse.engines.bigquery import connect_to

MonitorOf = Callable[[Sequence[str]], Monitor]


class ShareableBigQueryResource(BigQueryResource):
    """BigQuery for other resources, too: Dagster's own gives a resource that asks for it by key a bare generator."""

    def get_object_to_set_on_execution_context(self) -> BigQueryResource:
        """The resource itself."""
        return self


class EmulatedBigQueryResource(ShareableBigQueryResource):
    """BigQuery at the address of an emulator, which takes no credentials."""

    endpoint: str

    @contextmanager
    def get_client(self) -> Iterator[bigquery.Client]:
        """A client of the emulator."""
        target = {"project": self.project, "location": self.location, "emulator_host": self.endpoint}
        yield connect_to(BigQueryWarehouse.model_validate(target))


def warehouse_resource(settings: Settings) -> DuckDBResource | BigQueryResource:
    """Dagster's own resource for the warehouse that is set."""
    target = settings.warehouse
    if isinstance(target, DuckDBWarehouse):
        return DuckDBResource(database=str(target.path))
    if target.emulator_host:
        return EmulatedBigQueryResource(project=target.project, location=target.location, endpoint=target.emulator_host)
    return ShareableBigQueryResource(project=target.project, location=target.location)


def monitor_resource(settings: Settings) -> dg.ResourceDefinition:
    """A resource that gives the assets of one run the same Monitor, so that each source is read once a run."""

    @dg.resource(required_resource_keys={"warehouse"}, description="One look at the warehouse, shared by a run's steps")
    def monitor_of(context: dg.InitResourceContext) -> Iterator[MonitorOf]:
        now = datetime.now(UTC)
        with _open(context.resources.warehouse, settings) as warehouse:

            @cache
            def monitor(first: date, last: date) -> Monitor:
                return Monitor(warehouse, settings, first, last, now)

            yield lambda partition_keys: monitor(*first_and_last(partition_keys))

    return monitor_of


@contextmanager
def _open(resource: DuckDBResource | BigQueryResource, settings: Settings) -> Iterator[Warehouse]:
    if isinstance(resource, BigQueryResource):
        with resource.get_client() as client:
            yield Warehouse(BigQueryEngine(client))
        return
    path = Path(resource.database)
    if settings.warehouse_url is None:
        ensure_sample(path)
    # DuckDB would make an empty file of a mistyped path, and Dagster's resource would wait 100 seconds for a folder.
    require_file(path)
    with resource.get_connection() as connection, closing(connection):
        yield Warehouse(DuckDBEngine(connection))
