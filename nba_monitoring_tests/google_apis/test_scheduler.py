"""What Cloud Scheduler shows of a job, and a Cloud Scheduler that refuses, hangs and lies."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from nba_monitoring.core.scheduler_job import JobSeen, JobState, SchedulerJob
from nba_monitoring.google_apis.client import DEFAULT_POLICY, GoogleApiError
from nba_monitoring.google_apis.scheduler import CloudScheduler
from nba_monitoring_tests.cloud_scheduler import DEADLINE_EXCEEDED, JOB, PROJECT, Scheduler, job
from nba_monitoring_tests.days import eastern
from nba_monitoring_tests.loopback import Answer, LoopbackServer

NOW = eastern(11)
IN_US_WEST2 = SchedulerJob(JOB, "us-west2")
QUICK = replace(DEFAULT_POLICY, timeout=0.5, budget=0.5)


@pytest.fixture
def scheduler() -> Iterator[Scheduler]:
    with LoopbackServer() as server:
        yield Scheduler(server)


def seen(scheduler: Scheduler) -> JobSeen:
    return CloudScheduler(PROJECT, scheduler.server.url, QUICK).seen(IN_US_WEST2, NOW)


def test_a_jobs_state_last_run_and_next_run_are_read(scheduler: Scheduler) -> None:
    scheduler.has(state="PAUSED", ran_at=eastern(7), code=DEADLINE_EXCEEDED, next_at=eastern(12))
    found = seen(scheduler)
    assert (found.state, found.failure) == (JobState.PAUSED, "DEADLINE_EXCEEDED")
    assert [at.replace(microsecond=0) for at in (found.ran_at, found.next_at) if at] == [eastern(7), eastern(12)]


def test_a_run_that_went_well_has_no_failure(scheduler: Scheduler) -> None:
    scheduler.has(ran_at=eastern(7))
    assert seen(scheduler).failure is None


def test_an_unknown_code_is_shown_by_its_number(scheduler: Scheduler) -> None:
    scheduler.has(ran_at=eastern(7), code=42)
    assert seen(scheduler).failure == "code 42"


UNREAD = {
    "401": (
        Answer.json({}, 401),
        "(Cloud Scheduler refuses the credentials (401); check the service account and its key)",
    ),
    "403": (
        Answer.json({}, 403),
        "(Cloud Scheduler refuses this account (403); grant it roles/cloudscheduler.viewer)",
    ),
    "429": (Answer.json({}, 429), "(Cloud Scheduler refuses more requests for now (429); its quota is used up)"),
    "500": (Answer.json({}, 500), "(Cloud Scheduler answered 500 Internal Server Error)"),
    "hangs": (Answer(delay=30), "(Cloud Scheduler did not answer within 0.5 s)"),
    "drips": (Answer(b" ", drip=0.05, endless="body"), "(Cloud Scheduler did not answer within 0.5 s)"),
    "a proxy's page": (
        Answer(b"<html>Sign in</html>"),
        "(Cloud Scheduler sent no valid JSON: expected value at line 1 column 1)",
    ),
    "another job": (Answer.json(job("other")), "(Cloud Scheduler answered about another)"),
    "the future": (
        Answer.json(job(ran_at=eastern(12))),
        "(Cloud Scheduler dates its last run ahead of now)",
    ),
    "a state of its own": (
        Answer.json(job(state="SLEEPY")),
        "(Cloud Scheduler sent an unexpected answer: state: Input should be 'ENABLED', 'PAUSED', 'DISABLED' or "
        "'UPDATE_FAILED')",
    ),
    "a code in words": (
        Answer.json(job() | {"status": {"code": "four"}}),
        "(Cloud Scheduler sent an unexpected answer: status.code: Input should be a valid integer)",
    ),
    "a time without zone": (
        Answer.json(job() | {"lastAttemptTime": "2026-01-18T12:00:00"}),
        "(Cloud Scheduler sent an unexpected answer: lastAttemptTime: Input should have timezone info)",
    ),
}


@pytest.mark.parametrize("kind", UNREAD)
def test_a_job_that_can_not_be_read_says_why(scheduler: Scheduler, kind: str) -> None:
    answer, why = UNREAD[kind]
    scheduler.answers(answer)
    started = time.monotonic()
    assert seen(scheduler) == JobSeen(JOB, problem=f"the job could not be read {why}")
    assert time.monotonic() - started < 5
    assert scheduler.asked == [JOB]


def test_a_deleted_job_does_not_exist(scheduler: Scheduler) -> None:
    scheduler.answers(Answer.json({}, 404))
    assert seen(scheduler).problem == "the job does not exist in us-west2"


def test_a_job_is_run_by_one_post(scheduler: Scheduler) -> None:
    scheduler.runs()
    CloudScheduler(PROJECT, scheduler.server.url, QUICK).run(IN_US_WEST2)
    assert scheduler.started == [JOB]


@pytest.mark.parametrize("answer", [Answer(drop=True), Answer(delay=30), Answer.json({}, 503)])
def test_a_run_without_a_clear_answer_may_have_started_and_is_not_asked_for_again(
    scheduler: Scheduler, answer: Answer
) -> None:
    scheduler.runs(answer)
    with pytest.raises(GoogleApiError) as caught:
        CloudScheduler(PROJECT, scheduler.server.url, QUICK).run(IN_US_WEST2)
    assert caught.value.may_have_arrived
    assert scheduler.started == [JOB]


def test_a_refused_run_names_the_role_that_allows_it(scheduler: Scheduler) -> None:
    scheduler.runs(Answer.json({}, 403))
    with pytest.raises(GoogleApiError, match=r"grant it roles/cloudscheduler\.jobRunner") as caught:
        CloudScheduler(PROJECT, scheduler.server.url, QUICK).run(IN_US_WEST2)
    assert not caught.value.may_have_arrived
