"""The way that alerts take, by the settings: a bot's token before a webhook, a webhook before the log."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from nba_monitoring.alerts.delivery import Receipt, Transport
from nba_monitoring.alerts.message import Message
from nba_monitoring.alerts.monitor_messages import TEST_MESSAGE
from nba_monitoring.alerts.slack import SlackWebApi, SlackWebhook
from nba_monitoring.alerts.text import as_text
from nba_monitoring.settings import Settings

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class LogTransport:
    """Writes messages into a log, for the embedded warehouse. At WARNING, which shows where nothing was set up."""

    log: logging.Logger = _LOG

    def send(self, message: Message, thread: str | None = None) -> Receipt:
        """Log the whole message as text."""
        self.log.warning("%s", as_text(message))
        return Receipt()


def transport_from(settings: Settings, log: logging.Logger = _LOG) -> Transport:
    """The transport that the settings ask for; `log` is written to where no way to Slack is set."""
    if settings.slack_bot_token and settings.slack_channel:
        return SlackWebApi(settings.slack_bot_token, settings.slack_channel, settings.slack_api_url)
    if settings.slack_webhook_url:
        return SlackWebhook(settings.slack_webhook_url)
    return LogTransport(log)


def send_test_message(settings: Settings) -> str:
    """Send a test by whichever way is set, and say what happened. Raises DeliveryError when it was not accepted."""
    transport = transport_from(settings)
    transport.send(TEST_MESSAGE)
    if isinstance(transport, SlackWebApi):
        return f"Slack accepted a test message for {settings.slack_channel}, sent with SLACK_BOT_TOKEN."
    if isinstance(transport, SlackWebhook):
        return "Slack accepted a test message, sent through SLACK_WEBHOOK_URL."
    return (
        "No way to Slack is set, so the test message went to the log. "
        "Set SLACK_BOT_TOKEN with SLACK_CHANNEL, or SLACK_WEBHOOK_URL."
    )
