"""Which runs are read, in which order, and what is said of their ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, timedelta

import dagster as dg
import pytest
import time_machine
from dagster._core.execution.backfill import BulkActionStatus, PartitionBackfill
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin

from nba_monitoring.alerts.incidents.runs import FinishedRun
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.orchestration.run_failures import why_failed
from nba_monitoring.orchestration.runs import DagsterBackfills, ended_runs, stuck_runs, unread_span
from nba_monitoring_tests.days import DAY, at
from nba_monitoring_tests.orchestration.ended_runs import JOB, cancel_a_run, complete_a_run, fail_a_run, failing_look

DATE = str(DAY)
# Which Dagster asks of a run in the queue.
ORIGIN = RemoteJobOrigin(RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("monitoring"), "__repository__"), JOB)
NOW = at(8).astimezone(UTC)


def read(instance: dg.DagsterInstance, after: int | None = 0) -> list[FinishedRun]:
    span = unread_span(instance, JOB, after, NOW)
    return list(ended_runs(instance, JOB, span, NOW))


def start(instance: dg.DagsterInstance, status: dg.DagsterRunStatus, **tags: str) -> dg.DagsterRun:
    """A run of today that Dagster has in a status, and whose events say since when."""
    all_tags = {"dagster/partition": DATE, **{f"dagster/{name}": value for name, value in tags.items()}}
    run = instance.add_run(dg.DagsterRun(job_name=JOB, tags=all_tags, remote_job_origin=ORIGIN))
    for kind, then in (
        (dg.DagsterEventType.RUN_ENQUEUED, dg.DagsterRunStatus.QUEUED),
        (dg.DagsterEventType.RUN_STARTING, dg.DagsterRunStatus.STARTING),
        (dg.DagsterEventType.RUN_START, dg.DagsterRunStatus.STARTED),
        (dg.DagsterEventType.RUN_CANCELING, dg.DagsterRunStatus.CANCELING),
    ):
        if status is dg.DagsterRunStatus.NOT_STARTED:
            break
        instance.report_dagster_event(dg.DagsterEvent(event_type_value=kind.value, job_name=JOB), run_id=run.run_id)
        if then is status:
            break
    return run


def add_backfill(instance: dg.DagsterInstance, backfill_id: str, status: BulkActionStatus) -> None:
    backfill = PartitionBackfill(
        backfill_id=backfill_id, status=status, from_failure=False, tags={}, backfill_timestamp=0.0
    )
    instance.add_backfill(backfill)


def cause(instance: dg.DagsterInstance, run: dg.DagsterRun) -> str:
    stored = instance.get_run_by_id(run.run_id)
    assert stored is not None
    return why_failed(instance, stored)


@pytest.fixture(params=["on disk", "in memory"])
def either_instance(request: pytest.FixtureRequest) -> dg.DagsterInstance:
    opened: dg.DagsterInstance = request.getfixturevalue("instance" if request.param == "on disk" else "quick_instance")
    return opened


@pytest.fixture
def retrying() -> Iterator[dg.DagsterInstance]:
    """An instance that retries a failed run once."""
    retries = {"run_retries": {"enabled": True, "max_retries": 1}}
    with dg.DagsterInstance.ephemeral(settings=retries) as opened:
        yield opened


@pytest.mark.slow
def test_a_worker_whose_clock_is_ten_minutes_ahead_hides_no_later_run(either_instance: dg.DagsterInstance) -> None:
    with time_machine.travel(at(8, 10)):
        fast = complete_a_run(either_instance, DATE, [failing_look(DAY)])
    (first,) = read(either_instance)
    with time_machine.travel(at(8, 1)):
        right = fail_a_run(either_instance, DATE)
    assert (first.run_id, first.ended_at) == (fast, NOW)
    assert [run.run_id for run in read(either_instance, first.storage_id)] == [right]


@pytest.mark.slow
def test_ends_of_all_kinds_are_read_in_the_order_in_which_they_were_stored(
    either_instance: dg.DagsterInstance,
) -> None:
    ended = []
    for hour in (7, 3, 5):
        with time_machine.travel(at(hour)):
            ended += [end(either_instance, DATE) for end in (cancel_a_run, complete_a_run, fail_a_run)]
    found = read(either_instance)
    assert [run.run_id for run in found] == ended
    assert [run.storage_id for run in found] == sorted({run.storage_id for run in found})


@pytest.mark.slow
def test_without_a_memory_the_last_day_is_read(quick_instance: dg.DagsterInstance) -> None:
    for hours in (100, 50, 25):
        with time_machine.travel(NOW - timedelta(hours=hours)):
            for end in (cancel_a_run, complete_a_run, fail_a_run):
                end(quick_instance, DATE)
    with time_machine.travel(NOW - timedelta(hours=20)):
        late = [end(quick_instance, DATE) for end in (fail_a_run, complete_a_run)]
    assert [run.run_id for run in read(quick_instance, None)] == late


def test_a_wiped_storage_that_counts_anew_is_read_from_the_last_day(quick_instance: dg.DagsterInstance) -> None:
    with time_machine.travel(NOW):
        run_id = complete_a_run(quick_instance, DATE)
    assert [run.run_id for run in read(quick_instance, 50_000)] == [run_id]


def test_nothing_ended_is_nothing_read(quick_instance: dg.DagsterInstance) -> None:
    assert unread_span(quick_instance, JOB, None, NOW) == (0, 0)
    assert read(quick_instance, None) == []


def test_an_end_that_was_handled_is_not_read_again(quick_instance: dg.DagsterInstance) -> None:
    with time_machine.travel(NOW):
        fail_a_run(quick_instance, DATE)
        complete_a_run(quick_instance, DATE)
    handled, other = read(quick_instance)
    assert read(quick_instance, handled.storage_id) == [other]


def test_a_run_that_dagster_has_retried_is_no_failure(retrying: dg.DagsterInstance) -> None:
    with time_machine.travel(NOW):
        failed = fail_a_run(retrying, DATE)
        retrying.add_run_tags(failed, {"dagster/will_retry": "true", "dagster/auto_retry_run_id": "another"})
        last = fail_a_run(retrying, DATE)
        retrying.add_run_tags(last, {"dagster/will_retry": "false"})
    assert [run.run_id for run in read(retrying)] == [last]


@pytest.mark.slow
def test_a_run_that_dagster_may_retry_waits_with_all_after_it(retrying: dg.DagsterInstance) -> None:
    with time_machine.travel(NOW):
        before = complete_a_run(retrying, DATE)
        failed = fail_a_run(retrying, DATE)
        after = complete_a_run(retrying, DATE)
    assert [run.run_id for run in read(retrying)] == [before]
    # As where the retry could not be launched.
    retrying.add_run_tags(failed, {"dagster/will_retry": "false"})
    assert [run.run_id for run in read(retrying)] == [before, failed, after]


def test_a_retry_that_does_not_come_is_a_failure(retrying: dg.DagsterInstance) -> None:
    with time_machine.travel(NOW - timedelta(minutes=3)):
        failed = fail_a_run(retrying, DATE)
        retrying.add_run_tags(failed, {"dagster/will_retry": "true"})
    (run,) = read(retrying)
    assert run.failure is not None


def test_a_run_says_its_backfill_and_what_made_it_start(quick_instance: dg.DagsterInstance) -> None:
    with time_machine.travel(NOW):
        for tags in (
            {"dagster/backfill": "abc"},
            {"nba_monitoring/trigger": "recheck"},
            {"nba_monitoring/trigger": "?"},
        ):
            run = quick_instance.add_run(dg.DagsterRun(job_name=JOB, tags={"dagster/partition": DATE, **tags}))
            quick_instance.report_run_canceled(run)
    assert [(run.backfill_id, run.trigger, run.last_date) for run in read(quick_instance)] == [
        ("abc", Trigger.BACKFILL, DAY),
        (None, Trigger.RECHECK, DAY),
        (None, Trigger.MANUAL, DAY),
    ]


def test_a_run_canceled_by_hand_says_so(quick_instance: dg.DagsterInstance) -> None:
    run = start(quick_instance, dg.DagsterRunStatus.CANCELING)
    quick_instance.report_run_canceled(run)
    assert cause(quick_instance, run) == "Canceled by hand."


def test_a_run_that_did_not_stop_when_canceled_says_so(quick_instance: dg.DagsterInstance) -> None:
    run = start(quick_instance, dg.DagsterRunStatus.CANCELING)
    # As run monitoring reports it.
    quick_instance.report_run_canceled(run, "Run timed out due to taking longer than 60 seconds to cancel.")
    assert "Dagster killed the worker because it did not stop within 60 seconds" in cause(quick_instance, run)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (BulkActionStatus.CANCELING, "Canceled by hand, with its backfill manydates."),
        (BulkActionStatus.FAILED, "Canceled by Dagster, because its backfill manydates failed."),
    ],
)
def test_a_run_canceled_with_its_backfill_says_so(
    quick_instance: dg.DagsterInstance, status: BulkActionStatus, words: str
) -> None:
    add_backfill(quick_instance, "manydates", status)
    run = start(quick_instance, dg.DagsterRunStatus.CANCELING, backfill="manydates")
    quick_instance.report_run_canceled(run)
    assert cause(quick_instance, run) == words


def test_a_run_that_did_not_start_in_time_says_so(quick_instance: dg.DagsterInstance) -> None:
    run = start(quick_instance, dg.DagsterRunStatus.STARTING)
    # As run monitoring reports it.
    quick_instance.report_run_failed(run, "Run timed out due to taking longer than 120 seconds to start.")
    assert cause(quick_instance, run) == "Ended by Dagster: the worker did not start within 120 seconds."


def test_a_run_without_any_error_says_that_its_worker_seems_killed(quick_instance: dg.DagsterInstance) -> None:
    run = start(quick_instance, dg.DagsterRunStatus.STARTED)
    quick_instance.report_run_failed(run)
    assert cause(quick_instance, run) == "Probably a killed worker: Dagster recorded no error."


@pytest.mark.parametrize(
    ("status", "after"),
    [("STARTED", 15), ("CANCELING", 15), ("QUEUED", 10), ("STARTING", 10), ("NOT_STARTED", 10)],
)
def test_a_run_that_never_ends_is_found_when_its_time_is_over(
    quick_instance: dg.DagsterInstance, status: str, after: int
) -> None:
    with time_machine.travel(NOW, tick=False):
        run = start(quick_instance, dg.DagsterRunStatus(status))
        complete_a_run(quick_instance, DATE)
    assert stuck_runs(quick_instance, JOB, NOW + timedelta(minutes=after)) == []
    (stuck,) = stuck_runs(quick_instance, JOB, NOW + timedelta(minutes=after, seconds=1))
    assert (stuck.run_id, stuck.dates, stuck.status, stuck.since) == (run.run_id, DATE, status, NOW)


def test_a_backfills_run_in_the_queue_only_waits_for_its_turn(quick_instance: dg.DagsterInstance) -> None:
    with time_machine.travel(NOW):
        start(quick_instance, dg.DagsterRunStatus.QUEUED, backfill="manydates")
    assert stuck_runs(quick_instance, JOB, NOW + timedelta(hours=1)) == []


def test_a_backfill_is_over_when_no_run_of_it_will_come(quick_instance: dg.DagsterInstance) -> None:
    over = {}
    for status in BulkActionStatus:
        add_backfill(quick_instance, status.value, status)
        over[status] = DagsterBackfills(quick_instance, [status.value], NOW).is_over(status.value)
    going_on = {BulkActionStatus.REQUESTED, BulkActionStatus.CANCELING, BulkActionStatus.FAILING}
    assert {status for status, is_over in over.items() if not is_over} == going_on
    assert DagsterBackfills(quick_instance, ["deleted"], NOW).is_over("deleted")
