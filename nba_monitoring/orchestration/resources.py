"""What the assets work with: one run's look at the warehouse."""

# Without postponed annotations: Dagster reads the types of a resource's dependencies.
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, date, datetime

import dagster as dg
from dagster_gcp import BigQueryResource
from google.api_core.retry import exponential_sleep_generator, if_exception_type, retry_target
from google.cloud import bigquery
from pydantic import PrivateAttr

from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.monitor import Monitor
from nba_monitoring.orchestration.partitions import first_and_last
from nba_monitoring.orchestration.triggers import trigger_of
from nba_monitoring.settings import BigQueryWarehouse, Settings
from nba_monitoring.warehouse import Warehouse, open_warehouse
from nba_monitoring.warehouse.engines import WarehouseInUseError
from nba_monitoring.warehouse.engines.bigquery import BigQueryEngine, connect_to, policy_of

# A DuckDB file is one process's at a time. A backfill of a season holds it for a minute or two, a date for a second.
WAIT_FOR_FILE_SECONDS = 150


class MonitorResource(dg.ConfigurableResource["MonitorResource"]):
    """One look at the warehouse, shared by the steps of a run."""

    # A dependency rather than configuration, which Dagster shows in its web interface: the settings hold secrets.
    settings: dg.ResourceDependency[Settings]

    _warehouse: Warehouse = PrivateAttr()
    _now: datetime = PrivateAttr()
    _looks: dict[tuple[date, date], Monitor] = PrivateAttr(default_factory=dict)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["MonitorResource"]:
        """Open as long as the run lasts. Raises WarehouseError when it can't be opened: at once, or still in use."""
        self._now = datetime.now(UTC)
        trigger = trigger_of(context.run) if context.run else Trigger.MANUAL
        with self._open_warehouse(trigger) as self._warehouse:
            yield self

    def look(self, partition_keys: Sequence[str]) -> Monitor:
        """The look at a span of dates: the same one for each step of the run, so that a source is read once a run."""
        return self.look_at(*first_and_last(partition_keys))

    def look_at(self, first: date, last: date) -> Monitor:
        """The same, for a first and a last date."""
        span = (first, last)
        return self._looks.setdefault(span, Monitor(self._warehouse, self.settings, *span, self._now))

    @property
    def now(self) -> datetime:
        """The instant (UTC) of the run's looks."""
        return self._now

    @contextmanager
    def _open_warehouse(self, trigger: Trigger) -> Iterator[Warehouse]:
        # Not by Dagster's own resource for DuckDB, whose error after its wait does not say who holds the file.
        with ExitStack() as opened:
            yield retry_target(
                lambda: opened.enter_context(open_warehouse(self.settings.warehouse, trigger)),
                if_exception_type(WarehouseInUseError),
                exponential_sleep_generator(initial=0.5, maximum=2),
                timeout=WAIT_FOR_FILE_SECONDS,
                exception_factory=lambda errors, reason, timeout: (errors[-1], None),
            )


class BigQueryMonitorResource(MonitorResource):
    """One look at BigQuery, through Dagster's own resource for it."""

    bigquery: dg.ResourceDependency[BigQueryResource]

    @contextmanager
    def _open_warehouse(self, trigger: Trigger) -> Iterator[Warehouse]:
        target = self.settings.warehouse
        assert isinstance(target, BigQueryWarehouse)  # noqa: S101 the one that this resource is made for
        with self.bigquery.get_client() as client:
            yield Warehouse(BigQueryEngine(client, policy_of(target), trigger))


class EmulatedBigQueryResource(BigQueryResource):
    """BigQuery at the address of an emulator, which takes no credentials."""

    endpoint: str

    @contextmanager
    def get_client(self) -> Iterator[bigquery.Client]:
        """A client of the emulator."""
        target = {"project": self.project, "location": self.location, "emulator_host": self.endpoint}
        with closing(connect_to(BigQueryWarehouse.model_validate(target))) as client:
            yield client


def monitor_resource(settings: Settings) -> MonitorResource:
    """The resource for the warehouse that is set."""
    target = settings.warehouse
    if not isinstance(target, BigQueryWarehouse):
        return MonitorResource(settings=settings)
    where = {"project": target.project, "location": target.location}
    if target.emulator_host is None:
        return BigQueryMonitorResource(settings=settings, bigquery=BigQueryResource(**where))
    emulated = EmulatedBigQueryResource(**where, endpoint=target.emulator_host)
    return BigQueryMonitorResource(settings=settings, bigquery=emulated)
