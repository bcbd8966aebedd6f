"""What can be seen of the chain, from which `core/chain.py` judges it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from nba_monitoring.core.checked import Checked
from nba_monitoring.core.codec import Instant
from nba_monitoring.core.mutes import MutedDates

# So that a watcher that waits an hour hears of two missing ones.
HEARTBEAT_INTERVAL = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class FailingRun:
    """Something that runs by a schedule, failed, and has not worked since."""

    name: str
    since: Instant
    error: str = ""  # why it failed last, in one line; no secrets


@dataclass(frozen=True, slots=True)
class DagsterSeen:
    """What Dagster's storage shows."""

    daemons: Mapping[str, datetime | None] = field(default_factory=dict)  # the last heartbeat of each required one
    switched_off: tuple[str, ...] = ()  # schedules and the sensor
    failing: tuple[FailingRun, ...] = ()
    tick_at: datetime | None = None  # the sensor's last complete tick
    error: str | None = None  # why it can't be read


@dataclass(frozen=True, slots=True)
class ChannelSeen:
    """A channel, and what it has not accepted."""

    name: str
    accepted_at: datetime | None = None  # the newest message that it accepted
    failing_since: datetime | None = None  # None while it accepts messages
    error: str = ""  # why it fails; no secrets
    owed: int = 0  # messages that wait for it
    owed_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class HeartbeatSeen:
    """The heartbeat to an outside watcher."""

    since: Instant  # when it was set, as far as is known
    accepted_at: Instant | None = None  # the newest one
    error: str | None = None  # why the watcher does not accept it; no secrets

    def not_ahead_of(self, now: datetime) -> HeartbeatSeen:
        """None of it lies ahead of a clock (UTC) that was set back."""
        accepted_at = self.accepted_at and min(self.accepted_at, now)
        return HeartbeatSeen(min(self.since, now), accepted_at, self.error)

    def is_due(self, now: datetime) -> bool:
        """Whether it is time for the next one."""
        return self.accepted_at is None or now - self.accepted_at >= HEARTBEAT_INTERVAL


@dataclass(frozen=True, slots=True)
class ServicesSeen:
    """The checks of the Cloud Run services."""

    since: Instant  # when they were set, as far as is known
    checked_at: Instant | None = None  # the newest check

    def checked(self, at: datetime) -> ServicesSeen:
        """With a check at an instant (UTC)."""
        return ServicesSeen(self.since, at if self.checked_at is None else max(at, self.checked_at))

    def not_ahead_of(self, now: datetime) -> ServicesSeen:
        """None of it lies ahead of a clock (UTC) that was set back."""
        return ServicesSeen(min(self.since, now), self.checked_at and min(self.checked_at, now))


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the chain; None for what can't be seen from here. Instants are UTC."""

    checks: Mapping[date, Checked] = field(default_factory=dict)  # the newest of each of the last dates
    watching_since: datetime | None = None  # what was due before is not owed; None: today's verdict is
    warehouse_error: str | None = None
    is_sample: bool = False
    dagster: DagsterSeen | None = None
    channels: tuple[ChannelSeen, ...] | None = None
    heartbeat: HeartbeatSeen | None = None  # None also if none is set
    services: ServicesSeen | None = None  # None if none are watched
    muted: Sequence[MutedDates] = ()
