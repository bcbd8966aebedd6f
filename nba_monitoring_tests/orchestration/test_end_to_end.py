"""The morning as it may go wrong: Slack down, the daemon killed, and still one alert and one recovery."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest

from nba_monitoring.core.eastern import game_date
from nba_monitoring_tests.loopback import Answer
from nba_monitoring_tests.morning import FACTORS, NBAC
from nba_monitoring_tests.orchestration.served import ServedMonitor
from nba_monitoring_tests.orchestration.slack import POST, Accepted
from nba_monitoring_tests.platform_tables import factor_rows, nbac_row


@pytest.mark.daemon
@pytest.mark.timeout(1800)
def test_slack_down_and_a_killed_daemon_end_in_one_alert_and_one_recovery(served_monitor: ServedMonitor) -> None:
    dagster, platform, slack = served_monitor.dagster, served_monitor.platform, served_monitor.slack
    today = game_date(datetime.now(UTC))
    alert_id = f"nba-{today}"

    def told() -> list[Accepted]:
        return [message for message in slack.accepted if message.alert_id == alert_id]

    platform.play_around(today)
    # Tipped off, so that the severity does not change while the test runs.
    platform.add(NBAC, [nbac_row(today, "ORL", "MEM", tip=time(0, 5))])
    slack.answers(Answer(b"", status=503))
    dagster.run_job(str(today))
    # A tick tries twice. After the second its work is over, and what the daemon has not kept is lost with it.
    dagster.wait_for("a tick that Slack refused", lambda: len(slack.server.requests_to(POST)) > 1)
    dagster.kill_daemon()
    assert told() == []
    dagster.start_daemon()
    slack.is_up()
    dagster.wait_for("the alert", told)
    assert "ORL@MEM" in told()[0].text
    platform.add(FACTORS, factor_rows(today, f"{today:%Y%m%d}_ORL_MEM", 30))
    dagster.run_job(str(today))
    dagster.wait_for("the recovery", lambda: len(told()) > 1)
    first, second = told()
    assert (first.thread, second.thread) == (None, first.ts)
    assert "Recovered: 1 of 1 game ready" in second.text
    assert [ts for ts, _ in slack.edits] == [first.ts]
