"""An engine that remembers what it was asked."""

from __future__ import annotations

from typing import Any

from nba_monitoring.core.record import BytesRead
from nba_monitoring.warehouse.engines import Engine, Parameters, Statement
from nba_monitoring.warehouse.tables import Table


class Listening:
    """An engine that passes on what it is asked, and keeps the queries."""

    bytes_read: BytesRead | None = None

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.queries: list[Statement] = []
        self.asked: list[tuple[Statement, Parameters]] = []

    def read(self, statement: Statement, parameters: Parameters) -> list[dict[str, Any]]:
        self.queries.append(statement)
        self.asked.append((statement, parameters))
        return self._engine.read(statement, parameters)

    def write(self, statement: Statement, parameters: Parameters) -> None:
        raise AssertionError("a check writes nothing")

    def columns(self, table: Table) -> frozenset[str]:
        return self._engine.columns(table)

    def create_table(self, table: Table) -> None:
        raise AssertionError("a check creates no table")

    def bring_up_to_date(self, table: Table) -> list[str]:
        raise AssertionError("a check creates no table")

    @property
    def measured(self) -> list[tuple[str, str]]:
        """The table and the grouping of each query that measures."""
        return [
            (query.table, query.sql.rpartition("GROUP BY ")[2].strip())
            for query in self.queries
            if "AS group_name" in query.sql
        ]
