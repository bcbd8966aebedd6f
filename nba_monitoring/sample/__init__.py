"""The embedded sample warehouse: a made-up season with the real slate of 2026-01-18."""

from nba_monitoring.sample.writer import SampleError, SampleSummary, ensure_sample, write_sample

__all__ = ["SampleError", "SampleSummary", "ensure_sample", "write_sample"]
