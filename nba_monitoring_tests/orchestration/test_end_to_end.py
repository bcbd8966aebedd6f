"""The morning as it may go wrong: Slack down, the daemon killed, and still one alert and its end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from nba_monitoring.core.eastern import eastern
from nba_monitoring_tests.loopback import Answer
from nba_monitoring_tests.morning import FACTORS, NBAC
from nba_monitoring_tests.orchestration.served import DAEMON, ServedMonitor
from nba_monitoring_tests.orchestration.slack import POST, Accepted
from nba_monitoring_tests.platform_tables import factor_rows, nbac_row


@pytest.mark.daemon
@pytest.mark.timeout(1800)
def test_slack_down_and_a_killed_daemon_end_in_one_alert_and_its_end(served_monitor: ServedMonitor) -> None:
    dagster, platform, slack = served_monitor.dagster, served_monitor.platform, served_monitor.slack
    # One game tips off while the test runs, and ends too late; one of tomorrow is covered in time.
    tips_off = eastern(datetime.now(UTC) + timedelta(seconds=80))
    today, tomorrow = tips_off.date(), tips_off.date() + timedelta(days=1)

    def told(day: object) -> list[Accepted]:
        return [message for message in slack.accepted if message.alert_id == f"nba-{day}"]

    platform.play_around(today)
    platform.add(NBAC, [nbac_row(today, "TOR", "LAL", tip=tips_off.time()), nbac_row(tomorrow, "ORL", "MEM")])
    dagster.run_job(str(today))
    dagster.wait_for("the first alert", lambda: told(today))
    slack.answers(Answer(b"", status=503))
    refused = len(slack.server.requests_to(POST))
    dagster.run_job(str(tomorrow))
    # A tick tries twice. After the second its work is over, and what the daemon has not kept is lost with it.
    dagster.wait_for("a tick that Slack refused", lambda: len(slack.server.requests_to(POST)) > refused + 1)
    dagster.kill(DAEMON)
    assert told(tomorrow) == []
    dagster.start_daemon()
    slack.is_up()
    dagster.wait_for("the second alert", lambda: told(tomorrow))
    assert "ORL@MEM" in told(tomorrow)[0].text
    for away, home in (("ORL", "MEM"), ("UTA", "WAS")):
        platform.add(FACTORS, factor_rows(tomorrow, f"{tomorrow:%Y%m%d}_{away}_{home}", 30))
    dagster.run_job(str(tomorrow))
    dagster.wait_for("the recovery", lambda: len(told(tomorrow)) > 1)
    first, second = told(tomorrow)
    assert (first.thread, second.thread) == (None, first.ts)
    assert "Recovered: Phase 4 complete for both games" in second.text
    assert [ts for ts, _ in slack.edits if ts == first.ts] == [first.ts]
    # The next check decides what was in time; without one the clock would, a quarter of an hour after it was due.
    dagster.wait_for("today's tip-off", lambda: datetime.now(UTC) > tips_off)
    dagster.run_job(str(today))
    dagster.wait_for("the end of today", lambda: "Too late" in told(today)[-1].text)
    assert "1 game tipped off without complete Phase 4 data" in told(today)[-1].text
    assert {message.thread for message in told(today)[1:]} == {told(today)[0].ts}
