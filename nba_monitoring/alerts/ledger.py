"""The ledger of incidents and notifications in the warehouse, which outlives the sensor's memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from nba_monitoring.alerts.incidents.state import AlertState
from nba_monitoring.core.incidents import EndedAs, Incident, Notification


class Ledger(Protocol):
    """What is asked of the warehouse. Both raise WarehouseError, and write all or nothing."""

    def put_incidents(self, incidents: Sequence[Incident]) -> None:
        """Keep incidents in their newest state; what a person did by hand stays."""
        ...

    def append_notifications(self, notifications: Sequence[Notification]) -> None:
        """Add messages; one that is there already adds nothing."""
        ...


def with_what_was_done_by_hand(state: AlertState, known: Iterable[Incident]) -> AlertState:
    """The memory with what people did to open incidents since the last tick: `ack` and `close` write to the ledger."""
    for row in known:
        ours = state.incidents.get(row.incident_id)
        if ours is None or not ours.is_open:
            continue
        if row.acknowledged_at is not None and ours.acknowledged_at is None:
            ours = replace(
                ours,
                acknowledged_at=row.acknowledged_at,
                acknowledged_by=row.acknowledged_by,
                detail=replace(ours.detail, note=row.detail.note),
            )
        if row.ended_as is EndedAs.CLOSED:
            ours = replace(
                ours,
                ended_at=row.ended_at,
                ended_as=row.ended_as,
                detail=replace(ours.detail, note=row.detail.note, closed_by=row.detail.closed_by),
            )
        state = state.with_incident(ours)
    return state


def written(state: AlertState, ledger: Ledger) -> AlertState:
    """The memory once the ledger was told what it did not know yet. Raises WarehouseError."""
    dirty = [state.incidents[key] for key in state.dirty if key in state.incidents]
    if dirty:
        ledger.put_incidents(dirty)
    if state.unwritten:
        ledger.append_notifications(state.unwritten)
    return replace(state, dirty=(), unwritten=())
