"""Dagster's own run launcher, and whether the process of a run is still there. Named in dagster.yaml."""

from __future__ import annotations

import time

import dagster as dg

from nba_monitoring.orchestration.internals import CheckRunHealthResult, WorkerStatus, is_executed_by_its_server

# A code server restarts within this time. One that stays away longer has taken its runs with it.
AWAY_SECONDS = 60.0


class WatchedRunLauncher(dg.DefaultRunLauncher):
    """Lets run monitoring end a run whose code server was killed or restarted, within seconds.

    With Dagster's own, such a run stays STARTED for its maximum run time, and the next check of its date waits for it.
    """

    _away_since: float | None = None

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Run monitoring asks about each run in progress, every `poll_interval_seconds`."""
        return True

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """Whether a code server still executes a run."""
        is_executed = is_executed_by_its_server(run)
        now = time.monotonic()
        if is_executed is None:
            self._away_since = self._away_since or now
            if now - self._away_since > AWAY_SECONDS:
                return CheckRunHealthResult(WorkerStatus.NOT_FOUND, "its code server does not answer")
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        self._away_since = None
        if is_executed:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        return CheckRunHealthResult(WorkerStatus.NOT_FOUND, "its code server was restarted")
