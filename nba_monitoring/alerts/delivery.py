"""What a transport promises, whichever way it takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from nba_monitoring.alerts.message import Message
from nba_monitoring.errors import MonitoringError


class DeliveryError(MonitoringError):
    """A message was not accepted. The reason never holds a token or a webhook's address, which is a secret too."""


class TemporaryDeliveryError(DeliveryError):
    """Slack could not be reached or was not able to answer: the same message may be accepted later."""


class PermanentDeliveryError(DeliveryError):
    """Slack refused: the message will not be accepted before someone changes a setting."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that a message was accepted. `thread` finds its thread again, None where there are no threads."""

    thread: str | None = None


class Transport(Protocol):
    """A way to those who must know."""

    def send(self, message: Message, thread: str | None = None) -> Receipt:
        """Deliver, in an earlier receipt's thread if there is one. Returns only once the message was accepted.

        Raises TemporaryDeliveryError or PermanentDeliveryError.
        """
        ...
