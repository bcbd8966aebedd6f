"""What a person does to an incident: have it, or end it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from nba_monitoring.core.incidents import EndedAs, Incident


def acknowledged(incident: Incident, by: str, note: str | None, now: datetime) -> Incident:
    """An open incident that someone has from now (UTC) on: no more reminders."""
    return replace(incident, acknowledged_at=now, acknowledged_by=by, detail=replace(incident.detail, note=note))


def closed(incident: Incident, by: str, note: str, now: datetime) -> Incident:
    """An open incident, ended by someone now (UTC)."""
    detail = replace(incident.detail, closed_by=by, note=note)
    return replace(incident, ended_at=now, ended_as=EndedAs.CLOSED, detail=detail)
