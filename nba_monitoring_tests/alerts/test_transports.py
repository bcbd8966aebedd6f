from __future__ import annotations

import logging

import pytest

from nba_monitoring.alerts.delivery import PermanentDeliveryError, Receipt
from nba_monitoring.alerts.slack import SlackWebApi, SlackWebhook
from nba_monitoring.alerts.text import as_text
from nba_monitoring.alerts.transports import LogTransport, send_test_message, transport_from
from nba_monitoring.settings import Settings
from nba_monitoring_tests.alerts.gallery import gallery
from nba_monitoring_tests.loopback import Answer, LoopbackServer

TOKEN = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_CHANNEL": "#nba-alerts"}
WEBHOOK = {"SLACK_WEBHOOK_URL": "http://127.0.0.1/hook"}


def settings(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", *TOKEN, *WEBHOOK, "SLACK_API_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return Settings.load()


def test_a_token_goes_before_a_webhook_and_a_webhook_before_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(transport_from(settings(monkeypatch, **TOKEN, **WEBHOOK)), SlackWebApi)
    assert isinstance(transport_from(settings(monkeypatch, **WEBHOOK)), SlackWebhook)
    assert isinstance(transport_from(settings(monkeypatch)), LogTransport)


def test_an_empty_webhook_is_no_webhook(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(transport_from(settings(monkeypatch, SLACK_WEBHOOK_URL="")), LogTransport)


def test_the_log_gets_the_whole_message(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("a sensor's")
    message = gallery()["first"]
    assert transport_from(settings(monkeypatch), log).send(message, None) == Receipt(None)
    assert [(record.name, record.getMessage()) for record in caplog.records] == [("a sensor's", as_text(message))]


def test_a_test_message_through_the_token_says_where_it_went(monkeypatch: pytest.MonkeyPatch) -> None:
    with LoopbackServer() as server:
        server.answer("/api/chat.postMessage", Answer.json({"ok": True, "channel": "C1", "ts": "1.0"}))
        said = send_test_message(settings(monkeypatch, **TOKEN, SLACK_API_URL=f"{server.url}/api/"))
        assert said == "Slack accepted a test message for #nba-alerts, sent with SLACK_BOT_TOKEN."
        assert "nba-alert-test" in server.requests[0].json["text"]


def test_a_test_message_through_the_webhook_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with LoopbackServer() as server:
        server.answer("/hook", Answer(b"ok"))
        said = send_test_message(settings(monkeypatch, SLACK_WEBHOOK_URL=f"{server.url}/hook"))
        assert said == "Slack accepted a test message, sent through SLACK_WEBHOOK_URL."


def test_a_test_message_without_slack_says_what_to_set(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    said = send_test_message(settings(monkeypatch))
    assert said.startswith("No way to Slack is set, so the test message went to the log.")
    assert "nba-alert-test" in caplog.text


def test_a_test_message_that_is_refused_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with LoopbackServer() as server:
        server.answer("/api/chat.postMessage", Answer.json({"ok": False, "error": "invalid_auth"}))
        with pytest.raises(PermanentDeliveryError, match="SLACK_BOT_TOKEN: "):
            send_test_message(settings(monkeypatch, **TOKEN, SLACK_API_URL=f"{server.url}/api/"))
