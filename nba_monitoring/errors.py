"""The base of all errors that are shown to an operator."""

from __future__ import annotations


class MonitoringError(Exception):
    """An error whose message says what was wrong and what to do. Shown without a traceback."""
