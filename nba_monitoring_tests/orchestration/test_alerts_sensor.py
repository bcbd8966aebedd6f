"""The sensor on real runs, with a Slack on the loopback."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import dagster as dg
import pytest
import time_machine

from nba_monitoring.core.eastern import PACIFIC
from nba_monitoring.sensors import availability_alerts
from nba_monitoring_tests.loopback import Answer, LoopbackServer
from nba_monitoring_tests.morning import NBAC, Platform, dagster_instance, run_check
from nba_monitoring_tests.platform_tables import nbac_row

DAY = date(2026, 1, 18)
MORNING = datetime(2026, 1, 18, 8, 0, 5, tzinfo=PACIFIC)
HOOK = "/services/T0/B0/secret"
OK = Answer(b"ok")


class Slack:
    """An incoming webhook on the loopback, the instance behind the sensor, and the cursor between ticks."""

    def __init__(self, server: LoopbackServer, instance: dg.DagsterInstance) -> None:
        self.server = server
        self.instance = instance
        self.cursor: str | None = None

    @property
    def texts(self) -> list[str]:
        """The notification lines of all messages that were accepted or refused."""
        return [request.json["text"] for request in self.server.requests_to(HOOK)]

    def tick(self) -> None:
        context = dg.build_sensor_context(instance=self.instance, cursor=self.cursor)
        try:
            availability_alerts(context)
        finally:
            self.cursor = context.cursor


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    made = Platform(tmp_path / "warehouse.duckdb")
    made.play_around(DAY)
    made.add(NBAC, [nbac_row(DAY, "ORL", "MEM"), nbac_row(DAY, "BKN", "CHI")])
    return made


@pytest.fixture
def slack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Slack]:
    with LoopbackServer() as server, dagster_instance(tmp_path / "dagster") as instance:
        server.answer(HOOK, OK)
        monkeypatch.setenv("SLACK_WEBHOOK_URL", server.url + HOOK)
        yield Slack(server, instance)


def test_a_failed_check_on_a_live_date_sends_one_message_with_the_missing_games(
    platform: Platform, slack: Slack
) -> None:
    with time_machine.travel(MORNING):
        run_check(platform.settings, slack.instance, DAY)
        slack.tick()
        slack.tick()
    assert len(slack.texts) == 1
    assert "ORL@MEM" in slack.texts[0]
    assert "BKN@CHI" in slack.texts[0]
