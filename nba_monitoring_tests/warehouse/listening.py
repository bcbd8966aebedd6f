"""An engine that remembers what it was asked."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Any

import nba_monitoring.warehouse
from nba_monitoring.core.record import BytesRead
from nba_monitoring.warehouse.engines import Engine, Parameters, Statement
from nba_monitoring.warehouse.tables import Table


def never_sent(sent: Collection[str], reads_only: bool = False) -> list[str]:
    """The .sql files whose statement is not among those that were sent."""
    never = []
    for file in sorted(Path(nba_monitoring.warehouse.__file__).with_name("sql").glob("*.sql")):
        text = file.read_text(encoding="utf-8")
        literal = re.escape(text).replace(r"\{\{", r"\{").replace(r"\}\}", r"\}")
        pattern = re.sub(r"\\\{\w+\\\}", ".+?", literal)
        is_write = re.search(r"^(MERGE|INSERT|DELETE|UPDATE)", text, re.MULTILINE)
        if not (reads_only and is_write) and not any(re.fullmatch(pattern, sql, re.DOTALL) for sql in sent):
            never.append(file.name)
    return never


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

    def changed_at(self, table: Table) -> datetime | None:
        return self._engine.changed_at(table)

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
