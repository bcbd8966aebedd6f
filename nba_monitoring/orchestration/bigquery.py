"""The monitor's resource over BigQuery. Imported only for such a warehouse: it brings Google's client and pandas."""

# Without postponed annotations: Dagster reads the types of a resource's dependencies.
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext

import dagster as dg
from dagster_gcp import BigQueryResource
from google.cloud import bigquery
from pydantic import PrivateAttr

from nba_monitoring.orchestration.resources import MonitorResource
from nba_monitoring.settings import BigQueryWarehouse, Settings
from nba_monitoring.warehouse import Warehouse
from nba_monitoring.warehouse.engines.bigquery import BigQueryEngine, connect_to, policy_of


class BigQueryMonitorResource(MonitorResource):
    """A run's access to BigQuery, through Dagster's own resource for it."""

    bigquery: dg.ResourceDependency[BigQueryResource]

    _warehouse: Warehouse = PrivateAttr()

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["BigQueryMonitorResource"]:
        """Keep one client as long as the run: nobody waits for it, and it counts the bytes that the run reads."""
        target = self.settings.warehouse
        assert isinstance(target, BigQueryWarehouse)  # noqa: S101 the only one this resource is made for
        with super().yield_for_execution(context), self.bigquery.get_client() as client:
            engine = BigQueryEngine(client, policy_of(target), self._trigger)
            self._warehouse = Warehouse(engine, target.environment)
            yield self

    def open_warehouse(self) -> AbstractContextManager[Warehouse]:
        """The run's one warehouse."""
        return nullcontext(self._warehouse)


class EmulatedBigQueryResource(BigQueryResource):
    """BigQuery at the address of an emulator, which takes no credentials."""

    endpoint: str

    @contextmanager
    def get_client(self) -> Iterator[bigquery.Client]:
        """Yield a client of the emulator."""
        target = {"project": self.project, "location": self.location, "emulator_host": self.endpoint}
        with closing(connect_to(BigQueryWarehouse.model_validate(target))) as client:
            yield client


def bigquery_monitor(settings: Settings, target: BigQueryWarehouse) -> BigQueryMonitorResource:
    """The monitor over the configured project, or over its emulator."""
    where = {"project": target.project, "location": target.location}
    if target.emulator_host is None:
        resource = BigQueryResource(**where)
    else:
        resource = EmulatedBigQueryResource(**where, endpoint=target.emulator_host)
    return BigQueryMonitorResource(settings=settings, bigquery=resource)
