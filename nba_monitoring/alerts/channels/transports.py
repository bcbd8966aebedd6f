"""The ways that alerts take, by the settings."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from nba_monitoring.alerts.channels.delivery import DeliveryError, Receipt, Transport
from nba_monitoring.alerts.channels.second_way import SecondWay
from nba_monitoring.alerts.channels.slack import SlackWebApi, SlackWebhook
from nba_monitoring.alerts.messages.message import TEST_MESSAGE, Message, as_text
from nba_monitoring.errors import MonitoringError
from nba_monitoring.settings import Settings

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class LogTransport:
    """Writes messages into a log, for the embedded warehouse. At WARNING, which shows where nothing was set up."""

    log: logging.Logger = _LOG

    @property
    def way(self) -> str:
        """As in `Transport`."""
        return "log"

    def check(self) -> bool:
        """As in `Transport`."""
        return True

    def send(
        self,
        message: Message,
        thread: str | None = None,
        delivery_id: str | None = None,
        unclear_since: datetime | None = None,
    ) -> Receipt:
        """Log the whole message as text."""
        self.log.warning("%s", as_text(message))
        return Receipt()


@dataclass(frozen=True)
class NamedTransport:
    """A transport whose messages say which environment they come from."""

    transport: Transport
    environment: str

    @property
    def way(self) -> str:
        """As in `Transport`."""
        return self.transport.way

    def check(self) -> bool:
        """As in `Transport`."""
        return self.transport.check()

    def send(
        self,
        message: Message,
        thread: str | None = None,
        delivery_id: str | None = None,
        unclear_since: datetime | None = None,
    ) -> Receipt:
        """As in `Transport`."""
        return self.transport.send(named(message, self.environment), thread, delivery_id, unclear_since)


def named(message: Message, environment: str) -> Message:
    """The message with the environment before its title and its notification line."""
    return replace(message, environment=environment)


@dataclass(frozen=True)
class Ways:
    """The ways to deliver: `first` takes everything, `second` is for errors and for when the first fails."""

    first: Transport
    second: Sequence[Transport]


def ways_from(settings: Settings, log: logging.Logger = _LOG) -> Ways:
    """The ways that the settings ask for: Slack first (a bot's token before a webhook), then Apprise's addresses.

    Without Slack the first address takes everything. `log` is written to where no way is set.
    """
    first, *second = (_named(transport, settings) for transport in _transports(settings, log))
    return Ways(first, tuple(second))


def send_test_message(settings: Settings) -> str:
    """Send a test by every way that is set, and say what each did. Raises MonitoringError if one did not accept it."""
    said = []
    is_accepted = True
    for transport in _transports(settings, _LOG):
        try:
            _named(transport, settings).send(TEST_MESSAGE)
            said.append(_accepted(transport, settings))
        except DeliveryError as error:
            is_accepted = False
            said.append(str(error))
    if not is_accepted:
        raise MonitoringError("\n".join(said))
    return "\n".join(said)


def _transports(settings: Settings, log: logging.Logger) -> Sequence[Transport]:
    transports: list[Transport] = []
    if settings.slack_bot_token and settings.slack_channel:
        transports.append(SlackWebApi(settings.slack_bot_token, settings.slack_channel, settings.slack_api_url))
    elif settings.slack_webhook_url:
        transports.append(SlackWebhook(settings.slack_webhook_url))
    transports += [SecondWay(address, position) for position, address in enumerate(settings.notify_urls, start=1)]
    return transports or [LogTransport(log)]


def _named(transport: Transport, settings: Settings) -> Transport:
    label = settings.environment_label
    return transport if label is None else NamedTransport(transport, label)


def _accepted(transport: Transport, settings: Settings) -> str:
    if isinstance(transport, SlackWebApi):
        return f"Slack accepted a test message for {settings.slack_channel}, sent with SLACK_BOT_TOKEN."
    if isinstance(transport, SlackWebhook):
        return "Slack accepted a test message, sent through SLACK_WEBHOOK_URL."
    if isinstance(transport, SecondWay):
        return f"{transport.name} accepted a test message."
    return (
        "No way to alert is set, so the test message went to the log. "
        "Set SLACK_BOT_TOKEN with SLACK_CHANNEL, or SLACK_WEBHOOK_URL, or NBA_MONITORING_NOTIFY_URLS."
    )
