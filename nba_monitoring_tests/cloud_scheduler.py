"""Cloud Scheduler on the loopback, as its public reference describes it: a job's state, its last run, and `:run`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from nba_monitoring_tests.loopback import Answer, LoopbackServer, Request

PROJECT = "nba-props-platform"
JOB = "player-composite-factors-upcoming"
DEADLINE_EXCEEDED = 4


class Scheduler:
    """A project's jobs in us-west2."""

    def __init__(self, server: LoopbackServer) -> None:
        self.server = server
        self.environment = {
            "NBA_MONITORING_SCHEDULER_PROJECT": PROJECT,
            "NBA_MONITORING_SCHEDULER_URL": server.url,
        }

    def has(self, name: str = JOB, **fields: Any) -> None:
        """A job with these fields."""
        self.server.answer(path_of(name), Answer.json(job(name, **fields)))

    def answers(self, answer: Answer, name: str = JOB) -> None:
        """Whatever this is, when a job is asked for."""
        self.server.answer(path_of(name), answer)

    def runs(self, *answers: Answer, name: str = JOB) -> None:
        """What is answered when a job is to be run, one after another; the job itself if none is given."""
        self.server.answer(f"{path_of(name)}:run", *(answers or (Answer.json(job(name)),)))

    @property
    def asked(self) -> list[str]:
        """The jobs that were asked for."""
        return [_name(request) for request in self.server.requests if request.method == "GET"]

    @property
    def started(self) -> list[str]:
        """The jobs that were to be run."""
        return [_name(request).removesuffix(":run") for request in self.server.requests if request.method == "POST"]


def path_of(name: str) -> str:
    return f"/v1/{full_name(name)}"


def full_name(name: str) -> str:
    return f"projects/{PROJECT}/locations/us-west2/jobs/{name}"


def job(
    name: str = JOB,
    state: str = "ENABLED",
    ran_at: datetime | None = None,
    code: int = 0,
    next_at: datetime | None = None,
) -> dict[str, Any]:
    """A job in JSON. A run that went well has no code."""
    fields: dict[str, Any] = {
        "name": full_name(name),
        "description": "Runs every morning",
        "httpTarget": {"uri": "https://phase4/process", "httpMethod": "POST"},
        "schedule": "0 5 * * *",
        "timeZone": "America/Los_Angeles",
        "state": state,
        "attemptDeadline": "600s",
        "status": {"code": code} if code else {},
    }
    times = {"lastAttemptTime": ran_at, "scheduleTime": next_at}
    return fields | {name: _stamp(at) for name, at in times.items() if at}


def _stamp(at: datetime) -> str:
    # Google writes nanoseconds.
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.123456789Z"


def _name(request: Request) -> str:
    return request.path.rpartition("/")[2]
