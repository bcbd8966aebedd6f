"""What every channel promises, and why it may fail to deliver."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from nba_monitoring.alerts.message import Message
from nba_monitoring.errors import MonitoringError
from nba_monitoring.http import Deadline


class DeliveryError(MonitoringError):
    """A message was not accepted. The reason never contains a token or an address, which may be a secret too.

    `retry_after` is how long the other side asks to wait, None if it does not ask.
    """

    def __init__(self, reason: str, retry_after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class TemporaryDeliveryError(DeliveryError):
    """The other side was unreachable or unavailable: it may accept the same message later."""


class UnclearDeliveryError(TemporaryDeliveryError):
    """The message was sent and no answer came, so it may have arrived. See `Channel.send`.

    `was_looked_up`: the channel was asked before this attempt, and had none of an earlier one.
    """

    def __init__(self, reason: str, was_looked_up: bool = False) -> None:
        super().__init__(reason)
        self.was_looked_up = was_looked_up


class PermanentDeliveryError(DeliveryError):
    """The message was rejected, and would be rejected again."""


class RefusedMessageError(PermanentDeliveryError):
    """Rejected for its content, as plain text too. Other messages may be accepted."""


class RefusedSettingError(PermanentDeliveryError):
    """Rejected like any other message until someone changes the setting that the reason names."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that a message was accepted. `thread` identifies its thread, None if the channel has none."""

    thread: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message's way through one channel, as far as it is known before an attempt."""

    thread: str | None = None  # of an earlier receipt: the thread that the message goes into
    id: str | None = None  # the same for each attempt; None for a message that is never resent
    unclear_since: datetime | None = None  # the first attempt without a clear answer (UTC)


NEW = Delivery()  # of a message that nothing is known of


class Channel(Protocol):
    """Delivers messages to one place."""

    @property
    def kind(self) -> str:
        """The ledger's `way`: slack, webhook, log, or the scheme of an Apprise address."""
        ...

    @property
    def name(self) -> str:
        """What to call it in a message."""
        ...

    def check(self, deadline: Deadline) -> bool:
        """Ask whether messages would be accepted, without sending one. False if the channel can't be asked.

        Raises what `send` would raise.
        """
        return False

    def acknowledgers(self, threads: Sequence[str], deadline: Deadline) -> Mapping[str, str]:
        """Who has acknowledged an alert in the channel itself, by the alert's thread, as far as it is known in time."""
        return {}

    def send(self, message: Message, deadline: Deadline, delivery: Delivery = NEW) -> Receipt:
        """Deliver a message. Returns only once it was accepted.

        After an attempt without a clear answer, a channel that can checks whether the message arrived, and resends it
        only if not. Waits for an answer until the deadline: whoever stops waiting can't know whether to send it again.

        Raises TemporaryDeliveryError (UnclearDeliveryError if the message
        may have arrived), RefusedMessageError or RefusedSettingError.
        """
        ...


@dataclass(frozen=True)
class Channels:
    """`main` gets every message; `second` errors and the ends of its alerts, and everything while the main one fails.

    `environment` is the name that each message bears, if any.
    """

    main: Channel
    second: Sequence[Channel] = ()
    environment: str | None = None

    def labeled(self, message: Message) -> Message:
        """The message with the environment before its title and its notification line."""
        return replace(message, environment=self.environment)
