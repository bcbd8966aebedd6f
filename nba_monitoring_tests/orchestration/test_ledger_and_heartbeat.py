"""What outlives the sensor's memory, and what proves from outside that alerts arrive."""

from __future__ import annotations

from datetime import date, timedelta

import dagster as dg
import pytest
import time_machine

from nba_monitoring_tests.conftest import Lent
from nba_monitoring_tests.days import DAY, NEXT, at
from nba_monitoring_tests.loopback import Answer, LoopbackServer
from nba_monitoring_tests.morning import NBAC, Platform
from nba_monitoring_tests.orchestration.ended_runs import days_from, failing_look, look_in_a_run
from nba_monitoring_tests.orchestration.sensor import Sensor
from nba_monitoring_tests.orchestration.slack import AUTH, Slack
from nba_monitoring_tests.orchestration.test_incident_life import (
    ID,
    cover,
    covered_look,
    look,
    seen,
    ticks,
)
from nba_monitoring_tests.platform_tables import nbac_row

PING = "/ping/secret"
INCIDENTS = "SELECT incident_id, status, ended_as, told_at IS NOT NULL FROM nba_monitoring.incidents ORDER BY ALL"
MESSAGES = "SELECT reason, way, accepted FROM nba_monitoring.notifications ORDER BY sent_at"
REVOKED = Answer.json({"ok": False, "error": "token_revoked"})


@pytest.fixture
def watcher(slack: Slack, monkeypatch: pytest.MonkeyPatch) -> LoopbackServer:
    """The outside watcher, which expects the heartbeat."""
    slack.server.answer(PING, Answer(b"ok"))
    monkeypatch.setenv("NBA_MONITORING_HEARTBEAT_URL", slack.server.url + PING)
    return slack.server


def beats(watcher: LoopbackServer) -> int:
    return len(watcher.requests_to(PING))


@pytest.mark.slow
def test_three_mornings_without_a_daemon_are_named_in_one_message_judged_now_and_summed_up_in_one_digest(
    platform: Platform, quick_sensor: Sensor, webhook: Slack, watcher: LoopbackServer
) -> None:
    missed, back = days_from(DAY, 3), DAY + timedelta(days=3)
    platform.add(NBAC, [nbac_row(day, "SAC", "NYK") for day in (DAY + timedelta(days=2), back)])
    ticks(quick_sensor, at(7, day=DAY - timedelta(days=1)))
    look(platform, quick_sensor, at(8, day=DAY - timedelta(days=1)), DAY - timedelta(days=1))
    ticks(quick_sensor, at(17, day=DAY - timedelta(days=1)))
    assert beats(watcher) == 3
    before = len(webhook.accepted)

    ticks(quick_sensor, at(7, day=back), at(7, 1, back))
    (message,) = webhook.accepted[before:]
    assert "Monitor: 3 mornings were not checked" in message.text
    assert [request.partition_key for request in quick_sensor.requested] == [str(day) for day in missed]
    # The day before has no verdict.
    assert beats(watcher) == 3

    for minute, request in enumerate(quick_sensor.requested):
        with time_machine.travel(at(7, 10 + minute, back)):
            assert request.partition_key is not None
            day = date.fromisoformat(request.partition_key)
            look_in_a_run(platform, quick_sensor.instance, day, tags=request.tags)
    ticks(quick_sensor, at(7, 20, back), at(7, 21, back))
    (digest,) = webhook.accepted[before + 1 :]
    assert "Backfill: 3 of 3 dates failed, 2026-01-18 to 2026-01-20" in digest.text
    recorded = "SELECT DISTINCT trigger FROM nba_monitoring.data_availability_checks WHERE check_date < '2026-01-21'"
    assert ("backfill",) in platform.rows(recorded + " AND check_date > '2026-01-17'")
    assert beats(watcher) == 4

    look(platform, quick_sensor, at(8, day=back), back)
    ticks(quick_sensor, at(8, 1, back))
    assert webhook.accepted[-1].alert_id == f"nba-{back}"
    assert beats(watcher) == 5
    assert len(webhook.accepted) == before + 3


def test_a_night_s_sleep_of_the_daemon_misses_no_morning(quick_sensor: Sensor, webhook: Slack) -> None:
    ticks(quick_sensor, at(20))
    ticks(quick_sensor, at(7, day=DAY + timedelta(days=1)))
    assert quick_sensor.requested == []
    assert webhook.accepted == []


@pytest.mark.slow
def test_the_heartbeat_comes_every_half_hour_while_all_that_was_due_was_checked(
    platform: Platform, quick_sensor: Sensor, webhook: Slack, watcher: LoopbackServer
) -> None:
    cover(platform)
    for hour, minute, so_far in ((7, 0, 1), (7, 29, 1), (7, 30, 2), (8, 0, 3), (8, 29, 3)):
        ticks(quick_sensor, at(hour, minute))
        assert beats(watcher) == so_far
    # The verdict is overdue from now on.
    ticks(quick_sensor, at(8, 30), at(9), at(10))
    assert beats(watcher) == 3
    look(platform, quick_sensor, at(10, 1))
    assert beats(watcher) == 4


@pytest.mark.slow
def test_an_hour_without_a_look_at_a_failing_date_stops_the_heartbeat_whatever_the_hour(
    platform: Platform, quick_sensor: Sensor, webhook: Slack, watcher: LoopbackServer
) -> None:
    look(platform, quick_sensor, at(8))
    ticks(quick_sensor, at(8, 44))
    assert beats(watcher) == 2
    ticks(quick_sensor, at(9, 14), at(9, 44))
    assert beats(watcher) == 2
    look(platform, quick_sensor, at(9, 45))
    assert beats(watcher) == 3


@pytest.mark.slow
def test_the_night_and_a_day_off_send_heartbeats_too(
    platform: Platform, quick_sensor: Sensor, webhook: Slack, watcher: LoopbackServer
) -> None:
    cover(platform)
    look(platform, quick_sensor, at(8))
    look(platform, quick_sensor, at(15, 45))
    before = beats(watcher)
    # From the evening to the next morning's verdict.
    ticks(quick_sensor, *(at(hour, minute) for hour in range(16, 24) for minute in (20, 50)))
    ticks(quick_sensor, *(at(hour, minute, NEXT) for hour in range(8) for minute in (20, 50)))
    assert beats(watcher) == before + 32


@pytest.mark.slow
def test_a_message_that_waits_holds_the_beat_back_until_it_is_accepted(
    platform: Platform, quick_sensor: Sensor, webhook: Slack, watcher: LoopbackServer
) -> None:
    webhook.answers(Answer(status=503))
    look(platform, quick_sensor, at(8))
    ticks(quick_sensor, at(8, 10))
    assert beats(watcher) == 0
    webhook.is_up()
    ticks(quick_sensor, at(8, 20))
    assert (len(webhook.accepted), beats(watcher)) == (1, 1)


@pytest.mark.slow
def test_on_a_quiet_day_a_revoked_token_holds_the_beat_back_too(
    platform: Platform, quick_sensor: Sensor, web_api: Slack, watcher: LoopbackServer
) -> None:
    cover(platform)
    web_api.server.answer(AUTH, REVOKED)
    look(platform, quick_sensor, at(8))
    ticks(quick_sensor, at(8, 30))
    assert beats(watcher) == 0
    assert "SLACK_BOT_TOKEN" in quick_sensor.channels["Slack"].error
    web_api.is_up()
    ticks(quick_sensor, at(8, 40))
    assert (beats(watcher), quick_sensor.failing, web_api.accepted) == (1, [], [])


@pytest.mark.slow
def test_a_watcher_that_answers_an_error_is_asked_again(
    platform: Platform, quick_sensor: Sensor, webhook: Slack, watcher: LoopbackServer
) -> None:
    watcher.answer(PING, Answer(status=404), Answer(b"ok"))
    look(platform, quick_sensor, at(8))
    ticks(quick_sensor, at(8, 1), at(8, 2))
    assert beats(watcher) == 2


@pytest.mark.slow
@pytest.mark.parametrize("cursor", [None, "{", '{"version": 99}'], ids=["lost", "damaged", "of another version"])
def test_dagster_s_storage_and_the_cursor_lost_between_finding_and_recovery_lose_and_repeat_nothing(
    platform: Platform, quick_sensor: Sensor, web_api: Slack, cursor: str | None
) -> None:
    look(platform, quick_sensor, at(8))
    with dg.DagsterInstance.ephemeral() as wiped:
        anew = Sensor(wiped)
        anew.cursor = cursor
        ticks(anew, at(8, 10), at(8, 11))
        look(platform, anew, at(8, 30))
        assert len(web_api.accepted) == 1
        cover(platform)
        look(platform, anew, at(9))
        ticks(anew, at(9, 1))
    first, recovered = web_api.accepted
    assert "Recovered: Phase 4 complete for both games" in recovered.text
    assert recovered.thread == first.ts
    assert web_api.edits == [(first.ts, recovered.text)]
    assert platform.rows(INCIDENTS) == [(ID, "MISSING_DATA", "recovered", True)]


@pytest.mark.slow
def test_a_cursor_lost_alone_repeats_nothing_of_the_runs_that_are_read_again(
    platform: Platform, quick_sensor: Sensor, web_api: Slack
) -> None:
    look(platform, quick_sensor, at(8))
    look(platform, quick_sensor, at(8, 30))
    for cursor in (None, "{"):
        quick_sensor.cursor = cursor
        ticks(quick_sensor, at(8, 40))
    cover(platform)
    look(platform, quick_sensor, at(9))
    quick_sensor.cursor = None
    ticks(quick_sensor, at(9, 1))
    assert [message.alert_id for message in web_api.accepted] == [ID, ID]


@pytest.mark.thorough
def test_a_memory_lost_while_the_ledger_is_held_goes_on_once_it_is_free(
    platform: Platform, quick_sensor: Sensor, web_api: Slack, lent: Lent
) -> None:
    look(platform, quick_sensor, at(8))
    with dg.DagsterInstance.ephemeral() as wiped:
        anew = Sensor(wiped)
        with lent():
            ticks(anew, at(8, 10), at(8, 11))
        ticks(anew, at(8, 12))
        cover(platform)
        look(platform, anew, at(9))
    first, recovered = web_api.accepted
    assert "Recovered: Phase 4 complete for both games" in recovered.text
    assert recovered.thread == first.ts


@pytest.mark.thorough
def test_a_look_told_while_both_memories_were_out_of_reach_goes_on_as_the_ledger_s_incident(
    platform: Platform, quick_sensor: Sensor, web_api: Slack, lent: Lent
) -> None:
    seen(quick_sensor, at(8), failing_look(DAY, at(8)))
    with dg.DagsterInstance.ephemeral() as wiped:
        anew = Sensor(wiped)
        with lent():
            seen(anew, at(8, 30), failing_look(DAY, at(8, 30)))
            assert len(web_api.accepted) == 2
        seen(anew, at(9), covered_look(at(9)))
    assert [message.alert_id for message in web_api.accepted] == [ID, ID, ID]
    assert platform.rows(INCIDENTS) == [(ID, "MISSING_DATA", "recovered", True)]
    hours = "SELECT hour(found_at), hour(told_at), hour(ended_at) FROM nba_monitoring.incidents"
    assert platform.rows(hours) == [(16, 16, 17)]


@pytest.mark.thorough
def test_a_ledger_held_by_another_process_delays_no_alert_and_is_caught_up(
    platform: Platform, quick_sensor: Sensor, webhook: Slack, lent: Lent
) -> None:
    ticks(quick_sensor, at(7))
    with lent():
        seen(quick_sensor, at(8), failing_look(DAY, at(8)))
        assert [message.alert_id for message in webhook.accepted] == [ID]
    ticks(quick_sensor, at(8, 1))
    assert platform.rows(INCIDENTS) == [(ID, "MISSING_DATA", None, True)]
    assert platform.rows(MESSAGES) == [("first finding", "webhook", True)]
    seen(quick_sensor, at(9), covered_look(at(9)))
    assert platform.rows(INCIDENTS) == [(ID, "MISSING_DATA", "recovered", True)]
    assert [reason for reason, _, _ in platform.rows(MESSAGES)] == ["first finding", "recovered"]
    assert len(webhook.accepted) == 2


@pytest.mark.slow
def test_each_attempt_at_a_message_is_in_the_ledger_with_its_error(
    platform: Platform, quick_sensor: Sensor, webhook: Slack
) -> None:
    webhook.answers(Answer(status=503))
    look(platform, quick_sensor, at(8))
    webhook.is_up()
    ticks(quick_sensor, at(8, 10), at(8, 11))
    assert platform.rows(MESSAGES) == [("first finding", "webhook", False), ("first finding", "webhook", True)]
    errors = platform.rows("SELECT error FROM nba_monitoring.notifications ORDER BY sent_at")
    assert "503" in errors[0][0]
    assert errors[1] == (None,)
    assert len(platform.rows("SELECT DISTINCT notification_id FROM nba_monitoring.notifications")) == 1
