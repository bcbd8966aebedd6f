"""The ledger of incidents and notifications in the warehouse, which outlives the sensor's memory."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from nba_monitoring.alerts.incidents.state import AlertState
from nba_monitoring.core.incidents import Incident, Notification
from nba_monitoring.http import Deadline
from nba_monitoring.settings import BigQueryWarehouse, DuckDBWarehouse
from nba_monitoring.warehouse import Warehouse, WarehouseError, open_warehouse


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


class LedgerInTime:
    """The ledger in one tick of the sensor. Out of reach, it delays no alert, and is caught up at a later tick."""

    def __init__(self, target: DuckDBWarehouse | BigQueryWarehouse, log: logging.Logger) -> None:
        self._target = target
        self._log = log
        self._is_silent = False  # it has used up its time once, and is left alone for the rest of the tick

    def after(
        self, state: AlertState, step: Callable[[AlertState, Warehouse], AlertState], deadline: Deadline
    ) -> AlertState:
        """The state after a step with the open ledger; as it was, if the ledger can't be reached in time.

        A write that is left behind may still happen, and is repeated: the same rows add nothing.
        """
        if self._is_silent:
            return state
        try:
            return deadline.run(lambda: self._step(state, step, deadline.left))
        except TimeoutError:
            self._is_silent = True
            self._log.warning("The incident ledger did not answer in time; retrying at the next tick")
        except WarehouseError as error:
            self._log.warning(f"Can't reach the incident ledger; retrying at the next tick: {error}")
        return state

    def _step(
        self, state: AlertState, step: Callable[[AlertState, Warehouse], AlertState], patience: float
    ) -> AlertState:
        with open_warehouse(self._target, patience=patience) as warehouse:
            return step(state, warehouse)
