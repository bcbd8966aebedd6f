"""Rows of the monitor's own tables, and the records that they store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any, Generic, TypeVar

from pydantic_core import from_json

from nba_monitoring.core.codec import UnreadableError, from_json_values, to_json_text
from nba_monitoring.core.coverage import Coverage
from nba_monitoring.core.games import Game
from nba_monitoring.core.incidents import Incident, Notification
from nba_monitoring.core.record import CheckRecord, Mute
from nba_monitoring.core.services import ServiceCheck
from nba_monitoring.core.slate.slate import Slate
from nba_monitoring.core.stage_record import StageCheck
from nba_monitoring.warehouse.chunks import by_date
from nba_monitoring.warehouse.engines import Row
from nba_monitoring.warehouse.tables import CHECKS, INCIDENTS, NOTIFICATIONS, SERVICE_CHECKS, STAGE_CHECKS, Table

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class UnreadableRow:
    """A row that can't be read, such as one inserted by hand. It is reported and skipped."""

    table: str
    row: str  # its id and date
    why: str

    def __str__(self) -> str:
        return f"{self.table}: can't read the row with {self.row}: {self.why}"


@dataclass(frozen=True)
class Found(Generic[Record]):
    """The records of a query's rows, in its order, and the rows that can't be read."""

    records: tuple[Record, ...] = ()
    unreadable: tuple[UnreadableRow, ...] = ()


class History(Found[CheckRecord]):
    """Recorded verdicts, by date and time of the check."""

    def latest(self, now: datetime) -> Mapping[date, CheckRecord]:
        """The newest verdict per date that stands at `now` (UTC): see `CheckRecord.stands_at`."""
        return {record.check_date: record for record in self.records if record.stands_at(now)}


StageHistory = Found[StageCheck]
ServiceHistory = Found[ServiceCheck]
Incidents = Found[Incident]
Notifications = Found[Notification]


def check_rows(records: Iterable[CheckRecord]) -> Iterator[tuple[date, list[Row]]]:
    """Rows of `data_availability_checks`, one date at a time in ascending order."""
    for day, found in by_date(records, lambda record: record.check_date):
        yield day, [_row(CHECKS, record) for record in found]


def stage_rows(records: Iterable[CheckRecord]) -> Iterator[tuple[date, list[Row]]]:
    """Rows of `stage_checks`, one date at a time in ascending order."""
    for day, found in by_date(records, lambda record: record.check_date):
        yield day, [_row(STAGE_CHECKS, stage) for record in found for stage in record.stages.values()]


def service_rows(checks: Iterable[ServiceCheck]) -> list[Row]:
    """Rows of `service_checks`."""
    return [_row(SERVICE_CHECKS, check) for check in checks]


def incident_row(incident: Incident, environment: str) -> Row:
    """A row of `incidents`."""
    return {**_row(INCIDENTS, incident), "environment": environment}


def notification_row(notification: Notification, environment: str) -> Row:
    """A row of `notifications`."""
    return {**_row(NOTIFICATIONS, notification), "environment": environment}


def mute_row(mute: Mute, environment: str) -> Row:
    """A row of `mutes`."""
    return {
        "check_date": mute.day,
        "set_at": mute.set_at,
        "until": mute.until,
        "reason": mute.reason,
        "muted_by": mute.by,
        "environment": environment,
    }


def scheduled_game_rows(slate: Slate, updated_at: datetime) -> list[Row]:
    """Rows of `scheduled_games`."""
    return [
        {
            "game_date": slate.day,
            "game_id": entry.game.id,
            "away_team": entry.game.away,
            "home_team": entry.game.home,
            "tip_at": entry.tip_at,
            "witnesses": list(entry.witnesses),
            "updated_at": updated_at,
        }
        for entry in slate.expected
    ]


def covered_game_rows(coverage: Coverage, updated_at: datetime) -> list[Row]:
    """Rows of `phase4_coverage`."""
    return [
        {
            "game_date": coverage.day,
            "game_id": coverage.matchups[key].id,
            "row_count": held.rows,
            "usable_row_count": held.usable_keys,
            "source_ids": list(held.ids),
            "written_at": coverage.written_at,
            "updated_at": updated_at,
        }
        for key, held in coverage.units.items()
    ]


def covered_unit_rows(stage: str, coverage: Coverage, updated_at: datetime) -> list[Row]:
    """Rows of `stage_coverage`."""
    return [
        {
            "game_date": coverage.day,
            "stage": stage,
            "unit": coverage.matchups[key].id if key in coverage.matchups else key,
            "row_count": held.rows,
            "usable_key_count": held.usable_keys,
            "source_ids": list(held.ids),
            "written_at": coverage.written_at,
            "updated_at": updated_at,
        }
        for key, held in coverage.units.items()
    ]


def history_of(rows: Iterable[Row]) -> History:
    """The verdicts of rows of any version."""
    found = _read(CHECKS, ("check_id", "check_date"), CheckRecord.from_values, rows)
    return History(found.records, found.unreadable)


def stage_history_of(rows: Iterable[Row]) -> StageHistory:
    """The stages' results of rows of any version."""
    return _read(STAGE_CHECKS, ("check_id", "check_date"), partial(_without_nulls, StageCheck), rows)


def service_history_of(rows: Iterable[Row]) -> ServiceHistory:
    """The checks of services of rows."""
    return _read(SERVICE_CHECKS, ("service", "check_time"), partial(_without_nulls, ServiceCheck), rows)


def incidents_of(rows: Iterable[Row]) -> Incidents:
    """The incidents of rows."""
    return _read(INCIDENTS, ("incident_id", "check_date"), _incident, rows)


def notifications_of(rows: Iterable[Row]) -> Notifications:
    """The notifications of rows."""
    return _read(NOTIFICATIONS, ("notification_id", "sent_at"), _notification, rows)


def mutes_of(rows: Iterable[Row]) -> dict[date, list[Mute]]:
    """The mutes of rows by date, in their order."""
    found: defaultdict[date, list[Mute]] = defaultdict(list)
    for row in rows:
        day = row["check_date"]
        found[day].append(Mute(day, row["set_at"], row["until"], row["reason"], row["muted_by"]))
    return dict(found)


def _row(table: Table, record: object) -> Row:
    """A record's columns: instants stay instants, games become ids, `detail` becomes JSON text.

    A record has no environment: the warehouse knows its own.
    """
    values = {column: _stored(getattr(record, column)) for column in table.columns if column != "environment"}
    return values | {"detail": to_json_text(values["detail"])} if "detail" in values else values


def _stored(value: object) -> object:
    if isinstance(value, tuple):
        return [item.id if isinstance(item, Game) else item for item in value]
    return value


def _incident(row: Row) -> Incident:
    return from_json_values(Incident, {"due": None, **_given(row)})


def _notification(row: Row) -> Notification:
    return from_json_values(Notification, {"incident_id": None, **_given(row)})


def _without_nulls(kind: type[Record], row: Row) -> Record:
    return from_json_values(kind, _given(row))


def _given(row: Row) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None and name != "environment"}


def _read(table: Table, named_by: tuple[str, str], read: Callable[[Row], Record], rows: Iterable[Row]) -> Found[Record]:
    """The records of a table's rows. `named_by` are the columns with a row's id and its date or time.

    `read` gets a row whose `detail`, if any, is JSON values, and raises UnreadableError.
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
        return None if text is None else from_json(text)
    except ValueError as error:
        raise UnreadableError(f"detail: not JSON: {error}") from None
