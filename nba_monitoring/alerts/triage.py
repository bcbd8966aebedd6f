"""What finished runs have to tell, sorted by how it is told and kept small however many they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from nba_monitoring.alerts.monitor_messages import FailedRun
from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.record import CheckRecord, Trigger

# What is older than this, on a date that is over, comes in one summary: after a week without Slack nobody wants it all.
STALE_AFTER = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run that has ended."""

    storage_id: int  # of its end in Dagster's event log: the order in which runs are told
    run_id: str
    dates: str  # its partitions, in words
    ended_at: datetime  # UTC, by the clock of whoever stored it, but never ahead of ours
    records: tuple[CheckRecord, ...] = ()  # the verdicts it recorded
    unreadable: tuple[str, ...] = ()  # why others of its verdicts can't be read, a sentence each
    failure: FailedRun | None = None
    last_date: date | None = None  # the newest of its dates; None where it has none
    trigger: Trigger = Trigger.MANUAL
    backfill_id: str | None = None  # the backfill that it is part of

    def is_past_backfill(self, now: datetime) -> bool:
        """Whether it is part of a backfill, and all of its own dates are over at an instant (UTC)."""
        return self.backfill_id is not None and self.last_date is not None and self.last_date < game_date(now)


@dataclass(frozen=True, slots=True)
class StuckRun:
    """A run that should have ended, or begun, long ago."""

    run_id: str
    dates: str  # its partitions, in words
    status: str  # Dagster's: STARTED, CANCELING, QUEUED, NOT_STARTED or STARTING
    since: datetime  # UTC, when it came to that status


class Look(NamedTuple):
    """One verdict, and the run that reached it."""

    record: CheckRecord
    run_id: str


Looks = dict[date, tuple[Look, ...]]


@dataclass(slots=True)
class Triage:
    """Runs sorted by how they are told.

    Of each date at most two looks are kept: the first that fails, and the newest.
    """

    live: Looks = field(default_factory=dict)  # told one by one
    stale: Looks = field(default_factory=dict)  # were live when judged, long ago
    past: Looks = field(default_factory=dict)  # never were live
    backfills: dict[str | None, Looks] = field(default_factory=dict)  # the same, by backfill; None: of other runs
    failed: dict[str, FinishedRun] = field(default_factory=dict)  # the last run for some dates, where it failed
    worked: dict[str, FinishedRun] = field(default_factory=dict)  # the same, where it did not
    # The last run for some dates, where it failed and was of a backfill of past dates; by backfill, then by dates.
    past_failures: dict[str, dict[str, FinishedRun]] = field(default_factory=dict)
    unreadable: list[FinishedRun] = field(default_factory=list)
    ended: list[tuple[datetime, str]] = field(default_factory=list)  # all runs, by end and id


def triage(runs: Iterable[FinishedRun], now: datetime) -> Triage:
    """Sort runs, in the order in which their ends were stored, at an instant (UTC)."""
    found = Triage()
    for run in runs:
        found.ended.append((run.ended_at, run.run_id))
        _sort_outcome(found, run, now)
        if run.unreadable:
            found.unreadable.append(run)
        # A run that failed later on may have recorded verdicts all the same.
        for record in run.records:
            look = Look(record, run.run_id)
            if record.is_live:
                is_late = is_stale(run, now) and record.check_date < game_date(now)
                _keep(found.stale if is_late else found.live, look)
            else:
                _keep(found.past, look)
                _keep(found.backfills.setdefault(run.backfill_id, {}), look)
    return found


def is_stale(run: FinishedRun, now: datetime) -> bool:
    """Whether what a run has to tell comes late."""
    return now - run.ended_at > STALE_AFTER


def _sort_outcome(found: Triage, run: FinishedRun, now: datetime) -> None:
    """By the last run for some dates: one that worked leaves no failure behind, whichever run that was of."""
    for outcome in (found.failed, found.worked, *found.past_failures.values()):
        outcome.pop(run.dates, None)
    if run.failure is None:
        found.worked[run.dates] = run
    elif run.backfill_id is not None and run.is_past_backfill(now):
        found.past_failures.setdefault(run.backfill_id, {})[run.dates] = run
    else:
        found.failed[run.dates] = run


def _keep(looks: Looks, newest: Look) -> None:
    day = newest.record.check_date
    known = looks.get(day, ())
    if not known or (known[0].record.status.passes and not newest.record.status.passes):
        looks[day] = (newest,)
    else:
        looks[day] = (known[0], newest)
