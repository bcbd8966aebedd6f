"""The channels that the settings configure."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from nba_monitoring.alerts.channels.apprise_channel import AppriseChannel
from nba_monitoring.alerts.channels.channel import NEW, Channel, Channels, Delivery, DeliveryError, Receipt
from nba_monitoring.alerts.channels.owners import look_up, slack_owners
from nba_monitoring.alerts.channels.slack import SlackWebApi, SlackWebhook
from nba_monitoring.alerts.channels.slack_api import GuardedClient
from nba_monitoring.alerts.channels.slack_reactions import reactions_here
from nba_monitoring.alerts.message import TEST_MESSAGE, Message, as_text
from nba_monitoring.errors import MonitoringError
from nba_monitoring.http import Deadline
from nba_monitoring.settings import Settings

# How long each channel has to answer a test message.
TEST_SECONDS = 20.0

_LOG = logging.getLogger(__name__)

NO_CHANNEL = (
    "No alert channel is set, so the test went to the log only. "
    "Set SLACK_BOT_TOKEN with SLACK_CHANNEL, or SLACK_WEBHOOK_URL, or NBA_MONITORING_NOTIFY_URLS."
)


_RULE = "=" * 80


@dataclass(frozen=True)
class LogChannel(Channel):
    """Writes messages to a log, for the embedded warehouse: at WARNING, which shows without any configuration."""

    log: logging.Logger
    kind = "log"
    name = "the log"

    def check(self, deadline: Deadline) -> bool:
        """As in `Channel`."""
        return True

    def send(self, message: Message, deadline: Deadline, delivery: Delivery = NEW) -> Receipt:
        """Log the whole message as text, in a block that stands out among a daemon's lines."""
        self.log.warning("ALERT\n%s\n%s\n%s", _RULE, as_text(message), _RULE)
        return Receipt()


def channels_from(
    settings: Settings, log: logging.Logger = _LOG, slack_client: GuardedClient | None = None
) -> Channels:
    """The main channel is Slack (a bot token before a webhook), else the first Apprise address, else `log`.

    `slack_client` is the client for the token; None makes one.
    """
    channels: list[Channel] = []
    if settings.slack_bot_token and settings.slack_channel:
        channels.append(SlackWebApi(slack_client or slack_client_from(settings), settings.slack_channel))
    elif settings.slack_webhook_url:
        channels.append(SlackWebhook(settings.slack_webhook_url))
    channels += [AppriseChannel(address, position) for position, address in enumerate(settings.notify_urls, start=1)]
    main, *second = channels or [LogChannel(log)]
    return Channels(main, tuple(second), settings.environment_label)


def slack_client_from(settings: Settings) -> GuardedClient:
    """A client for Slack's Web API. Raises MonitoringError without SLACK_BOT_TOKEN."""
    if settings.slack_bot_token is None:
        raise MonitoringError("SLACK_BOT_TOKEN is not set")
    return GuardedClient(settings.slack_bot_token, settings.slack_api_url)


def send_test_message(settings: Settings) -> str:
    """Send a test message through every configured channel.

    Returns one line per channel, one on 👀 in Slack, and one per owner of a stage that is a Slack id. Raises
    MonitoringError, with the same lines, if a channel did not accept the message, if none is configured, or if Slack
    does not know an owner.
    """
    channels, owned = channels_from(settings), slack_owners(settings.stages)
    outcomes = []
    is_accepted = settings.can_alert
    for channel in (channels.main, *channels.second):
        try:
            channel.send(channels.labeled(TEST_MESSAGE), Deadline(TEST_SECONDS))
            outcomes.append(_accepted(channel))
            if isinstance(channel, SlackWebApi):
                outcomes.append(reactions_here(channel.client, Deadline(TEST_SECONDS)))
        except DeliveryError as error:
            is_accepted = False
            outcomes.append(str(error))
    if isinstance(channels.main, SlackWebApi):
        lines, are_known = look_up(channels.main.client, owned, Deadline(TEST_SECONDS))
        outcomes += lines
        is_accepted = is_accepted and are_known
    if not is_accepted:
        raise MonitoringError("\n".join(outcomes))
    return "\n".join(outcomes)


def _accepted(channel: Channel) -> str:
    match channel:
        case SlackWebApi():
            return f"Slack accepted a test message for {channel.channel}, sent with SLACK_BOT_TOKEN."
        case SlackWebhook():
            return "Slack accepted a test message, sent through SLACK_WEBHOOK_URL."
        case AppriseChannel():
            return f"{channel.name} accepted a test message."
    return NO_CHANNEL
