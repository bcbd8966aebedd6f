"""The history table's rows and the records they stand for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from nba_monitoring.core.codec import UnreadableError, to_json_text
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.warehouse.tables import CHECKS


@dataclass(frozen=True, slots=True)
class UnreadableRow:
    """A row that the monitor can't read, such as one inserted by hand: it is reported and passed over."""

    day: date
    check_id: str
    why: str

    def __str__(self) -> str:
        return f"{CHECKS.name}: the row with check_id {self.check_id!r} of {self.day} can't be read: {self.why}"


@dataclass(frozen=True, slots=True)
class History:
    """Recorded verdicts, by date and time of the check, and the rows among them that can't be read."""

    records: tuple[CheckRecord, ...]
    unreadable: tuple[UnreadableRow, ...] = ()

    @property
    def latest(self) -> Mapping[date, CheckRecord]:
        """The newest verdict on each date."""
        return {record.check_date: record for record in self.records}


def to_row(record: CheckRecord) -> dict[str, Any]:
    """A record as a row: instants stay instants, games become ids, `detail` becomes JSON text."""
    row = {column: getattr(record, column) for column in CHECKS.columns}
    games = {column: [game.id for game in value] for column, value in row.items() if isinstance(value, tuple)}
    return row | games | {"detail": to_json_text(record.detail)}


def from_rows(rows: Iterable[Mapping[str, Any]]) -> History:
    """The records of rows, whichever version wrote them."""
    records: list[CheckRecord] = []
    unreadable: list[UnreadableRow] = []
    for row in rows:
        try:
            records.append(CheckRecord.from_values({**row, "detail": _detail(row["detail"])}))
        except UnreadableError as error:
            unreadable.append(UnreadableRow(row["check_date"], row["check_id"], str(error)))
    return History(tuple(records), tuple(unreadable))


def _detail(text: str | None) -> object:
    try:
        return None if text is None else json.loads(text)
    except ValueError as error:
        raise UnreadableError(f"detail: no JSON: {error}") from None
