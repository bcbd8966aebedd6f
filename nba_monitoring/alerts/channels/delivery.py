"""What a transport promises, whichever way it takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from nba_monitoring.alerts.messages.message import Message
from nba_monitoring.errors import MonitoringError


class DeliveryError(MonitoringError):
    """A message was not accepted. The reason never holds a token or an address, which may be a secret too.

    `retry_after` is how long the other side asks to be left alone, None where it asks for nothing.
    """

    def __init__(self, reason: str, retry_after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class TemporaryDeliveryError(DeliveryError):
    """The other side could not be reached or was not able to answer: the same message may be accepted later."""


class UnclearDeliveryError(TemporaryDeliveryError):
    """The message was sent and no answer came, so it may have arrived. See `unclear_since` of `Transport.send`."""


class PermanentDeliveryError(DeliveryError):
    """The message was refused. Sent again as it is, it is refused again."""


class RefusedMessageError(PermanentDeliveryError):
    """Refused for what it says, also as plain text. Other messages may be accepted."""


class RefusedSettingError(PermanentDeliveryError):
    """Refused as any other message would be, until someone changes a setting; the reason names it."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that a message was accepted. `thread` finds its thread again, None where there are no threads."""

    thread: str | None = None


class Transport(Protocol):
    """A way to deliver messages."""

    @property
    def way(self) -> str:
        """What the ledger calls it: slack, webhook, log, or the scheme of an Apprise address."""
        ...

    def check(self) -> bool:
        """Ask whether messages would be accepted, without sending one; False where that can't be asked.

        Takes at most 10 seconds. Raises what `send` raises where they would not be.
        """
        ...

    def send(
        self,
        message: Message,
        thread: str | None = None,
        delivery_id: str | None = None,
        unclear_since: datetime | None = None,
    ) -> Receipt:
        """Deliver, in an earlier receipt's thread if there is one. Returns only once the message was accepted.

        `delivery_id` is the same for each attempt at this message by this way; None for a message without a second
        attempt. `unclear_since` is when (UTC) the first of its attempts was made that ended without a clear answer,
        None if there is none: a way that can then looks whether the message has arrived, and sends it only if not.

        Takes at most 10 seconds, 15 in a thread. Raises TemporaryDeliveryError (UnclearDeliveryError where the message
        may have arrived), or RefusedMessageError or RefusedSettingError.
        """
        ...
