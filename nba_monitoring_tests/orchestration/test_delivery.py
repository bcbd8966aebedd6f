"""How messages arrive while Slack refuses, fails, is slow, or loses a thread; and the second channel."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
import time_machine

from nba_monitoring.alerts.channels import attempts, configured
from nba_monitoring.alerts.channels.slack_api import SLACK_POLICY, GuardedClient
from nba_monitoring.orchestration import tick as tick_time
from nba_monitoring_tests.alerts.looks import FULL, look
from nba_monitoring_tests.days import DAY, at
from nba_monitoring_tests.loopback import Answer, LoopbackServer
from nba_monitoring_tests.morning import Platform
from nba_monitoring_tests.orchestration.ended_runs import complete_a_run, days_from, fail_a_run
from nba_monitoring_tests.orchestration.pager import Pager, find, tick
from nba_monitoring_tests.orchestration.sensor import Sensor
from nba_monitoring_tests.orchestration.slack import POST, Slack, refusal

TODAY, TOMORROW = days_from(DAY, 2)
FINDING, NEXT_FINDING = "nba-2026-01-18", "nba-2026-01-19"
REVOKED = refusal("token_revoked")
DOWN = Answer(b"<html>", status=503)
# Slack's answers in a tenth of the time that they take in earnest.
HASTY = replace(SLACK_POLICY, timeout=0.5, backoff=0, budget=1)


def ids(slack: Slack) -> list[str]:
    return [message.alert_id for message in slack.accepted]


@pytest.mark.slow
def test_while_the_token_is_revoked_everything_waits_and_no_heart_beats_until_there_is_a_new_one(
    watching: Sensor, web_api: Slack, heart: LoopbackServer
) -> None:
    web_api.answers(REVOKED)
    find(watching, TODAY, TOMORROW, when=at(8, 5))
    with time_machine.travel(at(8, 6)):
        fail_a_run(watching.instance, str(TOMORROW))
    for minute in (6, 7, 20):
        tick(watching, at(8, minute))
    assert "token_revoked" in watching.channels["Slack"].error
    assert all(incident.told_at is None for incident in watching.state.incidents.values())
    assert heart.requests == []
    web_api.is_up()
    tick(watching, at(8, 21))
    tick(watching, at(8, 22))
    assert ids(web_api)[:2] == [FINDING, NEXT_FINDING]
    assert [alert_id[:8] for alert_id in ids(web_api)[2:]] == ["nba-run-"]
    assert len(heart.requests) == 1


@pytest.mark.slow
def test_while_the_token_is_revoked_the_second_channel_gets_everything_at_once_and_one_alert_about_it(
    watching: Sensor, web_api: Slack, pager: Pager
) -> None:
    web_api.answers(REVOKED)
    find(watching, TODAY, TOMORROW, when=at(8, 5))
    for minute in (6, 7, 8):
        tick(watching, at(8, minute))
    channel = "nba-refused-20260118T1605"
    assert pager.alert_ids == [FINDING, NEXT_FINDING, channel]
    assert "token_revoked" in pager.messages[-1]
    web_api.is_up()
    with time_machine.travel(at(8, 10)):
        complete_a_run(watching.instance, str(TODAY), [look(at(8, 10), FULL, day=TODAY)])
        watching.tick()
    assert [message.text.split("Recovered")[0] for message in web_api.accepted] == ["🟢 [test] "]
    tick(watching, at(8, 11))
    tick(watching, at(8, 12))
    assert pager.alert_ids == [FINDING, NEXT_FINDING, channel, FINDING, channel]
    assert "Slack accepts alerts again" in pager.titles[-1]


@pytest.mark.slow
def test_while_slack_is_down_each_error_goes_to_the_second_channel_at_once_and_the_rest_after_ten_minutes(
    watching: Sensor, web_api: Slack, pager: Pager
) -> None:
    web_api.answers(DOWN)
    in_three_days = TODAY + timedelta(days=3)
    find(watching, in_three_days, TODAY, when=at(8, 5))
    with time_machine.travel(at(8, 6)):
        run = fail_a_run(watching.instance, f"{TODAY}, by hand")
    for minute in (6, 10, 14):
        tick(watching, at(8, minute))
    # A later date's finding is only a WARN.
    failed = f"nba-run-{run[:8]}"
    assert pager.alert_ids == [FINDING, failed]
    tick(watching, at(8, 16))
    assert pager.alert_ids == [FINDING, failed, f"nba-{in_three_days}", "nba-refused-20260118T1605"]
    web_api.is_up()
    for minute in (17, 18, 40):
        tick(watching, at(8, minute))
    assert ids(web_api) == []
    assert len(pager.server.requests) == 4


@pytest.mark.slow
def test_an_error_reaches_both_channels_once_where_slack_is_back_within_ten_minutes(
    watching: Sensor, web_api: Slack, pager: Pager
) -> None:
    web_api.answers(DOWN)
    find(watching, when=at(8, 5))
    tick(watching, at(8, 6))
    web_api.is_up()
    for minute in (9, 10, 11):
        tick(watching, at(8, minute))
    assert (ids(web_api), pager.alert_ids) == ([FINDING], [FINDING])


@pytest.mark.slow
def test_two_addresses_of_one_scheme_each_have_a_row_of_their_own_in_the_ledger(
    platform: Platform, watching: Sensor, web_api: Slack, pager: Pager, monkeypatch: pytest.MonkeyPatch
) -> None:
    pager.server.answer("/broken", Answer(status=500))
    monkeypatch.setenv("NBA_MONITORING_NOTIFY_URLS", f"{pager.address()},{pager.address('broken')}")
    find(watching, when=at(8, 5))
    rows = platform.rows("SELECT notification_id, way, accepted FROM nba_monitoring.notifications ORDER BY 1")
    assert [(way, accepted) for _, way, accepted in rows] == [("json", True), ("json", False), ("slack", True)]
    assert len({notification_id for notification_id, _, _ in rows}) == 3


@pytest.fixture
def hasty(slack: Slack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "LONGEST_SEND_SECONDS", 0.5)
    monkeypatch.setattr(configured, "GuardedClient", partial(GuardedClient, policy=HASTY))


@pytest.mark.slow
@pytest.mark.usefixtures("hasty")
def test_slack_that_answers_after_six_seconds_gets_one_message_not_four(watching: Sensor, web_api: Slack) -> None:
    web_api.is_slow(0.6)
    find(watching, when=at(8, 5))
    assert watching.channels["Slack"].owed == 1
    for minute in (6, 8, 10, 12):
        tick(watching, at(8, minute))
    assert ids(web_api) == [FINDING]
    (incident,) = watching.state.incidents.values()
    assert incident.detail.thread is not None
    assert incident.detail.thread.endswith(web_api.accepted[0].ts or "?")
    assert watching.channels["Slack"].owed == 0


@pytest.mark.slow
def test_a_message_that_slack_took_and_whose_answer_was_lost_comes_once(watching: Sensor, web_api: Slack) -> None:
    web_api.server.answer(POST, lambda request: replace(web_api.take(request), drop=True))
    find(watching, when=at(8, 5))
    web_api.is_up()
    for minute in (6, 8, 10):
        tick(watching, at(8, minute))
    assert ids(web_api) == [FINDING]
    assert watching.channels["Slack"].owed == 0


@pytest.mark.slow
@pytest.mark.usefixtures("hasty")
def test_slack_that_is_slow_and_may_not_be_looked_through_gets_two_copies_at_most(
    watching: Sensor, web_api: Slack
) -> None:
    for path in ("/api/conversations.history", "/api/users.conversations"):
        web_api.server.answer(path, refusal("missing_scope"))
    web_api.is_slow(0.6)
    find(watching, when=at(8, 5))
    for minute in (6, 8, 10, 12, 14):
        tick(watching, at(8, minute))
    assert ids(web_api) == [FINDING] * 2
    assert len({str(message.metadata) for message in web_api.accepted}) == 1


@pytest.mark.slow
def test_no_tick_sends_longer_than_its_budget_and_all_of_twenty_messages_come_once(
    watching: Sensor, web_api: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A twentieth of what it is in earnest, with Slack at four seconds a message.
    monkeypatch.setattr(tick_time, "TICK_SECONDS", 18.0)
    monkeypatch.setattr(attempts, "SHORTEST_SEND_SECONDS", 0.75)
    web_api.is_slow(0.2)
    days = days_from(TODAY, 20)
    find(watching, *days, when=at(8, 5))
    told = [len(web_api.accepted)]
    for ticks in range(1, 15):
        told_in_cursor = [incident for incident in watching.state.incidents.values() if incident.told_at]
        assert len(told_in_cursor) == len(web_api.accepted)
        tick(watching, at(8, 5) + timedelta(seconds=30 * ticks))
        told.append(len(web_api.accepted) - sum(told))
    # A message begun with less than three quarters of a second left might not have ended in time.
    assert max(told) <= 7
    assert sorted(ids(web_api)) == sorted(f"nba-{day}" for day in days)


@pytest.mark.slow
def test_slack_that_asks_for_five_minutes_is_left_alone_for_five_minutes(watching: Sensor, web_api: Slack) -> None:
    web_api.answers(Answer(b"", status=429, headers={"Retry-After": "300"}))
    find(watching, TODAY, TOMORROW, when=at(8, 5))
    web_api.is_up()
    for minute in (6, 7, 9):
        tick(watching, at(8, minute))
    assert len(web_api.server.requests_to(POST)) == 1
    tick(watching, at(8, 11))
    assert ids(web_api) == [FINDING, NEXT_FINDING]


@pytest.mark.slow
@pytest.mark.parametrize("refused_at", ["the edit", "the reply"])
def test_where_a_threads_first_message_was_deleted_the_next_becomes_the_thread(
    watching: Sensor, web_api: Slack, refused_at: str
) -> None:
    find(watching, when=at(8, 5))
    (first,) = web_api.accepted
    assert first.ts is not None
    if refused_at == "the edit":
        web_api.deletes(first.ts)
    else:
        web_api.server.answer(POST, refusal("thread_not_found"), web_api.take)
    with time_machine.travel(at(8, 30)):
        complete_a_run(watching.instance, str(TODAY), [look(at(8, 30), {"ORL@MEM": 24}, day=TODAY)])
        watching.tick()
    second = web_api.accepted[-1]
    assert (second.alert_id, second.thread) == (FINDING, None)
    with time_machine.travel(at(9)):
        complete_a_run(watching.instance, str(TODAY), [look(at(9), FULL, day=TODAY)])
        watching.tick()
    recovery = web_api.accepted[-1]
    assert (recovery.alert_id, recovery.thread) == (FINDING, second.ts)
    assert web_api.edits[-1] == (second.ts, recovery.text)


@pytest.mark.slow
def test_a_message_refused_for_its_content_comes_as_plain_text(watching: Sensor, web_api: Slack) -> None:
    web_api.refuses_the_content("2026-01-18", also_as_plain_text=False)
    find(watching, TODAY, TOMORROW, when=at(8, 5))
    tick(watching, at(8, 6))
    assert [message.is_plain for message in web_api.accepted] == [True, False]


@pytest.mark.slow
def test_a_message_refused_as_plain_text_too_is_recorded_and_named_and_holds_up_none_behind_it(
    platform: Platform, watching: Sensor, web_api: Slack, capfd: pytest.CaptureFixture[str]
) -> None:
    web_api.refuses_the_content("2026-01-18", also_as_plain_text=True)
    find(watching, TODAY, TOMORROW, when=at(8, 5))
    asked = len(web_api.server.requests_to(POST))
    tick(watching, at(8, 6))
    assert ids(web_api) == [NEXT_FINDING]
    assert len(web_api.server.requests_to(POST)) == asked
    (row,) = platform.rows("SELECT incident_id, error FROM nba_monitoring.notifications WHERE NOT accepted")
    assert row[0] == FINDING
    assert "Slack rejected the message for its content" in row[1]
    assert f"{FINDING}: gave up on Slack: Slack rejected the message for its content" in capfd.readouterr().err
