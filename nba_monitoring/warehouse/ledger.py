"""The ledger's rows: incidents in their newest state, and the messages sent about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from nba_monitoring.core.codec import from_json_values, to_json_text
from nba_monitoring.core.incidents import Incident, Notification
from nba_monitoring.warehouse.rows import Found, read_rows
from nba_monitoring.warehouse.tables import INCIDENTS, NOTIFICATIONS

Incidents = Found[Incident]
Notifications = Found[Notification]


def incident_row(incident: Incident) -> dict[str, Any]:
    """An incident as a row: instants stay instants, `detail` becomes JSON text."""
    row = {column: getattr(incident, column) for column in INCIDENTS.columns}
    return row | {"detail": to_json_text(incident.detail)}


def notification_row(notification: Notification) -> dict[str, Any]:
    """A notification as a row."""
    return {column: getattr(notification, column) for column in NOTIFICATIONS.columns}


def incidents_of(rows: Iterable[Mapping[str, Any]]) -> Incidents:
    """The incidents of rows."""
    return read_rows(INCIDENTS, ("incident_id", "check_date"), _incident, rows)


def notifications_of(rows: Iterable[Mapping[str, Any]]) -> Notifications:
    """The notifications of rows."""
    return read_rows(NOTIFICATIONS, ("notification_id", "sent_at"), _notification, rows)


def _incident(row: Mapping[str, Any]) -> Incident:
    return from_json_values(Incident, _given(row))


def _notification(row: Mapping[str, Any]) -> Notification:
    return from_json_values(Notification, {"incident_id": None, **_given(row)})


def _given(row: Mapping[str, Any]) -> dict[str, Any]:
    """A column that is NULL counts as left out."""
    return {name: value for name, value in row.items() if value is not None}
