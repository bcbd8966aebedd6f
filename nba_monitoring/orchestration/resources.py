"""What the assets work with: one run's look at the warehouse."""

# Without postponed annotations: Dagster reads the types of a resource's dependencies.
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime

import dagster as dg
from pydantic import PrivateAttr

from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.monitor import Monitor
from nba_monitoring.orchestration.partitions import first_and_last
from nba_monitoring.orchestration.triggers import trigger_of
from nba_monitoring.settings import BigQueryWarehouse, Settings
from nba_monitoring.warehouse import Warehouse, open_warehouse
from nba_monitoring.warehouse.engines import WarehouseInUseError

# A DuckDB file is one process's at a time. A backfill of a season holds it for a minute or two, a date for a second.
WAIT_FOR_FILE_SECONDS = 150
PAUSE_SECONDS = 0.5


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
        give_up_at = time.monotonic() + WAIT_FOR_FILE_SECONDS
        with ExitStack() as opened:
            while True:
                try:
                    warehouse = opened.enter_context(open_warehouse(self.settings.warehouse, trigger))
                    break
                except WarehouseInUseError:
                    if time.monotonic() > give_up_at:
                        raise
                    time.sleep(PAUSE_SECONDS)
            yield warehouse


def monitor_resource(settings: Settings) -> MonitorResource:
    """The resource for the configured warehouse."""
    if not isinstance(settings.warehouse, BigQueryWarehouse):
        return MonitorResource(settings=settings)
    # Imported here: Google's client and pandas double the start and the memory of each of Dagster's processes.
    from nba_monitoring.orchestration.bigquery import BigQueryMonitorResource, bigquery_resource

    return BigQueryMonitorResource(settings=settings, bigquery=bigquery_resource(settings.warehouse))
