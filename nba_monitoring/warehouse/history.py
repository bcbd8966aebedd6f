"""The history table's rows and the records they stand for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic_core import to_json

from nba_monitoring.core.record import CheckRecord, Trigger
from nba_monitoring.core.verdict import Severity, Status
from nba_monitoring.warehouse.errors import WarehouseError
from nba_monitoring.warehouse.tables import CHECKS

_MAY_BE_NULL = ("severity", "first_tip_at")


def to_row(record: CheckRecord) -> dict[str, Any]:
    """A record as a row: instants stay instants, `detail` becomes JSON text."""
    row = {column: getattr(record, column) for column in CHECKS.columns}
    lists = {column: list(value) for column, value in row.items() if isinstance(value, tuple)}
    return row | lists | {"detail": to_json(record.detail).decode()}


def from_row(row: Mapping[str, Any]) -> CheckRecord:
    """A row as a record. Raises WarehouseError for one that the monitor did not write."""
    try:
        _require_values(row)
        lists = {column: tuple(value) for column, value in row.items() if isinstance(value, list)}
        severity = None if row["severity"] is None else Severity(row["severity"])
        return CheckRecord(
            **{
                **row,
                **lists,
                "status": Status(row["status"]),
                "severity": severity,
                "trigger": Trigger(row["trigger"]),
                "detail": _detail(row["detail"]),
            }
        )
    except (TypeError, ValueError) as error:
        raise WarehouseError(
            f"{CHECKS.name}: the row with check_id {row['check_id']!r} of {row['check_date']} can't be read: {error}"
        ) from error


def _require_values(row: Mapping[str, Any]) -> None:
    nulls = [column for column, value in row.items() if value is None and column not in _MAY_BE_NULL]
    if nulls:
        raise ValueError(f"{', '.join(nulls)} must not be NULL")


def _detail(text: str) -> dict[str, Any]:
    detail = json.loads(text)
    if not isinstance(detail, dict):
        raise TypeError("detail is no JSON object")
    return detail
