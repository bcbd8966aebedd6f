"""A mute of so many dates that it may be forgotten: each Monday's reminder, and each morning's line in the log."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
import time_machine

from nba_monitoring.cli.main import main
from nba_monitoring_tests.days import DAY, at
from nba_monitoring_tests.loopback import Answer
from nba_monitoring_tests.morning import Platform
from nba_monitoring_tests.orchestration.sensor import Sensor
from nba_monitoring_tests.orchestration.slack import HOOK, Slack

MONDAY = date(2026, 1, 19)
WEEK = timedelta(days=7)


def mute(*arguments: str) -> None:
    with time_machine.travel(at(7)), pytest.raises(SystemExit) as ended:
        main(["mute", "--from", str(DAY), *arguments, "--reason", "no predictions", "--by", "Kim"])
    assert ended.value.code == 0


def ticks(sensor: Sensor, *moments: datetime) -> None:
    for moment in moments:
        with time_machine.travel(moment):
            sensor.tick()


def reminders(slack: Slack) -> list[str]:
    return [message.alert_id for message in slack.accepted if message.alert_id.startswith("nba-muted-")]


@pytest.mark.slow
def test_a_mute_of_more_than_seven_dates_is_brought_to_mind_once_each_monday(
    platform: Platform, watching: Sensor, webhook: Slack
) -> None:
    mute("--to", "2026-01-27", "--yes")
    ticks(watching, at(8), at(7, 59, MONDAY))
    assert reminders(webhook) == []
    ticks(watching, at(8, 0, MONDAY), at(8, 1, MONDAY), at(20, 0, MONDAY))
    assert reminders(webhook) == ["nba-muted-2026-01-19"]
    (said,) = [message.text for message in webhook.accepted if message.alert_id == "nba-muted-2026-01-19"]
    assert "Monitor: 1 mute of more than 7 dates" in said
    assert "Muted, no alerts: 2026-01-18 to 2026-01-27 until the end of each date. no predictions (Kim)" in said
    # Two of its dates are left on the second Monday, none on the third.
    ticks(watching, at(9, 0, MONDAY + timedelta(days=2)), at(8, 0, MONDAY + WEEK), at(8, 0, MONDAY + 2 * WEEK))
    assert reminders(webhook) == ["nba-muted-2026-01-19", "nba-muted-2026-01-26"]


@pytest.mark.parametrize("last", ["2026-01-24", "2026-01-19"])
def test_a_shorter_one_is_not(platform: Platform, watching: Sensor, webhook: Slack, last: str) -> None:
    mute("--to", last)
    ticks(watching, at(8, 0, MONDAY))
    assert reminders(webhook) == []


def test_the_reminder_links_to_its_runbook(
    platform: Platform, watching: Sensor, webhook: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NBA_MONITORING_RUNBOOK_URL", "https://wiki/{stage}.md")
    mute("--to", "2026-01-27", "--yes")
    ticks(watching, at(8, 0, MONDAY))
    assert "<https://wiki/monitor_long_mute.md|Runbook>" in str(webhook.server.requests[-1].json["blocks"])


def test_the_reminder_waits_for_slack(platform: Platform, watching: Sensor, webhook: Slack) -> None:
    mute("--to", "2026-01-27", "--yes")
    webhook.server.answer(HOOK, Answer(status=503))
    ticks(watching, at(8, 0, MONDAY))
    webhook.is_up()
    ticks(watching, at(8, 30, MONDAY), at(9, 30, MONDAY))
    assert reminders(webhook) == ["nba-muted-2026-01-19"]


def test_each_morning_s_log_has_what_is_muted_once(
    platform: Platform, watching: Sensor, webhook: Slack, capfd: pytest.CaptureFixture[str]
) -> None:
    mute("--to", "2026-01-20")
    ticks(watching, at(7, 30), at(8), at(8, 1), at(8, 0, MONDAY))
    line = "Muted, no alerts: 2026-01-18 to 2026-01-20 until the end of each date. no predictions (Kim)"
    assert capfd.readouterr().err.count(line) == 2
