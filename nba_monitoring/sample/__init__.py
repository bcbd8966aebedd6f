"""The sample warehouse: a made-up 2025-26 with the real incidents, and a season around today with a few of its own.

Both have the platform's tables and habits. Not here: anything that production needs.
"""

from nba_monitoring.sample.current_season import opener_before
from nba_monitoring.sample.writer import (
    SampleError,
    SampleSummary,
    advance_sample,
    ensure_sample,
    refresh_sample,
    write_sample,
)

__all__ = [
    "SampleError",
    "SampleSummary",
    "advance_sample",
    "ensure_sample",
    "opener_before",
    "refresh_sample",
    "write_sample",
]
