"""Slack, by its Web API with a bot's token or by an incoming webhook."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.request import Request

from pydantic import SecretStr

from nba_monitoring.alerts.channels.deadline import Deadline
from nba_monitoring.alerts.channels.delivery import (
    PermanentDeliveryError,
    Receipt,
    RefusedMessageError,
    RefusedSettingError,
)
from nba_monitoring.alerts.channels.slack_answers import (
    ApiAnswer,
    PostedMessage,
    ThreadGoneError,
    check_webhook,
    failure,
    read_api,
)
from nba_monitoring.alerts.channels.slack_http import (
    DEFAULT_POLICY,
    FAILURES,
    SlackPolicy,
    ask,
    form_request,
    json_request,
)
from nba_monitoring.alerts.messages.blocks import as_blocks, as_fallback, as_plain
from nba_monitoring.alerts.messages.message import Message, Tone

EVENT_TYPE = "nba_monitoring"

# Where a message may stand in the history: the clock here may be ahead of Slack's.
CLOCK_MARGIN = timedelta(hours=1)
# Of the time for a message, what may go into looking for an earlier attempt. The rest is for sending it.
LOOK_UP_SHARE = 0.4

_CHANNEL_ID = re.compile(r"[CGD][A-Z0-9]{6,}")
_LOG = logging.getLogger(__name__)

# Slack shows a preview of each linked page else.
_POST = {"unfurl_links": False, "unfurl_media": False}

Answered = TypeVar("Answered")


@dataclass(frozen=True)
class SlackWebApi:
    """Posts with a bot's token. News of a thread is a reply, and the thread's first message is edited to show it.

    A thread is kept as `CHANNEL_ID/TS`: an edit wants the channel's id, where the setting may hold its name. To look
    for a message of an earlier attempt the token needs channels:history (groups:history for a private channel), and,
    where the setting holds the channel's name, channels:read and groups:read; without them it is sent again.
    """

    token: SecretStr
    channel: str
    base_url: str
    policy: SlackPolicy = DEFAULT_POLICY

    @property
    def way(self) -> str:
        """As in `Transport`."""
        return "slack"

    def check(self) -> bool:
        """Whether the token is one that Slack accepts. A channel that is gone shows when a message is sent."""
        request = json_request(self._url("auth.test"), {}, self.token.get_secret_value())
        self._call(request, Deadline(self.policy.message))
        return True

    def send(
        self,
        message: Message,
        thread: str | None = None,
        delivery_id: str | None = None,
        unclear_since: datetime | None = None,
    ) -> Receipt:
        """As in `Transport`. A thread that is gone, or in a channel left since, is given up for a new one."""
        deadline = Deadline(self.policy.message if thread is None else self.policy.reply)
        if delivery_id is not None and unclear_since is not None:
            found = self._find(delivery_id, unclear_since, thread, deadline.within(deadline.left * LOOK_UP_SHARE))
            if found is not None:
                return found
        if thread is None:
            return self._post(message, delivery_id, deadline)
        try:
            return self._reply(message, thread, delivery_id, deadline)
        except RefusedMessageError:
            raise
        except PermanentDeliveryError as error:
            _LOG.warning("%s: %s; it goes outside its thread", message.alert_id, error)
            return self._post(message, delivery_id, deadline)

    def _reply(self, message: Message, thread: str, delivery_id: str | None, deadline: Deadline) -> Receipt:
        channel, _, ts = thread.partition("/")
        # The edit comes first since it can be repeated: if the reply fails and is tried again, nothing is said twice.
        try:
            # Without `blocks` an edit leaves those that are there, which plain text must not.
            first = {"channel": channel, "ts": ts, "blocks": []}
            self._say("chat.update", message, deadline.within(self.policy.timeout), first)
        except ThreadGoneError:
            # Slack lets an app reply to a message that was deleted, where nobody sees it.
            raise
        except PermanentDeliveryError as error:
            # Workspaces may forbid edits after some minutes. The reply says the same.
            _LOG.warning("%s: the thread's first message could not be edited: %s", message.alert_id, error)
        # A reply alone is seen only by those who follow the thread.
        reply = {"channel": channel, "thread_ts": ts, "reply_broadcast": message.tone is Tone.ERROR}
        self._say("chat.postMessage", message, deadline, {**reply, **_POST}, delivery_id)
        return Receipt(thread)

    def _post(self, message: Message, delivery_id: str | None, deadline: Deadline) -> Receipt:
        answer = self._say("chat.postMessage", message, deadline, {"channel": self.channel, **_POST}, delivery_id)
        return Receipt(f"{answer.channel or self.channel}/{answer.ts}" if answer.ts else None)

    def _say(
        self,
        method: str,
        message: Message,
        deadline: Deadline,
        to: Mapping[str, Any],
        delivery_id: str | None = None,
    ) -> ApiAnswer:
        def send(body: Mapping[str, Any]) -> ApiAnswer:
            request = json_request(self._url(method), {**to, **body}, self.token.get_secret_value())
            return self._call(request, deadline)

        return _rich_or_plain(message, delivery_id, send)

    def _find(self, delivery_id: str, since: datetime, thread: str | None, deadline: Deadline) -> Receipt | None:
        """The receipt of an earlier attempt, if it stands in the thread or the channel."""
        oldest = f"{(since - CLOCK_MARGIN).timestamp():.6f}"
        bounds = {"oldest": oldest, "limit": "200", "include_all_metadata": "true"}
        try:
            if thread is not None:
                channel, _, ts = thread.partition("/")
                replies = self._read("conversations.replies", {"channel": channel, "ts": ts, **bounds}, deadline)
                if _sent_as(delivery_id, replies.messages):
                    return Receipt(thread)
            known = self._channel_id(deadline)
            if known is None:
                return None
            history = self._read("conversations.history", {"channel": known, **bounds}, deadline)
        except PermanentDeliveryError as error:
            _LOG.warning("An earlier attempt at a message can't be looked for, so it is sent again: %s", error)
            return None
        posted = _sent_as(delivery_id, history.messages)
        return None if posted is None else Receipt(f"{known}/{posted.thread_ts or posted.ts}")

    def _channel_id(self, deadline: Deadline) -> str | None:
        if _CHANNEL_ID.fullmatch(self.channel):
            return self.channel
        kinds = {"types": "public_channel,private_channel", "exclude_archived": "true", "limit": "999"}
        mine = self._read("users.conversations", kinds, deadline)
        name = self.channel.removeprefix("#")
        return next((channel.id for channel in mine.channels if channel.name == name), None)

    def _read(self, method: str, values: Mapping[str, str], deadline: Deadline) -> ApiAnswer:
        return self._call(form_request(self._url(method), values, self.token.get_secret_value()), deadline)

    def _url(self, method: str) -> str:
        return f"{self.base_url.rstrip('/')}/{method}"

    def _call(self, request: Request, deadline: Deadline) -> ApiAnswer:
        try:
            answer = ask(request, self.policy, deadline)
        except FAILURES as error:
            raise failure(error, "SLACK_BOT_TOKEN or SLACK_API_URL") from None
        return read_api(answer)


@dataclass(frozen=True)
class SlackWebhook:
    """Posts through an incoming webhook, which knows no threads: each message names its alert's id."""

    url: SecretStr
    policy: SlackPolicy = DEFAULT_POLICY

    @property
    def way(self) -> str:
        """As in `Transport`."""
        return "webhook"

    def check(self) -> bool:
        """As in `Transport`: a webhook answers to messages alone."""
        return False

    def send(
        self,
        message: Message,
        thread: str | None = None,
        delivery_id: str | None = None,
        unclear_since: datetime | None = None,
    ) -> Receipt:
        """As in `Transport`. A thread, left from a time with a token, is passed over.

        A webhook can't look for a message of an earlier attempt, so it is sent again.
        """
        deadline = Deadline(self.policy.message)

        def send(body: Mapping[str, Any]) -> None:
            request = json_request(self.url.get_secret_value(), {**body, "unfurl_links": False})
            try:
                answer = ask(request, self.policy, deadline)
            except FAILURES as error:
                raise failure(error, "SLACK_WEBHOOK_URL") from None
            check_webhook(answer)

        _rich_or_plain(message, delivery_id, send)
        return Receipt()


def _rich_or_plain(
    message: Message, delivery_id: str | None, send: Callable[[Mapping[str, Any]], Answered]
) -> Answered:
    """Send with blocks; where that is refused and no setting is to blame, as plain text.

    A refusal of a kind nobody knows is held against the settings if plain text is refused too: there is nothing in
    plain text to refuse.
    """
    metadata = {"event_type": EVENT_TYPE, "event_payload": {"id": delivery_id}}
    rich = {"text": as_fallback(message), "blocks": [block.to_dict() for block in as_blocks(message)]}
    try:
        return send(rich if delivery_id is None else {**rich, "metadata": metadata})
    except (RefusedSettingError, ThreadGoneError):
        raise
    except PermanentDeliveryError as refusal:
        kind = RefusedMessageError if isinstance(refusal, RefusedMessageError) else RefusedSettingError
        _LOG.warning("%s: %s; it is sent as plain text", message.alert_id, refusal)
    try:
        return send({"text": as_plain(message)})
    except (RefusedSettingError, ThreadGoneError):
        raise
    except PermanentDeliveryError as refusal:
        raise kind(f"{refusal}, also as plain text") from None


def _sent_as(delivery_id: str, messages: Iterable[PostedMessage]) -> PostedMessage | None:
    for message in messages:
        metadata = message.metadata
        if metadata and metadata.event_type == EVENT_TYPE and metadata.event_payload.id == delivery_id:
            return message
    return None
