"""What is killed or cut off while a run is in its midst: one verdict, one message, and all go on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from time import sleep

import pytest
from dagster._grpc.client import DagsterGrpcClient

from nba_monitoring_tests.orchestration.served import DAEMON, Served, ServedMonitor

pytestmark = [pytest.mark.daemon, pytest.mark.xdist_group("postgres"), pytest.mark.timeout(900)]

CHECKS = "nba_monitoring.data_availability_checks"
# A date of its own for each test, and one that is checked after it.
DAYS = {"daemon": ("2025-12-01", "2025-12-02"), "web server": ("2025-12-03", "2025-12-04")}
TWO_CODE_SERVERS = ("2025-12-05", "2025-12-06", "2025-12-07")
ANOTHER = "another code server"


@contextmanager
def in_a_run(monitor: ServedMonitor, days: Sequence[str]) -> Iterator[Sequence[str]]:
    """Runs of dates, which are in their midst for as long as the context."""
    dagster = monitor.dagster
    with monitor.platform.held():
        run_ids = [dagster.launch(day) for day in days]
        for run_id in run_ids:
            dagster.wait_for_start(run_id)
        yield run_ids


def wait_for_success(dagster: Served, run_id: str) -> None:
    assert dagster.wait_for("the run's end", partial(dagster.end_of, run_id)) == "SUCCESS"


def told(monitor: ServedMonitor, day: str) -> list[str]:
    return [message.text for message in monitor.slack.accepted if day in message.text]


def told_once(monitor: ServedMonitor, *days: str) -> bool:
    """Whether each date is, once later ticks have read on: the last date was checked after the others."""
    for day in days:
        monitor.dagster.wait_for("the message", partial(told, monitor, day))
    return [len(told(monitor, day)) for day in days] == [1] * len(days)


def kept(monitor: ServedMonitor, day: str) -> list[tuple[str, int]]:
    """The runs that left a verdict on a date, with how many."""
    return monitor.platform.rows(f"SELECT run_id, count(*) FROM {CHECKS} WHERE check_date = '{day}' GROUP BY 1")


@pytest.mark.parametrize("killed", DAYS)
def test_what_is_killed_in_a_run_loses_nothing_and_doubles_nothing(production: ServedMonitor, killed: str) -> None:
    dagster = production.dagster
    day, next_day = DAYS[killed]
    with in_a_run(production, [day]) as (run_id,):
        if killed == "daemon":
            dagster.kill(DAEMON)
            dagster.start_daemon()
        else:
            dagster.restart_web_server()
    wait_for_success(dagster, run_id)
    dagster.wait_for("the message", partial(told, production, day))
    dagster.run_job(next_day)
    assert told_once(production, day, next_day)
    assert kept(production, day) == [(run_id, 1)]


def test_of_two_code_servers_at_one_address_one_is_killed_and_neither_s_runs_are_lost_or_doubled(
    production: ServedMonitor,
) -> None:
    dagster = production.dagster
    client = DagsterGrpcClient(port=dagster.code_port, host="127.0.0.1")
    dagster.start_code_server(ANOTHER)
    dagster.wait_for("both code servers", lambda: len({client.get_server_id() for _ in range(30)}) == 2)
    with in_a_run(production, TWO_CODE_SERVERS) as run_ids:
        # Run monitoring asks about each run once a second.
        sleep(6)
        assert {dagster.status_of(run_id) for run_id in run_ids} == {"STARTED"}
        dagster.kill(ANOTHER)
    for day in TWO_CODE_SERVERS:
        dagster.wait_for("the verdict", partial(kept, production, day))
    assert told_once(production, *TWO_CODE_SERVERS)
    assert [sum(verdicts for _, verdicts in kept(production, day)) for day in TWO_CODE_SERVERS] == [1, 1, 1]
    assert not [text for text in production.slack.texts if "Monitor" in text]
