"""What went wrong in words for an operator."""

from __future__ import annotations


class MonitoringError(Exception):
    """An error whose message says what was wrong and what to do; shown without a traceback."""
