"""Slack on the loopback, as the sensor sees it: an incoming webhook and the Web API, up or down."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from nba_monitoring.alerts.channels.slack import SlackWebhook
from nba_monitoring.alerts.channels.slack_api import SLACK_POLICY
from nba_monitoring.http import HttpPolicy
from nba_monitoring_tests.loopback import Answer, LoopbackServer, Request

HOOK = "/services/T000/B000/secret"
POST, UPDATE = "/api/chat.postMessage", "/api/chat.update"
HISTORY, REPLIES, MINE = "/api/conversations.history", "/api/conversations.replies", "/api/users.conversations"
AUTH = "/api/auth.test"
REACTIONS, USER = "/api/reactions.get", "/api/users.info"
CHANNEL = "C024BE91L"
AT_ONCE = replace(SLACK_POLICY, backoff=0)


@dataclass(frozen=True)
class HastyWebhook(SlackWebhook):
    policy: HttpPolicy = AT_ONCE


@dataclass(frozen=True)
class Accepted:
    """A message that Slack took. `ts` names it where it came by the Web API, `thread` the one that it replies to."""

    text: str
    ts: str | None = None
    thread: str | None = None
    metadata: Any = None
    is_plain: bool = False

    @property
    def alert_id(self) -> str:
        return self.text.rpartition("[")[2].rstrip("]")


class Slack:
    """Remembers what it accepted, and each edit of a message as (ts, text)."""

    def __init__(self, server: LoopbackServer) -> None:
        self.server = server
        self.accepted: list[Accepted] = []
        self.edits: list[tuple[str, str]] = []
        self._ts = count(1)
        self._deleted: set[str] = set()
        self._reactions: dict[str, list[dict[str, Any]]] = {}
        self.users: dict[str, dict[str, Any]] = {}
        self.scopes = "chat:write,reactions:read,users:read"
        self.is_up()

    def is_up(self) -> None:
        self.server.answer(HOOK, self.take_by_hook)
        self.server.answer(POST, self.take)
        self.server.answer(UPDATE, self._update)
        self.server.answer(AUTH, self._auth)
        self.server.answer(REACTIONS, self._reactions_of)
        self.server.answer(USER, self._user)
        self.server.answer(HISTORY, self._history)
        self.server.answer(REPLIES, self._replies)
        self.server.answer(MINE, Answer.json({"ok": True, "channels": [{"id": CHANNEL, "name": "nba-alerts"}]}))

    def is_slow(self, seconds: float) -> None:
        """Takes each message, and says so only then. What is read comes at once."""
        self.server.answer(POST, lambda request: replace(self.take(request), delay=seconds))
        self.server.answer(UPDATE, lambda request: replace(self._update(request), delay=seconds))

    def refuses_the_content(self, word: str, *, also_as_plain_text: bool) -> None:
        """Of messages with a word in them."""

        def post(request: Request) -> Answer:
            is_rich = "blocks" in request.json
            if word in request.json["text"] and (is_rich or also_as_plain_text):
                return refusal("invalid_blocks" if is_rich else "msg_too_long")
            return self.take(request)

        self.server.answer(POST, post)

    def deletes(self, ts: str) -> None:
        """A message, as a person in the channel does."""
        self._deleted.add(ts)

    def reacts(self, ts: str | None, *users: str, emoji: str = "eyes") -> None:
        """Users put an emoji under a message, one after the other."""
        assert ts is not None
        reaction = {"name": emoji, "users": list(users), "count": len(users)}
        self._reactions[ts] = [*self._reactions.get(ts, []), reaction]

    def takes_reactions_away(self, ts: str | None) -> None:
        self._reactions.pop(ts or "")

    def has_person(self, user: str, name: str, **more: Any) -> None:
        """A member of the workspace, as `users.info` has them."""
        profile = {"display_name": name, "real_name": f"{name} Example"}
        self.users[user] = {"id": user, "name": name.lower(), "is_bot": False, "profile": profile, **more}

    def answers(self, answer: Answer) -> None:
        """The same answer to everything, such as a 503."""
        for path in (HOOK, POST, UPDATE, AUTH, HISTORY, REPLIES, MINE, REACTIONS, USER):
            self.server.answer(path, answer)

    def takes_only_the_next(self, answer: Answer) -> None:
        """One message through the webhook, and this answer from then on."""
        self.server.answer(HOOK, self.take_by_hook, answer)

    @property
    def texts(self) -> list[str]:
        """The notification lines of the messages accepted."""
        return [message.text for message in self.accepted]

    @property
    def webhook(self) -> dict[str, str]:
        return {"SLACK_WEBHOOK_URL": self.server.url + HOOK}

    @property
    def web_api(self) -> dict[str, str]:
        return {
            "SLACK_BOT_TOKEN": "xoxb-secret",
            "SLACK_CHANNEL": "#nba-alerts",
            "SLACK_API_URL": f"{self.server.url}/api/",
        }

    def take_by_hook(self, request: Request) -> Answer:
        """The webhook's answer where nothing is wrong."""
        self.accepted.append(Accepted(request.json["text"]))
        return Answer(b"ok")

    def take(self, request: Request) -> Answer:
        """The answer to chat.postMessage where nothing is wrong."""
        ts = f"{next(self._ts)}.0001"
        said = request.json
        is_plain = "blocks" not in said
        self.accepted.append(Accepted(said["text"], ts, said.get("thread_ts"), said.get("metadata"), is_plain))
        return _ok(ts)

    def _update(self, request: Request) -> Answer:
        if request.json["ts"] in self._deleted:
            return refusal("message_not_found")
        self.edits.append((request.json["ts"], request.json["text"]))
        return _ok(request.json["ts"])

    def _auth(self, request: Request) -> Answer:
        return Answer.json({"ok": True, "team": "nba"}, headers={"X-OAuth-Scopes": self.scopes})

    def _reactions_of(self, request: Request) -> Answer:
        if "reactions:read" not in self.scopes:
            return Answer.json({"ok": False, "error": "missing_scope", "needed": "reactions:read", "provided": "x"})
        (ts,) = request.form["timestamp"]
        if ts in self._deleted:
            return refusal("message_not_found")
        # A message without reactions has no such key.
        found = {"reactions": self._reactions[ts]} if ts in self._reactions else {}
        return Answer.json({"ok": True, "type": "message", "channel": CHANNEL, "message": {"ts": ts, **found}})

    def _user(self, request: Request) -> Answer:
        if "users:read" not in self.scopes:
            return Answer.json({"ok": False, "error": "missing_scope", "needed": "users:read", "provided": "x"})
        (user,) = request.form["user"]
        if user not in self.users:
            return refusal("user_not_found")
        return Answer.json({"ok": True, "user": self.users[user]})

    def _history(self, request: Request) -> Answer:
        in_channel = request.form["channel"] == [CHANNEL]
        return self._found(message for message in self.accepted if in_channel and message.thread is None)

    def _replies(self, request: Request) -> Answer:
        thread = request.form["ts"][0]
        return self._found(message for message in self.accepted if thread in (message.ts, message.thread))

    def _found(self, messages: Iterable[Accepted]) -> Answer:
        found = [{"ts": sent.ts, "thread_ts": sent.thread, "metadata": sent.metadata} for sent in messages]
        return Answer.json({"ok": True, "messages": found})


def refusal(code: str) -> Answer:
    """The Web API's, which comes with 200."""
    return Answer.json({"ok": False, "error": code})


def _ok(ts: str) -> Answer:
    answer: dict[str, Any] = {"ok": True, "channel": CHANNEL, "ts": ts}
    return Answer.json(answer)
