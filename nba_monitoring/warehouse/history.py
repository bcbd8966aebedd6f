"""The history table's rows and the records they stand for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from nba_monitoring.core.codec import from_json_values, to_json_text
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.stage_record import StageCheck
from nba_monitoring.warehouse.parts import by_date
from nba_monitoring.warehouse.rows import Found, UnreadableRow, read_rows
from nba_monitoring.warehouse.tables import CHECKS, STAGE_CHECKS


@dataclass(frozen=True, slots=True)
class History:
    """Recorded verdicts, by date and time of the check, and the rows among them that can't be read."""

    records: tuple[CheckRecord, ...]
    unreadable: tuple[UnreadableRow, ...] = ()

    def latest(self, now: datetime) -> Mapping[date, CheckRecord]:
        """The newest verdict on each date at an instant (UTC), of those that stand then: `CheckRecord.stands_at`."""
        return {record.check_date: record for record in self.records if record.stands_at(now)}


StageHistory = Found[StageCheck]


def stage_row(record: StageCheck) -> dict[str, Any]:
    """A stage's record as a row: instants stay instants, `detail` becomes JSON text."""
    row = {column: getattr(record, column) for column in STAGE_CHECKS.columns}
    units = {column: list(value) for column, value in row.items() if isinstance(value, tuple)}
    return row | units | {"detail": to_json_text(record.detail)}


def stages_from_rows(rows: Iterable[Mapping[str, Any]]) -> StageHistory:
    """The records of rows, whichever version wrote them; a column that is NULL counts as left out."""
    return read_rows(STAGE_CHECKS, ("check_id", "check_date"), _stage_check, rows)


def _stage_check(row: Mapping[str, Any]) -> StageCheck:
    return from_json_values(StageCheck, {name: value for name, value in row.items() if value is not None})


def to_row(record: CheckRecord) -> dict[str, Any]:
    """A record as a row: instants stay instants, games become ids, `detail` becomes JSON text."""
    row = {column: getattr(record, column) for column in CHECKS.columns}
    games = {column: [game.id for game in value] for column, value in row.items() if isinstance(value, tuple)}
    return row | games | {"detail": to_json_text(record.detail)}


def rows_by_date(records: Iterable[CheckRecord]) -> Iterator[tuple[date, list[dict[str, Any]]]]:
    """Records as rows, a date at a time; dates ascend."""
    for day, found in by_date(records, lambda record: record.check_date):
        yield day, [to_row(record) for record in found]


def stage_rows_by_date(records: Iterable[CheckRecord]) -> Iterator[tuple[date, list[dict[str, Any]]]]:
    """The rows of the records' stages, a date at a time; dates ascend."""
    for day, found in by_date(records, lambda record: record.check_date):
        yield day, [stage_row(row) for record in found for row in record.stages.values()]


def from_rows(rows: Iterable[Mapping[str, Any]]) -> History:
    """The records of rows, whichever version wrote them."""
    found = read_rows(CHECKS, ("check_id", "check_date"), CheckRecord.from_values, rows)
    return History(found.records, found.unreadable)
