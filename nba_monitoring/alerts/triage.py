"""What finished runs have to tell, sorted by how it is told and kept small however many they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from nba_monitoring.alerts.monitor_messages import FailedRun
from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.record import CheckRecord

# What is older than this, on a date that is over, comes in one summary: after a week without Slack nobody wants it all.
STALE_AFTER = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run that has ended."""

    run_id: str
    dates: str  # its partitions, in words
    ended_at: datetime  # UTC
    records: tuple[CheckRecord, ...] = ()  # the verdicts it recorded
    unreadable: tuple[str, ...] = ()  # why others of its verdicts can't be read, a sentence each
    failure: FailedRun | None = None


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
    failed: dict[str, FinishedRun] = field(default_factory=dict)  # the last run for some dates, where it failed
    worked: dict[str, FinishedRun] = field(default_factory=dict)  # the same, where it did not
    unreadable: list[FinishedRun] = field(default_factory=list)
    ended: list[tuple[datetime, str]] = field(default_factory=list)  # all runs, by end and id


def triage(runs: Iterable[FinishedRun], now: datetime) -> Triage:
    """Sort runs, oldest first, at an instant (UTC)."""
    found = Triage()
    for run in runs:
        found.ended.append((run.ended_at, run.run_id))
        outcome, other = (found.worked, found.failed) if run.failure is None else (found.failed, found.worked)
        other.pop(run.dates, None)
        outcome[run.dates] = run
        if run.unreadable:
            found.unreadable.append(run)
        # A run that failed later on may have recorded verdicts all the same.
        for record in run.records:
            looks = _looks(found, run, record, now)
            looks[record.check_date] = _kept(looks.get(record.check_date, ()), Look(record, run.run_id))
    return found


def is_stale(run: FinishedRun, now: datetime) -> bool:
    """Whether what a run has to tell comes late."""
    return now - run.ended_at > STALE_AFTER


def _looks(found: Triage, run: FinishedRun, record: CheckRecord, now: datetime) -> Looks:
    if not record.is_live:
        return found.past
    return found.stale if is_stale(run, now) and record.check_date < game_date(now) else found.live


def _kept(looks: tuple[Look, ...], newest: Look) -> tuple[Look, ...]:
    if not looks or (looks[0].record.status.passes and not newest.record.status.passes):
        return (newest,)
    return (looks[0], newest)
