"""Many runs with one cause are one message, however many ticks they take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import dagster as dg
import pytest
import time_machine
from dagster._core.execution.backfill import BulkActionStatus, PartitionBackfill

from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring_tests.alerts.looks import FULL, look
from nba_monitoring_tests.days import DAY, at
from nba_monitoring_tests.loopback import Answer, Request
from nba_monitoring_tests.orchestration.ended_runs import (
    cancel_a_run,
    complete_a_run,
    days_from,
    fail_a_run,
    failing_look,
)
from nba_monitoring_tests.orchestration.sensor import Sensor
from nba_monitoring_tests.orchestration.slack import HOOK, POST, Slack

BACKFILL = "manydates"
PAST = days_from(DAY - timedelta(days=30), 12)


class Backfill:
    """A backfill as Dagster keeps it, whose runs are put into the instance without running them."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self.instance = instance
        instance.add_backfill(backfill_in(BulkActionStatus.REQUESTED))

    def ends_as(self, status: BulkActionStatus) -> None:
        self.instance.update_backfill(backfill_in(status))

    def completes(self, day: date, record: CheckRecord | None = None, again: str | None = None) -> str:
        found = record or failing_look(day, at(8))
        return complete_a_run(self.instance, str(day), [found], tags=self.tags, again=again)

    def cancels(self, day: date) -> None:
        cancel_a_run(self.instance, str(day), tags=self.tags)

    def fails(self, day: date, error: str = "the warehouse is out of reach") -> str:
        return fail_a_run(self.instance, str(day), error, tags=self.tags)

    @property
    def tags(self) -> dict[str, str]:
        return {"dagster/backfill": BACKFILL}


@pytest.fixture
def backfill(watching: Sensor) -> Backfill:
    return Backfill(watching.instance)


@pytest.fixture
def retrying() -> Iterator[Sensor]:
    """The sensor on an instance that retries a failed run once."""
    retries = {"run_retries": {"enabled": True, "max_retries": 1}}
    with dg.DagsterInstance.ephemeral(settings=retries) as instance:
        yield Sensor(instance)


def backfill_in(status: BulkActionStatus) -> PartitionBackfill:
    return PartitionBackfill(
        backfill_id=BACKFILL, status=status, from_failure=False, tags={}, backfill_timestamp=at(8).timestamp()
    )


def titles(slack: Slack) -> list[str]:
    return [message.text.partition("[test] ")[2].partition(" [")[0] for message in slack.accepted]


@pytest.mark.slow
def test_twelve_runs_of_one_backfill_over_many_ticks_are_one_digest_when_it_is_over(
    watching: Sensor, backfill: Backfill, webhook: Slack
) -> None:
    for minute, day in enumerate(PAST):
        with time_machine.travel(at(8, minute)):
            backfill.completes(day)
            watching.tick()
    assert webhook.accepted == []
    backfill.ends_as(BulkActionStatus.COMPLETED_SUCCESS)
    for minute in (20, 21, 22):
        with time_machine.travel(at(8, minute)):
            watching.tick()
    (title,) = titles(webhook)
    assert title.startswith(f"WARN Backfill: 12 of 12 dates failed, {PAST[0]} to {PAST[-1]}")


@pytest.mark.slow
@pytest.mark.parametrize("passes", [True, False])
def test_a_date_of_a_told_digest_that_is_executed_again_is_told_alone_or_not_at_all(
    watching: Sensor, backfill: Backfill, webhook: Slack, passes: bool
) -> None:
    with time_machine.travel(at(8)):
        first, *_ = [backfill.completes(day) for day in PAST[:3]]
        backfill.ends_as(BulkActionStatus.COMPLETED_SUCCESS)
        watching.tick()
        watching.tick()
    assert len(webhook.accepted) == 1
    with time_machine.travel(at(8, 10)):
        found = look(at(8, 10), FULL if passes else {}, day=PAST[0], trigger=Trigger.BACKFILL)
        backfill.completes(PAST[0], found, again=first)
        watching.tick()
        watching.tick()
    told = [title.partition(",")[0] for title in titles(webhook)[1:]]
    assert told == ([] if passes else ["WARN Backfill: 1 of 1 date failed"])


@pytest.mark.slow
def test_a_told_digest_is_not_told_again_by_runs_that_are_read_again_for_another_message(
    watching: Sensor, backfill: Backfill, webhook: Slack
) -> None:
    webhook.answers(Answer(status=503))
    with time_machine.travel(at(8)):
        for day in PAST[:3]:
            backfill.completes(day)
        complete_a_run(watching.instance, str(PAST[5]), [failing_look(PAST[5], at(8))])
        backfill.ends_as(BulkActionStatus.COMPLETED_SUCCESS)
        watching.tick()
    webhook.takes_only_the_next(Answer(status=503))
    with time_machine.travel(at(8, 1)):
        watching.tick()
    assert len(webhook.accepted) == 1
    webhook.is_up()
    for minute in (2, 3, 4):
        with time_machine.travel(at(8, minute)):
            watching.tick()
    assert [title.partition(",")[0] for title in titles(webhook)] == [
        "WARN Backfill: 3 of 3 dates failed",
        "WARN Backfill: 1 of 1 date failed",
    ]


@pytest.mark.slow
def test_a_backfill_whose_last_run_ends_in_the_middle_of_a_tick_is_told_once(
    watching: Sensor, backfill: Backfill, webhook: Slack
) -> None:
    def ends_meanwhile(request: Request) -> Answer:
        backfill.completes(PAST[1])
        backfill.ends_as(BulkActionStatus.COMPLETED_SUCCESS)
        webhook.is_up()
        return webhook.take_by_hook(request)

    with time_machine.travel(at(8)):
        backfill.completes(PAST[0])
        watching.tick()
        webhook.server.answer(HOOK, ends_meanwhile)
        complete_a_run(watching.instance, str(DAY), [failing_look(DAY, at(8))])
        for _ in range(4):
            watching.tick()
    (title,) = titles(webhook)[1:]
    assert title.startswith("WARN Backfill: 2 of 2 dates failed")


@pytest.mark.slow
def test_a_backfill_of_dates_that_pass_says_nothing(watching: Sensor, backfill: Backfill, webhook: Slack) -> None:
    with time_machine.travel(at(8)):
        for day in PAST:
            backfill.completes(day, look(at(8), FULL, day=day))
        backfill.ends_as(BulkActionStatus.COMPLETED_SUCCESS)
        watching.tick()
        watching.tick()
    assert webhook.accepted == []
    assert watching.state.backfills == ()


@pytest.mark.slow
def test_a_cancelled_backfill_of_past_dates_is_a_digest_and_no_error(
    watching: Sensor, backfill: Backfill, webhook: Slack
) -> None:
    with time_machine.travel(at(8)):
        backfill.completes(PAST[0], look(at(8), FULL, day=PAST[0]))
        watching.tick()
        backfill.ends_as(BulkActionStatus.CANCELING)
        for day in PAST[1:]:
            backfill.cancels(day)
        watching.tick()
        assert webhook.accepted == []
        backfill.ends_as(BulkActionStatus.CANCELED)
        watching.tick()
        watching.tick()
    (title,) = titles(webhook)
    assert title.startswith("WARN Backfill manydate: 11 runs canceled. Run ")
    assert webhook.texts[0].startswith("🟡")


@pytest.mark.slow
def test_a_failed_backfill_of_past_dates_is_a_digest_and_no_error(
    watching: Sensor, backfill: Backfill, webhook: Slack
) -> None:
    with time_machine.travel(at(8)):
        for day in PAST[:4]:
            backfill.fails(day)
            watching.tick()
        for day in PAST[4:]:
            backfill.completes(day)
        backfill.ends_as(BulkActionStatus.COMPLETED_FAILED)
        watching.tick()
        watching.tick()
    (title,) = titles(webhook)
    assert title.startswith("WARN Backfill: 8 of 8 dates failed")
    assert webhook.texts[0].startswith("🟡")
    (request,) = webhook.server.requests
    assert "the warehouse is out of reach" in str(request.json["blocks"])


def test_a_backfills_run_of_today_that_fails_is_told_at_once(
    watching: Sensor, backfill: Backfill, webhook: Slack
) -> None:
    with time_machine.travel(at(8)):
        backfill.fails(PAST[0])
        backfill.fails(DAY)
        watching.tick()
    assert [title.partition(":")[0] for title in titles(webhook)] == ["ERROR Monitor"]


@pytest.mark.slow
def test_the_digest_waits_while_slack_is_down_and_comes_once(
    watching: Sensor, backfill: Backfill, webhook: Slack
) -> None:
    webhook.answers(Answer(status=503))
    with time_machine.travel(at(8)):
        backfill.completes(PAST[0])
        backfill.ends_as(BulkActionStatus.COMPLETED_SUCCESS)
        watching.tick()
        webhook.is_up()
        watching.tick()
        watching.tick()
    assert len(webhook.accepted) == 1


@pytest.mark.slow
def test_a_date_whose_digest_arrived_without_an_answer_is_not_told_again_with_a_later_run_s(
    watching: Sensor, web_api: Slack
) -> None:
    web_api.server.answer(POST, lambda request: replace(web_api.take(request), drop=True))
    for minute, day in ((0, PAST[0]), (5, PAST[1])):
        with time_machine.travel(at(8, minute)):
            complete_a_run(watching.instance, str(day), [failing_look(day, at(8))])
            watching.tick()
            web_api.is_up()
            watching.tick()
    assert [[str(day) for day in PAST[:2] if str(day) in text] for text in web_api.texts] == [
        [str(PAST[0])],
        [str(PAST[1])],
    ]


@pytest.mark.slow
def test_a_run_that_dagster_will_retry_is_no_failure_yet_and_none_if_the_retry_works(
    retrying: Sensor, webhook: Slack
) -> None:
    with time_machine.travel(at(8)):
        failed = fail_a_run(retrying.instance, str(DAY))
        retrying.instance.add_run_tags(failed, {"dagster/will_retry": "true"})
        retrying.tick()
        assert webhook.accepted == []
        retrying.instance.add_run_tags(failed, {"dagster/auto_retry_run_id": "another"})
        complete_a_run(retrying.instance, str(DAY), [look(at(8), FULL, day=DAY)])
        retrying.tick()
    with time_machine.travel(at(8, 10)):
        retrying.tick()
    assert webhook.accepted == []


@pytest.mark.slow
def test_a_retry_that_fails_too_is_told_once(retrying: Sensor, webhook: Slack) -> None:
    with time_machine.travel(at(8)):
        failed = fail_a_run(retrying.instance, str(DAY))
        retrying.instance.add_run_tags(failed, {"dagster/will_retry": "true", "dagster/auto_retry_run_id": "another"})
        retrying.tick()
        last = fail_a_run(retrying.instance, str(DAY))
        retrying.instance.add_run_tags(last, {"dagster/will_retry": "false"})
        retrying.tick()
        retrying.tick()
    assert [message.alert_id for message in webhook.accepted] == [f"nba-run-{last[:8]}"]
