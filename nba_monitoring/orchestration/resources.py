"""A run's access to the warehouse."""

# Without postponed annotations: Dagster reads the types of a resource's dependencies.
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, date, datetime

import dagster as dg
from dagster_slack import SlackResource
from pydantic import Field, PrivateAttr

from nba_monitoring.alerts.channels.configured import slack_client_from
from nba_monitoring.alerts.channels.slack_api import GuardedClient
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.errors import MonitoringError
from nba_monitoring.monitor import Monitor
from nba_monitoring.orchestration.partitions import trigger_of
from nba_monitoring.settings import Settings
from nba_monitoring.warehouse import Warehouse, open_warehouse


class MonitorResource(dg.ConfigurableResource["MonitorResource"]):
    """One check of the warehouse, shared by the steps of a run."""

    # A dependency rather than configuration, which Dagster shows in its web interface: the settings have secrets.
    settings: dg.ResourceDependency[Settings]

    _context: dg.InitResourceContext = PrivateAttr()
    _trigger: Trigger = PrivateAttr()
    _now: datetime = PrivateAttr()
    _checks: dict[tuple[date, date], Monitor] = PrivateAttr(default_factory=dict)

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """Begin the run's checks. Raises ValueError if the run's trigger is unknown."""
        self._context = context
        self._now = datetime.now(UTC)
        self._trigger = trigger_of(context.run) if context.run else Trigger.MANUAL

    def for_partitions(self, partition_keys: Sequence[str]) -> AbstractContextManager[Monitor]:
        """The check of a run's dates, as in `for_dates`."""
        return self.for_dates(date.fromisoformat(min(partition_keys)), date.fromisoformat(max(partition_keys)))

    @contextmanager
    def for_dates(self, first: date, last: date) -> Iterator[Monitor]:
        """The check of the dates from `first` to `last`, the same for each step, so that a run reads each source once.

        The warehouse is open for the context only, to read and to write. One process at a time can open a DuckDB file,
        and most of a backfill's time is Dagster's own records, which other runs need not wait for. Raises
        WarehouseError, and MonitoringError if Dagster has ended the run: a retry may have taken its place.
        """
        with self.open_warehouse() as warehouse:
            self._raise_if_ended()
            check = self._checks.setdefault((first, last), Monitor(warehouse, self.settings, first, last, self._now))
            check.warehouse = warehouse
            yield check

    @property
    def now(self) -> datetime:
        """The time of the run's checks (UTC)."""
        return self._now

    def _raise_if_ended(self) -> None:
        # A worker that hangs, or whose code server does, is taken for lost, and may wake up.
        instance, run = self._context.instance, self._context.run
        stored = instance.get_run_by_id(run.run_id) if instance and run else None
        if stored is not None and stored.is_finished:
            raise MonitoringError(f"Dagster ended this run ({stored.status.value}) while it was at work; it stops here")

    def open_warehouse(self) -> AbstractContextManager[Warehouse]:
        """The open warehouse, to read and to write. Raises WarehouseError."""
        # Not with Dagster's own DuckDB resource, whose error after the wait does not name the process with the file.
        return open_warehouse(self.settings.warehouse, self._trigger)


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
