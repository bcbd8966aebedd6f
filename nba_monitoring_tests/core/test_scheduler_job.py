"""Which job a command runs, and how a job's last run reads."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nba_monitoring.core.scheduler_job import JobSeen, JobState, SchedulerJob
from nba_monitoring_tests.days import DAY, EVE, eastern

NAME = "player-composite-factors-upcoming"
SEEN = JobSeen(NAME, JobState.ENABLED, eastern(7), "DEADLINE_EXCEEDED", eastern(11))


@pytest.mark.parametrize("option", ["--location=us-west2", "--location us-west2"])
def test_the_command_of_a_stage_names_its_job(option: str) -> None:
    assert SchedulerJob.of(f"gcloud scheduler jobs run {NAME} {option}") == SchedulerJob(NAME, "us-west2")


@pytest.mark.parametrize(
    "command",
    [
        "bin/recover-grading.sh 2026-01-18 2026-01-18",
        f"gcloud scheduler jobs run {NAME}",
        f"gcloud scheduler jobs describe {NAME} --location=us-west2",
        f"gcloud scheduler jobs run {NAME} --location=us-west2 --project=other",
        f"gcloud scheduler jobs run {NAME} --location=us-west2 && rm x",
        "gcloud scheduler jobs run ../x --location=us-west2",
        f"gcloud scheduler jobs run {NAME} --location=us-west2/..",
        f"gcloud scheduler jobs run '{NAME} --location=us-west2",
    ],
)
def test_no_other_command_names_a_job(command: str) -> None:
    assert SchedulerJob.of(command) is None


SUMMARIES = {
    f"{NAME} last ran 7:00 AM ET and failed (DEADLINE_EXCEEDED); runs next at 11:00 AM ET": SEEN,
    f"{NAME} last ran 7:00 AM ET, its target answered OK; another run may not help": replace(
        SEEN, failure=None, next_at=None
    ),
    f"{NAME} is PAUSED: its schedule does not run it; last ran 2026-01-17 7:00 AM ET and failed (INTERNAL)": replace(
        SEEN, state=JobState.PAUSED, ran_at=eastern(7, day=EVE), failure="INTERNAL"
    ),
    f"{NAME} is DISABLED by Cloud Scheduler: nothing runs it; has never run": JobSeen(NAME, JobState.DISABLED),
    f"{NAME} is UPDATE_FAILED: its last change did not take effect; has never run": JobSeen(
        NAME, JobState.UPDATE_FAILED
    ),
    f"{NAME} has never run; runs next at 11:00 AM ET": JobSeen(NAME, JobState.ENABLED, next_at=eastern(11)),
    f"{NAME}: the job does not exist in us-west2": JobSeen(NAME, problem="the job does not exist in us-west2"),
}


@pytest.mark.parametrize("summary", SUMMARIES)
def test_a_jobs_last_run_reads_as_one_line(summary: str) -> None:
    assert SUMMARIES[summary].summary(DAY) == summary
