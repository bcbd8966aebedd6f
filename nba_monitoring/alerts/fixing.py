"""Start the job that fills an incident's stage, for one person and once: the monitor's only write on the platform."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid4

from nba_monitoring.core.fix_start import WAY, FixStep, Situation
from nba_monitoring.core.incidents import Incident, Notification
from nba_monitoring.core.scheduler_job import SchedulerJob
from nba_monitoring.errors import MonitoringError
from nba_monitoring.google_apis.client import GoogleApiError
from nba_monitoring.google_apis.scheduler import CloudScheduler
from nba_monitoring.monitor import Monitor
from nba_monitoring.settings import Settings
from nba_monitoring.warehouse import Warehouse, WarehouseError

_ONE_DAY = timedelta(days=1)


def situation_of(
    incident: Incident,
    warehouse: Warehouse,
    settings: Settings,
    scheduler: CloudScheduler,
    now: datetime,
    again: bool = False,
) -> Situation:
    """What decides whether an incident's job may be started at an instant (UTC): a check of its date, which is not
    recorded, the job as Cloud Scheduler shows it, and the starts so far. Raises WarehouseError.
    """
    day = incident.check_date
    stages = settings.stages
    job = SchedulerJob.of(stages[incident.stage].fix) if incident.stage in stages else None
    may_be_open = incident.is_open and not incident.detail.is_drill
    verdict = Monitor(warehouse, settings, day, day, now).verdict(day) if may_be_open else None
    return Situation(
        incident=incident,
        first_broken=None if verdict is None or incident.due is None else verdict.first_broken_of(incident.due),
        job=job,
        seen=None if job is None else scheduler.seen(job, now),
        sent=warehouse.notifications(day, day + _ONE_DAY).records,
        now=now,
        again=again,
    )


class FixRefusedError(MonitoringError):
    """The job may not be started; the message says why."""


@dataclass(frozen=True, slots=True)
class Start:
    """The result of an attempt to start a job."""

    step: FixStep
    claim: Notification  # that was made, by whoever was first
    is_ours: bool = True  # whether this attempt was first; otherwise it started nothing
    error: str | None = None  # why it did not start, or why that is unclear
    unrecorded: str | None = None  # why the ledger does not have it


def start_job(
    situation: Situation, by: str, warehouse: Warehouse, scheduler: CloudScheduler, clock: Callable[[], datetime]
) -> Start:
    """Claim the start of a situation's job, then ask Cloud Scheduler for it, once. `clock` gives the time (UTC).

    A lost answer is never asked for again: the job may have started. Raises WarehouseError if nothing was asked for,
    and FixRefusedError.
    """
    job = situation.job
    if job is None or situation.refusal is not None:
        raise FixRefusedError(situation.refusal)
    incident, day = situation.incident, situation.incident.check_date
    text = f"{job.name}, by {by}"
    made = Notification(
        situation.claim_id,
        incident.incident_id,
        clock(),
        WAY,
        FixStep.CLAIMED,
        accepted=False,
        receipt=uuid4().hex,
        text=text,
    )
    claim = warehouse.claim(made, day, day + _ONE_DAY)
    if claim.receipt != made.receipt:
        return Start(FixStep.NOT_STARTED, claim, is_ours=False)
    step, error = FixStep.STARTED, None
    try:
        scheduler.run(job)
    except GoogleApiError as problem:
        step, error = FixStep.UNCLEAR if problem.may_have_arrived else FixStep.NOT_STARTED, str(problem)
    # The same row's next state: one of the same instant would add nothing.
    sent_at = max(clock(), claim.sent_at + timedelta(microseconds=1))
    outcome = replace(claim, sent_at=sent_at, reason=step, accepted=step is FixStep.STARTED, error=error)
    try:
        warehouse.append_notifications([outcome])
        if step is not FixStep.NOT_STARTED:
            _record(warehouse, incident, by, job, claim.sent_at, step is FixStep.UNCLEAR)
    except WarehouseError as problem:
        return Start(step, claim, error=error, unrecorded=str(problem))
    return Start(step, claim, error=error)


def _record(
    warehouse: Warehouse, incident: Incident, by: str, job: SchedulerJob, at: datetime, is_unclear: bool
) -> None:
    """Leave the start in the ledger for the sensor's next tick, on the incident as it is by now."""
    found = warehouse.incidents(incident.check_date, incident.check_date).records
    newest = next((row for row in found if row.incident_id == incident.incident_id), incident)
    warehouse.put_incidents([newest.fix_started(by, job.name, at, is_unclear)])
