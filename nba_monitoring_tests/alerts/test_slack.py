"""Slack as it fails, over real HTTP to a server that plays its part."""

from __future__ import annotations

import logging
import socket
import time
import traceback
from collections.abc import Callable, Iterator

import pytest
from pydantic import SecretStr

from nba_monitoring.alerts.delivery import (
    DeliveryError,
    PermanentDeliveryError,
    Receipt,
    TemporaryDeliveryError,
    Transport,
)
from nba_monitoring.alerts.slack import SlackPolicy, SlackWebApi, SlackWebhook
from nba_monitoring_tests.alerts.gallery import gallery
from nba_monitoring_tests.loopback import Answer, LoopbackServer

TOKEN = "xoxb-1234-5678-secretsecret"
HOOK = "/services/T000/B000/secretsecret"
POST, UPDATE = "/api/chat.postMessage", "/api/chat.update"
FIRST, WORSE, RECOVERED = (gallery()[name] for name in ("first", "worse", "recovered"))
THREAD = "C024BE91L/1768741200.000100"
TransportAt = Callable[[str], Transport]
HASTY = SlackPolicy(timeout=1, backoff=0)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    # slack_sdk takes a proxy of the environment even for this machine's own addresses.
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("SLACK_BOT_TOKEN", "SLACK_CHANNEL", "SLACK_WEBHOOK_URL", "SLACK_API_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as server:
        yield server


def accepted(ts: str = "1768741200.000100") -> Answer:
    return Answer.json({"ok": True, "channel": "C024BE91L", "ts": ts})


def refused(error: str, status: int = 200, **more: object) -> Answer:
    return Answer.json({"ok": False, "error": error}, status, **more)


@pytest.fixture
def web_api() -> TransportAt:
    return lambda url: SlackWebApi(SecretStr(TOKEN), "#nba-alerts", f"{url}/api/", HASTY)


@pytest.fixture
def webhook() -> TransportAt:
    return lambda url: SlackWebhook(SecretStr(url + HOOK), HASTY)


@pytest.fixture(params=["web_api", "webhook"])
def either(request: pytest.FixtureRequest) -> TransportAt:
    found: TransportAt = request.getfixturevalue(request.param)
    return found


def answer_both(server: LoopbackServer, *answers: Answer) -> None:
    server.answer(POST, *answers)
    server.answer(HOOK, *answers)


def error_of(transport: Transport, thread: str | None = None) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        transport.send(FIRST, thread)
    error = caught.value
    # With whatever error it was raised from.
    assert "secretsecret" not in "".join(traceback.format_exception(error))
    assert "127.0.0.1" not in str(error)
    return error


FAULTS = {
    "rate limit with a long wait": (
        Answer(b"ratelimited", 429, {"Retry-After": "3600"}),
        TemporaryDeliveryError,
        "tried again in 3600 seconds",
    ),
    "rate limit without a number": (
        Answer(b"ratelimited", 429, {"Retry-After": "Sun, 18 Jan 2026 16:00:00 GMT"}),
        TemporaryDeliveryError,
        "429",
    ),
    "500": (Answer(b"<html>oops</html>", 500), TemporaryDeliveryError, "not able to answer (500)"),
    "502": (Answer(b"<html>bad gateway</html>", 502), TemporaryDeliveryError, "not able to answer (502)"),
    "503": (Answer(b"", 503), TemporaryDeliveryError, "not able to answer (503)"),
    "timeout": (Answer(b"ok", delay=3), TemporaryDeliveryError, "no answer in time"),
    "connection dropped": (Answer(drop=True), TemporaryDeliveryError, "could not be reached"),
    "answer cut off": (Answer(b'{"ok": true, "ts": "1"}', truncate_at=5), TemporaryDeliveryError, "not Slack's"),
    "a proxy's sign-in page": (Answer(b"<html>Sign in</html>"), TemporaryDeliveryError, "not Slack's"),
    "an empty answer": (Answer(b""), TemporaryDeliveryError, "not Slack's"),
    "broken JSON": (Answer(b'{"ok": tru'), TemporaryDeliveryError, "not Slack's"),
    "JSON of another kind": (Answer(b'["ok"]'), TemporaryDeliveryError, "not Slack's"),
    "no text": (Answer(b"\xff\xfe\xff"), TemporaryDeliveryError, "not Slack's"),
    "404": (Answer(b"<html>not here</html>", 404), PermanentDeliveryError, "there is nothing at this address (404)"),
    "a code nobody knows": (Answer(b"odd_new_code", 400), PermanentDeliveryError, "refused the message (400"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_for_what_it_is(fault: str, server: LoopbackServer, either: TransportAt) -> None:
    answer, kind, reason = FAULTS[fault]
    answer_both(server, answer)
    error = error_of(either(server.url))
    assert type(error) is kind
    assert reason in str(error)


def test_a_server_that_is_not_there_is_a_passing_fault(either: TransportAt) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        error = error_of(either(f"http://127.0.0.1:{taken.getsockname()[1]}"))
    assert type(error) is TemporaryDeliveryError
    assert "connection refused" in str(error)


def test_a_tls_error_is_a_passing_fault(server: LoopbackServer, either: TransportAt) -> None:
    error = error_of(either(server.url.replace("http://", "https://")))
    assert type(error) is TemporaryDeliveryError
    assert "TLS failed" in str(error)


@pytest.mark.parametrize(
    ("code", "setting"),
    [
        ("invalid_auth", "SLACK_BOT_TOKEN"),
        ("token_revoked", "SLACK_BOT_TOKEN"),
        ("missing_scope", "SLACK_BOT_TOKEN"),
        ("channel_not_found", "SLACK_CHANNEL"),
        ("not_in_channel", "SLACK_CHANNEL"),
        ("is_archived", "SLACK_CHANNEL"),
    ],
)
def test_a_lasting_refusal_of_the_web_api_names_the_setting_and_what_to_do(
    code: str, setting: str, server: LoopbackServer, web_api: TransportAt
) -> None:
    server.answer(POST, refused(code))
    error = error_of(web_api(server.url))
    assert type(error) is PermanentDeliveryError
    assert str(error).startswith(f"{setting}: ")
    assert f"({code})" in str(error)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("status", "code"), [(404, "no_service"), (403, "invalid_token"), (410, "channel_is_archived")]
)
def test_a_lasting_refusal_of_a_webhook_says_to_make_a_new_one(
    status: int, code: str, server: LoopbackServer, webhook: TransportAt
) -> None:
    server.answer(HOOK, Answer(code.encode(), status))
    error = error_of(webhook(server.url))
    assert type(error) is PermanentDeliveryError
    assert str(error).startswith("SLACK_WEBHOOK_URL: ")
    assert f"({code})" in str(error)


@pytest.mark.parametrize("code", ["ratelimited", "internal_error", "service_unavailable"])
def test_a_passing_refusal_with_status_200_is_passing(code: str, server: LoopbackServer, web_api: TransportAt) -> None:
    server.answer(POST, refused(code))
    assert type(error_of(web_api(server.url))) is TemporaryDeliveryError


def test_a_token_with_a_line_break_is_a_setting_to_mend(server: LoopbackServer) -> None:
    token = SecretStr("xoxb-secretsecret\nsecretsecret")
    error = error_of(SlackWebApi(token, "#nba-alerts", f"{server.url}/api/"))
    assert type(error) is PermanentDeliveryError
    assert str(error).startswith("SLACK_BOT_TOKEN")


def test_a_short_wait_that_slack_asks_for_is_waited(server: LoopbackServer, either: TransportAt) -> None:
    answer_both(server, Answer(b"ratelimited", 429, {"Retry-After": "1"}), accepted())
    server.answer(HOOK, Answer(b"ratelimited", 429, {"Retry-After": "1"}), Answer(b"ok"))
    started = time.monotonic()
    either(server.url).send(FIRST)
    assert time.monotonic() - started >= 1
    assert len(server.requests) == 2


def test_a_long_wait_is_left_to_the_next_tick(server: LoopbackServer, either: TransportAt) -> None:
    answer_both(server, Answer(b"ratelimited", 429, {"Retry-After": "30"}))
    started = time.monotonic()
    error_of(either(server.url))
    assert time.monotonic() - started < 1
    assert len(server.requests) == 1


def test_a_server_error_is_tried_once_more(server: LoopbackServer, either: TransportAt) -> None:
    answer_both(server, Answer(b"", 503), accepted())
    server.answer(HOOK, Answer(b"", 503), Answer(b"ok"))
    either(server.url).send(FIRST)
    assert len(server.requests) == 2


@pytest.mark.parametrize("answer", [Answer(b"ok", delay=3), Answer(drop=True)], ids=["timeout", "dropped"])
def test_a_message_that_may_have_arrived_is_not_sent_again_at_once(
    answer: Answer, server: LoopbackServer, either: TransportAt
) -> None:
    answer_both(server, answer)
    error_of(either(server.url))
    assert len(server.requests) == 1


def test_nothing_of_the_webhooks_address_or_the_token_gets_into_a_log(
    server: LoopbackServer, either: TransportAt, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answer_both(server, Answer(b"", 500))
    error_of(either(server.url))
    assert "secretsecret" not in caplog.text


def test_the_transport_does_not_show_its_secret(web_api: TransportAt, webhook: TransportAt) -> None:
    assert "secretsecret" not in repr(web_api("http://127.0.0.1"))
    assert "secretsecret" not in repr(webhook("http://127.0.0.1"))


def test_a_first_message_goes_to_the_channel_and_brings_back_its_thread(
    server: LoopbackServer, web_api: TransportAt
) -> None:
    server.answer(POST, accepted())
    assert web_api(server.url).send(FIRST) == Receipt(THREAD)
    [request] = server.requests
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert request.json["channel"] == "#nba-alerts"
    assert request.json["text"].startswith("🟡 WARN Phase 4 missing")
    assert request.json["blocks"][0]["type"] == "header"
    assert "thread_ts" not in request.json


def test_later_news_edits_the_first_message_and_then_replies_to_it(
    server: LoopbackServer, web_api: TransportAt
) -> None:
    server.answer(UPDATE, accepted())
    server.answer(POST, accepted("1768752000.000200"))
    assert web_api(server.url).send(WORSE, THREAD) == Receipt(THREAD)
    edit, reply = server.requests
    assert (edit.path, edit.json["channel"], edit.json["ts"]) == (UPDATE, "C024BE91L", "1768741200.000100")
    assert (reply.path, reply.json["channel"], reply.json["thread_ts"]) == (POST, "C024BE91L", "1768741200.000100")
    assert edit.json["text"] == reply.json["text"]
    assert edit.json["blocks"] == reply.json["blocks"]


def test_an_error_is_shown_in_the_channel_too_and_a_recovery_is_not(
    server: LoopbackServer, web_api: TransportAt
) -> None:
    server.answer(UPDATE, accepted())
    server.answer(POST, accepted())
    transport = web_api(server.url)
    transport.send(WORSE, THREAD)
    transport.send(RECOVERED, THREAD)
    assert [reply.json["reply_broadcast"] for reply in server.requests_to(POST)] == [True, False]


def test_a_reply_that_fails_after_the_edit_is_said_once_when_it_is_tried_again(
    server: LoopbackServer, web_api: TransportAt
) -> None:
    server.answer(UPDATE, accepted())
    server.answer(POST, refused("internal_error"), accepted())
    transport = web_api(server.url)
    assert type(error_of(transport, THREAD)) is TemporaryDeliveryError
    transport.send(FIRST, THREAD)
    assert [request.path for request in server.requests] == [UPDATE, POST, UPDATE, POST]


def test_an_edit_that_the_workspace_forbids_does_not_hold_up_the_reply(
    server: LoopbackServer, web_api: TransportAt
) -> None:
    server.answer(UPDATE, refused("edit_window_closed"))
    server.answer(POST, accepted())
    assert web_api(server.url).send(WORSE, THREAD) == Receipt(THREAD)
    assert server.requests_to(POST)[0].json["thread_ts"] == "1768741200.000100"


def test_a_thread_that_is_gone_is_given_up_for_a_new_one(server: LoopbackServer, web_api: TransportAt) -> None:
    server.answer(UPDATE, refused("message_not_found"))
    server.answer(POST, refused("thread_not_found"), accepted("1768752000.000200"))
    assert web_api(server.url).send(WORSE, THREAD) == Receipt("C024BE91L/1768752000.000200")
    assert "thread_ts" not in server.requests[-1].json
    assert server.requests[-1].json["channel"] == "#nba-alerts"


def test_a_webhook_has_no_threads_and_names_the_alert(server: LoopbackServer, webhook: TransportAt) -> None:
    server.answer(HOOK, Answer(b"ok"))
    assert webhook(server.url).send(WORSE, THREAD) == Receipt(None)
    [request] = server.requests
    assert "thread_ts" not in request.json
    assert request.json["text"].endswith("[nba-2026-01-18]")


def test_every_kind_of_message_is_accepted_by_both_ways(server: LoopbackServer, either: TransportAt) -> None:
    answer_both(server, accepted())
    server.answer(HOOK, Answer(b"ok"))
    transport = either(server.url)
    for message in gallery().values():
        transport.send(message)
    assert len(server.requests) == len(gallery())
