"""Slack on the loopback, as the sensor sees it: an incoming webhook and the Web API, up or down."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import Any

from nba_monitoring_tests.loopback import Answer, LoopbackServer, Request

HOOK = "/services/T000/B000/secret"
POST, UPDATE = "/api/chat.postMessage", "/api/chat.update"


@dataclass(frozen=True)
class Accepted:
    """A message that Slack took. `ts` names it where it came by the Web API, `thread` the one that it replies to."""

    text: str
    ts: str | None = None
    thread: str | None = None

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
        self.is_up()

    def is_up(self) -> None:
        self.server.answer(HOOK, self._hook)
        self.server.answer(POST, self._post)
        self.server.answer(UPDATE, self._update)

    def answers(self, answer: Answer) -> None:
        """The same answer to everything, such as a 503."""
        for path in (HOOK, POST, UPDATE):
            self.server.answer(path, answer)

    def takes_only_the_next(self, answer: Answer) -> None:
        """One message through the webhook, and this answer from then on."""
        self.server.answer(HOOK, self._hook, answer)

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

    def _hook(self, request: Request) -> Answer:
        self.accepted.append(Accepted(request.json["text"]))
        return Answer(b"ok")

    def _post(self, request: Request) -> Answer:
        ts = f"{next(self._ts)}.0001"
        self.accepted.append(Accepted(request.json["text"], ts, request.json.get("thread_ts")))
        return _ok(ts)

    def _update(self, request: Request) -> Answer:
        self.edits.append((request.json["ts"], request.json["text"]))
        return _ok(request.json["ts"])


def _ok(ts: str) -> Answer:
    answer: dict[str, Any] = {"ok": True, "channel": "C024BE91L", "ts": ts}
    return Answer.json(answer)
