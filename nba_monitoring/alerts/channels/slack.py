"""Slack as a channel, through its Web API with a bot token or through an incoming webhook."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from pydantic import SecretStr
from slack_sdk.web import SlackResponse

from nba_monitoring.alerts.channels.channel import (
    NEW,
    Channel,
    Delivery,
    DeliveryError,
    PermanentDeliveryError,
    Receipt,
    RefusedMessageError,
    RefusedSettingError,
    TemporaryDeliveryError,
    UnclearDeliveryError,
)
from nba_monitoring.alerts.channels.slack_api import (
    SLACK_POLICY,
    ApiAnswer,
    GuardedClient,
    PostedMessage,
    ThreadGoneError,
    post_to_webhook,
)
from nba_monitoring.alerts.channels.slack_reactions import acknowledgers, missing_scopes
from nba_monitoring.alerts.message import Message, Tone
from nba_monitoring.alerts.messages.blocks import as_blocks, as_fallback, as_plain
from nba_monitoring.http import Deadline, HttpPolicy

EVENT_TYPE = "nba_monitoring"

# The clock here may be ahead of Slack's.
CLOCK_MARGIN = timedelta(hours=1)
# Shares of the time for a message that the search for an earlier attempt and the question for the app's scopes may
# take. The rest is for sending.
SEARCH_SHARE = 0.4
SCOPES_SHARE = 0.2

_CHANNEL_ID = re.compile(r"[CGD][A-Z0-9]{6,}")
_OF = "::"  # between an environment and the id of its message
_LOG = logging.getLogger(__name__)

# No previews of linked pages.
_POST: dict[str, Any] = {"unfurl_links": False, "unfurl_media": False}

Answered = TypeVar("Answered")


@dataclass(frozen=True)
class SlackWebApi(Channel):
    """Posts with a bot token. Later messages of an incident are replies, and its first message is edited to match.

    A thread is kept as `CHANNEL_ID/TS`: an edit needs the channel's id, and the setting may be its name. To find a
    message of an earlier attempt the token needs channels:history (groups:history for a private channel), and, if the
    setting is the channel's name, channels:read and groups:read; without them the message is sent again.
    """

    client: GuardedClient
    channel: str
    kind = "slack"
    name = "Slack"

    def check(self, deadline: Deadline) -> bool:
        """Ask whether Slack accepts the token. A missing channel only shows when a message is sent."""
        self.client.within(deadline).auth_test()
        return True

    def acknowledgers(self, threads: Sequence[str], deadline: Deadline) -> Mapping[str, str]:
        """As in `Channel`: the first person who put 👀 under the first message of a thread."""
        return acknowledgers(self.client, threads, deadline)

    def send(self, message: Message, deadline: Deadline, delivery: Delivery = NEW) -> Receipt:
        """As in `Channel`. If the thread was deleted, or is in a former channel, the message starts a new one."""
        was_looked_up = False
        if delivery.id is not None and message.environment is not None:
            # Two environments may share a channel, and one's message is no proof that the other's arrived.
            delivery = replace(delivery, id=f"{message.environment}{_OF}{delivery.id}")
        if delivery.id is not None and delivery.unclear_since is not None:
            searching = self.client.within(deadline.within(deadline.left * SEARCH_SHARE))
            try:
                found = self._find(searching, delivery.id, delivery.unclear_since, delivery.thread)
            except PermanentDeliveryError as error:
                _LOG.warning("Can't check whether an earlier attempt arrived, so the message is sent again: %s", error)
            except UnclearDeliveryError as error:
                raise TemporaryDeliveryError(str(error)) from None  # nothing was sent this time
            else:
                was_looked_up = True
                if found is not None:
                    return found
        try:
            return self._deliver(message, deadline, delivery)
        except UnclearDeliveryError as error:
            raise UnclearDeliveryError(str(error), was_looked_up) from None

    def _deliver(self, message: Message, deadline: Deadline, delivery: Delivery) -> Receipt:
        takes_reactions = message.acknowledge is not None and self.takes_reactions(deadline)
        first = replace(message, takes_reactions=takes_reactions)
        client = self.client.patient(deadline)
        if delivery.thread is None:
            return self._post(client, first, delivery.id)
        try:
            editing = self.client.within(deadline.within(self.client.policy.timeout))
            return _reply(editing, client, message, first, delivery.thread, delivery.id)
        except RefusedMessageError:
            raise
        except PermanentDeliveryError as error:
            _LOG.warning("%s: %s; posting it outside its thread", message.alert_id, error)
            return self._post(client, first, delivery.id)

    def takes_reactions(self, deadline: Deadline) -> bool:
        """Whether 👀 under a thread's first message acknowledges it: not if the app can't see who reacts."""
        try:
            return not missing_scopes(self.client.within(deadline.within(deadline.left * SCOPES_SHARE)))
        except DeliveryError:
            return False  # the command works in any case

    def _post(self, client: GuardedClient, message: Message, delivery_id: str | None) -> Receipt:
        response = _rich_or_plain(
            message, delivery_id, lambda body: client.chat_postMessage(channel=self.channel, **_POST, **body)
        )
        answer = _parts(response)
        return Receipt(f"{answer.channel or self.channel}/{answer.ts}" if answer.ts else None)

    def _find(self, client: GuardedClient, delivery_id: str, since: datetime, thread: str | None) -> Receipt | None:
        """The receipt of an earlier attempt, if the thread or the channel has its message.

        Raises PermanentDeliveryError if the app may not read them.
        """
        oldest = f"{(since - CLOCK_MARGIN).timestamp():.6f}"
        bounds: dict[str, Any] = {"oldest": oldest, "limit": 200, "include_all_metadata": "true"}
        if thread is not None:
            channel, _, ts = thread.partition("/")
            replies = _parts(client.conversations_replies(channel=channel, ts=ts, **bounds))
            if _sent_as(delivery_id, replies.messages):
                return Receipt(thread)
        known = self._channel_id(client)
        if known is None:
            raise PermanentDeliveryError(f"the app is in no channel called {self.channel}")
        history = _parts(client.conversations_history(channel=known, **bounds))
        posted = _sent_as(delivery_id, history.messages)
        return None if posted is None else Receipt(f"{known}/{posted.thread_ts or posted.ts}")

    def _channel_id(self, client: GuardedClient) -> str | None:
        if _CHANNEL_ID.fullmatch(self.channel):
            return self.channel
        kinds: dict[str, Any] = {"types": "public_channel,private_channel", "exclude_archived": "true", "limit": 999}
        mine = _parts(client.users_conversations(**kinds))
        name = self.channel.removeprefix("#")
        return next((channel.id for channel in mine.channels if channel.name == name), None)


def _reply(
    editing: GuardedClient,
    client: GuardedClient,
    message: Message,
    first: Message,
    thread: str,
    delivery_id: str | None,
) -> Receipt:
    """Reply with a message, and make a thread's first message say the same, as `first` has it."""
    channel, _, ts = thread.partition("/")
    # The edit comes first since it can be repeated: if the reply fails and is retried, nothing appears twice.
    try:
        # Without `blocks` an edit keeps the old ones, which plain text must not.
        at: dict[str, Any] = {"channel": channel, "ts": ts, "blocks": []}
        _rich_or_plain(first, None, lambda body: editing.chat_update(**{**at, **body}))
    except ThreadGoneError:
        # Slack accepts a reply to a deleted message, where nobody sees it.
        raise
    except PermanentDeliveryError as error:
        # Workspaces may forbid edits after some minutes. The reply has the same text.
        _LOG.warning("%s: the thread's first message could not be edited: %s", message.alert_id, error)
    # Only people who follow a thread see a reply.
    to: dict[str, Any] = {"channel": channel, "thread_ts": ts, "reply_broadcast": message.tone is Tone.ERROR, **_POST}
    _rich_or_plain(message, delivery_id, lambda body: client.chat_postMessage(**to, **body))
    return Receipt(thread)


def _parts(response: SlackResponse) -> ApiAnswer:
    return ApiAnswer.model_validate(response.data)


@dataclass(frozen=True)
class SlackWebhook(Channel):
    """Posts through an incoming webhook, which has no threads: each message names its alert's id."""

    url: SecretStr
    policy: HttpPolicy = SLACK_POLICY
    kind = "webhook"
    name = "Slack"

    def send(self, message: Message, deadline: Deadline, delivery: Delivery = NEW) -> Receipt:
        """As in `Channel`. A thread, which dates from a time with a token, is ignored.

        A webhook can't check whether an earlier attempt arrived, so the message is sent again.
        """
        patient = replace(self.policy, timeout=deadline.left)
        _rich_or_plain(
            message,
            delivery.id,
            lambda body: post_to_webhook(self.url, {**body, "unfurl_links": False}, patient, deadline),
        )
        return Receipt()


def _rich_or_plain(message: Message, delivery_id: str | None, send: Callable[[dict[str, Any]], Answered]) -> Answered:
    """Send with blocks; if that is rejected and no setting is to blame, as plain text.

    An unknown rejection counts against the settings if plain text is rejected too: plain text has nothing to reject.
    """
    rich: dict[str, Any] = {"text": as_fallback(message), "blocks": [block.to_dict() for block in as_blocks(message)]}
    if delivery_id is not None:
        rich["metadata"] = {"event_type": EVENT_TYPE, "event_payload": {"id": delivery_id}}
    try:
        return send(rich)
    except (RefusedSettingError, ThreadGoneError):
        raise
    except PermanentDeliveryError as rejection:
        kind = RefusedMessageError if isinstance(rejection, RefusedMessageError) else RefusedSettingError
        _LOG.warning("%s: %s; sending it as plain text", message.alert_id, rejection)
    try:
        return send({"text": as_plain(message)})
    except (RefusedSettingError, ThreadGoneError):
        raise
    except PermanentDeliveryError as rejection:
        raise kind(f"{rejection}, also as plain text") from None


def _sent_as(delivery_id: str, messages: Iterable[PostedMessage]) -> PostedMessage | None:
    # An earlier release sent the id without its environment.
    known = (delivery_id, delivery_id.rpartition(_OF)[2])
    for message in messages:
        metadata = message.metadata
        if metadata and metadata.event_type == EVENT_TYPE and metadata.event_payload.id in known:
            return message
    return None
