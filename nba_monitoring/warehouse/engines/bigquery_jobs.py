"""Query jobs: sent once however often they are requested, awaited, and canceled when they take too long.

The id of every job is known before it is sent. Sending it again, because an answer was lost or a run's step is retried,
finds the first job instead of starting a second. Only a job that certainly failed is replaced, under the next number.
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

# By default the client retries an unreachable address for ten minutes, longer than the morning check has.
_RETRY = DEFAULT_RETRY.with_timeout(15.0).with_delay(initial=0.5, maximum=4.0)

# Other runs' writes take seconds for a date, a minute for a backfill.
_JOB_RETRY = Retry(predicate=may_pass, initial=1.0, maximum=15.0, multiplier=2.0, timeout=90.0)


@dataclass(frozen=True)
class BigQueryPolicy:
    """Timeouts for BigQuery in seconds, and the bytes that a query may be billed for."""

    request_timeout: float = 8.0  # of one request
    retry: Retry = _RETRY  # of a request
    # A query over a season takes seconds; a project short of slots may queue it.
    query_timeout: float = 180.0
    job_retry: Retry = _JOB_RETRY  # of jobs that fail for a passing reason
    max_bytes_billed: int = DEFAULT_MAX_BYTES_BILLED
    tells_changes: bool = True  # whether a table shows when its rows last changed


DEFAULT_POLICY = BigQueryPolicy()


@dataclass(frozen=True)
class QueryJobs:
    """Runs statements as jobs of one client and location. Raises the client's errors and JobOverranError."""

    client: bigquery.Client
    policy: BigQueryPolicy
    location: str | None

    def run(
        self, sql: str, config: bigquery.QueryJobConfig, name: str
    ) -> tuple[bigquery.QueryJob, list[dict[str, Any]]]:
        """The finished job of that name, which may have been sent earlier, and its rows."""
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
                # Not query_and_wait, which sometimes returns no rows and no error for a missing table.
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
        # A job that exists may not be found for a moment.
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
        """Cancel a job that takes too long and would run on. Returns the error message."""
        name = f"job {job.project}:{job.location}.{job.job_id}"
        overrun = f"{name} did not finish within {self.policy.query_timeout:g} s"
        try:
            job.cancel(retry=self.policy.retry, timeout=self.policy.request_timeout)
        except (GoogleAPICallError, RetryError, RequestException):
            return (
                f"{overrun} and could not be canceled, so it may still be running; run it again, which finds this job"
            )
        return f"{overrun} and was canceled; run it again, and find out what is using the project's slots"
