"""A run's access to the warehouse."""

# Without postponed annotations: Dagster reads the types of a resource's dependencies.
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime

import dagster as dg
from dagster_slack import SlackResource
from pydantic import Field, PrivateAttr

from nba_monitoring.alerts.channels.configured import slack_client_from
from nba_monitoring.alerts.channels.slack_api import GuardedClient
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.monitor import Monitor
from nba_monitoring.orchestration.partitions import trigger_of
from nba_monitoring.settings import Settings
from nba_monitoring.warehouse import Warehouse, open_warehouse
from nba_monitoring.warehouse.engines import WarehouseInUseError

# One process at a time can open a DuckDB file. A season's backfill takes a minute or two, a date a second.
WAIT_FOR_FILE_SECONDS = 150
PAUSE_SECONDS = 0.5


class MonitorResource(dg.ConfigurableResource["MonitorResource"]):
    """One check of the warehouse, shared by the steps of a run."""

    # A dependency rather than configuration, which Dagster shows in its web interface: the settings have secrets.
    settings: dg.ResourceDependency[Settings]

    _warehouse: Warehouse = PrivateAttr()
    _now: datetime = PrivateAttr()
    _checks: dict[tuple[date, date], Monitor] = PrivateAttr(default_factory=dict)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["MonitorResource"]:
        """Open the warehouse for the length of the run. Raises WarehouseError if it can't be opened."""
        self._now = datetime.now(UTC)
        trigger = trigger_of(context.run) if context.run else Trigger.MANUAL
        with self._open_warehouse(trigger) as self._warehouse:
            yield self

    def for_partitions(self, partition_keys: Sequence[str]) -> Monitor:
        """The check of a run's dates, the same for each of its steps, so that each source is read once per run."""
        return self.for_dates(date.fromisoformat(min(partition_keys)), date.fromisoformat(max(partition_keys)))

    def for_dates(self, first: date, last: date) -> Monitor:
        """The check of the dates from `first` to `last`."""
        span = (first, last)
        return self._checks.setdefault(span, Monitor(self._warehouse, self.settings, *span, self._now))

    @property
    def now(self) -> datetime:
        """The time of the run's checks (UTC)."""
        return self._now

    @contextmanager
    def _open_warehouse(self, trigger: Trigger) -> Iterator[Warehouse]:
        # Not with Dagster's own DuckDB resource, whose error after the wait does not name the process with the file.
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


class GuardedSlackResource(SlackResource):
    """Slack's Web API for the alerts: Dagster's resource, with a client of bounded requests."""

    # As above: Dagster would show the token if it were configuration.
    settings: dg.ResourceDependency[Settings]
    token: str = Field(
        default="SLACK_BOT_TOKEN",
        description="The variable that has the bot token, or, with _FILE appended, the path of a file that has it.",
    )

    def get_client(self) -> GuardedClient:
        """A client that raises DeliveryError. Raises MonitoringError without SLACK_BOT_TOKEN."""
        return slack_client_from(self.settings)
