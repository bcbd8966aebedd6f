"""Read the monitor's finished and stuck runs from the Dagster instance.

Run ends rather than check evaluations, which on Dagster's SQLite storage can't be read in the order they were made.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Literal, NamedTuple

import dagster as dg

from nba_monitoring.alerts.incidents.runs import FailedRun, FinishedRun, StuckRun
from nba_monitoring.core.codec import UnreadableError
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.services import ServiceCheck
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.orchestration.assets import data_availability_checks, is_coverage, scheduled_games
from nba_monitoring.orchestration.checks import CHECK_KEY, record_of
from nba_monitoring.orchestration.instance import RETRIED_BY, RETRY_WITHIN, WILL_RETRY
from nba_monitoring.orchestration.partitions import BACKFILL_TAG, trigger_of
from nba_monitoring.orchestration.run_failures import why_failed
from nba_monitoring.orchestration.services import SERVICE_CHECK, SERVICES_JOB, service_check_of

_EndEvent = Literal[dg.DagsterEventType.RUN_SUCCESS, dg.DagsterEventType.RUN_FAILURE, dg.DagsterEventType.RUN_CANCELED]
_ENDED: dict[_EndEvent, dg.DagsterRunStatus] = {
    dg.DagsterEventType.RUN_SUCCESS: dg.DagsterRunStatus.SUCCESS,
    dg.DagsterEventType.RUN_FAILURE: dg.DagsterRunStatus.FAILURE,
    dg.DagsterEventType.RUN_CANCELED: dg.DagsterRunStatus.CANCELED,
}
_BACKFILL_OVER = {"COMPLETED", "COMPLETED_SUCCESS", "COMPLETED_FAILED", "FAILED", "CANCELED"}

# Runs that catch up on missed mornings share this tag's value, which has this prefix.
CATCH_UP_TAG = "nba_monitoring/catch_up"
CATCH_UP = "catch-up-"

# Ends are read in pages, so that a thousand of them take no more memory than a few.
PAGE = 100
# Without a cursor: far enough back to find this morning's verdict.
FIRST_LOOK_BACK = timedelta(days=1)

_STUCK_AFTER = {
    # Equals `max_runtime_seconds` in deploy/dagster.yaml, after which Dagster itself ends a run.
    dg.DagsterRunStatus.STARTED: timedelta(minutes=15),
    dg.DagsterRunStatus.CANCELING: timedelta(minutes=15),
    dg.DagsterRunStatus.QUEUED: timedelta(minutes=10),
    dg.DagsterRunStatus.NOT_STARTED: timedelta(minutes=10),
    dg.DagsterRunStatus.STARTING: timedelta(minutes=10),
}
_STATUS_EVENTS = {
    dg.DagsterEventType.RUN_ENQUEUED,
    dg.DagsterEventType.RUN_STARTING,
    dg.DagsterEventType.RUN_START,
    dg.DagsterEventType.RUN_CANCELING,
}


class Span(NamedTuple):
    """The run ends stored after one storage id and up to another."""

    after: int
    up_to: int


def unread_span(instance: dg.DagsterInstance, job_name: str, after: int | None, now: datetime) -> Span:
    """The run ends stored after the storage id `after`; `now` is UTC.

    Without it, or if Dagster's storage was wiped and counts from the start again, those of the last day. Stops before a
    failure of the monitor that Dagster may be about to retry: it and the later ends wait for the next tick.
    """
    newest = [instance.fetch_run_status_changes(kind, limit=1).records for kind in _ENDED]
    up_to = max((end.storage_id for ends in newest for end in ends), default=0)
    span = Span(_last_day(instance, up_to, now) if after is None or after > up_to else after, up_to)
    undecided = _first_undecided(instance, job_name, span, now)
    return span if undecided is None else span._replace(up_to=undecided - 1)


def ended_runs(instance: dg.DagsterInstance, job_name: str, span: Span, now: datetime) -> Iterator[FinishedRun]:
    """The monitor's runs whose ends are in a span, in the order in which Dagster stored the ends; `now` is UTC.

    By storage id, since clocks differ: a worker's may be fast, and a database may be in another zone. The span has an
    upper end because each kind of end is read with its own query, and one stored between two queries must wait.

    A failed run that Dagster has retried counts only for the verdicts that it recorded.
    """
    merged = heapq.merge(*(_ends(instance, kind, span) for kind in _ENDED), key=lambda end: end.storage_id)
    while page := list(islice(merged, PAGE)):
        runs = _runs(instance, page)
        for end in page:
            run = runs.get(end.run_id)
            # A run can end twice, canceled and then failed: its current status counts.
            if run is None or not _is_ours(run, job_name) or _status(end) is not run.status:
                continue
            # The clock that stamped it may be fast.
            ended_at = min(datetime.fromtimestamp(end.timestamp, UTC), now)
            finished = _finished(instance, run, end.storage_id, ended_at, now)
            if finished is not None:
                yield finished


def stuck_runs(instance: dg.DagsterInstance, job_name: str, now: datetime) -> Sequence[StuckRun]:
    """The monitor's runs that should have ended, or started, long before `now` (UTC), oldest first.

    A backfill's queued runs do not count: they only wait for their turn.
    """
    found = []
    for record in instance.get_run_records(dg.RunsFilter(statuses=list(_STUCK_AFTER))):
        run = record.dagster_run
        is_waiting = run.status is dg.DagsterRunStatus.QUEUED and BACKFILL_TAG in run.tags
        if is_waiting or not _is_ours(run, job_name):
            continue
        # From its events: the times in the table of runs are the database's, in any zone.
        changes = [entry.timestamp for entry in instance.all_logs(run.run_id, of_type=_STATUS_EVENTS)]
        since = datetime.fromtimestamp(changes[-1], UTC) if changes else record.create_timestamp
        if now - since > _STUCK_AFTER[run.status]:
            found.append(StuckRun(run.run_id, _dates(run), run.status.value, since))
    return sorted(found, key=lambda stuck: stuck.since)


class DagsterBackfills:
    """Runs that share a cause: a backfill, or the catch-up of missed mornings.

    Which of the awaited ones are over is determined here, before the span of run ends is: so the end of each of their
    runs is in the span, and none is left for a second digest.
    """

    def __init__(self, instance: dg.DagsterInstance, awaited: Iterable[str], now: datetime) -> None:
        self._instance = instance
        self._now = now
        self._over = {backfill_id for backfill_id in awaited if self._has_ended(backfill_id)}

    def is_over(self, backfill_id: str) -> bool:
        """Whether it was awaited and will start no further run. A deleted backfill is over."""
        return backfill_id in self._over

    def runs(self, backfill_id: str) -> Iterator[FinishedRun]:
        """Its finished runs, oldest first."""
        tag = CATCH_UP_TAG if backfill_id.startswith(CATCH_UP) else BACKFILL_TAG
        filters = dg.RunsFilter(tags={tag: backfill_id}, statuses=list(_ENDED.values()))
        for record in self._instance.get_run_records(filters, ascending=True):
            ended_at = datetime.fromtimestamp(record.end_time, UTC) if record.end_time else self._now
            finished = _finished(self._instance, record.dagster_run, record.storage_id, ended_at, self._now)
            if finished is not None:
                yield finished

    def _has_ended(self, backfill_id: str) -> bool:
        if backfill_id.startswith(CATCH_UP):
            left = dg.RunsFilter(tags={CATCH_UP_TAG: backfill_id}, statuses=list(_STUCK_AFTER))
            return not self._instance.get_run_records(left, limit=1)
        backfill = self._instance.get_backfill(backfill_id)
        return backfill is None or backfill.status.value in _BACKFILL_OVER


def _first_undecided(instance: dg.DagsterInstance, job_name: str, span: Span, now: datetime) -> int | None:
    if not instance.run_retries_enabled:
        return None
    filters = dg.RunStatusChangeRecordsFilter(
        dg.DagsterEventType.RUN_FAILURE, after_storage_id=span.after, before_storage_id=span.up_to + 1
    )
    page = instance.fetch_run_status_changes(filters, limit=PAGE).records
    recent = [end for end in page if abs(now.timestamp() - end.timestamp) < RETRY_WITHIN.total_seconds()]
    if not recent:
        return None
    runs = _runs(instance, recent)
    return min((end.storage_id for end in recent if _is_undecided(runs.get(end.run_id), job_name)), default=None)


def _is_undecided(run: dg.DagsterRun | None, job_name: str) -> bool:
    return (
        run is not None
        and _is_ours(run, job_name)
        and run.status is dg.DagsterRunStatus.FAILURE
        and run.tags.get(WILL_RETRY) != "false"
        and RETRIED_BY not in run.tags
    )


def _runs(instance: dg.DagsterInstance, ends: Sequence[dg.EventLogRecord]) -> Mapping[str, dg.DagsterRun]:
    """The runs of these ends by run id, except deleted ones."""
    records = instance.get_run_records(dg.RunsFilter(run_ids=list({end.run_id for end in ends})))
    return {record.dagster_run.run_id: record.dagster_run for record in records}


def _last_day(instance: dg.DagsterInstance, up_to: int, now: datetime) -> int:
    """The storage id before the first end of the last day.

    Reads back from the newest until a whole page is older, so that a long history costs one extra page, and one wrong
    clock does not stop it.
    """
    since = (now - FIRST_LOOK_BACK).timestamp()
    first = up_to + 1
    for kind in _ENDED:
        before: int | None = up_to + 1
        while before is not None:
            filters = dg.RunStatusChangeRecordsFilter(kind, before_storage_id=before)
            page = instance.fetch_run_status_changes(filters, limit=PAGE).records
            before = min((end.storage_id for end in page if end.timestamp > since), default=None)
            first = min(first, before or first)
    return first - 1


def _ends(instance: dg.DagsterInstance, kind: _EndEvent, span: Span) -> Iterator[dg.EventLogRecord]:
    after = span.after
    while True:
        filters = dg.RunStatusChangeRecordsFilter(kind, after_storage_id=after, before_storage_id=span.up_to + 1)
        page = instance.fetch_run_status_changes(filters, limit=PAGE, ascending=True).records
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].storage_id


def _status(end: dg.EventLogRecord) -> dg.DagsterRunStatus | None:
    kind = end.event_log_entry.get_dagster_event().event_type
    return next((status for event, status in _ENDED.items() if event is kind), None)


def _is_ours(run: dg.DagsterRun, job_name: str) -> bool:
    """Whether it is of the job, or of any of the assets, or of their checks alone, as the web interface starts them."""
    checked = {check.asset_key for check in run.asset_check_selection or ()}
    return (
        run.job_name == job_name
        or _is_of_services(run)
        or any(map(_is_our_asset, checked | (run.asset_selection or set())))
    )


def _is_of_services(run: dg.DagsterRun) -> bool:
    """Whether it checks services and nothing else."""
    return run.job_name == SERVICES_JOB or {check.name for check in run.asset_check_selection or ()} == {SERVICE_CHECK}


def _is_our_asset(key: dg.AssetKey) -> bool:
    return key in (scheduled_games.key, data_availability_checks.key) or is_coverage(key)


def _finished(
    instance: dg.DagsterInstance, run: dg.DagsterRun, storage_id: int, ended_at: datetime, now: datetime
) -> FinishedRun | None:
    is_retried = RETRIED_BY in run.tags
    records, services, unreadable = _verdicts(instance, run.run_id)
    if is_retried and not records and not services and not unreadable:
        return None
    failure = None
    # A check of services that fails is reported until one works; it has no dates whose newest run would count.
    if run.status is not dg.DagsterRunStatus.SUCCESS and not is_retried and not _is_of_services(run):
        is_cancelled = run.status is dg.DagsterRunStatus.CANCELED
        failure = FailedRun(run.run_id, run.job_name, why_failed(instance, run), is_cancelled)
    return FinishedRun(
        storage_id=storage_id,
        run_id=run.run_id,
        dates=_dates(run),
        ended_at=ended_at,
        records=records,
        services=services,
        # A check executed alone evaluates a verdict of before, which proves nothing about checks of now.
        has_verdict=any(record.run_id in (run.run_id, run.parent_run_id, run.root_run_id) for record in records),
        unreadable=unreadable,
        failure=failure,
        last_date=_last_date(run),
        trigger=_trigger(run),
        backfill_id=run.tags.get(BACKFILL_TAG) or run.tags.get(CATCH_UP_TAG),
    )


def _verdicts(
    instance: dg.DagsterInstance, run_id: str
) -> tuple[tuple[CheckRecord, ...], tuple[ServiceCheck, ...], tuple[str, ...]]:
    """The records of dates and of services in a run's evaluations, and one error per record that can't be read."""
    records: list[CheckRecord] = []
    services: list[ServiceCheck] = []
    unreadable: list[str] = []
    for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION):
        evaluation = entry.get_dagster_event().asset_check_evaluation_data
        try:
            if evaluation.asset_check_key == CHECK_KEY:
                record = record_of(evaluation)
                records += [record] if record is not None else []
            elif evaluation.check_name == SERVICE_CHECK:
                services.append(service_check_of(evaluation))
        except UnreadableError as error:
            subject = evaluation.partition or evaluation.asset_key.to_user_string()
            unreadable.append(f"{subject}: {error}")
    return tuple(records), tuple(services), tuple(unreadable)


def _trigger(run: dg.DagsterRun) -> Trigger:
    try:
        return trigger_of(run)
    except ValueError:  # a tag set by hand, which failed the run and must not fail the sensor
        return Trigger.MANUAL


def _dates(run: dg.DagsterRun) -> str:
    first = run.tags.get("dagster/asset_partition_range_start")
    last = run.tags.get("dagster/asset_partition_range_end")
    if first and last:
        return f"{first} to {last}"
    return run.tags.get("dagster/partition") or f"run {run.run_id[:8]}"


def _last_date(run: dg.DagsterRun) -> date | None:
    last = run.tags.get("dagster/asset_partition_range_end") or run.tags.get("dagster/partition")
    try:
        return date.fromisoformat(last or "")
    except ValueError:  # a run without a date, or with one set by hand
        return None
