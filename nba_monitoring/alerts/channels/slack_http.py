"""Requests to Slack, over the standard library.

Not by slack_sdk's clients: they follow a redirect and take the page behind it for the answer, write a webhook's
address, which is a secret, into the log, and have no bound on the time of a request.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from http.client import HTTPException, IncompleteRead
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

from nba_monitoring.alerts.channels.deadline import Deadline

# What a request may end with besides an answer: no connection, no HTTP, or a token or an address that can't be sent.
FAILURES = (OSError, HTTPException, ValueError)

# Slack asks for a second or so when a channel gets more than a message a second. A longer wait is the next tick's.
LONGEST_WAIT = timedelta(seconds=5)

# Slack says of these that nothing was done. Of 502 and 504 nobody knows, since a proxy says them.
_SAYS_THAT_IT_FAILED = (500, 503)


@dataclass(frozen=True)
class SlackPolicy:
    """How patient to be with Slack, in seconds."""

    timeout: float = 5  # for one answer
    backoff: float = 0.5  # before the second attempt
    message: float = 10  # for a message, whatever it takes
    reply: float = 15  # for a message in a thread, whose first message is edited too


DEFAULT_POLICY = SlackPolicy()


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """An answer of any status. Header names are in lower case."""

    status: int
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def retry_after(self) -> timedelta | None:
        """How long to wait before the next request; None if the answer does not say it in seconds."""
        wait = self.headers.get("retry-after", "").strip()
        # A number with more digits is no wait, and timedelta would not hold it.
        return timedelta(seconds=int(wait)) if wait.isdecimal() and len(wait) <= 9 else None


def json_request(url: str, values: Mapping[str, Any], token: str | None = None) -> Request:
    """A POST with a JSON body."""
    return _request(url, json.dumps(values), "application/json; charset=utf-8", token)


def form_request(url: str, values: Mapping[str, str], token: str) -> Request:
    """A POST with a form, which every method of the Web API takes; those that read don't all take JSON."""
    return _request(url, urlencode(values), "application/x-www-form-urlencoded", token)


def ask(request: Request, policy: SlackPolicy, deadline: Deadline) -> HttpAnswer:
    """The answer, after one more attempt where Slack was not reached or said that it failed. Raises FAILURES.

    No further attempt after a timeout or a connection dropped before the answer: the message may have arrived.
    """
    try:
        answer = _ask_once(request, policy, deadline)
    except URLError:
        if policy.backoff >= deadline.left:
            raise
        wait = policy.backoff
    else:
        again = _wait(answer, policy)
        if again is None or again >= deadline.left:
            return answer
        wait = again
    time.sleep(wait)
    return _ask_once(request, policy, deadline)


def _wait(answer: HttpAnswer, policy: SlackPolicy) -> float | None:
    if answer.status in _SAYS_THAT_IT_FAILED:
        return policy.backoff
    wait = answer.retry_after
    return wait.total_seconds() if answer.status == 429 and wait is not None and wait <= LONGEST_WAIT else None


def _ask_once(request: Request, policy: SlackPolicy, deadline: Deadline) -> HttpAnswer:
    timeout = min(policy.timeout, deadline.left)
    return deadline.run(lambda: _open(request, timeout))


def _open(request: Request, timeout: float) -> HttpAnswer:
    try:
        with build_opener(_NoRedirects).open(request, timeout=timeout) as answer:
            return _read(answer.status, answer)
    except HTTPError as error:
        with error:
            return _read(error.code, error)


def _read(status: int, answer: Any) -> HttpAnswer:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    try:
        body = answer.read()
    except IncompleteRead:
        if status == 200:
            raise
        body = b""  # of a refusal the status says enough
    return HttpAnswer(status, body.decode(errors="replace"), headers)


def _request(url: str, body: str, content_type: str, token: str | None) -> Request:
    headers = {"Content-Type": content_type, "User-Agent": "nba-monitoring"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    # The settings let through http and https only.
    return Request(url, body.encode(), headers, method="POST")  # noqa: S310


class _NoRedirects(HTTPRedirectHandler):
    """Leaves a redirect as the answer: urllib would fetch the page by GET, and a page that says "ok" is no delivery."""

    def redirect_request(self, *asked: Any) -> None:
        return None
