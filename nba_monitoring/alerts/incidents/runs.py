"""What a run of the monitor left for the alerts, whichever scheduler ran it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.stage_record import Trigger


@dataclass(frozen=True, slots=True)
class FailedRun:
    """A run that ended without a verdict: by an error, or because someone cancelled it."""

    run_id: str
    job: str
    error: str
    cancelled: bool = False

    @property
    def outcome(self) -> str:
        """What became of the job, in words."""
        return f"{self.job} {'was cancelled' if self.cancelled else 'failed'}"

    @property
    def error_lines(self) -> list[str]:
        """The error's lines, without blank ones."""
        return [line for line in (line.strip() for line in self.error.splitlines()) if line]

    @property
    def summary(self) -> str:
        """The outcome with the first line of the error, which says what was wrong."""
        return ": ".join([self.outcome, *self.error_lines[:1]])


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run that has ended."""

    storage_id: int  # of its end in Dagster's event log: the order in which runs are told
    run_id: str
    dates: str  # its partitions, in words
    ended_at: datetime  # UTC, by the clock of whoever stored it, but never ahead of ours
    last_date: date | None = None  # the newest of its partitions
    records: tuple[CheckRecord, ...] = ()  # the verdicts it recorded
    unreadable: tuple[str, ...] = ()  # why others of its verdicts can't be read, a sentence each
    failure: FailedRun | None = None
    trigger: Trigger = Trigger.MANUAL
    backfill_id: str | None = None  # the cause that many runs share


@dataclass(frozen=True, slots=True)
class StuckRun:
    """A run that should have ended."""

    run_id: str
    dates: str  # its partitions, in words
    status: str  # Dagster's: STARTED, CANCELING, QUEUED, NOT_STARTED or STARTING
    since: datetime  # UTC, when it came to that status
