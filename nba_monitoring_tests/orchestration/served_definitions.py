"""The real definitions for the tests: their sensor ticks in every round of the daemon, not twice per minute."""

from nba_monitoring.definitions import defs
from nba_monitoring.orchestration.sensors import availability_alerts

__all__ = ["defs"]

availability_alerts._min_interval = 1
