"""An incident that somebody acknowledges with 👀 under its first message, as the sensor reads it."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine

from nba_monitoring.alerts.incidents.cursor import to_cursor
from nba_monitoring.orchestration import tick as tick_time
from nba_monitoring_tests.days import DAY, at
from nba_monitoring_tests.loopback import Answer, Request
from nba_monitoring_tests.morning import Platform
from nba_monitoring_tests.orchestration.pager import find, recover, tick
from nba_monitoring_tests.orchestration.sensor import Sensor
from nba_monitoring_tests.orchestration.slack import AUTH, CHANNEL, REACTIONS, USER, Slack, refusal

pytestmark = pytest.mark.slow

ANN, BO, BOT = "U0ANN", "U0BO", "U0BOT"
HANGS = Answer(b"", delay=600)
ROWS = "SELECT acknowledged_by, strftime(acknowledged_at, '%H:%M'), ended_as FROM nba_monitoring.incidents"


@pytest.fixture(autouse=True)
def people(web_api: Slack) -> None:
    web_api.has_person(ANN, "Ann")
    web_api.has_person(BO, "Bo")
    web_api.has_person(BOT, "Eyes for all", is_bot=True)


@pytest.fixture
def alerted(watching: Sensor) -> Sensor:
    """The sensor after the first alert."""
    find(watching, when=at(5, 5))
    return watching


def acknowledged_by(sensor: Sensor) -> str | None:
    (incident,) = sensor.state.incidents.values()
    return incident.acknowledged_by


def test_eyes_under_the_first_message_acknowledge_the_incident_within_one_tick(
    platform: Platform, alerted: Sensor, web_api: Slack
) -> None:
    (first,) = web_api.accepted
    web_api.reacts(first.ts, ANN)
    tick(alerted, at(5, 12))
    _, said = web_api.accepted
    assert "WARN Acknowledged by Ann at 8:12 AM ET: Phase 4 missing for all 6 games" in said.text
    assert said.thread == first.ts
    assert web_api.edits == [(first.ts, said.text)]
    assert platform.rows(ROWS) == [("Ann", "13:12", None)]
    for minute in range(13, 59, 15):
        tick(alerted, at(7, minute))
    assert [text for text in web_api.texts if "Still" in text] == []


def test_an_acknowledged_incident_is_never_asked_about_again_and_ends_as_any_other(
    platform: Platform, alerted: Sensor, web_api: Slack
) -> None:
    (first,) = web_api.accepted
    web_api.reacts(first.ts, ANN)
    tick(alerted, at(5, 12))
    asked = len(web_api.server.requests_to(REACTIONS))
    web_api.takes_reactions_away(first.ts)
    tick(alerted, at(5, 13))
    recover(alerted, at(5, 30))
    assert len(web_api.server.requests_to(REACTIONS)) == asked
    assert platform.rows(ROWS) == [("Ann", "13:12", "recovered")]


def test_an_incident_is_asked_about_once_in_a_tick(alerted: Sensor, web_api: Slack) -> None:
    for minute in (6, 7, 8):
        tick(alerted, at(5, minute))
    assert len(web_api.server.requests_to(REACTIONS)) == 3


def test_slack_is_asked_with_nothing_that_it_does_not_know(alerted: Sensor, web_api: Slack) -> None:
    tick(alerted, at(5, 12))
    (asked,) = web_api.server.requests_to(REACTIONS)
    assert asked.form == {"channel": [CHANNEL], "timestamp": [web_api.accepted[0].ts], "full": ["true"]}


def test_of_two_people_the_first_acknowledges(alerted: Sensor, web_api: Slack) -> None:
    web_api.reacts(web_api.accepted[0].ts, BO, ANN)
    tick(alerted, at(5, 12))
    assert acknowledged_by(alerted) == "Bo"


def test_a_bot_acknowledges_nothing_and_the_person_after_it_does(alerted: Sensor, web_api: Slack) -> None:
    ts = web_api.accepted[0].ts
    web_api.reacts(ts, BOT)
    tick(alerted, at(5, 12))
    assert acknowledged_by(alerted) is None
    web_api.takes_reactions_away(ts)
    web_api.reacts(ts, BOT, ANN)
    tick(alerted, at(5, 13))
    assert acknowledged_by(alerted) == "Ann"


@pytest.mark.parametrize(
    "who",
    [
        {"id": "USLACKBOT", "name": "slackbot", "is_bot": False},
        {"id": "U0X", "name": "nobody says what it is"},
        {"id": "U0X", "name": "bot", "is_bot": "perhaps"},
        {"id": "U0X", "is_bot": False, "profile": "none"},
        None,
    ],
    ids=["slackbot", "unsaid", "odd", "no profile", "unknown user"],
)
def test_who_cant_be_told_from_a_bot_acknowledges_nothing(
    alerted: Sensor, web_api: Slack, who: dict[str, object] | None
) -> None:
    user = str((who or {"id": "U0X"})["id"])
    if who is not None:
        web_api.users[user] = who
    web_api.reacts(web_api.accepted[0].ts, user)
    tick(alerted, at(5, 12))
    assert (acknowledged_by(alerted), len(web_api.accepted)) == (None, 1)


@pytest.mark.parametrize("emoji", ["white_check_mark", "eye", "eyeglasses", "+1"])
def test_another_emoji_acknowledges_nothing(alerted: Sensor, web_api: Slack, emoji: str) -> None:
    web_api.reacts(web_api.accepted[0].ts, ANN, emoji=emoji)
    tick(alerted, at(5, 12))
    assert acknowledged_by(alerted) is None


@pytest.mark.parametrize("scopes", ["chat:write", "chat:write,reactions:read", "chat:write,users:read"])
def test_without_the_scopes_nobody_acknowledges_and_alerts_go_on(alerted: Sensor, web_api: Slack, scopes: str) -> None:
    web_api.scopes = scopes
    web_api.reacts(web_api.accepted[0].ts, ANN)
    tick(alerted, at(5, 12))
    assert acknowledged_by(alerted) is None
    recover(alerted, at(5, 30))
    assert len(web_api.accepted) == 2


@pytest.mark.parametrize(
    "answer",
    [
        Answer(b"upstream connect error", status=503),
        Answer(b"<html>Sign in</html>"),
        Answer(b"", 302, {"Location": "https://sign.in/"}),
        Answer.json([]),
        Answer.json({"ok": True, "message": {"reactions": "none"}}),
        Answer.json({"ok": True}),
        Answer(b"", drop=True),
        refusal("ratelimited"),
        refusal("not_in_channel"),
    ],
    ids=["503", "a proxy's page", "redirect", "list", "odd", "empty", "hangs up", "rate limit", "not in channel"],
)
def test_a_slack_that_cant_say_who_reacts_changes_nothing(alerted: Sensor, web_api: Slack, answer: Answer) -> None:
    web_api.reacts(web_api.accepted[0].ts, ANN)
    web_api.server.answer(REACTIONS, answer)
    tick(alerted, at(5, 12))
    assert (acknowledged_by(alerted), len(web_api.accepted), alerted.failing) == (None, 1, [])
    web_api.is_up()
    tick(alerted, at(5, 13))
    assert acknowledged_by(alerted) == "Ann"


def test_a_deleted_message_keeps_nobody_from_acknowledging_another(watching: Sensor, web_api: Slack) -> None:
    find(watching, DAY, DAY + timedelta(days=1), when=at(5, 5))
    deleted, other = web_api.accepted
    assert deleted.ts is not None
    web_api.deletes(deleted.ts)
    web_api.reacts(other.ts, ANN)
    tick(watching, at(5, 12))
    found = {incident.incident_id: incident.acknowledged_by for incident in watching.state.incidents.values()}
    assert found == {deleted.alert_id: None, other.alert_id: "Ann"}


def test_a_hanging_slack_is_asked_once_in_a_tick_that_keeps_its_budget_with_20_open_incidents(
    watching: Sensor, web_api: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tick_time, "REACTIONS_SECONDS", 0.5)
    with_open(watching, web_api, 20)
    web_api.server.answer(REACTIONS, HANGS)
    asked = len(web_api.server.requests_to(REACTIONS))
    started = time.monotonic()
    tick(watching, at(5, 12))
    assert time.monotonic() - started < 5
    assert len(web_api.server.requests_to(REACTIONS)) == asked + 1


def test_a_slow_slack_costs_all_questions_together_no_more_than_their_share_of_the_tick(
    watching: Sensor, web_api: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tick_time, "REACTIONS_SECONDS", 1.0)
    with_open(watching, web_api, 20)
    for message in web_api.accepted:
        web_api.reacts(message.ts, ANN)
    quick = web_api._reactions_of

    def slow(request: Request) -> Answer:
        return replace(quick(request), delay=0.3)

    web_api.server.answer(REACTIONS, slow)
    started = time.monotonic()
    tick(watching, at(5, 12))
    assert time.monotonic() - started < 5
    acknowledged = [known for known in watching.state.incidents.values() if known.acknowledged_by]
    assert 1 <= len(acknowledged) < 20


def test_more_than_20_incidents_are_not_asked_about_in_one_tick(watching: Sensor, web_api: Slack) -> None:
    with_open(watching, web_api, 25)
    asked = len(web_api.server.requests_to(REACTIONS))
    tick(watching, at(5, 12))
    assert len(web_api.server.requests_to(REACTIONS)) == asked + 20


def test_the_same_bot_is_looked_up_once_in_a_tick(watching: Sensor, web_api: Slack) -> None:
    with_open(watching, web_api, 3)
    for message in web_api.accepted:
        web_api.reacts(message.ts, BOT)
    tick(watching, at(5, 12))
    assert len(web_api.server.requests_to(USER)) == 1


def test_a_name_cant_make_lines_or_mentions(alerted: Sensor, web_api: Slack) -> None:
    web_api.has_person(ANN, "Ann\n<!channel>\u202e" + "x" * 200)
    web_api.reacts(web_api.accepted[0].ts, ANN)
    tick(alerted, at(5, 12))
    name = acknowledged_by(alerted)
    assert name is not None
    assert len(name) == 80
    assert "\n" not in name
    assert "&lt;!channel&gt;" in web_api.texts[-1]


def test_a_webhook_is_asked_nothing(watching: Sensor, webhook: Slack, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SLACK_BOT_TOKEN", "SLACK_CHANNEL"):
        monkeypatch.delenv(name, raising=False)
    find(watching, when=at(5, 5))
    tick(watching, at(5, 12))
    assert webhook.server.requests_to(REACTIONS) == []


@pytest.mark.parametrize(
    ("scopes", "how"),
    [
        ("chat:write, reactions:read, users:read", "Acknowledge: 👀 or nba-monitoring ack nba-2026-01-18 --by NAME"),
        ("chat:write,reactions:read", "Acknowledge: nba-monitoring ack nba-2026-01-18 --by NAME"),
        ("chat:write", "Acknowledge: nba-monitoring ack nba-2026-01-18 --by NAME"),
    ],
)
def test_the_first_alert_says_how_to_acknowledge_it_as_far_as_it_works_here(
    watching: Sensor, web_api: Slack, scopes: str, how: str
) -> None:
    web_api.scopes = scopes
    find(watching, when=at(5, 5))
    assert [line for line in small_print(web_api) if line.startswith("Acknowledge")] == [how]


@pytest.mark.parametrize("answer", [Answer.json({"ok": True}), Answer(b"", status=503)], ids=["unsaid", "503"])
def test_a_slack_that_does_not_say_its_scopes_gets_the_command_alone(
    watching: Sensor, web_api: Slack, answer: Answer
) -> None:
    web_api.server.answer(AUTH, answer)
    find(watching, when=at(5, 5))
    assert "Acknowledge: nba-monitoring ack nba-2026-01-18 --by NAME" in small_print(web_api)


def small_print(slack: Slack) -> list[str]:
    """The context lines of the last message that was posted."""
    posted = slack.server.requests_to("/api/chat.postMessage")[-1].json
    return [
        element["text"] for block in posted["blocks"] if block["type"] == "context" for element in block["elements"]
    ]


def with_open(sensor: Sensor, slack: Slack, number: int) -> None:
    """Open incidents, each with its alert in Slack."""
    find(sensor, when=at(5, 5))
    with time_machine.travel(at(5, 6)):
        (known,) = sensor.state.incidents.values()
        others = {
            f"{known.incident_id}-{place}": replace(
                known, incident_id=f"{known.incident_id}-{place}", detail=replace(known.detail, told=None, thread=None)
            )
            for place in range(2, number + 1)
        }
        sensor.cursor = to_cursor(replace(sensor.state, incidents={known.incident_id: known, **others}), at(5, 6))
        sensor.tick()
    assert len(slack.accepted) == number
