"""Questions to a sample that several tests ask."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from nba_monitoring.sample.platform_tables import ALL_TABLES

GRADABLE = (
    "is_active AND current_points_line <> 20.0 AND invalidation_reason IS NULL "
    "AND line_source IN ('ACTUAL_PROP', 'ODDS_API', 'BETTINGPROS')"
)


def rows(connection: duckdb.DuckDBPyConnection, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
    return connection.execute(sql, parameters or None).fetchall()


def row(connection: duckdb.DuckDBPyConnection, sql: str, **parameters: Any) -> tuple[Any, ...]:
    (found,) = rows(connection, sql, **parameters)
    return found


def value(connection: duckdb.DuckDBPyConnection, sql: str, **parameters: Any) -> Any:
    (found,) = row(connection, sql, **parameters)
    return found


def differing_tables(first: Path, second: Path, until: str = "9999-12-31") -> list[str]:
    """The tables whose rows are not the same in both files, as far as they are of game dates up to one."""
    differing = []
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{first}' AS a (READ_ONLY); ATTACH '{second}' AS b (READ_ONLY)")
        for table, types in ALL_TABLES.items():
            day = next((name for name in types if name.endswith("_date")), f"DATE '{until}'")
            one, other = (f"SELECT * FROM {name}.{table} WHERE {day} <= '{until}'" for name in "ab")
            for more, less in ((one, other), (other, one)):
                if value(connection, f"SELECT count(*) FROM (({more}) EXCEPT ALL ({less}))"):
                    differing.append(table)
    return differing
