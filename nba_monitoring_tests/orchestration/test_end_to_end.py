"""The morning as it may go wrong: Slack down, the daemon killed, and still one alert and one recovery."""

from __future__ import annotations

from datetime import UTC, datetime, time
from pathlib import Path

import pytest

from nba_monitoring.core.eastern import game_date
from nba_monitoring_tests.loopback import Answer
from nba_monitoring_tests.morning import FACTORS, NBAC, Platform
from nba_monitoring_tests.orchestration.served import served
from nba_monitoring_tests.orchestration.slack import POST, Slack
from nba_monitoring_tests.platform_tables import factor_rows, nbac_row


@pytest.mark.timeout(900)
def test_slack_down_and_a_killed_daemon_end_in_one_alert_and_one_recovery(tmp_path: Path, slack: Slack) -> None:
    today = game_date(datetime.now(UTC))
    platform = Platform(tmp_path / "warehouse.duckdb")
    platform.play_around(today)
    # Tipped off, so that the severity does not change while the test runs.
    platform.add(NBAC, [nbac_row(today, "ORL", "MEM", tip=time(0, 5))])
    slack.answers(Answer(b"", status=503))
    settings = {"NBA_MONITORING_WAREHOUSE": f"duckdb://{platform.path}", **slack.web_api}
    with served(tmp_path / "home", settings) as dagster:
        dagster.run_job(str(today))
        dagster.wait_for("a tick that Slack refused", lambda: slack.server.requests_to(POST))
        dagster.kill_daemon()
        assert slack.accepted == []
        dagster.start_daemon()
        slack.is_up()
        dagster.wait_for("the alert", lambda: slack.accepted)
        first = slack.accepted[0]
        assert "ORL@MEM" in first.text
        platform.add(FACTORS, factor_rows(today, f"{today:%Y%m%d}_ORL_MEM", 30))
        dagster.run_job(str(today))
        dagster.wait_for("the recovery", lambda: len(slack.accepted) > 1)
    assert [(message.alert_id, message.thread) for message in slack.accepted] == [
        (f"nba-{today}", None),
        (f"nba-{today}", first.ts),
    ]
    assert "Recovered: 1 of 1 game ready" in slack.texts[1]
    assert [ts for ts, _ in slack.edits] == [first.ts]
