"""The sensor's memory as its cursor: JSON, as far as a later tick needs it, and never ahead of the clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from pydantic_core import from_json

from nba_monitoring.alerts.incidents.service_incidents import goes_on
from nba_monitoring.alerts.incidents.state import CURSOR_VERSION, MAIN_OF_BEFORE, AlertState
from nba_monitoring.core.codec import UnreadableError, from_json_values, to_json_text
from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.incidents import EndedAs, Incident

# A machine whose clock was hours ahead may have ended incidents too early. One that is set back by no more than this
# between an end and the next tick is not worth a second report of the incident.
CLOCK_TOLERANCE = timedelta(hours=1)

_MOST_FAILURES = 20
_MOST_DIGESTED = 50


def from_cursor(cursor: str, now: datetime) -> AlertState:
    """The memory in a cursor. Raises UnreadableError for anything else, and for one of a newer version."""
    try:
        values = from_json(cursor)
    except ValueError as error:
        raise UnreadableError(f"no JSON: {error}") from None
    state = from_json_values(AlertState, _with_debts(values))
    if state.version > CURSOR_VERSION:
        raise UnreadableError(f"version {state.version} is of a newer monitor; this one reads {CURSOR_VERSION}")
    return _not_ahead_of(state, now)


def to_cursor(state: AlertState, now: datetime) -> str:
    """The memory as JSON, without what no later tick can need."""
    oldest = game_date(now) - timedelta(days=2)
    newest = sorted(state.failing.items(), key=lambda item: item[1].notified_at)[-_MOST_FAILURES:]
    incidents = {
        key: incident if key in state.dirty else _without_small_print(incident)
        for key, incident in state.incidents.items()
        if goes_on(incident) or incident.check_date >= oldest or not incident.detail.end_told or key in state.dirty
    }
    kept = replace(
        state,
        incidents=incidents,
        looks={day: at for day, at in state.looks.items() if day >= oldest},
        checked={day: check for day, check in state.checked.items() if day > oldest},
        failing=dict(newest),
        digested=dict(sorted(state.digested.items(), key=lambda item: item[1])[-_MOST_DIGESTED:]),
        version=CURSOR_VERSION,
    )
    return to_json_text(kept)


def _not_ahead_of(state: AlertState, now: datetime) -> AlertState:
    """Nothing remembered may lie ahead of the clock: it would suppress alerts until the clock has reached it."""
    return replace(
        state,
        watching_since=min(state.watching_since, now),
        last_tick_at=min(state.last_tick_at, now),
        incidents={key: _not_ahead(incident, now) for key, incident in state.incidents.items()},
        looks={day: min(looked_at, now) for day, looked_at in state.looks.items()},
        checked={day: check.not_ahead_of(now) for day, check in state.checked.items()},
        breaks={key: replace(known, told_at=min(known.told_at, now)) for key, known in state.breaks.items()},
        heartbeat=None if state.heartbeat is None else state.heartbeat.not_ahead_of(now),
        services=None if state.services is None else state.services.not_ahead_of(now),
        digested={backfill_id: min(at, now) for backfill_id, at in state.digested.items()},
        failing={dates: replace(last, notified_at=min(last.notified_at, now)) for dates, last in state.failing.items()},
        debts={name: debt.not_ahead_of(now) for name, debt in state.debts.items()},
    )


def _not_ahead(incident: Incident, now: datetime) -> Incident:
    detail = incident.detail
    if detail.looked_at is not None and detail.looked_at > now:
        detail = replace(detail, looked_at=now)
    if detail.told is not None and detail.told.at > now:
        detail = replace(detail, told=replace(detail.told, at=now))
    incident = replace(incident, found_at=min(incident.found_at, now), detail=detail)
    is_ended_by_clock = detail.passed_as is None and incident.ended_as in (EndedAs.TOO_LATE, EndedAs.EXCUSED)
    if is_ended_by_clock and incident.ended_at is not None and incident.ended_at > now + CLOCK_TOLERANCE:
        # Its games are still to be played. It is reported again, since its last alert was of its end.
        detail = replace(detail, told=None, end_told=False, unseen_told=None)
        return replace(incident, ended_at=None, ended_as=None, detail=detail)
    return incident


def _with_debts(values: object) -> object:
    """A cursor of before each channel had a debt: what it knew of the main channel, whose name it did not know."""
    if not isinstance(values, dict) or "debts" in values:
        return values
    unclear = values.get("unclear")
    owed = {
        key: {**known, "unclear_since": known.get("since")}
        for key, known in (unclear.items() if isinstance(unclear, dict) else ())
        if isinstance(known, dict)
    }
    main = {"owed": owed, "trouble": values.get("trouble")}
    return {**values, "debts": {MAIN_OF_BEFORE: main}, "are_pages_known": False}


def _without_small_print(incident: Incident) -> Incident:
    """An incident whose end was reported: the ledger has its small print, and nothing is left to run."""
    if not incident.detail.end_told:
        return incident
    return replace(incident, detail=replace(incident.detail, evidence=(), fix=None, fix_past=None, then=()))
