"""A daemon and a web server that are killed while a run is in its midst: one verdict, one message, and all go on."""

from __future__ import annotations

from functools import partial

import pytest

from nba_monitoring_tests.orchestration.served import ServedMonitor

pytestmark = [pytest.mark.daemon, pytest.mark.xdist_group("postgres"), pytest.mark.timeout(900)]

DAYS = {"daemon": ("2025-12-01", "2025-12-02"), "web server": ("2025-12-03", "2025-12-04")}


@pytest.mark.parametrize("killed", DAYS)
def test_what_is_killed_in_a_run_loses_nothing_and_doubles_nothing(production: ServedMonitor, killed: str) -> None:
    dagster, platform, slack = production.dagster, production.platform, production.slack

    def told(day: str) -> int:
        return sum(day in message.text for message in slack.accepted)

    day, next_day = DAYS[killed]
    with platform.held():
        run_id = dagster.launch(day)
        dagster.wait_for("the run's start", lambda: dagster.status_of(run_id) == "STARTED")
        if killed == "daemon":
            dagster.kill_daemon()
            dagster.start_daemon()
        else:
            dagster.restart_web_server()
    assert dagster.wait_for("the run's end", partial(dagster.end_of, run_id)) == "SUCCESS"
    dagster.wait_for("the message", lambda: told(day))
    # Later ticks have read on: they report another run, and not the first one again.
    dagster.run_job(next_day)
    dagster.wait_for("the next message", lambda: told(next_day))
    assert (told(day), told(next_day)) == (1, 1)
    checks = "nba_monitoring.data_availability_checks"
    assert platform.rows(f"SELECT run_id, count(*) FROM {checks} WHERE check_date = '{day}' GROUP BY 1") == [
        (run_id, 1)
    ]
