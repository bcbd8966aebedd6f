"""When to send an alert: pure, total functions of an incident, the last alert about it, and the clock.

The reason for an alert (`notify_reason`) follows from how the incident, as `lifecycle.py` has it, differs from the last
alert; once one was accepted, `after_message` remembers it. The platform once alerted on the same finding at every run,
until nobody read the alerts anymore.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from nba_monitoring.core.chain import CHECK_GRACE
from nba_monitoring.core.eastern import morning_of
from nba_monitoring.core.incidents import EndedAs, Incident, Told, UncoveredUnit
from nba_monitoring.core.services import AnyStatus
from nba_monitoring.core.stages import Due
from nba_monitoring.core.status import Severity, Status

# Checks run every half hour; after four of them without a change the alert may have been overlooked.
REPEAT_INTERVAL = timedelta(hours=2)
# A service on an old revision may wait for the next working day, and nothing ends it but its repair.
SERVICES_REPEAT_INTERVAL = timedelta(days=1)

_RANK: Mapping[AnyStatus, int] = {
    Status.BAD_DATA: 1,
    Status.PARTIAL_DATA: 1,
    Status.MISSING_DATA: 2,
    Status.SUSPECT_JOIN: 3,
    Status.UNKNOWN_SCHEDULE: 3,
}


class NotifyReason(StrEnum):
    """Why to send an alert, or not. The values are stored in `notifications.reason`; people read the labels."""

    FIRST_FINDING = "first finding"
    GOT_WORSE = "got worse"
    CHANGED = "changed"
    NOT_LOOKED_AT = "not looked at"
    REMINDER = "reminder"
    ACKNOWLEDGED = "acknowledged"
    FIX_STARTED = "fix started"
    RECOVERED = "recovered"
    TOO_LATE = "too late"
    EXCUSED = "excused"
    CLOSED = "closed"
    OVER = "over before it was told"
    CAME_LATE = "came late"
    NOTHING = "nothing"

    @property
    def label(self) -> str:
        """As people call it: 'opened', 'arrived late'."""
        return _LABELS.get(self, self.value)


_LABELS = {
    NotifyReason.FIRST_FINDING: "opened",
    NotifyReason.GOT_WORSE: "worse",
    NotifyReason.NOT_LOOKED_AT: "not checked",
    NotifyReason.EXCUSED: "no longer expected",
    NotifyReason.OVER: "ended before reported",
    NotifyReason.CAME_LATE: "arrived late",
}

# One of these reports an incident's end; after it only data that arrives late is reported.
END_REASONS = frozenset(
    {NotifyReason.RECOVERED, NotifyReason.TOO_LATE, NotifyReason.EXCUSED, NotifyReason.CLOSED, NotifyReason.OVER}
)

_REASON_OF_END = {
    EndedAs.RECOVERED: NotifyReason.RECOVERED,
    EndedAs.TOO_LATE: NotifyReason.TOO_LATE,
    EndedAs.EXCUSED: NotifyReason.EXCUSED,
    EndedAs.CLOSED: NotifyReason.CLOSED,
}


def notify_reason(incident: Incident, now: datetime) -> NotifyReason:
    """What to report of an incident at an instant (UTC), given the alerts so far."""
    detail = incident.detail
    if incident.ended_as is not None:
        return _reason_after_end(incident, incident.ended_as)
    if detail.mute:
        return NotifyReason.NOTHING
    if detail.told is None:
        return NotifyReason.FIRST_FINDING
    if incident.acknowledged_at is not None and not detail.acknowledgement_told:
        return NotifyReason.ACKNOWLEDGED
    if incident.is_about_services:
        return _reason_of_services(incident, detail.told, now)
    if _is_worse(detail.told, incident):
        return NotifyReason.GOT_WORSE
    if _is_different(detail.told, incident):
        return NotifyReason.CHANGED
    if incident.fix_started_at != detail.fix_told:
        return NotifyReason.FIX_STARTED
    if now >= incident.deadline:
        # The end is next, once the check that decides it has come, or has not.
        return NotifyReason.NOTHING
    if is_check_overdue(incident, now) and detail.unseen_told != detail.looked_at:
        return NotifyReason.NOT_LOOKED_AT
    return _reminder(incident, detail.told, now, REPEAT_INTERVAL)


def after_message(incident: Incident, reason: NotifyReason, now: datetime, thread: str | None) -> Incident:
    """The incident once an alert about it was accepted at an instant (UTC), in the thread that the receipt names."""
    detail = incident.detail
    has_ended = reason in END_REASONS
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
            # The first alert about an acknowledged incident says so itself.
            acknowledgement_told=detail.acknowledgement_told or incident.acknowledged_at is not None,
            fix_told=incident.fix_started_at if reason is NotifyReason.FIX_STARTED else detail.fix_told,
            end_told=detail.end_told or has_ended,
            # That the rows are there by now is worth an alert of its own: somebody may be about to fill the gap.
            covered_told=detail.covered_told
            or (incident.covered_at is not None and reason is not NotifyReason.TOO_LATE),
        ),
    )


def is_check_overdue(incident: Incident, now: datetime) -> bool:
    """Whether a check is overdue. They run from 11:00 AM ET of the date on; for results, of the next day."""
    looked_at = incident.detail.looked_at or incident.found_at
    day = incident.check_date + timedelta(days=1 if incident.due is Due.MORNING_AFTER else 0)
    return now - max(looked_at, morning_of(day)) > CHECK_GRACE


def rank(status: AnyStatus | None) -> int:
    """How bad a status is: 0 for those that pass and for none."""
    return 0 if status is None else _RANK.get(status, 0)


def _reason_after_end(incident: Incident, ended_as: EndedAs) -> NotifyReason:
    detail = incident.detail
    if detail.end_told:
        return NotifyReason.CAME_LATE if incident.covered_at and not detail.covered_told else NotifyReason.NOTHING
    # A muted finding was not reported on purpose; its end is, so that the gap is not forgotten.
    if detail.told is None and not detail.mute:
        return NotifyReason.OVER
    return _REASON_OF_END[ended_as]


def _reason_of_services(incident: Incident, told: Told, now: datetime) -> NotifyReason:
    """The same for services that fail, which may take weeks: each new one, another status, and a reminder a day."""
    if _units(incident.detail.uncovered) - _units(told.uncovered) or _is_more_urgent(told, incident):
        return NotifyReason.GOT_WORSE
    if told.status is not incident.status:
        return NotifyReason.CHANGED
    return _reminder(incident, told, now, SERVICES_REPEAT_INTERVAL)


def _reminder(incident: Incident, told: Told, now: datetime, interval: timedelta) -> NotifyReason:
    is_due = incident.detail.was_muted is not None or now - told.at >= interval
    return NotifyReason.REMINDER if is_due and incident.acknowledged_at is None else NotifyReason.NOTHING


def _is_more_urgent(told: Told, incident: Incident) -> bool:
    return told.severity is Severity.WARN and incident.severity is Severity.ERROR


def _is_worse(told: Told, incident: Incident) -> bool:
    if _is_more_urgent(told, incident) or rank(incident.status) > rank(told.status):
        return True
    # The games of one stage and the teams of another don't compare.
    now_uncovered = incident.detail.uncovered
    return told.subject == incident.stage and (
        len(now_uncovered) > len(told.uncovered) or len(_missing(now_uncovered)) > len(_missing(told.uncovered))
    )


def _is_different(told: Told, incident: Incident) -> bool:
    detail = incident.detail
    # There are no reminders once it is acknowledged, so what else breaks is reported; what else is fixed can wait.
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
