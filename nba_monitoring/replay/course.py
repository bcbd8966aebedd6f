"""What would have been told of a date: its looks through the sensor's own step from incident to message."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from nba_monitoring.alerts.incidents.decision import NotifyReason, after_message, notify_reason
from nba_monitoring.alerts.incidents.lifecycle import after_check, at
from nba_monitoring.core.incidents import Incident
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.settled import why_settled
from nba_monitoring.core.stages import Due, StageTable


@dataclass(frozen=True, slots=True)
class Told:
    """A message that would have been sent, and the incident as it then stood."""

    at: datetime  # UTC
    reason: NotifyReason
    incident: Incident


@dataclass(frozen=True, slots=True)
class Course:
    """A date from its first look to its end: the looks that were taken, and what they and the clock would have told."""

    day: date
    instants: tuple[datetime, ...]  # at which a look could be taken and something told (UTC)
    looks: tuple[CheckRecord, ...]
    told: tuple[Told, ...]
    incidents: tuple[Incident, ...]

    @property
    def told_of(self) -> tuple[Incident, ...]:
        """The incidents that anything would have been told of."""
        return tuple(incident for incident in self.incidents if incident.told_at is not None)

    @property
    def first_told(self) -> Mapping[str, Told]:
        """The first message of each incident, by its id."""
        return {told.incident.incident_id: told for told in reversed(self.told)}


def course(
    day: date,
    instants: Sequence[tuple[datetime, Due]],
    record_at: Callable[[datetime], CheckRecord],
    stages: StageTable,
) -> Course:
    """Take the looks that are not settled at their instants (ascending), and tell what is to be told.

    Messages are accepted at once. A look is taken at each first instant of a due time, as its schedule does.
    """
    incidents: list[Incident] = []
    looks: list[CheckRecord] = []
    told: list[Told] = []
    begun: set[Due] = set()
    for instant, due in instants:
        if due not in begun or why_settled(looks[-1] if looks else None, instant, due) is None:
            begun.add(due)
            looks.append(record_at(instant))
            for changed in after_check(incidents, looks[-1], stages, "replay"):
                incidents = [*(known for known in incidents if known.incident_id != changed.incident_id), changed]
        incidents = [at(incident, instant) for incident in incidents]
        for number, incident in enumerate(incidents):
            reason = notify_reason(incident, instant)
            if reason not in (NotifyReason.NOTHING, NotifyReason.OVER):
                told.append(Told(instant, reason, incident))
                incidents[number] = after_message(incident, reason, instant, thread=None)
    return Course(day, tuple(instant for instant, _ in instants), tuple(looks), tuple(told), tuple(incidents))
