"""Questions to a sample that several tests ask."""

from __future__ import annotations

from typing import Any

import duckdb

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
