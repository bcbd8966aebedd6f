from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from nba_monitoring.alerts.channels.apprise_channel import AppriseChannel
from nba_monitoring.alerts.channels.channel import Channels, Receipt
from nba_monitoring.alerts.channels.configured import LogChannel, channels_from, send_test_message
from nba_monitoring.alerts.channels.slack import SlackWebApi, SlackWebhook
from nba_monitoring.alerts.channels.slack_reactions import SCOPES
from nba_monitoring.alerts.message import as_text
from nba_monitoring.alerts.messages.blocks import as_blocks, as_fallback
from nba_monitoring.errors import MonitoringError
from nba_monitoring.http import Deadline
from nba_monitoring.settings import Settings
from nba_monitoring_tests.alerts.gallery import gallery
from nba_monitoring_tests.loopback import Answer, LoopbackServer, Request

TOKEN = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_CHANNEL": "#nba-alerts"}
WEBHOOK = {"SLACK_WEBHOOK_URL": "http://127.0.0.1/hook"}
TWO_ADDRESSES = {"NBA_MONITORING_NOTIFY_URLS": "json://127.0.0.1/one,xml://127.0.0.1/two"}
WAREHOUSE = {"NBA_MONITORING_WAREHOUSE": "duckdb:///data/nba.duckdb"}
OTHERS = ("SLACK_API_URL", "NBA_MONITORING_ENVIRONMENT")
FIRST = gallery()["first"]


def soon() -> Deadline:
    """Long enough for an answer that comes at once."""
    return Deadline(10)


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as server:
        yield server


def settings(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    proxies = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")
    for name in (*proxies, *TOKEN, *WEBHOOK, *TWO_ADDRESSES, *OTHERS):
        monkeypatch.delenv(name, raising=False)
    for name, value in (WAREHOUSE | variables).items():
        monkeypatch.setenv(name, value)
    return Settings.load()


def notify_url(server: LoopbackServer, path: str) -> str:
    return f"{server.url.replace('http', 'json')}{path}"


def test_a_token_goes_before_a_webhook_and_a_webhook_before_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(channels_from(settings(monkeypatch, **TOKEN, **WEBHOOK)).main, SlackWebApi)
    assert isinstance(channels_from(settings(monkeypatch, **WEBHOOK)).main, SlackWebhook)
    assert isinstance(channels_from(settings(monkeypatch)).main, LogChannel)


def test_an_empty_webhook_is_no_webhook(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(channels_from(settings(monkeypatch, SLACK_WEBHOOK_URL="")).main, LogChannel)


def test_each_address_is_a_second_channel_named_by_its_scheme(monkeypatch: pytest.MonkeyPatch) -> None:
    channels = channels_from(settings(monkeypatch, **WEBHOOK, **TWO_ADDRESSES))
    assert [channel.kind for channel in (channels.main, *channels.second)] == ["webhook", "json", "xml"]


def test_without_slack_the_first_address_takes_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    channels = channels_from(settings(monkeypatch, **TWO_ADDRESSES))
    assert isinstance(channels.main, AppriseChannel)
    assert [channel.kind for channel in (channels.main, *channels.second)] == ["json", "xml"]


def test_every_channel_has_its_name_for_the_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [channels_from(settings(monkeypatch, **set_)).main.kind for set_ in (TOKEN, WEBHOOK, {})] == [
        "slack",
        "webhook",
        "log",
    ]
    assert channels_from(settings(monkeypatch, **TOKEN, NBA_MONITORING_ENVIRONMENT="dev")).main.kind == "slack"


def test_the_log_gets_the_whole_message_in_a_marked_block(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    log = logging.getLogger("a sensor's")
    assert channels_from(settings(monkeypatch), log).main.send(FIRST, soon()) == Receipt(None)
    (record,) = caplog.records
    heading, rule, *message, end = record.getMessage().splitlines()
    assert (record.name, heading, rule, end) == ("a sensor's", "ALERT", "=" * 80, "=" * 80)
    assert "\n".join(message) == as_text(FIRST)


@pytest.mark.parametrize(
    ("variables", "mark"),
    [
        ({}, "[unnamed environment] "),
        ({"NBA_MONITORING_ENVIRONMENT": "staging"}, "[staging] "),
    ],
)
def test_every_channel_says_which_environment_a_message_comes_from(
    variables: dict[str, str], mark: str, server: LoopbackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answer("/hook", Answer(b"ok"))
    server.answer("/json", Answer(b"ok"))
    addresses = {"SLACK_WEBHOOK_URL": f"{server.url}/hook", "NBA_MONITORING_NOTIFY_URLS": notify_url(server, "/json")}
    channels = channels_from(settings(monkeypatch, **addresses, **variables))
    for channel in (channels.main, *channels.second):
        channel.send(channels.labeled(FIRST), soon())
    slack, apprise = (request.json for request in server.requests)
    assert slack["text"].startswith(f"🟡 {mark}WARN Phase 4 missing")
    assert slack["blocks"][0]["text"]["text"].startswith(f"🟡 {mark}Phase 4 missing")
    assert apprise["title"].startswith(f"WARN {mark}Phase 4 missing")


def test_every_kind_of_message_bears_the_environment() -> None:
    for message in gallery().values():
        marked = Channels(LogChannel(logging.getLogger()), environment="staging").labeled(message)
        assert "[staging] " in as_fallback(marked)
        assert "[staging] " in as_blocks(marked)[0].to_dict()["text"]["text"]
        assert "[staging] " in as_text(marked).splitlines()[0]


def test_a_test_message_through_the_token_says_where_it_went(
    server: LoopbackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answer("/api/chat.postMessage", Answer.json({"ok": True, "channel": "C1", "ts": "1.0"}))
    said = send_test_message(settings(monkeypatch, **TOKEN, SLACK_API_URL=f"{server.url}/api/"))
    assert said.splitlines()[0] == "Slack accepted a test message for #nba-alerts, sent with SLACK_BOT_TOKEN."
    assert "nba-alert-test" in server.requests[0].json["text"]


HAS = "👀 acknowledges alerts: the app has reactions:read and users:read."
LACKS = "👀 acknowledges no alerts: the app lacks {}. If you want it, add and reinstall."
UNKNOWN = "Could not check whether 👀 acknowledges alerts: "


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"X-OAuth-Scopes": "chat:write, reactions:read,users:read"}, HAS),
        ({"X-OAuth-Scopes": "chat:write,users:read"}, LACKS.format("reactions:read")),
        ({"X-OAuth-Scopes": "chat:write"}, LACKS.format("reactions:read and users:read")),
        ({}, UNKNOWN),
    ],
    ids=["both", "one", "none", "not said"],
)
def test_a_test_message_says_whether_eyes_acknowledge_alerts(
    headers: dict[str, str], said: str, server: LoopbackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answer("/api/chat.postMessage", Answer.json({"ok": True, "channel": "C1", "ts": "1.0"}, headers=headers))
    server.answer("/api/auth.test", Answer.json({"ok": True}, headers=headers))
    lines = send_test_message(settings(monkeypatch, **TOKEN, SLACK_API_URL=f"{server.url}/api/")).splitlines()
    assert lines[1].startswith(said)


def test_the_app_s_manifest_asks_for_what_eyes_need() -> None:
    manifest = yaml.safe_load((Path(__file__).parents[2] / "deploy" / "slack-app.yaml").read_text())
    asked = set(manifest["oauth_config"]["scopes"]["bot"])
    assert {"chat:write", *SCOPES} <= asked


@pytest.fixture
def owned(tmp_path: Path) -> dict[str, str]:
    """A stages file with owners: a user, a user group and a name."""
    file = tmp_path / "stages.yaml"
    file.write_text(
        "extend: default\n"
        "stages: {phase4: {owner: U024BE7LH}, predictions: {owner: U024BE7LH}, grading: {owner: S0614TZR7},"
        " team_context: {owner: Ann}}"
    )
    return {"NBA_MONITORING_STAGES": str(file)}


@pytest.mark.parametrize("user", [{"ok": False, "error": "user_not_found"}, {"ok": True, "user": {"deleted": True}}])
def test_an_owner_that_slack_does_not_know_fails_the_test(
    user: dict[str, object], server: LoopbackServer, monkeypatch: pytest.MonkeyPatch, owned: dict[str, str]
) -> None:
    server.answer("/api/chat.postMessage", Answer.json({"ok": True, "channel": "C1", "ts": "1.0"}))
    server.answer("/api/users.info", Answer.json(user))
    server.answer("/api/usergroups.list", Answer.json({"ok": True, "usergroups": [{"id": "S0614TZR7"}]}))
    with pytest.raises(MonitoringError) as caught:
        send_test_message(settings(monkeypatch, **TOKEN, **owned, SLACK_API_URL=f"{server.url}/api/"))
    assert str(caught.value).splitlines()[2:] == [
        "Slack does not know U024BE7LH, the owner of phase4, predictions. Alerts go out, and mention nobody. "
        "Correct `owner`.",
        "Slack knows S0614TZR7, the owner of grading.",
    ]


def test_owners_that_cant_be_looked_up_do_not_fail_the_test(
    server: LoopbackServer, monkeypatch: pytest.MonkeyPatch, owned: dict[str, str]
) -> None:
    server.answer("/api/chat.postMessage", Answer.json({"ok": True, "channel": "C1", "ts": "1.0"}))
    server.answer("/api/users.info", Answer.json({"ok": False, "error": "missing_scope", "needed": "users:read"}))
    server.answer("/api/usergroups.list", Answer(b"<html>a proxy</html>"))
    said = send_test_message(settings(monkeypatch, **TOKEN, **owned, SLACK_API_URL=f"{server.url}/api/")).splitlines()
    assert said[2].startswith("Could not look up U024BE7LH, the owner of phase4, predictions: ")
    assert said[3].startswith("Could not look up S0614TZR7, the owner of grading: ")


def test_an_alert_whose_mention_slack_refuses_goes_out_without_it(
    server: LoopbackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse_mentions(request: Request) -> Answer:
        is_refused = "<@U024BE7LH>" in str(request.json)
        return Answer.json({"ok": False, "error": "invalid_blocks"} if is_refused else {"ok": True, "ts": "1.0"})

    server.answer("/api/chat.postMessage", refuse_mentions)
    channel = channels_from(settings(monkeypatch, **TOKEN, SLACK_API_URL=f"{server.url}/api/")).main
    channel.send(replace(FIRST, owner="U024BE7LH"), soon())
    assert "Owner: U024BE7LH" in server.requests[-1].json["text"]


def test_a_test_message_goes_through_every_channel(server: LoopbackServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.answer("/hook", Answer(b"ok"))
    server.answer("/json", Answer(b"ok"))
    said = send_test_message(
        settings(
            monkeypatch,
            SLACK_WEBHOOK_URL=f"{server.url}/hook",
            NBA_MONITORING_NOTIFY_URLS=notify_url(server, "/json"),
        )
    )
    assert said.splitlines() == [
        "Slack accepted a test message, sent through SLACK_WEBHOOK_URL.",
        "json (address 1 of NBA_MONITORING_NOTIFY_URLS) accepted a test message.",
    ]
    assert [request.path for request in server.requests] == ["/hook", "/json"]


def test_a_test_message_without_a_channel_says_what_to_set(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(MonitoringError, match=r"^No alert channel is set, so the test went to the log only\."):
        send_test_message(settings(monkeypatch))
    assert "nba-alert-test" in caplog.text


def test_a_channel_that_fails_the_test_is_named_and_the_others_are_tried(
    server: LoopbackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answer("/api/chat.postMessage", Answer.json({"ok": False, "error": "invalid_auth"}))
    server.answer("/two", Answer(b"ok"))
    urls = f"{notify_url(server, '/one')},{notify_url(server, '/two')}"
    with pytest.raises(MonitoringError) as caught:
        send_test_message(
            settings(monkeypatch, **TOKEN, SLACK_API_URL=f"{server.url}/api/", NBA_MONITORING_NOTIFY_URLS=urls)
        )
    slack, one, two = str(caught.value).splitlines()
    assert slack.startswith("SLACK_BOT_TOKEN is not valid")
    assert one.startswith("json (address 1 of NBA_MONITORING_NOTIFY_URLS) ")
    assert "(404)" in one
    assert two == "json (address 2 of NBA_MONITORING_NOTIFY_URLS) accepted a test message."
