"""What Slack's refusals and silences mean: whether to try again, and what to do."""

from __future__ import annotations

import re
import ssl
from http.client import HTTPException, InvalidURL
from json import JSONDecodeError
from urllib.error import URLError

from slack_sdk.errors import SlackRequestError
from slack_sdk.web import SlackResponse
from slack_sdk.webhook import WebhookResponse

from nba_monitoring.alerts.delivery import DeliveryError, PermanentDeliveryError, TemporaryDeliveryError

# What slack_sdk lets through besides its own error: no connection, an answer that is cut off, not JSON, not text, or
# JSON but no object (AttributeError), and a token or an address that can't stand in a request.
FAILURES = (OSError, HTTPException, ValueError, LookupError, AttributeError, SlackRequestError)

# Codes are Slack's own; anything else shaped like one is shown, and everything else may hold whatever a proxy says.
_CODE = re.compile(r"[a-z][a-z_]{2,49}")

_PASSING = frozenset(
    "ratelimited rate_limited internal_error fatal_error service_unavailable request_timeout "
    "accesslimited team_access_not_granted_yet rollup_error".split()
)

_TOKEN = "SLACK_BOT_TOKEN: Slack does not accept this token; set the bot token of an app that is installed"  # noqa: S105
_WHAT_TO_DO = {
    "invalid_auth": _TOKEN,
    "not_authed": _TOKEN,
    "account_inactive": _TOKEN,
    "token_revoked": _TOKEN,
    "token_expired": _TOKEN,
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


def api_refusal(answer: SlackResponse) -> DeliveryError:
    """The error for an answer of the Web API that is not `ok`."""
    said = answer.get("error") if isinstance(answer.data, dict) else None
    code = _code(said)
    if answer.status_code == 200 and code is None:
        return _not_slack()
    return _refusal(answer.status_code, code, dict(answer.headers), "SLACK_API_URL")


def webhook_refusal(answer: WebhookResponse) -> DeliveryError:
    """The error for a webhook's answer that is not `ok`."""
    code = _code(answer.body.strip())
    if answer.status_code == 200:
        return _not_slack()
    return _refusal(answer.status_code, code, dict(answer.headers), "SLACK_WEBHOOK_URL")


def failure(error: Exception, setting: str) -> DeliveryError:
    """The error for a request that got no answer of Slack's. Named by its kind, since its text may hold a secret."""
    if isinstance(error, OSError):
        reason = _connection(error.reason if isinstance(error, URLError) else error)
        return TemporaryDeliveryError(f"Slack could not be reached: {reason}; it is tried again")
    cannot_be_sent = isinstance(error, InvalidURL | SlackRequestError) or (
        isinstance(error, ValueError) and not isinstance(error, JSONDecodeError | UnicodeDecodeError)
    )
    if cannot_be_sent:
        return PermanentDeliveryError(f"{setting}: holds a character that can't be sent; set it anew")
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
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return type(cause).__name__


def _not_slack() -> TemporaryDeliveryError:
    return TemporaryDeliveryError(
        "the answer is not Slack's: something else answers at this address, such as a proxy; it is tried again"
    )


def _refusal(status: int, code: str | None, headers: dict[str, str], address: str) -> DeliveryError:
    if status == 429:
        wait = {name.lower(): value for name, value in headers.items()}.get("retry-after", "")
        after = f" in {wait} seconds" if wait.isdecimal() else ""
        return TemporaryDeliveryError(f"Slack limits the rate of messages (429); it is tried again{after}")
    if status >= 500 or status == 408 or code in _PASSING:
        return TemporaryDeliveryError(f"Slack is not able to answer ({_named(status, code)}); it is tried again")
    if code in _WHAT_TO_DO:
        return PermanentDeliveryError(f"{_WHAT_TO_DO[code]} ({code})")
    if status == 404:
        return PermanentDeliveryError(f"{address}: there is nothing at this address (404); set the right one")
    return PermanentDeliveryError(
        f"Slack refused the message ({_named(status, code)}); see docs.slack.dev for what this code means"
    )


def _named(status: int, code: str | None) -> str:
    return code if code and status == 200 else ", ".join(filter(None, (str(status), code)))


def _code(said: object) -> str | None:
    return said if isinstance(said, str) and _CODE.fullmatch(said) else None
