"""The ledger of incidents and notifications in the warehouse, which outlives the sensor's memory."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from nba_monitoring.alerts.incidents.state import AlertState
from nba_monitoring.http import Deadline
from nba_monitoring.settings import BigQueryWarehouse, DuckDBWarehouse
from nba_monitoring.warehouse import Warehouse, WarehouseError, open_warehouse


def written(state: AlertState, warehouse: Warehouse) -> AlertState:
    """The memory after writing to the ledger what it still lacked. Raises WarehouseError."""
    dirty = [state.incidents[key] for key in state.dirty if key in state.incidents]
    if dirty:
        warehouse.put_incidents(dirty)
    if state.unwritten:
        warehouse.append_notifications(state.unwritten)
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

        def stepped() -> AlertState:
            with open_warehouse(self._target, patience=deadline.left) as warehouse:
                return step(state, warehouse)

        try:
            return deadline.run(stepped)
        except TimeoutError:
            self._is_silent = True
            self._log.warning("The incident ledger did not answer in time; retrying at the next tick")
        except WarehouseError as error:
            self._log.warning(f"Can't reach the incident ledger; retrying at the next tick: {error}")
        return state
