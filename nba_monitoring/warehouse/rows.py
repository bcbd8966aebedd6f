"""Rows of the monitor's own tables as the records they stand for, and those that can't be read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from nba_monitoring.core.codec import UnreadableError
from nba_monitoring.warehouse.tables import Table

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class UnreadableRow:
    """A row that the monitor can't read, such as one inserted by hand: it is reported and passed over."""

    table: str
    row: str  # which row it is, in words
    why: str

    def __str__(self) -> str:
        return f"{self.table}: the row with {self.row} can't be read: {self.why}"


@dataclass(frozen=True)
class Found(Generic[Record]):
    """The records of a table's rows, in the order of the query, and the rows among them that can't be read."""

    records: tuple[Record, ...] = ()
    unreadable: tuple[UnreadableRow, ...] = ()


def read_rows(
    table: Table,
    named_by: tuple[str, str],
    read: Callable[[Mapping[str, Any]], Record],
    rows: Iterable[Mapping[str, Any]],
) -> Found[Record]:
    """The records of a table's rows. `named_by` are the columns that name a row: its id, and of when it is.

    `read` gets a row whose `detail`, if it has one, is JSON values, and raises UnreadableError.
    """
    records: list[Record] = []
    unreadable: list[UnreadableRow] = []
    key, day = named_by
    for row in rows:
        try:
            records.append(read({**row, "detail": _json(row["detail"])} if "detail" in row else row))
        except UnreadableError as error:
            unreadable.append(UnreadableRow(table.name, f"{key} {row[key]!r} of {row[day]}", str(error)))
    return Found(tuple(records), tuple(unreadable))


def _json(text: str | None) -> object:
    try:
        return None if text is None else json.loads(text)
    except ValueError as error:
        raise UnreadableError(f"detail: no JSON: {error}") from None
