"""What went wrong with the warehouse, in words for an operator."""

from __future__ import annotations

from nba_monitoring.errors import MonitoringError


class WarehouseError(MonitoringError):
    """The warehouse could not be opened, read or written. The message says what was wrong, where, and what to do."""


class WarehouseInUseError(WarehouseError):
    """Another process holds the warehouse file. It may be free again soon."""


class StatementRefusedError(WarehouseError):
    """A statement's own text is wrong, or does not fit its table's columns: asked again, it fails again."""
