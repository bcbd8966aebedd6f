"""The embedded sample warehouse: a made-up season with the real slate of 2026-01-18, written as the platform writes.

Not here: anything that production needs.
"""

from nba_monitoring.sample.writer import SampleError, SampleSummary, ensure_sample, write_sample

__all__ = ["SampleError", "SampleSummary", "ensure_sample", "write_sample"]
