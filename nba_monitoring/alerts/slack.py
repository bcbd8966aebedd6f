"""Slack, by its Web API with a bot's token or by an incoming webhook.

A message takes at most some 15 seconds, 30 with the edit of a thread's first message, so that a tick of a sensor,
which has 60, survives a slow Slack.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any
from urllib.error import URLError

from pydantic import SecretStr
from slack_sdk import WebClient, WebhookClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import (
    ConnectionErrorRetryHandler,
    RateLimitErrorRetryHandler,
    ServerErrorRetryHandler,
)
from slack_sdk.http_retry.builtin_interval_calculators import FixedValueRetryIntervalCalculator
from slack_sdk.http_retry.handler import RetryHandler
from slack_sdk.web import SlackResponse

from nba_monitoring.alerts.blocks import as_blocks, as_fallback
from nba_monitoring.alerts.delivery import PermanentDeliveryError, Receipt
from nba_monitoring.alerts.message import Message, Tone
from nba_monitoring.alerts.slack_answers import FAILURES, api_refusal, failure, webhook_refusal

# Slack asks for a second or so when a channel gets more than a message a second. A longer wait is the next tick's.
LONGEST_RETRY_AFTER_SECONDS = 5


@dataclass(frozen=True)
class SlackPolicy:
    """How patient to be with Slack, in seconds: with one answer, and before the second attempt."""

    timeout: int = 5
    backoff: float = 0.5


DEFAULT_POLICY = SlackPolicy()

# slack_sdk writes the webhook's address, a secret, into its log at INFO, and its errors again into ours, so it gets
# a logger that keeps silent. What went wrong is in the error raised here.
_SILENT = logging.getLogger("nba_monitoring.alerts.slack_sdk")
_SILENT.setLevel(logging.CRITICAL)
_LOG = logging.getLogger(__name__)


class _ShortRateLimit(RateLimitErrorRetryHandler):
    """Waits as long as Slack asks for, if that is not long."""

    def _can_retry(self, *, response: Any = None, **asked: Any) -> bool:
        if response is None or response.status_code != 429:
            return False
        wait = {name.lower(): values for name, values in response.headers.items()}.get("retry-after", ["1"])[0]
        return wait.isdecimal() and int(wait) <= LONGEST_RETRY_AFTER_SECONDS


def _retries(policy: SlackPolicy) -> list[RetryHandler]:
    """One more attempt where Slack was not reached or said that it failed.

    Not after a timeout or a connection dropped before the answer: the message may stand in the channel by then.
    """
    wait = FixedValueRetryIntervalCalculator(fixed_internal=policy.backoff)
    return [
        _ShortRateLimit(),
        ServerErrorRetryHandler(interval_calculator=wait),
        ConnectionErrorRetryHandler(interval_calculator=wait, error_types=[URLError]),
    ]


@dataclass(frozen=True)
class SlackWebApi:
    """Posts with a bot's token. Triage of a thread is a reply, and the thread's first message is edited to show it.

    A thread is kept as `CHANNEL_ID/TS`: an edit wants the channel's id, where the setting may hold its name.
    """

    token: SecretStr
    channel: str
    base_url: str
    policy: SlackPolicy = DEFAULT_POLICY

    def send(self, message: Message, thread: str | None = None) -> Receipt:
        """Post a message, or a reply. A thread that is gone, or in a channel left since, is given up for a new one."""
        if thread is None:
            return self._post(message)
        try:
            return self._reply(message, thread)
        except PermanentDeliveryError as error:
            _LOG.warning("%s: %s; it goes outside its thread", message.alert_id, error)
            return self._post(message)

    def _reply(self, message: Message, thread: str) -> Receipt:
        channel, _, ts = thread.partition("/")
        # The edit comes first since it can be repeated: if the reply fails and is tried again, nothing is said twice.
        try:
            self._call("chat.update", channel, message, ts=ts)
        except PermanentDeliveryError as error:
            # Workspaces may forbid edits after some minutes. The reply says the same.
            _LOG.warning("%s: the thread's first message could not be edited: %s", message.alert_id, error)
        # A reply alone is seen only by those who follow the thread.
        self._call("chat.postMessage", channel, message, thread_ts=ts, reply_broadcast=message.tone is Tone.ERROR)
        return Receipt(thread)

    def _post(self, message: Message) -> Receipt:
        answer = self._call("chat.postMessage", self.channel, message)
        ts = answer.get("ts")
        return Receipt(f"{answer.get('channel') or self.channel}/{ts}" if ts else None)

    def _call(self, method: str, channel: str, message: Message, **more: Any) -> SlackResponse:
        client = WebClient(
            token=self.token.get_secret_value(),
            base_url=self.base_url,
            timeout=self.policy.timeout,
            logger=_SILENT,
            retry_handlers=_retries(self.policy),
        )
        blocks = [block.to_dict() for block in as_blocks(message)]
        body = {"channel": channel, "text": as_fallback(message), "blocks": blocks, **more}
        if method == "chat.postMessage":
            body |= {"unfurl_links": False, "unfurl_media": False}
        try:
            return client.api_call(method, json=body)
        except SlackApiError as error:
            raise api_refusal(error.response) from None
        except FAILURES as error:
            raise failure(error, "SLACK_BOT_TOKEN or SLACK_API_URL") from None


@dataclass(frozen=True)
class SlackWebhook:
    """Posts through an incoming webhook, which knows no threads: each message names its alert's id."""

    url: SecretStr
    policy: SlackPolicy = DEFAULT_POLICY

    def send(self, message: Message, thread: str | None = None) -> Receipt:
        """Post a message; a thread's handle, left from a time with a token, is passed over."""
        client = WebhookClient(
            self.url.get_secret_value(),
            timeout=self.policy.timeout,
            logger=_SILENT,
            retry_handlers=_retries(self.policy),
        )
        try:
            answer = client.send(text=as_fallback(message), blocks=as_blocks(message), unfurl_links=False)
        except FAILURES as error:
            raise failure(error, "SLACK_WEBHOOK_URL") from None
        # A webhook does not raise on 429 or 500, and a proxy's sign-in page comes with 200.
        if answer.status_code != 200 or answer.body.strip() != "ok":
            raise webhook_refusal(answer)
        return Receipt()
