"""What Slack's answers, refusals and silences mean: whether to try again, and what to do."""

from __future__ import annotations

import re
import ssl
from http.client import IncompleteRead, InvalidURL
from urllib.error import URLError

from pydantic import BaseModel, ValidationError

from nba_monitoring.alerts.channels.deadline import NotBegunError
from nba_monitoring.alerts.channels.delivery import (
    DeliveryError,
    PermanentDeliveryError,
    RefusedMessageError,
    RefusedSettingError,
    TemporaryDeliveryError,
    UnclearDeliveryError,
)
from nba_monitoring.alerts.channels.slack_http import HttpAnswer

# Codes are Slack's own; anything else shaped like one is shown, and everything else may hold whatever a proxy says.
_CODE = re.compile(r"[a-z][a-z_]{2,49}")

_PASSING = frozenset(
    "ratelimited rate_limited internal_error fatal_error service_unavailable request_timeout "
    "accesslimited team_access_not_granted_yet rollup_error".split()
)

_CONTENT = frozenset(
    "invalid_blocks invalid_blocks_format msg_blocks_too_long msg_too_long no_text invalid_payload invalid_json "
    "json_not_object too_many_attachments invalid_attachments attachment_payload_limit_exceeded "
    "invalid_metadata_format invalid_metadata_schema metadata_too_large metadata_must_be_sent_from_app".split()
)

# After the first the message that a thread hangs on was deleted.
_THREAD_GONE = frozenset("message_not_found thread_not_found".split())

_TOKEN = "SLACK_BOT_TOKEN: Slack does not accept this token; set the bot token of an app that is installed"  # noqa: S105
_WHAT_TO_DO = {
    "invalid_auth": _TOKEN,
    "not_authed": _TOKEN,
    "account_inactive": _TOKEN,
    "token_revoked": _TOKEN,
    "token_expired": _TOKEN,
    "not_allowed_token_type": _TOKEN,
    "missing_scope": "SLACK_BOT_TOKEN: the app needs the scope chat:write; add it and install the app again",
    "channel_not_found": "SLACK_CHANNEL: Slack knows no such channel, or the app is not in it; invite the app to it",
    "not_in_channel": "SLACK_CHANNEL: the app is not in this channel; invite it with /invite",
    "is_archived": "SLACK_CHANNEL: this channel is archived; set another one",
    "restricted_action": "SLACK_CHANNEL: the workspace does not let the app post there; ask an administrator",
    "no_service": "SLACK_WEBHOOK_URL: this webhook was removed or switched off; create a new one",
    "no_team": "SLACK_WEBHOOK_URL: this webhook's workspace is gone; create a new one",
    "invalid_token": "SLACK_WEBHOOK_URL: this webhook is not valid any more; create a new one",
    "channel_is_archived": "SLACK_WEBHOOK_URL: this webhook's channel is archived; create one for another channel",
    "action_prohibited": "SLACK_WEBHOOK_URL: the workspace forbids this webhook to post; ask an administrator",
}


class ThreadGoneError(PermanentDeliveryError):
    """The first message of a thread was deleted."""


class _Payload(BaseModel):
    id: object = None  # other apps write what they like


class _Metadata(BaseModel):
    event_type: object = None
    event_payload: _Payload = _Payload()


class PostedMessage(BaseModel):
    """A message of a channel's history."""

    ts: str
    thread_ts: str | None = None  # of the thread's first message, if it is in a thread
    metadata: _Metadata | None = None


class KnownChannel(BaseModel):
    """A channel that the app is in."""

    id: str
    name: str = ""


class ApiAnswer(BaseModel):
    """An answer of the Web API: the parts of all methods that are read here."""

    ok: bool = False
    error: object = None
    ts: str | None = None
    channel: str | None = None
    messages: tuple[PostedMessage, ...] = ()
    channels: tuple[KnownChannel, ...] = ()


def read_api(answer: HttpAnswer) -> ApiAnswer:
    """An answer of the Web API that is `ok`. Raises DeliveryError for any other."""
    try:
        read = ApiAnswer.model_validate_json(answer.body)
    except ValidationError:
        read = ApiAnswer()
    if answer.status == 200 and read.ok:
        return read
    code = _code(read.error)
    if answer.status == 200 and code is None:
        raise _not_slack()
    raise _refusal(answer, code, "SLACK_API_URL")


def check_webhook(answer: HttpAnswer) -> None:
    """Raises DeliveryError for a webhook's answer that is not `ok`."""
    said = answer.body.strip()
    if answer.status == 200:
        # A proxy's sign-in page comes with 200.
        if said != "ok":
            raise _not_slack()
        return
    raise _refusal(answer, _code(said), "SLACK_WEBHOOK_URL")


def failure(error: Exception, setting: str) -> DeliveryError:
    """The error for a request that got no answer of Slack's. Named by its kind, since its text may hold a secret."""
    if isinstance(error, NotBegunError):
        return TemporaryDeliveryError("Slack took so long that no time was left; it is tried again")
    if isinstance(error, URLError):
        return TemporaryDeliveryError(f"Slack could not be reached: {_connection(error.reason)}; it is tried again")
    # urllib wraps what goes wrong before the request is out.
    if isinstance(error, OSError | IncompleteRead):
        return UnclearDeliveryError(
            f"Slack gave no clear answer: {_connection(error)}; the message may have arrived, and it is tried again"
        )
    if isinstance(error, InvalidURL | ValueError):
        return RefusedSettingError(f"{setting}: holds a character that can't be sent; set it anew")
    return _not_slack()


def _connection(cause: BaseException | str) -> str:
    if isinstance(cause, TimeoutError):
        return "no answer in time"
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"its TLS certificate is not valid ({cause.verify_message})"
    if isinstance(cause, ssl.SSLError):
        return f"TLS failed ({cause.reason or 'no reason given'})"
    if isinstance(cause, ConnectionRefusedError):
        return "connection refused"
    if isinstance(cause, ConnectionError):
        return "the connection was dropped"
    if isinstance(cause, IncompleteRead):
        return "the answer is cut off"
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return type(cause).__name__


def _not_slack() -> TemporaryDeliveryError:
    return TemporaryDeliveryError(
        "the answer is not Slack's: something else answers at this address, such as a proxy; it is tried again"
    )


def _refusal(answer: HttpAnswer, code: str | None, address: str) -> DeliveryError:
    status = answer.status
    named = code if code and status == 200 else ", ".join(filter(None, (str(status), code)))
    if status == 429 or code in ("ratelimited", "rate_limited"):
        wait = answer.retry_after
        after = "" if wait is None else f" in {wait.total_seconds():.0f} seconds"
        return TemporaryDeliveryError(f"Slack limits the rate of messages (429); it is tried again{after}", wait)
    if status >= 500 or status == 408 or code in _PASSING:
        return TemporaryDeliveryError(f"Slack is not able to answer ({named}); it is tried again", answer.retry_after)
    if 300 <= status < 400:
        return RefusedSettingError(
            f"{address}: answers with a redirect ({status}), which is no delivery and is not followed; set the address "
            "that Slack gave out, with https://"
        )
    if code in _THREAD_GONE:
        return ThreadGoneError(f"the thread's first message is gone ({code})")
    if code in _CONTENT or status == 413:
        return RefusedMessageError(f"Slack refused the message for its content ({named})")
    if code in _WHAT_TO_DO:
        return RefusedSettingError(f"{_WHAT_TO_DO[code]} ({code})")
    if status == 404:
        return RefusedSettingError(f"{address}: there is nothing at this address (404); set the right one")
    return PermanentDeliveryError(f"Slack refused the message ({named}); see docs.slack.dev for what this code means")


def _code(said: object) -> str | None:
    return said if isinstance(said, str) and _CODE.fullmatch(said) else None
