"""The sample warehouse: a made-up 2025-26 with the real incidents, and a season around today without any.

Both have the platform's tables and habits. Not here: anything that production needs.
"""

from nba_monitoring.sample.writer import SampleError, SampleSummary, ensure_sample, refresh_sample, write_sample

__all__ = ["SampleError", "SampleSummary", "ensure_sample", "refresh_sample", "write_sample"]
