"""What is said about an incident while it lasts, and by which function its end is told."""

from __future__ import annotations

from datetime import datetime

from nba_monitoring.alerts.incidents.decision import NotifyReason
from nba_monitoring.alerts.messages.course_words import mute_ended, since, time_left
from nba_monitoring.alerts.messages.end_messages import came_late, closed, excused, over, recovered, too_late
from nba_monitoring.alerts.messages.message import Message, NextSteps, Tone
from nba_monitoring.alerts.messages.stage_words import (
    advice_on,
    besides,
    command_for,
    finding,
    matchups,
    rows,
    units,
    unreadable,
)
from nba_monitoring.alerts.messages.wording import day_name, fallback, moment
from nba_monitoring.core.incidents import Incident
from nba_monitoring.core.stages import Due, StageTable
from nba_monitoring.core.status import Severity

_PREFIXES = {
    NotifyReason.GOT_WORSE: "Worse: ",
    NotifyReason.CHANGED: "Changed: ",
    NotifyReason.REMINDER: "Still: ",
}

_WHO_LOOKS = {
    Due.BEFORE_TIP: "See that recheck_until_covered is on and its run not stuck, or check by hand:",
    Due.MORNING_AFTER: "See that results_check_8am and recheck_until_covered are on and their runs not stuck, or "
    "check by hand:",
}


def incident_message(
    reason: NotifyReason, incident: Incident, stages: StageTable, now: datetime, next_steps: NextSteps
) -> Message:
    """The message about an incident, sent at an instant (UTC). `reason` is not NOTHING.

    `stages` has the titles and commands; a stage that it lacks is called by its name and comes without a command.
    """
    match reason:
        case NotifyReason.RECOVERED:
            return recovered(incident, stages, next_steps)
        case NotifyReason.TOO_LATE:
            return too_late(incident, stages, next_steps)
        case NotifyReason.EXCUSED:
            return excused(incident, stages, next_steps)
        case NotifyReason.CLOSED:
            return closed(incident, stages, next_steps)
        case NotifyReason.OVER:
            return over(incident, stages, now, next_steps)
        case NotifyReason.CAME_LATE:
            return came_late(incident, stages, next_steps)
        case NotifyReason.ACKNOWLEDGED:
            return _acknowledged(incident, stages, now, next_steps)
        case NotifyReason.NOT_LOOKED_AT:
            return _not_looked_at(incident, stages, now, next_steps)
        case _:
            return _failing(reason, incident, stages, now, next_steps)


def _failing(
    reason: NotifyReason, incident: Incident, stages: StageTable, now: datetime, next_steps: NextSteps
) -> Message:
    title = f"{_PREFIXES.get(reason, '')}{finding(incident, stages)}"
    others = [*besides(incident, stages), *unreadable(incident)]
    lines = [f"{incident.severity} {incident.status}", *time_left(incident, now), *units(incident), *others]
    if reason is not NotifyReason.FIRST_FINDING:
        lines += since(incident, stages, now)
    lines += mute_ended(incident)
    if incident.acknowledged_by:
        lines.append(f"{incident.acknowledged_by} has it")
    advice = advice_on(incident, stages)
    lines += [advice] if advice else []
    parts = [
        f"{incident.severity} {title}",
        *time_left(incident, now),
        *(matchups(incident) or units(incident)),
        *others,
    ]
    return Message(
        alert_id=incident.incident_id,
        tone=_tone(incident),
        title=title,
        fallback=fallback(parts, incident.incident_id),
        lines=tuple(lines),
        rows=rows(incident),
        evidence=incident.detail.evidence,
        command=command_for(incident, stages),
        links=next_steps.links,
    )


def _not_looked_at(incident: Incident, stages: StageTable, now: datetime, next_steps: NextSteps) -> Message:
    day = incident.check_date
    looked_at = incident.detail.looked_at or incident.found_at
    title = f"Monitor: {day_name(day)} was not looked at since {moment(looked_at, day)}"
    line = f"The last look found {finding(incident, stages)}. Whether that still holds is not known"
    return Message(
        alert_id=incident.incident_id,
        tone=Tone.ERROR,
        title=title,
        fallback=fallback([f"ERROR {title}", line], incident.incident_id),
        lines=(line, *time_left(incident, now), _WHO_LOOKS[incident.due]),
        command=f"nba-monitoring check --date {day}",
        links=next_steps.links,
    )


def _acknowledged(incident: Incident, stages: StageTable, now: datetime, next_steps: NextSteps) -> Message:
    title = f"{incident.acknowledged_by or 'Someone'} has it: {finding(incident, stages)}"
    note = (incident.detail.note,) if incident.detail.note else ()
    return Message(
        alert_id=incident.incident_id,
        tone=_tone(incident),
        title=title,
        fallback=fallback([title, *note], incident.incident_id),
        lines=(
            *note,
            *time_left(incident, now),
            *units(incident),
            "No reminders from here on; changes and the end are told.",
        ),
        rows=rows(incident),
        links=next_steps.links,
    )


def _tone(incident: Incident) -> Tone:
    return Tone.WARN if incident.severity is Severity.WARN else Tone.ERROR
