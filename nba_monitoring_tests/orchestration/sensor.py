"""The alerts sensor between ticks, as the daemon keeps it."""

from __future__ import annotations

from datetime import UTC, datetime

import dagster as dg

from nba_monitoring.alerts.incidents.cursor import from_cursor
from nba_monitoring.alerts.incidents.state import AlertState
from nba_monitoring.core.chain_facts import ChannelSeen
from nba_monitoring.orchestration.resources import GuardedSlackResource
from nba_monitoring.orchestration.sensors import availability_alerts
from nba_monitoring.settings import Settings


class Sensor:
    """The sensor on an instance. Like the daemon, it keeps the cursor of a tick that did not fail."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self.instance = instance
        self.cursor: str | None = None
        self.requested: list[dg.RunRequest] = []

    @property
    def state(self) -> AlertState:
        """What the sensor remembers."""
        assert self.cursor is not None
        return from_cursor(self.cursor, datetime.now(UTC))

    @property
    def channels(self) -> dict[str, ChannelSeen]:
        """What the sensor knows of each channel, by its name."""
        return {channel.name: channel for channel in self.state.channels}

    @property
    def failing(self) -> list[str]:
        """The channels that accept nothing."""
        return [name for name, channel in self.channels.items() if channel.failing_since is not None]

    def tick(self) -> None:
        """One tick. Raises what the sensor raises."""
        self.cursor = self.cursor_after_a_tick()

    def cursor_after_a_tick(self) -> str | None:
        """What a tick would have kept, for a daemon that dies before it does."""
        settings = Settings.load()
        resources = {"settings": settings, "slack": GuardedSlackResource(settings=settings)}
        # Dagster takes a resource with a dependency only in a context manager.
        with dg.build_sensor_context(instance=self.instance, cursor=self.cursor, resources=resources) as context:
            result = availability_alerts(context)
        assert isinstance(result, dg.SensorResult)
        self.requested += result.run_requests or []
        return result.cursor
