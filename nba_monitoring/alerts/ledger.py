"""The ledger of incidents and notifications in the warehouse, which outlives the sensor's memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from nba_monitoring.alerts.incidents.state import AlertState
from nba_monitoring.core.incidents import Incident, Notification


class Ledger(Protocol):
    """What the warehouse has to do. Both raise WarehouseError, and write all or nothing."""

    def put_incidents(self, incidents: Sequence[Incident]) -> None:
        """Write incidents in their newest state; what a person did by hand stays."""
        ...

    def append_notifications(self, notifications: Sequence[Notification]) -> None:
        """Add notifications; one that already exists adds nothing."""
        ...


def written(state: AlertState, ledger: Ledger) -> AlertState:
    """The memory after writing to the ledger what it still lacked. Raises WarehouseError."""
    dirty = [state.incidents[key] for key in state.dirty if key in state.incidents]
    if dirty:
        ledger.put_incidents(dirty)
    if state.unwritten:
        ledger.append_notifications(state.unwritten)
    return replace(state, dirty=(), unwritten=())
