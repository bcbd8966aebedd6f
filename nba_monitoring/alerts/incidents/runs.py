"""What runs of the monitor left for the alerts: their checks become incidents, the rest is reported by itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from nba_monitoring.alerts.incidents.lifecycle import after_check, with_stage
from nba_monitoring.alerts.incidents.service_incidents import after_services_check, no_longer_watched
from nba_monitoring.alerts.incidents.state import AlertState
from nba_monitoring.core.chain_facts import ServicesSeen
from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.services import ServiceCheck
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.core.stages import SCHEDULE, StageTable

_SCHEDULED = (Trigger.SCHEDULED, Trigger.RECHECK)


@dataclass(frozen=True, slots=True)
class FailedRun:
    """A run that ended without a verdict: by an error, or because someone canceled it."""

    run_id: str
    job: str
    error: str
    cancelled: bool = False

    @property
    def error_lines(self) -> list[str]:
        """The error's lines, without blank ones."""
        return [line for line in (line.strip() for line in self.error.splitlines()) if line]

    @property
    def summary(self) -> str:
        """'canceled: by Kim', 'failed: WarehouseError: ...': the outcome and the error's first line."""
        return ": ".join(["canceled" if self.cancelled else "failed", *self.error_lines[:1]])


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run that has ended."""

    storage_id: int  # of its end in Dagster's event log: the order in which runs are reported
    run_id: str
    dates: str  # its partitions, as text
    ended_at: datetime  # UTC, by the clock of whoever stored it, but never ahead of ours
    last_date: date | None = None  # the newest of its partitions
    records: tuple[CheckRecord, ...] = ()  # the verdicts that it evaluated
    has_verdict: bool = False  # one of them is its own, or of the run that it executes again
    services: tuple[ServiceCheck, ...] = ()  # that it checked
    unreadable: tuple[str, ...] = ()  # why other verdicts can't be read, one sentence each
    failure: FailedRun | None = None
    trigger: Trigger = Trigger.MANUAL
    backfill_id: str | None = None  # shared by all runs of a backfill


@dataclass(frozen=True, slots=True)
class StuckRun:
    """A run that should have ended."""

    run_id: str
    dates: str  # its partitions, as text
    status: str  # Dagster's: STARTED, CANCELING, QUEUED, NOT_STARTED or STARTING
    since: datetime  # UTC, when it got that status


@dataclass(slots=True)
class Outcomes:
    """What runs brought besides incidents."""

    past: dict[str, list[CheckRecord]] = field(default_factory=dict)  # checks of dates that are not urgent, by run
    failed: dict[str, FinishedRun] = field(default_factory=dict)  # the last run for some dates, if it failed
    worked: dict[str, FinishedRun] = field(default_factory=dict)  # the same, if it made a verdict
    unreadable: list[FinishedRun] = field(default_factory=list)

    def add(self, run: FinishedRun) -> None:
        """Take a run's end for its dates' newest. One that did not fail shows nothing unless it made a verdict."""
        if run.failure is not None:
            self.worked.pop(run.dates, None)
            self.failed[run.dates] = run
        elif run.has_verdict:
            self.failed.pop(run.dates, None)
            self.worked[run.dates] = run


def read_runs(
    state: AlertState, runs: Iterable[FinishedRun], stages: StageTable, now: datetime
) -> tuple[AlertState, Outcomes]:
    """The memory after the checks of runs, given in the order in which they are stored, and what else they brought.

    Reading the same runs again changes nothing in the memory. `now` is UTC.
    """
    for incident in state.incidents.values():
        # Opened by a version that did not keep what alerts need of its stage.
        if incident.is_open and not incident.detail.titles:
            state = state.with_incident(with_stage(incident, stages))
    outcomes = Outcomes()
    for ended in runs:
        run = _apart(ended, state)
        if run.backfill_id is not None and run.last_date is not None and run.last_date < game_date(now):
            if run.backfill_id not in state.digested:
                state = replace(state, backfills=tuple(dict.fromkeys((*state.backfills, run.backfill_id))))
        else:
            outcomes.add(run)
        if run.services:
            state = _read_services(state, run, now)
        if run.unreadable:
            outcomes.unreadable.append(run)
        # A run that failed later on may have recorded verdicts anyway.
        for record in run.records:
            if record.detail.is_clock_real:
                state = _read_check(state, record, run, outcomes, stages, now)
    return state, outcomes


def _apart(run: FinishedRun, state: AlertState) -> FinishedRun:
    """A run apart from its backfill, if it ended after the backfill's digest: someone has executed it again."""
    digested_at = None if run.backfill_id is None else state.digested.get(run.backfill_id)
    is_again = digested_at is not None and run.ended_at > digested_at
    return replace(run, backfill_id=None) if is_again else run


def _read_check(
    state: AlertState, record: CheckRecord, run: FinishedRun, outcomes: Outcomes, stages: StageTable, now: datetime
) -> AlertState:
    # A worker whose clock is ahead must not make all other checks seem old.
    record = replace(record, check_time=min(record.check_time, now))
    day, is_scheduled = record.check_date, record.trigger in _SCHEDULED
    for incident in after_check(state.incidents_of(day), record, stages, run.run_id):
        state = state.with_incident(incident)
    state = state.with_check(record)
    if record.is_live:
        return state
    # A past date that a schedule asks for is checked for its results, which have incidents of their own.
    if run.backfill_id is None and not is_scheduled and not state.incidents_of(day):
        outcomes.past.setdefault(run.run_id, []).append(record)
    return state


def _read_services(state: AlertState, run: FinishedRun, now: datetime) -> AlertState:
    # As for a date's check.
    checks = [replace(check, check_time=min(check.check_time, now)) for check in run.services]
    for incident in after_services_check(state.incidents.values(), checks, run.run_id):
        state = state.with_incident(incident)
    return state if state.services is None else replace(state, services=state.services.checked(checks[0].check_time))


def with_services(state: AlertState, services: Collection[str], now: datetime) -> AlertState:
    """The memory with the services that are watched at an instant (UTC), by name: an incident of others is over."""
    state = replace(state, services=(state.services or ServicesSeen(now)) if services else None)
    for incident in state.open_incidents:
        state = state.with_incident(no_longer_watched(incident, services, now))
    return state


def with_history(state: AlertState, records: Iterable[CheckRecord], stages: StageTable, now: datetime) -> AlertState:
    """The memory after the recorded checks of open incidents' dates, oldest first, whether or not a run brought them.

    A run may be deleted, or its evaluation lost, before it is read; a check by hand has none. `now` is UTC.
    """
    for record in records:
        of_date = state.incidents_of(record.check_date)
        named = {incident.stage for incident in of_date if incident.is_open}
        # What does not watch an incident's stage says nothing about it.
        if not named or not named <= {SCHEDULE, *record.stages} or not record.stands_at(now):
            continue
        run_id = None if record.trigger is Trigger.MANUAL else record.run_id
        for incident in after_check(of_date, record, stages, run_id):
            state = state.with_incident(incident)
        state = state.with_check(record)
    return state
