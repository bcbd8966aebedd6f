"""When to notify: pure, total functions of an incident, of what was last told of it and of the clock.

What is to be told follows from the difference between the incident, as `lifecycle.py` has it, and what was last
told of it (`notify_reason`), whenever a message can be sent; once it was accepted, `after_message` remembers it. On the
platform the same finding was once alerted at every run, until nobody read the alerts any more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from nba_monitoring.core.eastern import morning_look
from nba_monitoring.core.incidents import EndedAs, Incident, Told, UncoveredUnit
from nba_monitoring.core.stages import Due
from nba_monitoring.core.status import Severity, Status

# Looks come every half hour; after four of them without a change the message may have been overlooked.
REPEAT_INTERVAL = timedelta(hours=2)
# A look and a half: one that is late is not yet one that does not come.
LOOK_OVERDUE_AFTER = timedelta(minutes=45)

_HOW_BAD = {
    Status.BAD_DATA: 1,
    Status.PARTIAL_DATA: 1,
    Status.MISSING_DATA: 2,
    Status.SUSPECT_JOIN: 3,
    Status.UNKNOWN_SCHEDULE: 3,
}


class NotifyReason(StrEnum):
    """Why to notify, or not to."""

    FIRST_FINDING = "first finding"
    GOT_WORSE = "got worse"
    CHANGED = "changed"
    NOT_LOOKED_AT = "not looked at"
    REMINDER = "reminder"
    ACKNOWLEDGED = "acknowledged"
    RECOVERED = "recovered"
    TOO_LATE = "too late"
    EXCUSED = "excused"
    CLOSED = "closed"
    OVER = "over before it was told"
    CAME_LATE = "came late"
    NOTHING = "nothing"


# One of these is the last message about an incident's course; after it only rows that come late are told.
LAST_WORDS = frozenset(
    {NotifyReason.RECOVERED, NotifyReason.TOO_LATE, NotifyReason.EXCUSED, NotifyReason.CLOSED, NotifyReason.OVER}
)

_REASON_OF_END = {
    EndedAs.RECOVERED: NotifyReason.RECOVERED,
    EndedAs.TOO_LATE: NotifyReason.TOO_LATE,
    EndedAs.EXCUSED: NotifyReason.EXCUSED,
    EndedAs.CLOSED: NotifyReason.CLOSED,
}


def notify_reason(incident: Incident, now: datetime) -> NotifyReason:
    """What is to be told of an incident at an instant (UTC), given what was told of it."""
    detail = incident.detail
    if incident.ended_as is not None:
        return _reason_after_end(incident, incident.ended_as)
    if detail.mute:
        return NotifyReason.NOTHING
    if detail.told is None:
        return NotifyReason.FIRST_FINDING
    if incident.acknowledged_at is not None and not detail.acknowledgement_told:
        return NotifyReason.ACKNOWLEDGED
    if _is_worse(detail.told, incident):
        return NotifyReason.GOT_WORSE
    if _is_different(detail.told, incident):
        return NotifyReason.CHANGED
    if is_look_overdue(incident, now) and detail.unseen_told != detail.looked_at:
        return NotifyReason.NOT_LOOKED_AT
    is_due = detail.was_muted is not None or now - detail.told.at >= REPEAT_INTERVAL
    return NotifyReason.REMINDER if is_due and incident.acknowledged_at is None else NotifyReason.NOTHING


def after_message(incident: Incident, reason: NotifyReason, now: datetime, thread: str | None) -> Incident:
    """The incident once a message about it was accepted at an instant (UTC), in the thread that the receipt names."""
    detail = incident.detail
    has_ended = reason in LAST_WORDS
    return replace(
        incident,
        told_at=incident.told_at or now,
        detail=replace(
            detail,
            told=Told(
                at=now,
                status=incident.status,
                severity=incident.severity,
                uncovered=detail.uncovered,
                stage=incident.stage,
                also=detail.also,
                rules=_rules(incident),
                is_unreadable=detail.is_unreadable,
            ),
            thread=thread,
            was_muted=None,
            unseen_told=detail.looked_at if reason is NotifyReason.NOT_LOOKED_AT else detail.unseen_told,
            # Whoever is told first of an incident that someone has is told so in the same message.
            acknowledgement_told=detail.acknowledgement_told or incident.acknowledged_at is not None,
            end_told=detail.end_told or has_ended,
            covered_told=detail.covered_told or incident.covered_at is not None,
        ),
    )


def is_look_overdue(incident: Incident, now: datetime) -> bool:
    """Whether a look should have come since the newest one: they come from 8:00 AM Pacific of the date on, and on the
    morning after from then on.
    """
    looked_at = incident.detail.looked_at or incident.found_at
    day = incident.check_date + timedelta(days=1 if incident.due is Due.MORNING_AFTER else 0)
    return now - max(looked_at, morning_look(day)) > LOOK_OVERDUE_AFTER


def how_bad(status: Status | None) -> int:
    """A rank of statuses, 0 for those that pass and for none."""
    return 0 if status is None else _HOW_BAD.get(status, 0)


def _reason_after_end(incident: Incident, ended_as: EndedAs) -> NotifyReason:
    detail = incident.detail
    if detail.end_told:
        return NotifyReason.CAME_LATE if incident.covered_at and not detail.covered_told else NotifyReason.NOTHING
    # A muted finding was kept back on purpose; its end is told all the same, so that the gap is not forgotten.
    if detail.told is None and not detail.mute:
        return NotifyReason.OVER
    return _REASON_OF_END[ended_as]


def _is_worse(told: Told, incident: Incident) -> bool:
    if (told.severity is Severity.WARN and incident.severity is Severity.ERROR) or (
        how_bad(incident.status) > how_bad(told.status)
    ):
        return True
    # The games of one stage and the teams of another don't compare.
    now_uncovered = incident.detail.uncovered
    return told.subject == incident.stage and (
        len(now_uncovered) > len(told.uncovered) or len(_missing(now_uncovered)) > len(_missing(told.uncovered))
    )


def _is_different(told: Told, incident: Incident) -> bool:
    detail = incident.detail
    # Whoever has it is reminded of nothing, so what breaks besides is told; what of it is mended can wait.
    if set(detail.also) - {*told.also, told.subject} or set(told.rules) != set(_rules(incident)):
        return True
    if (told.subject, told.status, told.severity) != (incident.stage, incident.status, incident.severity):
        return True
    return (told.is_unreadable, _missing(told.uncovered), _units(told.uncovered)) != (
        detail.is_unreadable,
        _missing(detail.uncovered),
        _units(detail.uncovered),
    )


def _rules(incident: Incident) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found.rule for found in incident.detail.findings))


def _missing(uncovered: Iterable[UncoveredUnit]) -> frozenset[str]:
    return frozenset(unit.unit for unit in uncovered if unit.is_missing)


def _units(uncovered: Iterable[UncoveredUnit]) -> frozenset[str]:
    return frozenset(unit.unit for unit in uncovered)
