"""Slack as it fails, over real HTTP to a server that plays its part."""

from __future__ import annotations

import logging
import socket
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from nba_monitoring.alerts.channels.channel import (
    Channel,
    Delivery,
    DeliveryError,
    Receipt,
    RefusedMessageError,
    RefusedSettingError,
    TemporaryDeliveryError,
    UnclearDeliveryError,
)
from nba_monitoring.alerts.channels.slack import SlackWebApi, SlackWebhook
from nba_monitoring.alerts.channels.slack_api import SLACK_POLICY, Granted, GuardedClient
from nba_monitoring.http import Deadline, HttpPolicy
from nba_monitoring_tests.alerts.gallery import gallery
from nba_monitoring_tests.loopback import Answer, LoopbackServer

TOKEN = "xoxb-1234-5678-secretsecret"
HOOK = "/services/T000/B000/secretsecret"
POST, UPDATE = "/api/chat.postMessage", "/api/chat.update"
HISTORY, REPLIES = "/api/conversations.history", "/api/conversations.replies"
CHANNELS = "/api/users.conversations"
NOW = datetime(2026, 1, 18, 16, 5, tzinfo=UTC)
FIRST, WORSE, RECOVERED = (gallery()[name] for name in ("first", "worse", "recovered"))
THREAD = "C024BE91L/1768741200.000100"
ChannelAt = Callable[[str], Channel]
HASTY = replace(SLACK_POLICY, timeout=0.5, backoff=0)


def soon() -> Deadline:
    """Long enough for an answer that comes at once."""
    return Deadline(2)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    # A proxy would be used even for this machine's own addresses.
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


def web_api_at(url: str, channel: str = "#nba-alerts", policy: HttpPolicy = HASTY, token: str = TOKEN) -> SlackWebApi:
    """It knows the app's scopes and need not ask for them."""
    client = GuardedClient(SecretStr(token), f"{url}/api/", policy, granted=Granted("chat:write"))
    return SlackWebApi(client, channel)


@pytest.fixture
def web_api() -> ChannelAt:
    return web_api_at


@pytest.fixture
def webhook() -> ChannelAt:
    return lambda url: SlackWebhook(SecretStr(url + HOOK), HASTY)


@pytest.fixture(params=["web_api", "webhook"])
def either(request: pytest.FixtureRequest) -> ChannelAt:
    found: ChannelAt = request.getfixturevalue(request.param)
    return found


def answer_both(server: LoopbackServer, *answers: Answer) -> None:
    server.answer(POST, *answers)
    server.answer(HOOK, *answers)


def error_of(channel: Channel, thread: str | None = None) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        channel.send(FIRST, soon(), Delivery(thread))
    error = caught.value
    # With whatever error it was raised from.
    assert "secretsecret" not in "".join(traceback.format_exception(error))
    assert "127.0.0.1" not in str(error)
    return error


FAULTS = {
    "rate limit with a long wait": (
        Answer(b"ratelimited", 429, {"Retry-After": "3600"}),
        TemporaryDeliveryError,
        "asks to wait 3600 seconds",
    ),
    "rate limit without a number": (
        Answer(b"ratelimited", 429, {"Retry-After": "Sun, 18 Jan 2026 16:00:00 GMT"}),
        TemporaryDeliveryError,
        "429",
    ),
    "500": (Answer(b"<html>oops</html>", 500), TemporaryDeliveryError, "unavailable (500)"),
    "502": (Answer(b"<html>bad gateway</html>", 502), TemporaryDeliveryError, "unavailable (502)"),
    "503": (Answer(b"", 503), TemporaryDeliveryError, "unavailable (503)"),
    "timeout": (Answer(b"ok", delay=4), UnclearDeliveryError, "timed out"),
    "connection dropped": (Answer(drop=True), UnclearDeliveryError, "the connection was dropped"),
    "answer cut off": (Answer(b'{"ok": true, "ts": "1"}', truncate_at=5), UnclearDeliveryError, "cut off"),
    "a refusal cut off": (Answer(b"ratelimited", 502, truncate_at=5), TemporaryDeliveryError, "(502)"),
    "a proxy's sign-in page": (Answer(b"<html>Sign in</html>"), TemporaryDeliveryError, "did not come from Slack"),
    "an empty answer": (Answer(b""), TemporaryDeliveryError, "did not come from Slack"),
    "broken JSON": (Answer(b'{"ok": tru'), TemporaryDeliveryError, "did not come from Slack"),
    "JSON of another kind": (Answer(b'["ok"]'), TemporaryDeliveryError, "did not come from Slack"),
    "no text": (Answer(b"\xff\xfe\xff"), TemporaryDeliveryError, "did not come from Slack"),
    "404": (Answer(b"<html>not here</html>", 404), RefusedSettingError, "not found (404)"),
    "a code nobody knows": (Answer(b"odd_new_code", 400), RefusedSettingError, "rejected the message (400"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_for_what_it_is(fault: str, server: LoopbackServer, either: ChannelAt) -> None:
    answer, kind, reason = FAULTS[fault]
    answer_both(server, answer)
    error = error_of(either(server.url))
    assert type(error) is kind
    assert reason in str(error)


def test_an_unreachable_server_is_a_temporary_fault(either: ChannelAt) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        error = error_of(either(f"http://127.0.0.1:{taken.getsockname()[1]}"))
    assert type(error) is TemporaryDeliveryError
    assert "connection refused" in str(error)


def test_a_tls_error_is_a_passing_fault(server: LoopbackServer, either: ChannelAt) -> None:
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
    code: str, setting: str, server: LoopbackServer, web_api: ChannelAt
) -> None:
    server.answer(POST, refused(code))
    error = error_of(web_api(server.url))
    assert type(error) is RefusedSettingError
    assert str(error).startswith(setting)
    assert f"({code})" in str(error)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("status", "code"), [(404, "no_service"), (403, "invalid_token"), (410, "channel_is_archived")]
)
def test_a_lasting_refusal_of_a_webhook_asks_for_a_new_one(
    status: int, code: str, server: LoopbackServer, webhook: ChannelAt
) -> None:
    server.answer(HOOK, Answer(code.encode(), status))
    error = error_of(webhook(server.url))
    assert type(error) is RefusedSettingError
    assert str(error).startswith("SLACK_WEBHOOK_URL: ")
    assert f"({code})" in str(error)


@pytest.mark.parametrize("code", ["ratelimited", "internal_error", "service_unavailable"])
def test_a_passing_refusal_with_status_200_is_passing(code: str, server: LoopbackServer, web_api: ChannelAt) -> None:
    server.answer(POST, refused(code))
    assert type(error_of(web_api(server.url))) is TemporaryDeliveryError


def test_a_token_with_a_line_break_is_a_setting_to_correct(server: LoopbackServer) -> None:
    error = error_of(web_api_at(server.url, token="xoxb-secretsecret\nsecretsecret"))
    assert type(error) is RefusedSettingError
    assert str(error).startswith("SLACK_BOT_TOKEN")


@pytest.mark.slow
def test_a_short_wait_that_slack_asks_for_is_waited(server: LoopbackServer, either: ChannelAt) -> None:
    answer_both(server, Answer(b"ratelimited", 429, {"Retry-After": "1"}), accepted())
    server.answer(HOOK, Answer(b"ratelimited", 429, {"Retry-After": "1"}), Answer(b"ok"))
    started = time.monotonic()
    either(server.url).send(FIRST, soon())
    assert time.monotonic() - started >= 1
    assert len(server.requests) == 2


def test_a_long_wait_is_left_to_the_next_tick(server: LoopbackServer, either: ChannelAt) -> None:
    answer_both(server, Answer(b"ratelimited", 429, {"Retry-After": "30"}))
    assert error_of(either(server.url)).retry_after == timedelta(seconds=30)
    assert len(server.requests) == 1


def test_a_server_error_is_tried_once_more(server: LoopbackServer, either: ChannelAt) -> None:
    answer_both(server, Answer(b"", 503), accepted())
    server.answer(HOOK, Answer(b"", 503), Answer(b"ok"))
    either(server.url).send(FIRST, soon())
    assert len(server.requests) == 2


@pytest.mark.slow
@pytest.mark.parametrize("answer", [Answer(b"ok", delay=4), Answer(drop=True)], ids=["timeout", "dropped"])
def test_a_message_that_may_have_arrived_is_not_sent_again_at_once(
    answer: Answer, server: LoopbackServer, either: ChannelAt
) -> None:
    answer_both(server, answer)
    error_of(either(server.url))
    assert len(server.requests) == 1


def test_nothing_of_the_webhooks_address_or_the_token_gets_into_a_log(
    server: LoopbackServer, either: ChannelAt, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answer_both(server, Answer(b"", 500))
    error_of(either(server.url))
    assert "secretsecret" not in caplog.text


def test_a_channel_does_not_show_its_secret(web_api: ChannelAt, webhook: ChannelAt) -> None:
    assert "secretsecret" not in repr(web_api("http://127.0.0.1"))
    assert "secretsecret" not in repr(webhook("http://127.0.0.1"))


def test_a_first_message_goes_to_the_channel_and_brings_back_its_thread(
    server: LoopbackServer, web_api: ChannelAt
) -> None:
    server.answer(POST, accepted())
    assert web_api(server.url).send(FIRST, soon()) == Receipt(THREAD)
    [request] = server.requests
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert request.json["channel"] == "#nba-alerts"
    assert request.json["text"].startswith("🟡 WARN Phase 4 missing")
    assert request.json["blocks"][0]["type"] == "header"
    assert "thread_ts" not in request.json


def test_a_later_message_edits_the_first_one_and_then_replies_to_it(server: LoopbackServer, web_api: ChannelAt) -> None:
    server.answer(UPDATE, accepted())
    server.answer(POST, accepted("1768752000.000200"))
    assert web_api(server.url).send(WORSE, soon(), Delivery(THREAD)) == Receipt(THREAD)
    edit, reply = server.requests
    assert (edit.path, edit.json["channel"], edit.json["ts"]) == (UPDATE, "C024BE91L", "1768741200.000100")
    assert (reply.path, reply.json["channel"], reply.json["thread_ts"]) == (POST, "C024BE91L", "1768741200.000100")
    assert edit.json["text"] == reply.json["text"]
    assert edit.json["blocks"] == reply.json["blocks"]


def test_an_error_is_shown_in_the_channel_too_and_a_recovery_is_not(server: LoopbackServer, web_api: ChannelAt) -> None:
    server.answer(UPDATE, accepted())
    server.answer(POST, accepted())
    channel = web_api(server.url)
    channel.send(WORSE, soon(), Delivery(THREAD))
    channel.send(RECOVERED, soon(), Delivery(THREAD))
    assert [reply.json["reply_broadcast"] for reply in server.requests_to(POST)] == [True, False]


def test_a_reply_that_fails_after_the_edit_is_sent_once_when_it_is_retried(
    server: LoopbackServer, web_api: ChannelAt
) -> None:
    server.answer(UPDATE, accepted())
    server.answer(POST, refused("internal_error"), accepted())
    channel = web_api(server.url)
    assert type(error_of(channel, THREAD)) is TemporaryDeliveryError
    channel.send(FIRST, soon(), Delivery(THREAD))
    assert [request.path for request in server.requests] == [UPDATE, POST, UPDATE, POST]


def test_an_edit_that_the_workspace_forbids_does_not_block_the_reply(
    server: LoopbackServer, web_api: ChannelAt
) -> None:
    server.answer(UPDATE, refused("edit_window_closed"))
    server.answer(POST, accepted())
    assert web_api(server.url).send(WORSE, soon(), Delivery(THREAD)) == Receipt(THREAD)
    assert server.requests_to(POST)[0].json["thread_ts"] == "1768741200.000100"


def test_a_thread_whose_first_message_was_deleted_is_given_up_for_a_new_one(
    server: LoopbackServer, web_api: ChannelAt
) -> None:
    server.answer(UPDATE, refused("message_not_found"))
    server.answer(POST, accepted("1768752000.000200"))
    assert web_api(server.url).send(WORSE, soon(), Delivery(THREAD)) == Receipt("C024BE91L/1768752000.000200")
    # Slack accepts a reply to a deleted message, which nobody sees.
    [post] = server.requests_to(POST)
    assert "thread_ts" not in post.json
    assert post.json["channel"] == "#nba-alerts"


@pytest.mark.parametrize("code", ["thread_not_found", "channel_not_found", "is_archived"])
def test_a_thread_that_takes_no_reply_is_given_up_for_a_new_one(
    code: str, server: LoopbackServer, web_api: ChannelAt
) -> None:
    server.answer(UPDATE, refused("edit_window_closed"))
    server.answer(POST, refused(code), accepted("1768752000.000200"))
    assert web_api(server.url).send(WORSE, soon(), Delivery(THREAD)) == Receipt("C024BE91L/1768752000.000200")
    assert "thread_ts" not in server.requests[-1].json
    assert server.requests[-1].json["channel"] == "#nba-alerts"


def posted(delivery_id: str, ts: str, **more: object) -> dict[str, object]:
    """A message as Slack's history has it."""
    return {
        "type": "message",
        "ts": ts,
        "metadata": {"event_type": "nba_monitoring", "event_payload": {"id": delivery_id}},
        **more,
    }


def history(*messages: dict[str, object]) -> Answer:
    others: list[dict[str, object]] = [
        {"type": "message", "ts": "9.1", "text": "by a person"},
        {"type": "message", "ts": "9.2", "metadata": {"event_type": "deploy", "event_payload": {"id": "d-1"}}},
        {"type": "message", "ts": "9.3", "metadata": {"event_type": "deploy"}},
    ]
    return Answer.json({"ok": True, "messages": [*others, *messages], "has_more": False})


@pytest.fixture
def web_api_by_id() -> ChannelAt:
    return lambda url: web_api_at(url, "C024BE91L")


def test_a_message_bears_its_delivery_id(server: LoopbackServer, either: ChannelAt) -> None:
    answer_both(server, accepted())
    server.answer(HOOK, Answer(b"ok"))
    either(server.url).send(FIRST, soon(), Delivery(None, "d-1"))
    [request] = server.requests
    assert request.json["metadata"] == {"event_type": "nba_monitoring", "event_payload": {"id": "d-1"}}


@pytest.mark.slow
def test_a_message_that_arrived_after_the_time_limit_is_found_and_not_sent_again(
    server: LoopbackServer, web_api_by_id: ChannelAt
) -> None:
    server.answer(POST, replace(accepted(), delay=4))
    channel = web_api_by_id(server.url)
    with pytest.raises(UnclearDeliveryError):
        channel.send(FIRST, soon(), Delivery(None, "d-1"))
    server.answer(HISTORY, history(posted("d-1", "1768741200.000100")))
    assert channel.send(FIRST, soon(), Delivery(None, "d-1", NOW)) == Receipt(THREAD)
    assert len(server.requests_to(POST)) == 1
    [look_up] = server.requests_to(HISTORY)
    assert look_up.form["channel"] == ["C024BE91L"]
    assert look_up.form["include_all_metadata"] == ["true"]
    # The clock here may be ahead of Slack's.
    assert float(look_up.form["oldest"][0]) == (NOW - timedelta(hours=1)).timestamp()


def test_a_message_that_did_not_arrive_is_sent_again(server: LoopbackServer, web_api_by_id: ChannelAt) -> None:
    server.answer(HISTORY, history(posted("d-2", "1.1")))
    server.answer(POST, accepted())
    assert web_api_by_id(server.url).send(FIRST, soon(), Delivery(None, "d-1", NOW)) == Receipt(THREAD)
    assert [request.path for request in server.requests] == [HISTORY, POST]


def test_the_same_message_of_another_environment_is_no_proof_that_it_arrived(
    server: LoopbackServer, web_api_by_id: ChannelAt
) -> None:
    server.answer(HISTORY, history(posted("staging::d-1", "1.1")))
    server.answer(POST, accepted())
    channel = web_api_by_id(server.url)
    channel.send(replace(FIRST, environment="production"), soon(), Delivery(None, "d-1", NOW))
    [posted_again] = server.requests_to(POST)
    assert posted_again.json["metadata"]["event_payload"] == {"id": "production::d-1"}
    channel.send(replace(FIRST, environment="staging"), soon(), Delivery(None, "d-1", NOW))
    assert len(server.requests_to(POST)) == 1


def test_a_first_attempt_searches_for_nothing(server: LoopbackServer, web_api_by_id: ChannelAt) -> None:
    server.answer(POST, accepted())
    web_api_by_id(server.url).send(FIRST, soon(), Delivery(None, "d-1"))
    assert [request.path for request in server.requests] == [POST]


def test_a_reply_that_arrived_is_found_in_its_thread(server: LoopbackServer, web_api: ChannelAt) -> None:
    server.answer(REPLIES, history(posted("d-1", "1768752000.000200", thread_ts="1768741200.000100")))
    assert web_api(server.url).send(WORSE, soon(), Delivery(THREAD, "d-1", NOW)) == Receipt(THREAD)
    [look_up] = server.requests
    assert (look_up.form["channel"], look_up.form["ts"]) == (["C024BE91L"], ["1768741200.000100"])


def test_a_message_that_began_a_new_thread_is_found_in_the_channel(
    server: LoopbackServer, web_api_by_id: ChannelAt
) -> None:
    server.answer(REPLIES, history())
    server.answer(HISTORY, history(posted("d-1", "1768752000.000200")))
    assert web_api_by_id(server.url).send(WORSE, soon(), Delivery(THREAD, "d-1", NOW)) == Receipt(
        "C024BE91L/1768752000.000200"
    )
    assert not server.requests_to(POST)


def test_a_reply_shown_in_the_channel_leads_to_its_thread(server: LoopbackServer, web_api_by_id: ChannelAt) -> None:
    server.answer(HISTORY, history(posted("d-1", "1768752000.000200", thread_ts="1768741200.000100")))
    assert web_api_by_id(server.url).send(WORSE, soon(), Delivery(None, "d-1", NOW)) == Receipt(THREAD)


def test_a_channel_set_by_its_name_is_looked_up(server: LoopbackServer, web_api: ChannelAt) -> None:
    channels = [{"id": "C1", "name": "general"}, {"id": "C024BE91L", "name": "nba-alerts"}]
    server.answer(CHANNELS, Answer.json({"ok": True, "channels": channels}))
    server.answer(HISTORY, history(posted("d-1", "1768741200.000100")))
    assert web_api(server.url).send(FIRST, soon(), Delivery(None, "d-1", NOW)) == Receipt(THREAD)


@pytest.mark.parametrize("path", ["channels", "history", "replies"])
def test_a_token_that_may_not_search_sends_again(path: str, server: LoopbackServer, web_api: ChannelAt) -> None:
    server.answer(CHANNELS, Answer.json({"ok": True, "channels": [{"id": "C024BE91L", "name": "nba-alerts"}]}))
    server.answer(HISTORY, history())
    server.answer(REPLIES, history())
    server.answer({"channels": CHANNELS, "history": HISTORY, "replies": REPLIES}[path], refused("missing_scope"))
    server.answer(UPDATE, accepted())
    server.answer(POST, accepted())
    web_api(server.url).send(WORSE, soon(), Delivery(THREAD, "d-1", NOW))
    assert len(server.requests_to(POST)) == 1


def test_a_search_that_slack_does_not_answer_sends_nothing_yet(
    server: LoopbackServer, web_api_by_id: ChannelAt
) -> None:
    server.answer(HISTORY, Answer(b"", 429, {"Retry-After": "60"}))
    with pytest.raises(TemporaryDeliveryError) as caught:
        web_api_by_id(server.url).send(FIRST, soon(), Delivery(None, "d-1", NOW))
    assert caught.value.retry_after == timedelta(seconds=60)
    assert not server.requests_to(POST)


def test_a_message_refused_for_its_content_is_sent_as_plain_text(server: LoopbackServer, web_api: ChannelAt) -> None:
    server.answer(POST, refused("invalid_blocks"), accepted())
    assert web_api(server.url).send(FIRST, soon(), Delivery(None, "d-1")) == Receipt(THREAD)
    rich, plain = (request.json for request in server.requests)
    assert "blocks" in rich
    assert "blocks" not in plain
    assert plain["text"].startswith(rich["text"])
    assert "nbac_schedule: fresh, 6 games" in plain["text"]


def test_a_webhook_that_refuses_the_content_gets_plain_text(server: LoopbackServer, webhook: ChannelAt) -> None:
    server.answer(HOOK, Answer(b"invalid_blocks", 400), Answer(b"ok"))
    webhook(server.url).send(FIRST, soon())
    assert "blocks" not in server.requests[1].json


def test_an_edit_as_plain_text_takes_the_blocks_away(server: LoopbackServer, web_api: ChannelAt) -> None:
    server.answer(UPDATE, refused("msg_blocks_too_long"), accepted())
    server.answer(POST, accepted())
    web_api(server.url).send(WORSE, soon(), Delivery(THREAD))
    assert server.requests_to(UPDATE)[1].json["blocks"] == []


@pytest.mark.parametrize("code", ["invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"])
def test_a_message_rejected_as_plain_text_too_is_not_blamed_on_a_setting(
    code: str, server: LoopbackServer, either: ChannelAt
) -> None:
    answer_both(server, refused(code))
    server.answer(HOOK, Answer(code.encode(), 400))
    error = error_of(either(server.url))
    assert type(error) is RefusedMessageError
    assert code in str(error)
    assert len(server.requests) == 2


def test_a_reply_refused_for_its_content_stays_in_its_thread(server: LoopbackServer, web_api: ChannelAt) -> None:
    server.answer(UPDATE, refused("invalid_blocks"))
    server.answer(POST, refused("invalid_blocks"))
    assert type(error_of(web_api(server.url), THREAD)) is RefusedMessageError
    assert all("thread_ts" in request.json for request in server.requests_to(POST))


def test_a_refusal_nobody_knows_is_tried_as_plain_text(server: LoopbackServer, web_api: ChannelAt) -> None:
    server.answer(POST, refused("odd_new_code"), accepted())
    assert web_api(server.url).send(FIRST, soon()) == Receipt(THREAD)


def test_a_setting_at_fault_is_not_tried_as_plain_text(server: LoopbackServer, either: ChannelAt) -> None:
    answer_both(server, refused("invalid_auth"))
    server.answer(HOOK, Answer(b"no_service", 404))
    assert type(error_of(either(server.url))) is RefusedSettingError
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_does_not_count_as_delivery_and_is_not_followed(
    status: int, server: LoopbackServer, either: ChannelAt
) -> None:
    answer_both(server, Answer(b"ok", status, {"Location": f"{server.url}/page"}))
    server.answer("/page", Answer(b"ok"))
    error = error_of(either(server.url))
    assert type(error) is RefusedSettingError
    assert f"redirects ({status}), and redirects are not followed" in str(error)
    assert not server.requests_to("/page")


@pytest.mark.slow
def test_an_answer_that_drips_in_does_not_outlast_the_time_for_a_message(
    server: LoopbackServer, either: ChannelAt
) -> None:
    answer_both(server, Answer(b"ok", drip=0.1, endless="body"))
    started = time.monotonic()
    error = error_of(either(server.url))
    assert time.monotonic() - started < 3
    assert type(error) is UnclearDeliveryError


def test_an_endless_answer_did_not_come_from_slack(server: LoopbackServer, either: ChannelAt) -> None:
    answer_both(server, Answer(b"ok" * 100_000, endless="body"))
    assert "did not come from Slack" in str(error_of(either(server.url)))


@pytest.mark.slow
def test_a_reply_for_which_no_time_is_left_is_not_sent(server: LoopbackServer) -> None:
    server.answer(UPDATE, replace(accepted(), delay=4))
    channel = web_api_at(server.url, policy=replace(HASTY, timeout=5))
    assert isinstance(error_of(channel, THREAD), TemporaryDeliveryError)
    assert not server.requests_to(POST)


def test_a_webhook_has_no_threads_and_names_the_alert(server: LoopbackServer, webhook: ChannelAt) -> None:
    server.answer(HOOK, Answer(b"ok"))
    assert webhook(server.url).send(WORSE, soon(), Delivery(THREAD)) == Receipt(None)
    [request] = server.requests
    assert "thread_ts" not in request.json
    assert request.json["text"].endswith("[nba-2026-01-18]")


@pytest.mark.slow
def test_every_kind_of_message_is_accepted_by_both_channels(server: LoopbackServer, either: ChannelAt) -> None:
    answer_both(server, accepted())
    server.answer(HOOK, Answer(b"ok"))
    channel = either(server.url)
    for message in gallery().values():
        channel.send(message, soon())
    assert len(server.requests) == len(gallery())
