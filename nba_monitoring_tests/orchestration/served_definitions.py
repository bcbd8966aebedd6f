"""The real definitions, as the tests serve them: their sensor ticks whenever the daemon looks, not twice a minute."""

from nba_monitoring.definitions import defs
from nba_monitoring.orchestration.sensors import availability_alerts

__all__ = ["defs"]

availability_alerts._min_interval = 1
