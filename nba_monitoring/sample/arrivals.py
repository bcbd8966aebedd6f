"""Rows of the season around today that are still to be written: each appears in its table when its time has come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import duckdb

from nba_monitoring.core.eastern import game_date
from nba_monitoring.sample.schedule_rows import last_load_before
from nba_monitoring.sample.stage_columns import STAGE_TABLES, SampleTable

_SCHEMA = "sample_later"
# Written after the games, so they can't be brought forward.
_RESULTS = frozenset({"player_summary", "grading"})


def hold_back(connection: duckdb.DuckDBPyConnection, now: datetime) -> None:
    """Take the rows out of the stages' tables that are written after `now` (UTC), when the sample is written."""
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {_SCHEMA}")
    connection.execute(f"CREATE OR REPLACE TABLE {_SCHEMA}.sample (written_at TIMESTAMP)")
    connection.execute(f"INSERT INTO {_SCHEMA}.sample VALUES ($now)", {"now": _utc(now)})  # noqa: S608
    for table in STAGE_TABLES.values():
        later = f"FROM {table.name} WHERE {table.written} > $now"
        connection.execute(f"CREATE OR REPLACE TABLE {_held(table)} AS SELECT * {later}", {"now": _utc(now)})
        connection.execute(f"DELETE {later}", {"now": _utc(now)})


def is_sample(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether a file is a sample."""
    found = connection.execute("SELECT schema_name || '.' || table_name FROM duckdb_tables()").fetchall()
    return set(held_tables()) <= {name for (name,) in found}


def is_of_today(connection: duckdb.DuckDBPyConnection, now: datetime) -> bool:
    """Whether the file was written on the Eastern date of `now` (UTC), and since the schedule's last load."""
    if not is_sample(connection):
        return False
    ((written,),) = connection.execute(f"FROM {_SCHEMA}.sample").fetchall()
    written = written.replace(tzinfo=UTC)
    return game_date(written) == game_date(now) and last_load_before(written) == last_load_before(now)


def arrive(connection: duckdb.DuckDBPyConnection, now: datetime) -> None:
    """Write the rows whose time has come at `now` (UTC)."""
    for table in STAGE_TABLES.values():
        due = f"FROM {_held(table)} WHERE {table.written} <= $now"
        if connection.execute(f"SELECT count(*) {due}", {"now": _utc(now)}).fetchall() != [(0,)]:
            connection.execute(f"INSERT INTO {table.name} SELECT * {due}", {"now": _utc(now)})
            connection.execute(f"DELETE {due}", {"now": _utc(now)})


def bring_forward(connection: duckdb.DuckDBPyConnection, now: datetime) -> dict[str, int]:
    """Write now (UTC) what today's games still lack before their tip-off. Returns the number of rows by table."""
    found = {}
    for stage, table in STAGE_TABLES.items():
        if stage not in _RESULTS:
            written = ", ".join(f"{column} = $now" for column in table.written_columns)
            changed = connection.execute(
                f"UPDATE {_held(table)} SET {written} WHERE {table.day} = $today",  # noqa: S608
                {"now": _utc(now), "today": game_date(now)},
            ).fetchall()
            found[table.name] = changed[0][0]
    arrive(connection, now)
    return {table: rows for table, rows in found.items() if rows}


def held_tables() -> Sequence[str]:
    """The tables with the rows that are still to be written, and the one that says when the sample was."""
    return [f"{_SCHEMA}.sample", *(_held(table) for table in STAGE_TABLES.values())]


def _held(table: SampleTable) -> str:
    return f"{_SCHEMA}.{table.name.partition('.')[2]}"


def _utc(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(tzinfo=None)
