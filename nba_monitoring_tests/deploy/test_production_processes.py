"""Dagster's own processes as production has them: a Postgres that is restarted, runs that have to wait."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import pytest

from nba_monitoring.core.eastern import game_date
from nba_monitoring_tests.deploy.postgres import Postgres
from nba_monitoring_tests.loopback import Answer, Request
from nba_monitoring_tests.morning import FACTORS, NBAC
from nba_monitoring_tests.orchestration.served import Served, ServedMonitor
from nba_monitoring_tests.orchestration.slack import POST
from nba_monitoring_tests.platform_tables import factor_rows, nbac_row

pytestmark = [pytest.mark.daemon, pytest.mark.xdist_group("postgres"), pytest.mark.timeout(1800)]

CHECKS = "nba_monitoring.data_availability_checks"


def wait_for_success(dagster: Served, run_id: str) -> str:
    """The run's id, or that of its retry: one that writes an event while the database restarts fails and is retried."""
    while dagster.wait_for("the run's end", partial(dagster.end_of, run_id)) != "SUCCESS":
        run_id = dagster.wait_for("the retry", partial(dagster.retry_of, run_id))
    return run_id


def test_two_runs_of_one_date_are_never_at_once_and_another_date_does_not_wait(production: ServedMonitor) -> None:
    dagster = production.dagster
    # A run waits for the file, and so is in its midst for as long as the test wants.
    with production.platform.held():
        first = dagster.launch("2025-11-03")
        dagster.wait_for_start(first)
        second, other = dagster.launch("2025-11-03"), dagster.launch("2025-11-04")
        # The other date's run was launched last: once it is out of the queue, the second one was skipped.
        dagster.wait_for_start(other)
        assert dagster.status_of(second) == "QUEUED"
    for run_id in (first, second, other):
        wait_for_success(dagster, run_id)
    written = production.platform.rows(
        f"SELECT run_id, count(*) FROM {CHECKS} WHERE check_date < '2025-11-05' GROUP BY 1"
    )
    assert sorted(written) == sorted([(first, 1), (second, 1), (other, 1)])


def test_a_backfill_leaves_the_morning_a_place(production: ServedMonitor) -> None:
    dagster = production.dagster
    with production.platform.held():
        days = [f"2025-11-{day}" for day in range(10, 14)]
        of_backfill = [dagster.launch(day, backfill="manydates") for day in days]
        morning = dagster.launch("2025-11-20")
        dagster.wait_for_start(morning)
        assert sum(dagster.has_started(run_id) for run_id in of_backfill) <= 1
    for run_id in (morning, *of_backfill):
        wait_for_success(dagster, run_id)


def test_a_database_restarted_in_the_midst_of_a_tick_alerts_once(production: ServedMonitor, postgres: Postgres) -> None:
    dagster, slack = production.dagster, production.slack
    restarted: list[Request] = []

    def take(request: Request) -> Answer:
        """Accepted, while the tick can't keep that it was."""
        # Not for another message: the schedule checks today at each half hour, maybe while a run is launched below.
        if not restarted and "2025-11-24" in request.json["text"]:
            restarted.append(request)
            postgres.restart()
        return slack.take(request)

    def told(day: str) -> list[str]:
        return [message.text for message in slack.accepted if day in message.text]

    slack.server.answer(POST, take)
    dagster.run_job("2025-11-24")
    dagster.wait_for("the first message", lambda: told("2025-11-24"))
    assert restarted
    # Later ticks have read on: they report another run, and not the first one again.
    second = dagster.wait_for("the web server", lambda: dagster.launch("2025-11-25"))
    wait_for_success(dagster, second)
    dagster.wait_for("the second message", lambda: told("2025-11-25"))
    assert (len(told("2025-11-24")), len(told("2025-11-25"))) == (1, 1)


def test_a_database_restarted_between_tick_and_run_loses_nothing_and_doubles_nothing(
    production: ServedMonitor, postgres: Postgres
) -> None:
    dagster, platform, slack = production.dagster, production.platform, production.slack
    # Without a slate, a check of today fails at whatever hour the test runs.
    today = game_date(datetime.now(UTC))

    def told() -> list[str]:
        return [message.text for message in slack.accepted if message.alert_id == f"nba-{today}"]

    with platform.held():
        first = dagster.launch(str(today))
        dagster.wait_for_start(first)
        # As after a tick: it is in the queue, and waits for the first to end.
        second = dagster.launch(str(today))
        postgres.restart()
    succeeded = {wait_for_success(dagster, run_id) for run_id in (first, second)}
    written = platform.rows(f"SELECT run_id, count(*) FROM {CHECKS} WHERE check_date = '{today}' GROUP BY run_id")
    # At a half hour, the schedule's own check of today may be among them.
    assert succeeded <= {run_id for run_id, _ in written}
    assert {count for _, count in written} == {1}
    dagster.wait_for("the alert", told)
    # And the daemon lives on: what comes after the restart is queued, run, and read by the sensor.
    platform.play_around(today)
    platform.add(NBAC, [nbac_row(today, "ORL", "MEM")])
    platform.add(FACTORS, factor_rows(today, f"{today:%Y%m%d}_ORL_MEM", 30))
    # The web server's pool may still have connections that the restart has closed: each is one answer with 500.
    third = dagster.wait_for("the web server", lambda: dagster.launch(str(today)))
    wait_for_success(dagster, third)
    dagster.wait_for("the recovery", lambda: told()[1:])
    assert ["Recovered" in text for text in told()] == [False, True]
