"""Alerts about Cloud Run services: which fail, how, since when, which stages they fill, what to run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from nba_monitoring.alerts.incidents.decision import NotifyReason
from nba_monitoring.alerts.message import Message, Tone
from nba_monitoring.alerts.messages.course_words import ack_command, acknowledgement, lasted, mute_ended, status_line
from nba_monitoring.alerts.messages.service_words import ready, services, services_finding, what_was_found
from nba_monitoring.core.incidents import EndedAs, Incident
from nba_monitoring.core.status import Severity
from nba_monitoring.core.words import duration


def services_message(reason: NotifyReason, incident: Incident, now: datetime, why_late: str, prefix: str) -> Message:
    """The alert about an incident of services, sent at an instant (UTC). `reason` is not NOTHING."""
    finding = services_finding(incident)
    note = [f'"{incident.detail.note}"'] if incident.detail.note else []
    match reason:
        case NotifyReason.RECOVERED:
            return _good(incident, f"Recovered: {ready(incident)}", [lasted(incident), *mute_ended(incident)])
        case NotifyReason.CAME_LATE:
            return _good(incident, f"Ready after closing: {services(incident)}", mute_ended(incident))
        case NotifyReason.EXCUSED:
            return _good(incident, f"No longer watched: {services(incident)}", [lasted(incident)])
        case NotifyReason.CLOSED:
            title = f"Closed by {incident.detail.closed_by or 'hand'}: {finding}"
            return _good(incident, title, [*note, f"{lasted(incident)}. No more alerts until it is ready."])
        case NotifyReason.OVER:
            how = "Recovered" if incident.ended_as is EndedAs.RECOVERED else "Ended"
            lines = [lasted(incident), *what_was_found(incident)]
            if incident.ended_at is not None:
                lines.append(f"{why_late}; sent {duration(now - incident.ended_at)} after the incident ended")
            return _good(incident, f"{how} before it could be reported: {finding}", lines)
        case NotifyReason.ACKNOWLEDGED:
            title = f"{acknowledgement(incident, incident.acknowledged_at or now)}: {finding}"
            lines = [*note, *what_was_found(incident), "No more reminders. Changes and the end are still reported."]
            return Message(incident.incident_id, _tone(incident), title, lines=tuple(lines), brief=tuple(note))
        case _:
            return _failing(incident, now, f"{prefix}{finding}")


def _failing(incident: Incident, now: datetime, title: str) -> Message:
    detail, found = incident.detail, what_was_found(incident)
    lines = [status_line(incident, now), *found, *_ready_again(incident)]
    if detail.feeds:
        lines.append(f"Stages that may be missing next: {', '.join(detail.feeds)}")
    lines += mute_ended(incident)
    if incident.acknowledged_at is not None:
        lines.append(acknowledgement(incident, incident.acknowledged_at))
    return Message(
        alert_id=incident.incident_id,
        tone=_tone(incident),
        title=title,
        lines=tuple(lines),
        brief=tuple(found[:1]),
        command_intro="To deploy it again:" if detail.fix else None,
        command=detail.fix,
        acknowledge=ack_command(incident),
    )


def _good(incident: Incident, title: str, lines: Sequence[str]) -> Message:
    return Message(incident.incident_id, Tone.GOOD, title, lines=tuple(lines))


def _ready_again(incident: Incident) -> list[str]:
    left = {unit.unit for unit in incident.detail.uncovered}
    told = incident.detail.told
    over = [incident.title_of(unit.unit) for unit in (told.uncovered if told else ()) if unit.unit not in left]
    return [f"Ready again: {', '.join(over)}"] if over else []


def _tone(incident: Incident) -> Tone:
    return Tone.WARN if incident.severity is Severity.WARN else Tone.ERROR
