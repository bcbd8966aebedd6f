"""A date's alerts as the sensor keeps them, without Dagster: looks come in, the clock runs, messages are accepted."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from nba_monitoring.alerts.incidents.decision import NotifyReason, after_message, notify_reason
from nba_monitoring.alerts.incidents.lifecycle import after_check, at
from nba_monitoring.core.incidents import Incident
from nba_monitoring.core.record import CheckRecord
from nba_monitoring_tests.alerts.looks import STAGES


@dataclass(frozen=True)
class Sent:
    """A message that was accepted."""

    at: datetime
    reason: NotifyReason
    incident: Incident  # as it was when the message was made

    @property
    def incident_id(self) -> str:
        return self.incident.incident_id


@dataclass
class Alerting:
    """The incidents of one date, and what was told of them."""

    incidents: list[Incident] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)

    def look(self, record: CheckRecord) -> None:
        for changed in after_check(self.incidents, record, STAGES, "6f1d2c9e"):
            self.incidents = [known for known in self.incidents if known.incident_id != changed.incident_id]
            self.incidents.append(changed)

    def tick(self, now: datetime, accepts: bool = True) -> list[NotifyReason]:
        """What is told at an instant, where the messages are accepted."""
        told: list[NotifyReason] = []
        for place, known in enumerate(self.incidents):
            incident = at(known, now)
            reason = notify_reason(incident, now)
            if reason is not NotifyReason.NOTHING and accepts:
                self.sent.append(Sent(now, reason, incident))
                incident = after_message(incident, reason, now, incident.detail.thread or f"thread {len(self.sent)}")
                told.append(reason)
            self.incidents[place] = incident
        return told

    def run_until(self, start: datetime, end: datetime, step: timedelta = timedelta(minutes=10)) -> None:
        """A tick every ten minutes, the end included."""
        now = start
        while now < end:
            self.tick(now)
            now += step
        self.tick(end)

    def hear(self, record: CheckRecord, minutes_later: int = 1) -> list[NotifyReason]:
        """What is told of a look a minute after it."""
        self.look(record)
        return self.tick(record.check_time + timedelta(minutes=minutes_later))

    @property
    def reasons(self) -> list[NotifyReason]:
        return [sent.reason for sent in self.sent]


def told(*records: CheckRecord) -> list[NotifyReason]:
    """What is told of looks, one after another, a minute after each."""
    alerting = Alerting()
    for record in records:
        alerting.hear(record)
    return alerting.reasons
