"""Slack's Web API and webhooks: requests to them, and what their answers, rejections and silences mean."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from urllib.parse import urlencode

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic_core import from_json
from slack_sdk.web import SlackResponse, WebClient

from nba_monitoring.alerts.channels.channel import (
    DeliveryError,
    PermanentDeliveryError,
    RefusedMessageError,
    RefusedSettingError,
    TemporaryDeliveryError,
    UnclearDeliveryError,
)
from nba_monitoring.http import (
    Deadline,
    HttpAnswer,
    HttpError,
    HttpPolicy,
    InvalidRequestError,
    NoAnswerError,
    NotSentError,
    fetch,
)

# Slack asks for a second or so when a channel gets more than one message per second. A longer wait is for the next
# tick. Of 500 and 503 Slack says that nothing was done. 502 and 504 come from a proxy, which does not know.
SLACK_POLICY = HttpPolicy(
    timeout=5, budget=10, retries=1, longest_wait=5, retry_on=(429, 500, 503), retry_unclear=False
)

# The shape of Slack's own codes. Any other text may be a proxy's, and is not shown.
_CODE = re.compile(r"[a-z][a-z_]{2,49}")
_SCOPE = re.compile(r"[a-z][a-z_.:,]{2,99}")

_PASSING = frozenset(
    "ratelimited rate_limited internal_error fatal_error service_unavailable request_timeout "
    "accesslimited team_access_not_granted_yet rollup_error".split()
)

_CONTENT = frozenset(
    "invalid_blocks invalid_blocks_format msg_blocks_too_long msg_too_long no_text invalid_payload invalid_json "
    "json_not_object too_many_attachments invalid_attachments attachment_payload_limit_exceeded "
    "invalid_metadata_format invalid_metadata_schema metadata_too_large metadata_must_be_sent_from_app".split()
)

_THREAD_GONE = frozenset("message_not_found thread_not_found".split())

_UNKNOWN_USER = frozenset("user_not_found user_not_visible users_not_found".split())

_TOKEN = "SLACK_BOT_TOKEN is not valid; set the bot token of an installed app"  # noqa: S105
_WHAT_TO_DO = {
    "invalid_auth": _TOKEN,
    "not_authed": _TOKEN,
    "account_inactive": _TOKEN,
    "token_revoked": _TOKEN,
    "token_expired": _TOKEN,
    "not_allowed_token_type": _TOKEN,
    "channel_not_found": "SLACK_CHANNEL: no such channel, or the app is not in it; invite it with /invite",
    "not_in_channel": "SLACK_CHANNEL: the app is not in this channel; invite it with /invite",
    "is_archived": "SLACK_CHANNEL: this channel is archived; set another",
    "restricted_action": "SLACK_CHANNEL: the workspace does not allow the app to post there; ask an administrator",
    "no_service": "SLACK_WEBHOOK_URL: this webhook was removed or turned off; create a new one",
    "no_team": "SLACK_WEBHOOK_URL: this webhook's workspace no longer exists; create a new one",
    "invalid_token": "SLACK_WEBHOOK_URL: this webhook is no longer valid; create a new one",
    "channel_is_archived": "SLACK_WEBHOOK_URL: this webhook's channel is archived; create one for another channel",
    "action_prohibited": "SLACK_WEBHOOK_URL: the workspace does not allow this webhook to post; ask an administrator",
}


class ThreadGoneError(PermanentDeliveryError):
    """The first message of a thread was deleted."""


class UnknownUserError(PermanentDeliveryError):
    """Slack has no user of that id, or shows the app none."""


class _Payload(BaseModel):
    id: object = None  # any type, in other apps' messages


class _Metadata(BaseModel):
    event_type: object = None
    event_payload: _Payload = _Payload()


class PostedMessage(BaseModel):
    """One message in a channel's history."""

    ts: str
    thread_ts: str | None = None  # of the thread's first message, if in a thread
    metadata: _Metadata | None = None


class KnownChannel(BaseModel):
    """One channel that the app is in."""

    id: str
    name: str = ""


class ApiAnswer(BaseModel):
    """The parts of a Web API answer that are read here, of any method."""

    ok: bool = False
    error: object = None
    needed: object = None  # the scope that is missing
    ts: str | None = None
    channel: str | None = None
    messages: tuple[PostedMessage, ...] = ()
    channels: tuple[KnownChannel, ...] = ()


_Answer = TypeVar("_Answer", bound=BaseModel)


@dataclass
class Granted:
    """The scopes that Slack names in its answers, comma-separated; None until it has answered."""

    scopes: str | None = None


class GuardedClient(WebClient):
    """slack_sdk's client, with requests that are bounded in time and bytes, follow no redirect and log no secret.

    Its methods raise DeliveryError rather than SlackApiError.
    """

    def __init__(
        self,
        token: SecretStr,
        base_url: str,
        policy: HttpPolicy = SLACK_POLICY,
        deadline: Deadline | None = None,
        granted: Granted | None = None,
    ) -> None:
        """`deadline` is that of all its requests; without one each has the policy's budget. `granted` is shared by the
        clients that are made of one.
        """
        # Its own search for a proxy, which `fetch` does, would log the proxy's password.
        super().__init__(token=token.get_secret_value(), base_url=base_url, proxy="not used")
        self.policy = policy
        self._secret = token
        self._deadline = deadline
        self.granted = granted or Granted()

    def within(self, deadline: Deadline) -> GuardedClient:
        """This client with a deadline."""
        return GuardedClient(self._secret, self.base_url, self.policy, deadline, self.granted)

    def patient(self, deadline: Deadline) -> GuardedClient:
        """This client, where each request waits until the deadline: for what can't be repeated."""
        patient = replace(self.policy, timeout=deadline.left)
        return GuardedClient(self._secret, self.base_url, patient, deadline, self.granted)

    def api_call(self, api_method: str, **request: Any) -> SlackResponse:
        """POST to a method, with `json`, or with `params` as a form. Raises DeliveryError."""
        url = self.base_url + api_method
        if request.get("json") is not None:
            kind, body = "application/json; charset=utf-8", json.dumps(request["json"])
        else:
            # Methods that read don't all take JSON.
            kind, body = "application/x-www-form-urlencoded", urlencode(_form(request.get("params") or {}))
        headers = {"Authorization": f"Bearer {self._secret.get_secret_value()}", "Content-Type": kind}
        deadline = self._deadline or Deadline(self.policy.budget)
        try:
            answer = fetch(url, self.policy, deadline, headers, body.encode())
        except HttpError as error:
            raise _failure(error, "SLACK_BOT_TOKEN or SLACK_API_URL") from None
        _check_api(answer)
        self.granted.scopes = answer.headers.get("x-oauth-scopes", self.granted.scopes)
        data = from_json(answer.body)
        return SlackResponse(
            client=self,
            http_verb="POST",
            api_url=url,
            req_args={},
            data=data,
            headers=dict(answer.headers),
            status_code=answer.status,
        )


def _form(params: Mapping[str, Any]) -> Mapping[str, Any]:
    """Parameters as a form has them. slack_sdk names those that are not given, as None."""
    given = {name: value for name, value in params.items() if value is not None}
    return {name: str(value).lower() if isinstance(value, bool) else value for name, value in given.items()}


def post_to_webhook(url: SecretStr, message: Mapping[str, Any], policy: HttpPolicy, deadline: Deadline) -> None:
    """Post a message. Raises DeliveryError."""
    headers = {"Content-Type": "application/json; charset=utf-8"}
    try:
        answer = fetch(url.get_secret_value(), policy, deadline, headers, json.dumps(message).encode())
    except HttpError as error:
        raise _failure(error, "SLACK_WEBHOOK_URL") from None
    text = answer.body.decode(errors="replace").strip()
    if answer.status != 200:
        raise _rejection(answer, _code(text), "SLACK_WEBHOOK_URL")
    # A proxy's sign-in page comes with 200.
    if text != "ok":
        raise not_slack()


def not_slack() -> TemporaryDeliveryError:
    """Somebody else answered, or Slack in a way that it does not document."""
    return TemporaryDeliveryError("the answer did not come from Slack, but perhaps from a proxy")


def read_answer(kind: type[_Answer], response: SlackResponse) -> _Answer:
    """The fields of an answer that `kind` names. Raises DeliveryError."""
    try:
        return kind.model_validate(response.data)
    except ValidationError:
        raise not_slack() from None


def _check_api(answer: HttpAnswer) -> None:
    try:
        read = ApiAnswer.model_validate_json(answer.body)
    except ValidationError:
        read = ApiAnswer()
    if answer.status == 200 and read.ok:
        return
    code = _code(read.error)
    if answer.status == 200 and code is None:
        raise not_slack()
    if code == "missing_scope":
        scope = read.needed if isinstance(read.needed, str) and _SCOPE.fullmatch(read.needed) else "chat:write"
        raise RefusedSettingError(
            f"SLACK_BOT_TOKEN: the app lacks the scope {scope}; add it and reinstall the app ({code})"
        )
    raise _rejection(answer, code, "SLACK_API_URL")


def _failure(error: HttpError, setting: str) -> DeliveryError:
    if isinstance(error, NotSentError):
        return TemporaryDeliveryError(f"Slack could not be reached: {error}")
    if isinstance(error, NoAnswerError):
        return UnclearDeliveryError(f"Slack gave no clear answer: {error}; the message may have arrived")
    if isinstance(error, InvalidRequestError):
        return RefusedSettingError(f"{setting}: contains an invalid character; correct it")
    return not_slack()


def _rejection(answer: HttpAnswer, code: str | None, address: str) -> DeliveryError:
    status = answer.status
    named = code if code and status == 200 else ", ".join(filter(None, (str(status), code)))
    if status == 429 or code in ("ratelimited", "rate_limited"):
        wait = answer.retry_after
        after = "" if wait is None else f"; it asks to wait {wait.total_seconds():.0f} seconds"
        return TemporaryDeliveryError(f"Slack's rate limit was hit (429){after}", wait)
    if status >= 500 or status == 408 or code in _PASSING:
        return TemporaryDeliveryError(f"Slack is unavailable ({named})", answer.retry_after)
    if 300 <= status < 400:
        return RefusedSettingError(
            f"{address}: redirects ({status}), and redirects are not followed; use the https:// address that Slack "
            "gave you"
        )
    if code in _THREAD_GONE:
        return ThreadGoneError(f"the thread's first message was deleted ({code})")
    if code in _UNKNOWN_USER:
        return UnknownUserError(f"Slack knows no such user ({code})")
    if code in _CONTENT or status == 413:
        return RefusedMessageError(f"Slack rejected the message for its content ({named})")
    if code in _WHAT_TO_DO:
        return RefusedSettingError(f"{_WHAT_TO_DO[code]} ({code})")
    if status == 404:
        return RefusedSettingError(f"{address}: not found (404); correct the address")
    return PermanentDeliveryError(f"Slack rejected the message ({named}); docs.slack.dev explains this code")


def _code(text: object) -> str | None:
    return text if isinstance(text, str) and _CODE.fullmatch(text) else None
