"""The Cloud Scheduler job that fills a stage: its name in the stage's command, and what was seen of its last run."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from nba_monitoring.core.codec import Instant
from nba_monitoring.core.words import moment

_NAME = re.compile(r"[A-Za-z0-9_-]{1,500}")
_LOCATION = re.compile(r"[a-z][a-z0-9-]{1,40}")


@dataclass(frozen=True, slots=True)
class SchedulerJob:
    """A job of Cloud Scheduler, in the project that is set."""

    name: str
    location: str

    @classmethod
    def of(cls, command: str) -> SchedulerJob | None:
        """The job that `gcloud scheduler jobs run NAME --location=L` runs; None for any other command."""
        try:
            words = shlex.split(command)
        except ValueError:
            return None
        match words:
            case ["gcloud", "scheduler", "jobs", "run", name, "--location", location]:
                pass
            case ["gcloud", "scheduler", "jobs", "run", name, option] if option.startswith("--location="):
                location = option.removeprefix("--location=")
            case _:
                return None
        return cls(name, location) if _NAME.fullmatch(name) and _LOCATION.fullmatch(location) else None


class JobState(StrEnum):
    """The states of a job."""

    ENABLED = "ENABLED"
    PAUSED = "PAUSED"  # by someone
    DISABLED = "DISABLED"  # by Cloud Scheduler, because of an error
    UPDATE_FAILED = "UPDATE_FAILED"


@dataclass(frozen=True, slots=True)
class JobSeen:
    """What Cloud Scheduler showed of a job at a check, or why it could not be read."""

    job: str
    state: JobState | None = None
    ran_at: Instant | None = None  # the start of its last attempt
    failure: str | None = None  # how that ended, such as DEADLINE_EXCEEDED; None if its target answered OK
    next_at: Instant | None = None  # when its schedule runs it next
    problem: str | None = None  # 'the job does not exist in us-west2'

    def summary(self, day: date) -> str:
        """One line, with dates only where they are not `day`.

        'player-composite-factors-upcoming last ran 7:00 AM ET and failed (DEADLINE_EXCEEDED)'.
        """
        if self.problem is not None:
            return f"{self.job}: {self.problem}"
        return f"{self.job} {'; '.join([*self._state(), self._last_run(day), *self._next_run(day)])}"

    def _state(self) -> list[str]:
        match self.state:
            case JobState.PAUSED:
                return ["is PAUSED: its schedule does not run it"]
            case JobState.DISABLED:
                return ["is DISABLED by Cloud Scheduler: nothing runs it"]
            case JobState.UPDATE_FAILED:
                return ["is UPDATE_FAILED: its last change did not take effect"]
        return []

    def _last_run(self, day: date) -> str:
        if self.ran_at is None:
            return "has never run"
        when = f"last ran {moment(self.ran_at, day)}"
        if self.failure is not None:
            return f"{when} and failed ({self.failure})"
        return f"{when}, its target answered OK; another run may not help"

    def _next_run(self, day: date) -> list[str]:
        if self.next_at is None or self.state is not JobState.ENABLED:
            return []
        return [f"runs next at {moment(self.next_at, day)}"]
