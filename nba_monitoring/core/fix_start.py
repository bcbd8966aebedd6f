"""Whether a person may start the job that fills an incident's stage, and the claim by which only one of them does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.fix_command import FIXED_BY_ROWS
from nba_monitoring.core.incidents import Incident, Notification
from nba_monitoring.core.scheduler_job import JobSeen, JobState, SchedulerJob
from nba_monitoring.core.words import duration, moment

# A job takes some 20 minutes; what starts later can't be in time.
LEAST_TIME_LEFT = timedelta(minutes=20)
# A run that began so recently, whoever started it, may still be at work.
RECENTLY = timedelta(minutes=15)

# How claims and their outcomes appear in `notifications.way`.
WAY = "cloud_scheduler"


class FixStep(StrEnum):
    """The rows of a start in `notifications`, by their reason: the claim, and its result."""

    CLAIMED = "fix claimed"
    STARTED = "fix started"
    UNCLEAR = "fix unclear"  # it may have started
    NOT_STARTED = "fix not started"


@dataclass(frozen=True, slots=True)
class Situation:
    """What decides whether a job may be started at `now` (UTC)."""

    incident: Incident
    first_broken: str | None  # the first broken stage by a check now, among those with the incident's due time
    job: SchedulerJob | None  # the one that fills the incident's stage
    seen: JobSeen | None  # None without a job
    sent: Sequence[Notification]  # the rows of `notifications` since the incident's date began
    now: datetime
    again: bool = False  # whether a run a short while ago does not matter

    @property
    def refusal(self) -> str | None:
        """Why it may not be started, as one sentence; None if it may."""
        incident = self.incident
        if incident.detail.is_drill:
            return f"{incident.incident_id} is a drill; nothing is broken"
        if not incident.is_open:
            return f"{incident.incident_id} has ended ({incident.standing})"
        if incident.check_date != game_date(self.now):
            return f"{incident.check_date} is not today; a job started by hand fills its own date"
        if self.first_broken is None:
            return f"{incident.title} is complete by now; the next check ends the incident"
        if self.first_broken != incident.stage:
            return f"{incident.stage} is no longer the first broken stage; {self.first_broken} is"
        if incident.status not in FIXED_BY_ROWS or incident.detail.is_unreadable:
            return f"{incident.title} would still be {incident.status}; the alert says what to do instead"
        if self.job is None or self.seen is None:
            return f"no Cloud Scheduler job fills {incident.stage}; the alert has its command"
        if incident.deadline - self.now < LEAST_TIME_LEFT:
            left = duration(incident.deadline - self.now)
            return f"the deadline is {left} away, less than {duration(LEAST_TIME_LEFT)}; it could not be in time"
        if self.seen.problem is not None:
            return f"{self.seen.summary(incident.check_date)}, so it may already be running"
        if self.seen.state is JobState.DISABLED:
            return f"{self.job.name} is DISABLED by Cloud Scheduler"
        return None if self.again or (doubt := self._doubt) is None else f"{doubt}; --again starts it anyway"

    @property
    def _doubt(self) -> str | None:
        """Why not to start it again."""
        day = self.incident.check_date
        started = next((claim for claim in reversed(self._claims) if not self._came_to_nothing(claim)), None)
        if started is not None:
            return f"it was already started for this incident: {started.text}, {moment(started.sent_at, day)}"
        ran_at = None if self.seen is None else self.seen.ran_at
        if ran_at is not None and self.now - ran_at < RECENTLY:
            return f"it ran {duration(self.now - ran_at)} ago ({moment(ran_at, day)}), less than {duration(RECENTLY)}"
        return None

    @property
    def claim_id(self) -> str:
        """The id of the next claim: 'nba-2026-01-18/fix/phase4/1'."""
        return f"{self._prefix}{len(self._claims) + 1}"

    @property
    def _prefix(self) -> str:
        return f"{self.incident.incident_id}/fix/{self.incident.stage}/"

    @property
    def _claims(self) -> Sequence[Notification]:
        return [
            sent for sent in self.sent if sent.notification_id.startswith(self._prefix) and _is(sent, FixStep.CLAIMED)
        ]

    def _came_to_nothing(self, claim: Notification) -> bool:
        return any(
            sent.notification_id == claim.notification_id and _is(sent, FixStep.NOT_STARTED) for sent in self.sent
        )


def _is(sent: Notification, step: FixStep) -> bool:
    return sent.reason == step
