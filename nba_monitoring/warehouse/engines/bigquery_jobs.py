"""Query jobs: sent once however often they are asked for, waited for, and ended when they take too long.

Every job has an id that is known before it is sent. What is sent again, because an answer was lost or because a run's
step is repeated, finds the first job instead of making a second one beside it. Only a job that has failed for certain
gets a successor, under the next number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any, cast

from google.api_core.exceptions import Conflict, GoogleAPICallError, NotFound, RetryError
from google.api_core.retry import Retry, if_transient_error
from google.cloud import bigquery
from google.cloud.bigquery.retry import DEFAULT_RETRY
from requests.exceptions import RequestException

from nba_monitoring.settings import DEFAULT_MAX_BYTES_BILLED
from nba_monitoring.warehouse.engines.bigquery_errors import JobOverranError, may_pass

# The client's own patience with an address that does not answer is ten minutes; the morning check has less.
_RETRY = DEFAULT_RETRY.with_timeout(15.0).with_delay(initial=0.5, maximum=4.0)

# For what another run's writes cause: those of a date take seconds, a backfill's a minute.
_JOB_RETRY = Retry(predicate=may_pass, initial=1.0, maximum=15.0, multiplier=2.0, timeout=90.0)


@dataclass(frozen=True)
class BigQueryPolicy:
    """How patient to be with BigQuery, in seconds, and how many bytes a query may be billed for."""

    request_timeout: float = 8.0  # of one request
    retry: Retry = _RETRY  # of a request and its repetitions
    # A query over a season takes seconds; a project short of slots may keep it waiting.
    query_timeout: float = 180.0
    job_retry: Retry = _JOB_RETRY  # of jobs that fail through no fault of their own
    max_bytes_billed: int = DEFAULT_MAX_BYTES_BILLED


DEFAULT_POLICY = BigQueryPolicy()


@dataclass(frozen=True)
class QueryJobs:
    """Runs statements as jobs of one client in one location. Raises what the client does, and JobOverranError."""

    client: bigquery.Client
    policy: BigQueryPolicy
    location: str | None

    def run(
        self, sql: str, config: bigquery.QueryJobConfig, name: str
    ) -> tuple[bigquery.QueryJob, list[dict[str, Any]]]:
        """The finished job of that name, which may be an earlier one, and its rows."""
        numbers = count()

        def attempt() -> tuple[bigquery.QueryJob, list[dict[str, Any]]]:
            job = self._started(sql, config, name, numbers)
            return job, self._rows(job)

        return self.policy.job_retry(attempt)()

    def _started(
        self, sql: str, config: bigquery.QueryJobConfig, name: str, numbers: Iterator[int]
    ) -> bigquery.QueryJob:
        while True:
            job_id = f"{name}_{next(numbers)}"
            try:
                # Not query_and_wait, which has been seen to give no rows and no error for a table that is missing.
                return self.client.query(
                    sql,
                    config,
                    job_id=job_id,
                    location=self.location,
                    retry=self.policy.retry,
                    job_retry=None,
                    timeout=self.policy.request_timeout,
                )
            except Conflict:
                found = self._found(job_id)
                if found.error_result is None:
                    return found

    def _found(self, job_id: str) -> bigquery.QueryJob:
        # For a moment a job that is said to exist may not be found.
        retry = self.policy.retry.with_predicate(lambda error: isinstance(error, NotFound) or if_transient_error(error))
        found = self.client.get_job(job_id, location=self.location, retry=retry, timeout=self.policy.request_timeout)
        return cast("bigquery.QueryJob", found)

    def _rows(self, job: bigquery.QueryJob) -> list[dict[str, Any]]:
        try:
            rows = job.result(retry=self.policy.retry, job_retry=None, timeout=self.policy.query_timeout)
            return [dict(row) for row in rows]
        except TimeoutError as error:
            raise JobOverranError(self._ended(job)) from error

    def _ended(self, job: bigquery.QueryJob) -> str:
        """End a job that takes too long, which would run on. What became of it, in words."""
        name = f"job {job.project}:{job.location}.{job.job_id}"
        overrun = f"{name} was not done after {self.policy.query_timeout:g} s"
        try:
            job.cancel(retry=self.policy.retry, timeout=self.policy.request_timeout)
        except (GoogleAPICallError, RetryError, RequestException):
            return f"{overrun}, and could not be cancelled: it may still run; run it again, which finds this job"
        return f"{overrun}, and was cancelled; run it again, and look for what keeps the project's slots"
