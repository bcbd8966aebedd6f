"""The one more check of a date whose job someone started."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from nba_monitoring.alerts.incidents.state import AlertState

# A job takes minutes, and the next recheck may be half an hour away.
CHECKED_AFTER = timedelta(minutes=10)


def fix_checks_due(state: AlertState, now: datetime) -> tuple[AlertState, Sequence[date]]:
    """The dates to check now (UTC) because a job was started ten minutes ago, and the memory with what was taken."""
    due = [
        incident
        for incident in state.open_incidents
        if incident.fix_started_at is not None
        and incident.fix_started_at != incident.detail.fix_checked
        and now - incident.fix_started_at >= CHECKED_AFTER
    ]
    for incident in due:
        state = state.with_incident(
            replace(incident, detail=replace(incident.detail, fix_checked=incident.fix_started_at))
        )
    return state, sorted({incident.check_date for incident in due})
