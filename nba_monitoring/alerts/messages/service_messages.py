"""Alerts about Cloud Run services: which fail, how, since when, which stages they fill, what to run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from nba_monitoring.alerts.incidents.decision import NotifyReason
from nba_monitoring.alerts.message import Message, Tone
from nba_monitoring.alerts.messages.course_words import (
    ack_command,
    acknowledgement,
    lasted,
    mute_ended,
    note,
    sent_late,
    status_line,
    tone,
)
from nba_monitoring.alerts.messages.service_words import ready, services, services_finding, what_was_found
from nba_monitoring.core.incidents import EndedAs, Incident


def services_message(reason: NotifyReason, incident: Incident, now: datetime, why_late: str, prefix: str) -> Message:
    """The alert about an incident of services, sent at an instant (UTC). `reason` is not NOTHING."""
    finding, said = services_finding(incident), note(incident)
    match reason:
        case NotifyReason.RECOVERED:
            return _good(incident, f"Recovered: {ready(incident)}", [lasted(incident), *mute_ended(incident)])
        case NotifyReason.CAME_LATE:
            return _good(incident, f"Ready after closing: {services(incident)}", mute_ended(incident))
        case NotifyReason.EXCUSED:
            return _good(incident, f"No longer watched: {services(incident)}", [lasted(incident)])
        case NotifyReason.CLOSED:
            title = f"Closed by {incident.detail.closed_by or 'hand'}: {finding}"
            return _good(incident, title, [*said, f"{lasted(incident)}. No more alerts until it is ready."])
        case NotifyReason.OVER:
            how = "Recovered" if incident.ended_as is EndedAs.RECOVERED else "Ended"
            lines = [lasted(incident), *what_was_found(incident), *sent_late(incident, now, why_late)]
            return _good(incident, f"{how} before it could be reported: {finding}", lines)
        case NotifyReason.ACKNOWLEDGED:
            title = f"{acknowledgement(incident, incident.acknowledged_at or now)}: {finding}"
            lines = [
                *note(incident),
                *what_was_found(incident),
                "No more reminders. Changes and the end are still reported.",
            ]
            return Message(incident.incident_id, tone(incident), title, lines=tuple(lines), brief=tuple(said))
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
        tone=tone(incident),
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
