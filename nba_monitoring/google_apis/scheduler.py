"""Cloud Scheduler: what it shows of a job, and a run of a job by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated

from pydantic import Field

from nba_monitoring.core.scheduler_job import JobSeen, JobState, SchedulerJob
from nba_monitoring.google_apis.client import DEFAULT_POLICY, GoogleApi, GoogleApiError, Service
from nba_monitoring.http import HttpPolicy
from nba_monitoring.json_answers import ApiModel, Instant

# By number, as google.rpc.Code has them.
_CODES = (
    "OK CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS PERMISSION_DENIED "
    "RESOURCE_EXHAUSTED FAILED_PRECONDITION ABORTED OUT_OF_RANGE UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS "
    "UNAUTHENTICATED"
).split()
_CLOCK_TOLERANCE = timedelta(minutes=5)
_READER, _RUNNER = "roles/cloudscheduler.viewer", "roles/cloudscheduler.jobRunner"


class _Status(ApiModel):
    code: Annotated[int, Field(ge=0)] = 0


class _Job(ApiModel):
    name: str
    state: JobState
    last_attempt_at: Instant | None = Field(default=None, alias="lastAttemptTime")
    next_at: Instant | None = Field(default=None, alias="scheduleTime")
    status: _Status = _Status()


class CloudScheduler:
    """The jobs of a project; a request takes 5 seconds at most."""

    def __init__(self, project: str, url: str, policy: HttpPolicy = DEFAULT_POLICY) -> None:
        self._project = project
        self._service = Service("Cloud Scheduler", url, _READER)
        self._policy = policy

    def seen(self, job: SchedulerJob, now: datetime) -> JobSeen:
        """What it shows of a job at an instant (UTC). Never raises for the network or Google; the answer says why."""
        name = self._name(job)
        try:
            found = self._api.get(f"/v1/{name}", _Job)
        except GoogleApiError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return JobSeen(job.name, problem=f"the job does not exist in {job.location}")
            return JobSeen(job.name, problem=f"the job could not be read ({error})")
        if found.name != name:
            return JobSeen(job.name, problem="the job could not be read (Cloud Scheduler answered about another)")
        ran_at = found.last_attempt_at
        if ran_at is not None and ran_at > now + _CLOCK_TOLERANCE:
            return JobSeen(
                job.name, problem="the job could not be read (Cloud Scheduler dates its last run ahead of now)"
            )
        return JobSeen(job.name, found.state, ran_at, _failure(found.status.code), found.next_at)

    def run(self, job: SchedulerJob) -> None:
        """Start a job now, whatever its schedule; it is asked for once. Raises GoogleApiError."""
        self._api.post(f"/v1/{self._name(job)}:run", _Job, _RUNNER)

    @property
    def _api(self) -> GoogleApi:
        """For one request, whose time counts from now."""
        return GoogleApi(self._service, self._policy)

    def _name(self, job: SchedulerJob) -> str:
        return f"projects/{self._project}/locations/{job.location}/jobs/{job.name}"


def _failure(code: int) -> str | None:
    if code == 0:
        return None
    return _CODES[code] if code < len(_CODES) else f"code {code}"
