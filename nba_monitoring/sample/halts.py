"""Rows of `nba_orchestration.halt_state`: since when the platform has halted predictions on purpose."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time

from nba_monitoring.core.eastern import dates_between
from nba_monitoring.sample import incidents
from nba_monitoring.sample.games import utc_from_eastern

_WRITTEN_AT = time(5)  # Eastern, each day


def halt_rows(last: date) -> Iterator[dict[str, object]]:
    """One row per date, up to the season's last."""
    for day in dates_between(incidents.STATE_SINCE, last):
        reason, since = _reason(day)
        yield {
            "effective_date": day,
            "sport": "nba",
            "halt_active": reason is not None,
            "halt_reason": reason,
            "halt_since": since,
            "written_at": utc_from_eastern(day, _WRITTEN_AT),
        }


def _reason(day: date) -> tuple[str | None, date | None]:
    if day in incidents.SILENT_DATES:
        return incidents.SILENT_REASON, incidents.SILENT_DATES[0]
    if day >= incidents.HALTED_SINCE:
        return incidents.HALT_REASON, incidents.HALTED_SINCE
    return None, None
