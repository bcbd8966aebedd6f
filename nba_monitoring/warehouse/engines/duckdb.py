"""DuckDB: a warehouse in a file."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from nba_monitoring.core.record import BytesRead
from nba_monitoring.warehouse.engines import (
    NO_SUCH_TABLE,
    Parameters,
    Rows,
    Statement,
    StatementRefusedError,
    WarehouseError,
    WarehouseInUseError,
)
from nba_monitoring.warehouse.tables import Table

_LOCKED = "set lock on file"
_MISSING_COLUMN = re.compile(r'(?:Referenced column|have a column (?:with name|named)) "?(?:\w+\.)?(\w+)')

# A file of a version with another storage format: "The database file was created with DuckDB version v0.5.0 or v0.5.1."
_OTHER_VERSION = re.compile(r"storage version number (\d+).*created with ([^\n]*)\.$", re.DOTALL | re.MULTILINE)
_MIGRATION = "https://duckdb.org/internals/storage"

# A full disk, a user's quota, and a limit on the size of a file.
_NO_ROOM = re.compile(r"No space left on device|Disk quota exceeded|File too large")

# Two threads that create the same table at once are a conflict to DuckDB. The file's lock keeps out other processes.
_CREATING = threading.Lock()

_REFUSED = (duckdb.BinderException, duckdb.CatalogException, duckdb.ConversionException, duckdb.ParserException)


class DuckDBEngine:
    """Runs on an open connection, which its owner closes."""

    bytes_read: BytesRead | None = None

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        # Casts of instants use the session's zone, which is the machine's by default.
        connection.execute("SET TimeZone = 'UTC'")
        # The database's name: in a file nba_raw.duckdb, a two-part name such as nba_raw.nbac_schedule is ambiguous.
        (name,) = connection.execute("SELECT current_database()").fetchall()[0]
        self._catalog = '"{}"'.format(name.replace('"', '""'))

    def read(self, statement: Statement, parameters: Parameters) -> list[dict[str, Any]]:
        """The rows of a query."""
        with _errors(statement.table):
            result = self._execute(statement, parameters)
            names = [name for name, *_ in result.description]
            instants = [name for name, kind, *_ in result.description if kind == "TIMESTAMP"]
            rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
        for row in rows:
            for name in instants:
                if row[name] is not None:
                    row[name] = row[name].replace(tzinfo=UTC)
        return rows

    def write(self, statement: Statement, parameters: Parameters) -> None:
        """Run one statement atomically."""
        with _errors(statement.table):
            self._execute(statement, parameters)

    def columns(self, table: Table) -> frozenset[str]:
        """The names of the table's columns; empty if the table does not exist."""
        schema, name = table.name.split(".")
        # Three times as fast as information_schema, which is built on it.
        sql = (
            "SELECT column_name FROM duckdb_columns() "
            "WHERE database_name = current_database() AND schema_name = ? AND table_name = ?"
        )
        with _errors(table.name):
            return frozenset(name for (name,) in self.connection.execute(sql, [schema, name]).fetchall())

    def changed_at(self, table: Table) -> datetime | None:
        """None: a file does not tell, and to read it costs nothing."""
        return None

    def create_table(self, table: Table) -> None:
        """Create the table and its schema, or add the columns that an existing table lacks."""
        name = f"{self._catalog}.{table.name}"
        with _CREATING, _errors(table.name):
            there = self.columns(table)
            missing = [f"{column} {_type(kind)}" for column, kind in table.columns.items() if column not in there]
            if not there:
                self.connection.execute(f"CREATE SCHEMA IF NOT EXISTS {self._catalog}.{table.name.partition('.')[0]}")
                self.connection.execute(f"CREATE TABLE IF NOT EXISTS {name} ({', '.join(missing)})")
                return
            for column in missing:
                self.connection.execute(f"ALTER TABLE {name} ADD COLUMN IF NOT EXISTS {column}")

    def bring_up_to_date(self, table: Table) -> Sequence[str]:
        """Create or extend the table, and set its descriptions. Returns one phrase per change."""
        there = self.columns(table)
        self.create_table(table)
        name = f"{self._catalog}.{table.name}"
        with _errors(table.name):
            self.connection.execute(f"COMMENT ON TABLE {name} IS {_quoted(table.description)}")
            for column, description in table.descriptions.items():
                self.connection.execute(f"COMMENT ON COLUMN {name}.{column} IS {_quoted(description)}")
        if not there:
            return ["created"]
        added = [column for column in table.columns if column not in there]
        return [f"added {', '.join(added)}"] if added else []

    def _execute(self, statement: Statement, parameters: Parameters) -> duckdb.DuckDBPyConnection:
        sql = statement.sql.replace("@", "$")
        values = dict[str, Any]()
        for name, value in parameters.items():
            if isinstance(value, Rows):
                # A column at a time: to bind a list of structs takes twice as long.
                sql = sql.replace(f"UNNEST(${name})", f"(SELECT {', '.join(_unnested(name, value.table))})")
                values |= {f"{name}_{column}": [row[column] for row in value.rows] for column in value.table.columns}
            else:
                values[name] = value
        for table in {statement.table, *statement.others}:
            sql = re.sub(rf"(?<![\w.]){re.escape(table)}(?!\w)", lambda name: f"{self._catalog}.{name[0]}", sql)
        return self.connection.execute(sql, values)


def connect(path: Path) -> duckdb.DuckDBPyConnection:
    """Open a file for reading and writing. Raises WarehouseError with the reason if it can't be."""
    try:
        return duckdb.connect(path)
    except duckdb.Error as error:
        kind = WarehouseInUseError if _LOCKED in str(error) else WarehouseError
        raise kind(f"the warehouse file {path} {_why_closed(str(error))}") from error


def _why_closed(message: str) -> str:
    if _LOCKED in message:
        holder = re.search(r"PID (\d+)", message)
        process = f"process {holder[1]}" if holder else "another process"
        return f"is in use by {process}; retry when it has finished"
    if "Permission denied" in message or "Read-only file system" in message:
        return "can't be opened for writing: permission denied; run as a user who may write it"
    if no_room := _NO_ROOM.search(message):
        return f"can't be opened for writing: {no_room[0]}; free some disk space"
    if version := _OTHER_VERSION.search(message):
        ours = duckdb.__version__
        return (
            f"was created with {version[2]} (storage version {version[1]}), which DuckDB {ours} can't read; run EXPORT "
            f"DATABASE with the version that made it, then IMPORT DATABASE with {ours} ({_MIGRATION})"
        )
    return f"can't be opened and may be damaged: {_first_line(message)}"


@contextmanager
def _errors(table: str) -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        kind = StatementRefusedError if isinstance(error, _REFUSED) else WarehouseError
        raise kind(f"{table}: {_why(error)}") from error


def _why(error: duckdb.Error) -> str:
    message = str(error)
    if isinstance(error, duckdb.CatalogException) and "Table with name" in message:
        return NO_SUCH_TABLE
    if column := _MISSING_COLUMN.search(message):
        return f"has no column {column[1]}, which the monitor needs"
    if isinstance(error, duckdb.BinderException | duckdb.ConversionException):
        place = re.search(r"LINE \d+: (.*)", message)
        where = f" in {place[1].strip()}" if place else ""
        return f"a column has the wrong type: {_first_line(message)}{where}"
    if "read-only mode" in message or "Permission denied" in message or "Read-only file system" in message:
        return "can't be written: the warehouse file or its folder is read-only; run as a user who may write it"
    if no_room := _NO_ROOM.search(message):
        return f"can't be written: {no_room[0]}; free some disk space"
    return _first_line(message)


def _first_line(message: str) -> str:
    return message.strip().partition("\n")[0].rstrip(".")


def _quoted(text: str) -> str:
    return "'{}'".format(text.replace("'", "''"))


def _unnested(parameter: str, table: Table) -> Iterator[str]:
    for column, kind in table.columns.items():
        yield f"UNNEST(CAST(${parameter}_{column} AS {_type(kind)}[])) AS {column}"


def _type(kind: str) -> str:
    return re.sub(r"ARRAY<(\w+)>", r"\1[]", kind)
