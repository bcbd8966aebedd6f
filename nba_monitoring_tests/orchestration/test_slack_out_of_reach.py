"""Nothing is lost while Slack can't be reached, and nothing is sent twice when it is back."""

from __future__ import annotations

import socket
from datetime import date, timedelta

import pytest
import time_machine

from nba_monitoring_tests.alerts.looks import FULL, look
from nba_monitoring_tests.days import DAY, at
from nba_monitoring_tests.loopback import Answer
from nba_monitoring_tests.morning import Platform
from nba_monitoring_tests.orchestration.ended_runs import (
    complete_a_run,
    days_from,
    fail_a_run,
    failing_look,
    look_in_a_run,
)
from nba_monitoring_tests.orchestration.sensor import Sensor
from nba_monitoring_tests.orchestration.slack import HOOK, Slack

FAULTS = {
    "500": Answer(b"internal_error", status=500),
    "503": Answer(b"<html>", status=503),
    "429": Answer(b"rate_limited", status=429, headers={"Retry-After": "60"}),
    "a dropped connection": Answer(drop=True),
}


def wait_at_a_tick(sensor: Sensor) -> str:
    """A tick at which nothing is accepted. Returns why, as the sensor remembers it."""
    sensor.tick()
    return sensor.channels["Slack"].error


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_a_finding_waits_until_slack_is_back_and_comes_once(
    platform: Platform, watching: Sensor, either_channel: Slack, fault: str
) -> None:
    either_channel.answers(FAULTS[fault])
    with time_machine.travel(at(8)):
        look_in_a_run(platform, watching.instance, DAY)
        wait_at_a_tick(watching)
    either_channel.is_up()
    with time_machine.travel(at(8, 30)):
        watching.tick()
        watching.tick()
    assert [message.alert_id for message in either_channel.accepted] == ["nba-2026-01-18"]


@pytest.mark.slow
def test_a_finding_waits_while_connections_are_refused(
    watching: Sensor, webhook: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv("SLACK_WEBHOOK_URL", f"http://127.0.0.1:{closed.getsockname()[1]}{HOOK}")
        with time_machine.travel(at(8, 5)):
            complete_a_run(watching.instance, str(DAY), [failing_look(DAY)])
            assert "connection refused" in wait_at_a_tick(watching)
    monkeypatch.setenv("SLACK_WEBHOOK_URL", webhook.webhook["SLACK_WEBHOOK_URL"])
    with time_machine.travel(at(8, 10)):
        watching.tick()
    assert [message.alert_id for message in webhook.accepted] == ["nba-2026-01-18"]


@pytest.mark.slow
def test_a_monitor_first_started_while_slack_is_down_loses_nothing(quick_sensor: Sensor, webhook: Slack) -> None:
    webhook.answers(FAULTS["429"])
    for day in days_from(DAY, 3):
        with time_machine.travel(at(8, 5, day)):
            complete_a_run(quick_sensor.instance, str(day), [failing_look(day)])
            wait_at_a_tick(quick_sensor)
    webhook.is_up()
    with time_machine.travel(at(8, 10, day)):
        quick_sensor.tick()
    assert [message.alert_id for message in webhook.accepted] == ["nba-2026-01-20", "nba-outage-20260118T1600"]
    assert "2 failed dates" in webhook.texts[1]


@pytest.mark.slow
def test_an_incident_that_ended_while_slack_was_down_says_why_it_comes_late(watching: Sensor, webhook: Slack) -> None:
    webhook.answers(FAULTS["429"])
    with time_machine.travel(at(8, 5)):
        complete_a_run(watching.instance, str(DAY), [failing_look(DAY, at(8, 5))])
        wait_at_a_tick(watching)
    webhook.is_up()
    with time_machine.travel(at(8, 35)):
        complete_a_run(watching.instance, str(DAY), [look(at(8, 30), FULL)])
        watching.tick()
    (text,) = webhook.texts
    assert "Recovered before it could be reported: Phase 4 was missing for all 6 games" in text
    assert "Slack was unreachable; sent 5 min after the incident ended" in text


@pytest.mark.slow
def test_of_two_alerts_the_accepted_one_is_not_repeated_for_the_other(watching: Sensor, webhook: Slack) -> None:
    tomorrow = DAY + timedelta(days=1)
    with time_machine.travel(at(8, 5)):
        for day in (DAY, tomorrow):
            record = failing_look(day, at(8, 5))
            complete_a_run(watching.instance, str(day), [record])
        webhook.takes_only_the_next(FAULTS["429"])
        watching.tick()
        assert [message.alert_id for message in webhook.accepted] == ["nba-2026-01-18"]
    webhook.is_up()
    with time_machine.travel(at(8, 7)):
        watching.tick()
        watching.tick()
    assert [message.alert_id for message in webhook.accepted] == ["nba-2026-01-18", "nba-2026-01-19"]


@pytest.mark.slow
def test_a_refused_setting_is_named_and_tried_again_when_it_changes(
    watching: Sensor, webhook: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook.server.answer("/gone", Answer(b"no_service", status=404))
    monkeypatch.setenv("SLACK_WEBHOOK_URL", f"{webhook.server.url}/gone")
    with time_machine.travel(at(8, 5)):
        complete_a_run(watching.instance, str(DAY), [failing_look(DAY)])
        why = wait_at_a_tick(watching)
        assert "SLACK_WEBHOOK_URL" in why
        assert "/gone" not in why
        monkeypatch.setenv("SLACK_WEBHOOK_URL", webhook.webhook["SLACK_WEBHOOK_URL"])
        watching.tick()
    assert [message.alert_id for message in webhook.accepted] == ["nba-2026-01-18"]


@pytest.mark.slow
def test_a_kill_between_slacks_answer_and_the_cursors_write_repeats_nothing(
    watching: Sensor, either_channel: Slack
) -> None:
    with time_machine.travel(at(8, 5)):
        complete_a_run(watching.instance, str(DAY), [failing_look(DAY)])
        watching.cursor_after_a_tick()  # said, and not kept
        watching.tick()
        watching.tick()
    assert [message.alert_id for message in either_channel.accepted] == ["nba-2026-01-18"]


@pytest.mark.slow
def test_a_week_without_slack_ends_in_one_summary_and_todays_finding(watching: Sensor, webhook: Slack) -> None:
    webhook.answers(FAULTS["429"])
    for day in days_from(DAY, 7):
        for minute in range(5, 60, 10):
            with time_machine.travel(at(8, minute, day)):
                record = failing_look(day, at(8, minute, day))
                complete_a_run(watching.instance, str(day), [record])
        with time_machine.travel(at(11, 0, day)):
            fail_a_run(watching.instance, f"{day}, by hand")
            wait_at_a_tick(watching)
    webhook.is_up()
    with time_machine.travel(at(11, 10, date(2026, 1, 24))):
        watching.tick()
        watching.tick()
    ids = [message.alert_id for message in webhook.accepted]
    assert len(ids) == 4
    assert ids[0] == "nba-2026-01-24"
    assert ids[1].startswith("nba-run-")
    assert ids[2].startswith("nba-outage-")
    assert "6 failed dates, 6 failed runs" in webhook.texts[2]
    assert "not checked since 11:55 AM ET" in webhook.texts[3]
