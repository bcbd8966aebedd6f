"""Each channel gets what it is to get, once, whatever it or another one refuses in the meantime."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import time_machine
from apprise.plugins import opsgenie

from nba_monitoring.alerts.channels import attempts
from nba_monitoring_tests.days import DAY, at
from nba_monitoring_tests.loopback import Answer
from nba_monitoring_tests.orchestration.ended_runs import complete_a_run, days_from, fail_a_run, failing_look
from nba_monitoring_tests.orchestration.pager import Pager, find, recover, tick
from nba_monitoring_tests.orchestration.sensor import Sensor
from nba_monitoring_tests.orchestration.slack import HOOK, POST, Slack

pytestmark = pytest.mark.slow

FINDING = "nba-2026-01-18"
CHANNEL = "nba-refused-20260118T1605"
PAGER = "json (address 1 of NBA_MONITORING_NOTIFY_URLS)"
DOWN = Answer(b"", status=503)
OLDER = json.loads((Path(__file__).parent / "older_cursors.json").read_text())


def ids(slack: Slack) -> list[str]:
    return [message.alert_id for message in slack.accepted]


def test_a_page_that_the_pager_did_not_take_comes_when_it_is_back_and_once(
    watching: Sensor, web_api: Slack, pager: Pager
) -> None:
    pager.server.default = DOWN
    find(watching, when=at(8, 5))
    tick(watching, at(8, 6))
    pager_seen = watching.channels[PAGER]
    assert (pager_seen.owed, to_the_minute(pager_seen.owed_since)) == (1, at(8, 5))
    pager.server.requests.clear()
    pager.server.default = Answer(b"ok")
    anew = Sensor(watching.instance)
    anew.cursor = watching.cursor
    for minute in (7, 8, 9):
        tick(anew, at(8, minute))
    assert (ids(web_api), pager.alert_ids) == ([FINDING], [FINDING])
    pager_seen = anew.channels[PAGER]
    assert (pager_seen.owed, to_the_minute(pager_seen.accepted_at)) == (0, at(8, 7))


def test_a_pager_gets_no_page_for_what_ended_while_it_was_down_and_no_end_either(
    watching: Sensor, web_api: Slack, pager: Pager
) -> None:
    pager.server.default = DOWN
    find(watching, when=at(8, 5))
    recover(watching, at(8, 30))
    pager.server.requests.clear()
    pager.server.default = Answer(b"ok")
    for minute in (40, 50):
        tick(watching, at(8, minute))
    assert ids(web_api) == [FINDING, FINDING, CHANNEL, CHANNEL]
    # Nothing but a proof that it has recovered.
    assert pager.alert_ids == [CHANNEL]
    assert watching.failing == []


def test_a_pager_that_is_back_gets_the_newest_state_of_an_incident_and_the_end_of_what_it_was_told(
    watching: Sensor, web_api: Slack, pager: Pager
) -> None:
    find(watching, when=at(8, 5))
    pager.server.default = DOWN
    tick(watching, at(10, 6))  # a reminder
    recover(watching, at(10, 30))
    pager.server.requests.clear()
    pager.server.default = Answer(b"ok")
    for minute in (40, 50):
        tick(watching, at(10, minute))
    (recovered,) = [title for title in pager.titles if "Phase" in title]
    assert "Recovered" in recovered


def test_of_two_second_channels_the_one_that_was_down_is_sent_to_again_and_the_other_is_not(
    watching: Sensor, web_api: Slack, pager: Pager, monkeypatch: pytest.MonkeyPatch
) -> None:
    pager.server.answer("/two", DOWN, Answer(b"ok"))
    monkeypatch.setenv("NBA_MONITORING_NOTIFY_URLS", f"{pager.address()},{pager.address('two')}")
    find(watching, when=at(8, 5))
    for minute in (6, 7):
        tick(watching, at(8, minute))
    assert sorted(request.path for request in pager.server.requests) == ["/pager", "/two", "/two"]


def test_whoever_got_the_error_gets_its_end_and_a_warning_s_end_stays_in_slack(
    watching: Sensor, web_api: Slack, pager: Pager
) -> None:
    later = DAY + timedelta(days=3)
    find(watching, DAY, later, when=at(8, 5))
    assert pager.alert_ids == [FINDING]
    recover(watching, at(8, 30))
    assert pager.alert_ids == [FINDING, FINDING]
    assert "Recovered" in pager.titles[-1]
    with time_machine.travel(at(9)):
        watching.tick()
    assert sorted(ids(web_api)) == [FINDING, FINDING, f"nba-{later}"]


def test_a_failed_check_s_alert_ends_at_the_pager_too(watching: Sensor, web_api: Slack, pager: Pager) -> None:
    with time_machine.travel(at(8, 5)):
        fail_a_run(watching.instance, str(DAY))
        watching.tick()
    recover(watching, at(8, 30))
    assert ["failed" in pager.titles[0], "running again" in pager.titles[1]] == [True, True]
    assert len(pager.titles) == 2


def take_their_place(pager: Pager, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the processes that Apprise has for its messages."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent / "loopback_pagers"))
    monkeypatch.setenv("LOOPBACK_PAGERS", pager.server.url)


@pytest.fixture
def pagerduty_service(pager: Pager, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[dict[str, Any]]]:
    """PagerDuty as a second channel. Returns the events that it got."""
    take_their_place(pager, monkeypatch)
    monkeypatch.setenv("NBA_MONITORING_NOTIFY_URLS", f"pagerduty://{'i' * 32}@{'a' * 20}")
    pager.server.answer("/v2/enqueue", Answer.json({"status": "success"}, status=202))
    return lambda: [request.json for request in pager.server.requests]


def test_pagerduty_opens_an_incident_under_our_incident_s_id_and_resolves_that_one_alone(
    watching: Sensor, web_api: Slack, pagerduty_service: Callable[[], list[dict[str, Any]]]
) -> None:
    with time_machine.travel(at(8, 4)):
        fail_a_run(watching.instance, f"{DAY}, by hand")
    find(watching, when=at(8, 5))
    recover(watching, at(8, 30))
    keys = [(event["event_action"], event["dedup_key"]) for event in pagerduty_service()]
    assert [key for key in keys if key[1] == FINDING] == [("trigger", FINDING), ("resolve", FINDING)]
    assert [action for action, key in keys if key != FINDING] == ["trigger"]


def test_pagerduty_that_was_down_at_the_end_resolves_when_it_is_back(
    watching: Sensor, web_api: Slack, pager: Pager, pagerduty_service: Callable[[], list[dict[str, Any]]]
) -> None:
    find(watching, when=at(8, 5))
    pager.server.answer("/v2/enqueue", DOWN, Answer.json({}, status=202))
    recover(watching, at(8, 30))
    for minute in (31, 32):
        tick(watching, at(8, minute))
    assert [event["event_action"] for event in pagerduty_service()] == ["trigger", "resolve", "resolve"]


def test_opsgenie_closes_the_alert_by_its_alias(
    watching: Sensor, web_api: Slack, pager: Pager, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_their_place(pager, monkeypatch)
    monkeypatch.setitem(opsgenie.OPSGENIE_API_LOOKUP, "us", f"{pager.server.url}/v2/alerts")
    monkeypatch.setenv("NBA_MONITORING_NOTIFY_URLS", "opsgenie://12345678-1234-1234-1234-123456789012")
    taken = Answer.json({"requestId": "1"}, status=202)
    pager.server.default = taken
    find(watching, when=at(8, 5))
    tick(watching, at(8, 6))
    (opened,) = pager.server.requests
    assert opened.json["alias"] == FINDING
    recover(watching, at(8, 30))
    closed = pager.server.requests[-1]
    assert (closed.path, closed.query) == (f"/v2/alerts/{FINDING}/close", {"identifierType": ["alias"]})
    assert len(pager.server.requests) == 2


def test_slack_is_told_once_that_the_pager_refuses_and_once_of_the_end(
    watching: Sensor, web_api: Slack, pager: Pager
) -> None:
    pager.server.default = Answer(b"", status=401)
    find(watching, when=at(8, 5))
    for hour, minute in ((8, 6), (8, 14)):
        tick(watching, at(hour, minute))
    assert ids(web_api) == [FINDING]
    seen = watching.channels[PAGER]
    assert (to_the_minute(seen.failing_since), "(401)" in seen.error) == (at(8, 5), True)
    for hour, minute in ((8, 16), (8, 17), (9, 0), (9, 30)):
        tick(watching, at(hour, minute))
    told = [message for message in web_api.accepted if message.alert_id == CHANNEL]
    assert len(told) == 1
    assert f"{PAGER} has accepted no alerts since 2026-01-18 11:05 AM ET" in told[0].text
    pager.server.default = Answer(b"ok")
    for hour, minute in ((9, 45), (9, 46), (10, 0)):
        tick(watching, at(hour, minute))
    told = [message for message in web_api.accepted if message.alert_id == CHANNEL]
    assert len(told) == 2
    assert f"{PAGER} accepts alerts again" in told[1].text
    assert watching.failing == []


def test_a_pager_that_is_down_for_two_minutes_is_reported_to_nobody(
    watching: Sensor, web_api: Slack, pager: Pager
) -> None:
    pager.server.default = DOWN
    find(watching, when=at(8, 5))
    pager.server.default = Answer(b"ok")
    for minute in (7, 8, 20):
        tick(watching, at(8, minute))
    assert (ids(web_api), watching.failing) == ([FINDING], [])


@pytest.mark.thorough
def test_a_webhook_that_answers_after_six_seconds_gets_one_message(watching: Sensor, webhook: Slack) -> None:
    webhook.server.answer(HOOK, lambda request: slowly(webhook.take_by_hook(request), 6))
    find(watching, when=at(8, 5))
    for minute in (6, 7, 8):
        tick(watching, at(8, minute))
    assert ids(webhook) == [FINDING]
    assert watching.failing == []


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "LONGEST_SEND_SECONDS", 3)


@pytest.mark.thorough
@pytest.mark.usefixtures("impatient")
def test_a_webhook_that_never_answers_gets_a_message_twice_and_the_pager_has_it_too(
    watching: Sensor, webhook: Slack, pager: Pager
) -> None:
    webhook.server.answer(HOOK, lambda request: slowly(webhook.take_by_hook(request), 5))
    find(watching, DAY + timedelta(days=3), when=at(8, 5))  # a warning, which a pager does not get
    for minute in (6, 7, 8, 9):
        tick(watching, at(8, minute))
    assert ids(webhook) == ["nba-2026-01-21"] * 2
    assert pager.alert_ids == ["nba-2026-01-21"]
    # It is still not known to work, so no heartbeat may say so.
    assert to_the_minute(watching.channels["Slack"].failing_since) == at(8, 5)


@pytest.mark.thorough
@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("answer", [Answer(b"ok", delay=5), Answer(drop=True)], ids=["late", "dropped"])
def test_a_pager_that_takes_a_page_and_does_not_say_so_gets_it_twice_and_its_end(
    watching: Sensor, web_api: Slack, pager: Pager, answer: Answer
) -> None:
    pager.server.default = answer
    find(watching, when=at(8, 5))
    for minute in (6, 7, 8, 9):
        tick(watching, at(8, minute))
    assert pager.alert_ids == [FINDING] * 2
    pager.server.default = Answer(b"ok")
    recover(watching, at(8, 30))
    assert pager.alert_ids == [FINDING] * 3
    assert "Recovered" in pager.titles[-1]


def test_a_slow_pager_delays_no_message_to_slack(watching: Sensor, web_api: Slack, pager: Pager) -> None:
    pager.server.default = Answer(b"ok", delay=1)
    at_slack: list[int] = []

    def take(request: Any) -> Answer:
        at_slack.append(len(pager.server.requests))
        return web_api.take(request)

    web_api.server.answer(POST, take)
    find(watching, *days_from(DAY, 4), when=at(8, 5))
    assert len(web_api.accepted) == 4
    assert max(at_slack) <= 1


def put_run_of_before(watching: Sensor) -> None:
    """The run that the older sensor had read, in Dagster's storage."""
    with time_machine.travel(at(8, 5)):
        complete_a_run(watching.instance, str(DAY), [failing_look(DAY, at(8, 5))])


def test_an_older_cursor_s_page_gets_its_end(watching: Sensor, web_api: Slack, pager: Pager) -> None:
    put_run_of_before(watching)
    watching.cursor = OLDER["both have the error"]
    tick(watching, at(8, 10))
    assert (web_api.accepted, pager.alert_ids) == ([], [])
    recover(watching, at(8, 30))
    assert (ids(web_api), pager.alert_ids) == ([FINDING], [FINDING])


def test_a_message_of_an_older_cursor_that_may_have_arrived_is_looked_up(
    watching: Sensor, web_api: Slack, pager: Pager
) -> None:
    put_run_of_before(watching)
    payload = {"event_type": "nba_monitoring", "event_payload": {"id": f"{FINDING}/first_finding/first"}}
    requests.post(web_api.server.url + POST, json={"text": f"[{FINDING}]", "metadata": payload}, timeout=5)
    watching.cursor = OLDER["slack has it and did not say so, the pager has it"]
    for minute in (10, 11):
        tick(watching, at(8, minute))
    assert (ids(web_api), pager.alert_ids) == ([FINDING], [])
    assert watching.failing == []


def test_a_refusal_of_an_older_cursor_is_not_reported_again_and_its_end_is(
    watching: Sensor, web_api: Slack, pager: Pager
) -> None:
    put_run_of_before(watching)
    watching.cursor = OLDER["slack refuses, the pager has it and was told"]
    web_api.answers(Answer.json({"ok": False, "error": "token_revoked"}))
    tick(watching, at(8, 10))
    assert pager.alert_ids == []
    assert to_the_minute(watching.channels["Slack"].failing_since) == at(8, 5)
    web_api.is_up()
    recover(watching, at(8, 30))
    tick(watching, at(8, 31))
    assert ids(web_api) == [FINDING]
    assert pager.alert_ids == [FINDING, CHANNEL]


def test_a_lost_memory_still_ends_the_pages_that_its_ledger_knows(
    watching: Sensor, web_api: Slack, pager: Pager
) -> None:
    find(watching, when=at(8, 5))
    watching.cursor = None
    tick(watching, at(8, 10))
    recover(watching, at(8, 30))
    assert (ids(web_api), pager.alert_ids) == ([FINDING] * 2, [FINDING] * 2)


def to_the_minute(instant: datetime | None) -> datetime | None:
    return instant and instant.replace(second=0, microsecond=0)


def slowly(answer: Answer, seconds: float) -> Answer:
    return Answer(answer.body, answer.status, answer.headers, delay=seconds)
