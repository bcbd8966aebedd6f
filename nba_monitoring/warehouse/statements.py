"""SQL statements, read from the package's .sql files."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from nba_monitoring.warehouse.tables import Table

_FOLDER = Path(__file__).with_name("sql")


@dataclass(frozen=True)
class Statement:
    """One SQL statement, in what BigQuery and DuckDB share, with parameters written `@name`."""

    table: str  # what it is about, which its errors name
    sql: str
    others: tuple[str, ...] = ()  # tables that it reads besides


@cache
def statement(name: str, table: str, others: tuple[str, ...] = (), **names: str) -> Statement:
    """The statement of a file, with `{table}` and the other names in braces filled in.

    What is filled in is the monitor's own or from the table of stages, which an operator writes.
    """
    sql = (_FOLDER / f"{name}.sql").read_text(encoding="utf-8").format(table=table, **names)
    return Statement(table, sql, others)


def writing(name: str, table: Table) -> Statement:
    """A statement that fills a table from the parameter `@rows`."""
    return statement(
        name, table.name, columns=", ".join(table.columns), row_columns=", ".join(f"r.{name}" for name in table.columns)
    )
