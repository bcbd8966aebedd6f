"""Each process killed, stopped and cut off while a run is under way, at the intervals of production.

A run is in its midst when the fault comes, and another one follows it. No verdict and no message is lost or doubled.
The seconds until each run's message are printed.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from itertools import count
from time import monotonic, sleep

import dagster as dg
import pytest

from nba_monitoring_tests.deploy.postgres import Postgres, running_postgres
from nba_monitoring_tests.e2e.conftest import E2E, PRODUCTION
from nba_monitoring_tests.loopback import LoopbackServer
from nba_monitoring_tests.morning import PHASE4_ALONE, Platform
from nba_monitoring_tests.orchestration.served import (
    CODE_SERVER,
    DAEMON,
    LOCATION,
    Installation,
    Served,
)
from nba_monitoring_tests.orchestration.slack import POST, Slack
from nba_monitoring_tests.orchestration.test_killed_runs import process_of

pytestmark = pytest.mark.timeout(1800)

# Longer than run monitoring waits for a code server that does not answer.
STOPPED_SECONDS = 75
MAX_RUNTIME_SECONDS = 60
CHECKS = "nba_monitoring.data_availability_checks"
CHECKED: list[str] = []
DAYS = (date(2025, 11, 1) + timedelta(days=step) for step in count())


@dataclass(frozen=True)
class Watched:
    """Dagster's processes from the wheel on a Postgres, a warehouse file, and their Slack."""

    dagster: Served
    postgres: Postgres
    platform: Platform
    slack: Slack
    instance: dg.DagsterInstance

    def told(self, day: str) -> list[str]:
        """The messages about a date, which a digest of many has in its table alone."""
        posted = [request.json for request in self.slack.server.requests_to(POST)]
        return [message["text"] for message in posted if day in json.dumps(message)]

    def verdicts(self, day: str) -> list[tuple[str, int, int]]:
        """The verdicts on a date: by status, of how many runs, and how many."""
        kept = f"SELECT status, count(DISTINCT run_id), count(*) FROM {CHECKS} WHERE check_date = '{day}' GROUP BY 1"
        return self.platform.rows(kept)


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    folder, elsewhere = tmp_path_factory.mktemp("faults"), tmp_path_factory.mktemp("elsewhere")
    with running_postgres() as postgres, LoopbackServer() as server, pytest.MonkeyPatch.context() as patch:
        slack, platform = Slack(server), Platform(folder / "warehouse.duckdb")
        settings = {
            "NBA_MONITORING_WAREHOUSE": f"duckdb://{platform.path}",
            "NBA_MONITORING_STAGES": str(PHASE4_ALONE),
            "DAGSTER_POSTGRES_URL": postgres.url,
            "PGTZ": "UTC",
            **slack.web_api,
        }
        patch.setenv("DAGSTER_POSTGRES_URL", postgres.url)
        installation = Installation(E2E / "bin" / "python", elsewhere, LOCATION, elsewhere, is_eager=False)
        dagster = Served(folder / "home", settings, PRODUCTION, installation)
        try:
            dagster.start()
            with dg.DagsterInstance.from_config(str(dagster.home)) as instance:
                yield Watched(dagster, postgres, platform, slack, instance)
        finally:
            dagster.stop()


@contextmanager
def stopped(pids: Sequence[int]) -> Iterator[None]:
    """As a process that hangs, and then goes on where it was."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def nothing(watched: Watched, run_id: str) -> None:
    pass


def code_server_killed(watched: Watched, run_id: str) -> None:
    watched.dagster.restart_code_server()


def daemon_killed(watched: Watched, run_id: str) -> None:
    watched.dagster.kill(DAEMON)
    watched.dagster.start_daemon()


def web_server_killed(watched: Watched, run_id: str) -> None:
    watched.dagster.restart_web_server()


def run_killed(watched: Watched, run_id: str) -> None:
    os.kill(process_of(watched.instance, run_id), signal.SIGKILL)


def code_server_stopped(watched: Watched, run_id: str) -> None:
    with stopped([watched.dagster.processes[CODE_SERVER].pid]):
        sleep(STOPPED_SECONDS)


def daemon_stopped(watched: Watched, run_id: str) -> None:
    with stopped([watched.dagster.processes[DAEMON].pid]):
        sleep(STOPPED_SECONDS)


def postgres_stopped(watched: Watched, run_id: str) -> None:
    with stopped(watched.postgres.pids):
        sleep(20)


def run_stopped(watched: Watched, run_id: str) -> None:
    with stopped([process_of(watched.instance, run_id)]):
        watched.dagster.wait_for("its end by Dagster", partial(watched.dagster.end_of, run_id))


def connections_to_postgres_cut(watched: Watched, run_id: str) -> None:
    until = monotonic() + 5
    while monotonic() < until:
        watched.postgres.cut()
        sleep(0.1)


Fault = Callable[[Watched, str], None]


@pytest.mark.parametrize(
    "fault",
    [
        nothing,
        code_server_stopped,
        daemon_stopped,
        postgres_stopped,
        run_stopped,
        code_server_killed,
        daemon_killed,
        web_server_killed,
        run_killed,
        connections_to_postgres_cut,
    ],
    ids=lambda fault: fault.__name__,
)
def test_no_fault_loses_a_verdict_or_a_message(
    watched: Watched, fault: Fault, capfd: pytest.CaptureFixture[str]
) -> None:
    dagster = watched.dagster
    day, next_day = str(next(DAYS)), str(next(DAYS))
    CHECKED.extend((day, next_day))
    limit = {"max_runtime": str(MAX_RUNTIME_SECONDS)} if fault is run_stopped else {}
    with watched.platform.held():
        run_id = dagster.launch(day, **limit)
        dagster.wait_for_start(run_id)
        began = monotonic()
        fault(watched, run_id)
    dagster.wait_for("the code location", dagster.has_loaded)
    # A pool may hold connections that are closed: a launch that meets one is refused, and stays.
    for _ in range(20):
        dagster.wait_for("the web server", lambda: dagster.runs_of("no backfill") == {})
    following = dagster.wait_for("the web server", lambda: dagster.launch(next_day))
    launched = monotonic()
    seconds: dict[str, float] = {}

    def are_told() -> bool:
        for told, since in ((day, began), (next_day, launched)):
            if told not in seconds and watched.told(told):
                seconds[told] = monotonic() - since
        return len(seconds) == 2

    dagster.wait_for("both messages", are_told)
    assert dagster.wait_for("the next run's end", partial(dagster.end_of, following)) == "SUCCESS"
    with capfd.disabled():
        print(f"\n{fault.__name__}: its run told after {seconds[day]:.0f} s, the next after {seconds[next_day]:.0f} s")


def test_none_was_told_or_judged_twice(watched: Watched) -> None:
    assert CHECKED
    told = {day: watched.told(day) for day in CHECKED}
    assert {day: found for day, found in told.items() if len(found) != 1} == {}
    kept = {day: watched.verdicts(day) for day in CHECKED}
    assert {day: found for day, found in kept.items() if found != [("UNKNOWN_SCHEDULE", 1, 1)]} == {}
