"""What Dagster's storage shows of the chain: its daemons, what is switched off, what fails, and the sensor's memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import dagster as dg

from nba_monitoring.core.chain import SENSOR
from nba_monitoring.core.chain_facts import DagsterSeen, FailingRun
from nba_monitoring.orchestration.run_failures import why_failed

if TYPE_CHECKING:
    from dagster._core.scheduler.instigation import InstigatorState

# What is refreshed once a morning, each by the job `<name>_job` and the schedule `<name>_8am`.
EACH_MORNING = ("pipeline_status", "season_report")
SCHEDULES = (
    "morning_check_8am",
    "results_check_8am",
    "recheck_until_covered",
    *(f"{name}_8am" for name in EACH_MORNING),
)

_ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
_MOST_FAILURES = 10

# In one tag Dagster says that it will retry a failed run, and in another that it has. If the retry can't be launched,
# for example while the code server restarts, the first tag turns to false seconds later.
WILL_RETRY = "dagster/will_retry"
RETRIED_BY = "dagster/auto_retry_run_id"
RETRY_WITHIN = timedelta(minutes=2)

_NEVER = datetime.min.replace(tzinfo=UTC)


def dagster_seen(instance: dg.DagsterInstance, now: datetime) -> DagsterSeen:
    """What the storage shows at `now` (UTC). Raises what the storage raises."""
    states = _instigators(instance)
    heartbeats = instance.get_daemon_heartbeats()
    return DagsterSeen(
        daemons={
            kind: _instant(heartbeats[kind].timestamp) if kind in heartbeats else None
            for kind in sorted(instance.get_required_daemon_types())
        },
        # One without a state has not been seen by a daemon yet, and is on by default.
        switched_off=tuple(name for name in (*SCHEDULES, SENSOR) if name in states and not states[name].is_running),
        failing=tuple(_failing(instance, now)),
        tick_at=_tick_at(states.get(SENSOR)),
    )


def sensor_cursor(instance: dg.DagsterInstance) -> str | None:
    """The sensor's memory; None before its first tick."""
    state = _instigators(instance).get(SENSOR)
    return getattr(state.instigator_data, "cursor", None) if state else None


def _instigators(instance: dg.DagsterInstance) -> Mapping[str, InstigatorState]:
    """The schedules and the sensor by name. A code location of an earlier name leaves its own behind: the one counts
    whose sensor ticked last.
    """
    if instance.schedule_storage is None:  # an instance in memory
        return {}
    found = [state for state in instance.all_instigator_state() if state.name in (*SCHEDULES, SENSOR)]
    sensors = [state for state in found if state.name == SENSOR]
    newest = max(
        sensors, key=lambda state: getattr(state.instigator_data, "last_tick_timestamp", None) or 0, default=None
    )
    return {
        state.name: state
        for state in found
        if newest is None or state.repository_selector == newest.repository_selector
    }


def _tick_at(state: InstigatorState | None) -> datetime | None:
    data = state.instigator_data if state else None
    at = getattr(data, "last_tick_success_timestamp", None) or getattr(data, "last_tick_timestamp", None)
    return None if at is None else _instant(at)


def _failing(instance: dg.DagsterInstance, now: datetime) -> Iterator[FailingRun]:
    """What failed at its newest run and was not refreshed since, with its first failure in a row."""
    for name in EACH_MORNING:
        filters = dg.RunsFilter(job_name=f"{name}_job", statuses=_ENDED)
        failed: list[float] = []
        newest: dg.DagsterRun | None = None
        for record in instance.get_run_records(filters, limit=_MOST_FAILURES):
            ended_at = record.end_time or record.create_timestamp.timestamp()
            if record.dagster_run.status is dg.DagsterRunStatus.SUCCESS:
                break
            if failed or not _may_be_retried(instance, record.dagster_run, _instant(ended_at), now):
                failed.append(ended_at)
                newest = newest or record.dagster_run
        made = instance.get_latest_materialization_event(dg.AssetKey(name)) if failed else None
        if newest is not None and (made is None or made.timestamp < failed[0]):
            yield FailingRun(name, _instant(failed[-1]), why_failed(instance, newest).partition("\n")[0])


def _may_be_retried(instance: dg.DagsterInstance, run: dg.DagsterRun, ended_at: datetime, now: datetime) -> bool:
    """Whether Dagster may retry a run that failed, or is retrying it."""
    if not instance.run_retries_enabled or run.status is not dg.DagsterRunStatus.FAILURE:
        return False
    is_undecided = now - ended_at < RETRY_WITHIN and run.tags.get(WILL_RETRY) != "false"
    return RETRIED_BY in run.tags or is_undecided


def _instant(timestamp: float) -> datetime:
    return datetime.fromtimestamp(timestamp, UTC)
