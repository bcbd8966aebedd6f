"""What a warehouse engine offers, once for BigQuery and once for DuckDB: statements, their parameters, and errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from nba_monitoring.core.record import BytesRead
from nba_monitoring.errors import MonitoringError
from nba_monitoring.warehouse.tables import Table

NO_SUCH_TABLE = "no such table in the warehouse; check NBA_MONITORING_WAREHOUSE, or load the table first"

_SQL = Path(__file__).parents[1] / "sql"

Row = Mapping[str, Any]


class WarehouseError(MonitoringError):
    """The warehouse could not be opened, read or written. The message says where, what was wrong, and what to do."""


class WarehouseInUseError(WarehouseError):
    """Another process holds the warehouse file. It may be free again soon."""


class StatementRefusedError(WarehouseError):
    """A statement is wrong or does not fit its table's columns: retrying can't help."""


@dataclass(frozen=True)
class Statement:
    """One SQL statement that both BigQuery and DuckDB run, with parameters written `@name`."""

    table: str  # its subject, named in errors
    sql: str
    others: tuple[str, ...] = ()  # other tables that it reads


@cache
def statement(name: str, table: str, others: tuple[str, ...] = (), **names: str) -> Statement:
    """The statement of a .sql file, with `{table}` and the other names in braces filled in.

    These are the monitor's own, or come from the stages file, which an operator writes.
    """
    sql = (_SQL / f"{name}.sql").read_text(encoding="utf-8").format(table=table, **names)
    return Statement(table, sql, others)


def writing(name: str, table: Table) -> Statement:
    """A statement that fills a table from the parameter `@rows`."""
    return statement(
        name, table.name, columns=", ".join(table.columns), row_columns=", ".join(f"r.{name}" for name in table.columns)
    )


@dataclass(frozen=True)
class Rows:
    """Rows to write (at least one) as one parameter. The table gives their types, since None has none."""

    table: Table
    rows: Sequence[Row]


Parameters = Mapping[str, date | datetime | str | Rows]


class Engine(Protocol):
    """Runs statements. Dates are US Eastern game dates; instants are aware and UTC in both directions.

    Every method raises WarehouseError, whose message names the statement's table.
    """

    @property
    def bytes_read(self) -> BytesRead | None:
        """What its queries cost so far, in the unit that is billed; None if nothing is billed."""

    def read(self, statement: Statement, parameters: Parameters) -> list[dict[str, Any]]:
        """The rows of a query."""

    def write(self, statement: Statement, parameters: Parameters) -> None:
        """Run one statement atomically. Rows with keys are written once, however often they are sent."""

    def columns(self, table: Table) -> frozenset[str]:
        """The names of the table's columns; empty if the table does not exist."""

    def changed_at(self, table: Table) -> datetime | None:
        """When the table's rows last changed, at no cost; None if that is not known, or there is no such table."""

    def create_table(self, table: Table) -> None:
        """Create the table and its dataset, or add the columns that an existing table lacks."""

    def bring_up_to_date(self, table: Table) -> Sequence[str]:
        """Create or extend the table, and set its descriptions. Returns one phrase per change or limitation."""
