"""BigQuery asked what it would do: each statement is checked for rights, names and types, and costs nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nba_monitoring.core.bytes_read import BytesRead
from nba_monitoring.warehouse.engines import Parameters
from nba_monitoring.warehouse.engines.bigquery import BigQueryEngine
from nba_monitoring.warehouse.errors import WarehouseError
from nba_monitoring.warehouse.statements import Statement
from nba_monitoring.warehouse.tables import Table


@dataclass(frozen=True)
class Tried:
    """One thing that was tried of a table: `what` it was, and the bytes it would read or why it is refused."""

    table: str
    what: str
    processed: int = 0
    refused: str | None = None


class DryRunEngine:
    """Stands before BigQuery: nothing is read, nothing written, and nothing raised. `tried` has what came of it all.

    Statements about a table of the monitor's that is not there, or lacks columns, are left out: `init` comes first.
    """

    bytes_read: BytesRead | None = None

    def __init__(self, engine: BigQueryEngine) -> None:
        self.tried: list[Tried] = []
        self.missing: set[str] = set()
        self._engine = engine
        self._is_ready: dict[str, bool] = {}

    def read(self, statement: Statement, parameters: Parameters) -> list[dict[str, Any]]:
        """No rows."""
        self._try(statement, parameters)
        return []

    def write(self, statement: Statement, parameters: Parameters) -> None:
        """Write nothing."""
        self._try(statement, parameters)

    def reckoned(self, statement: Statement, parameters: Parameters) -> None:
        """Nothing is billed."""

    def columns(self, table: Table) -> frozenset[str]:
        """The names of the table's columns; none where there is no table, or no right to see it."""
        try:
            found = self._engine.columns(table)
        except WarehouseError as error:
            self._note(Tried(table.name, "LOOK", refused=str(error)))
            return frozenset()
        if not found:
            self.missing.add(table.name)
        return found

    def create_table(self, table: Table) -> None:
        """Make nothing: try the statement that would."""
        if table.name in self._is_ready:
            return
        try:
            change = self._engine.change(table)
            self._is_ready[table.name] = change is None
            if change is not None and self._engine.has_dataset(table):
                self._try(change, {}, is_change=True)
        except WarehouseError as error:
            self._is_ready[table.name] = False
            self._note(Tried(table.name, "LOOK", refused=str(error)))

    def bring_up_to_date(self, table: Table) -> list[str]:
        """Make nothing."""
        self.create_table(table)
        return []

    def _try(self, statement: Statement, parameters: Parameters, is_change: bool = False) -> None:
        if not is_change and not self._is_ready.get(statement.table, True):
            return
        what = next(line for line in statement.sql.splitlines() if not line.startswith("--")).split()[0]
        try:
            processed = self._engine.estimate(statement, parameters)
        except WarehouseError as error:
            self._note(Tried(statement.table, what, refused=str(error)))
        else:
            self._note(Tried(statement.table, what, processed))

    def _note(self, tried: Tried) -> None:
        if tried.refused is None or tried not in self.tried:
            self.tried.append(tried)
