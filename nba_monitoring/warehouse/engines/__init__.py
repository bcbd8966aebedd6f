"""What a warehouse must be able to do, once for BigQuery and once for DuckDB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from nba_monitoring.core.bytes_read import BytesRead
from nba_monitoring.warehouse.statements import Statement
from nba_monitoring.warehouse.tables import Table

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Rows:
    """Rows to write, one at least, as the value of one parameter. The table says their types, since None has none."""

    table: Table
    rows: Sequence[Row]


Parameters = Mapping[str, date | datetime | Rows]


class Engine(Protocol):
    """Runs statements. Dates are US Eastern game dates, instants UTC-aware, both ways.

    Everything raises WarehouseError, with the statement's table in its message. `bytes_read` is what was asked so far
    in the unit that is billed; None where nothing is.
    """

    bytes_read: BytesRead | None

    def read(self, statement: Statement, parameters: Parameters) -> list[dict[str, Any]]:
        """The rows of a query."""

    def write(self, statement: Statement, parameters: Parameters) -> None:
        """Run one statement, wholly or not at all; of rows that have keys once only, whoever sends it again."""

    def reckoned(self, statement: Statement, parameters: Parameters) -> BytesRead | None:
        """`bytes_read` with a statement on one table that is still to be run. Runs and raises nothing."""

    def columns(self, table: Table) -> frozenset[str]:
        """The names of the table's columns; none where there is no table."""

    def create_table(self, table: Table) -> None:
        """Make the table, the dataset it belongs to, or those of its columns that are missing.

        The history's first five columns were there before the monitor was.
        """

    def bring_up_to_date(self, table: Table) -> Sequence[str]:
        """The same, and what describes the table; what was done, and what can't be, a phrase each."""
