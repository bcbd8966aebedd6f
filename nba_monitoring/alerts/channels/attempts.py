"""One attempt to send a message through a channel, and a second channel's thread, which makes them one by one."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from nba_monitoring.alerts.channels.channel import (
    Channel,
    DeliveryError,
    Receipt,
    RefusedMessageError,
    RefusedSettingError,
    UnclearDeliveryError,
)
from nba_monitoring.alerts.debts import Failure, Owed
from nba_monitoring.alerts.message import Message
from nba_monitoring.http import Deadline

# How long an answer is waited for. Slack and the second channels are waited for at the same time.
LONGEST_SEND_SECONDS = 20.0
# No send starts with less: one that is cut off may have arrived.
SHORTEST_SEND_SECONDS = 10.0


@dataclass(frozen=True)
class Outcome:
    """The result of sending a message: a receipt or an error; neither if it was not tried."""

    delivery_id: str
    message: Message
    owed: Owed
    receipt: Receipt | None = None
    error: DeliveryError | None = None

    @property
    def is_failure_of_channel(self) -> bool:
        """Whether the next message would fail too."""
        return self.error is not None and not isinstance(self.error, RefusedMessageError)


def attempt(
    channel: Channel,
    delivery_id: str,
    message: Message,
    owed: Owed,
    deadline: Deadline,
    own_id: str,
    thread: str | None = None,
) -> Outcome:
    """Send a message, which the channel knows by `own_id`."""
    try:
        receipt = channel.send(message, deadline.within(LONGEST_SEND_SECONDS), thread, own_id, owed.unclear_since)
    except DeliveryError as error:
        return Outcome(delivery_id, message, owed, error=error)
    return Outcome(delivery_id, message, owed, receipt=receipt)


def has_time(deadline: Deadline) -> bool:
    """Whether a send may start."""
    return deadline.left >= SHORTEST_SEND_SECONDS


def failure(error: DeliveryError) -> Failure:
    """What a debt has to know of an error."""
    return Failure(
        error=str(error),
        is_refusal=isinstance(error, RefusedSettingError),
        is_unclear=isinstance(error, UnclearDeliveryError),
        retry_after=error.retry_after,
    )


class SecondChannel:
    """A second channel with its thread, which stops at its first failure.

    `under_way` has what was submitted and not collected, by delivery id.
    """

    def __init__(self, channel: Channel, position: int, deadline: Deadline) -> None:
        self.channel = channel
        self.under_way: dict[str, tuple[Message, Future[Outcome]]] = {}
        self._position = position
        self._deadline = deadline
        self._has_failed = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="second channel")

    def submit(self, delivery_id: str, message: Message, owed: Owed) -> None:
        """Send a message, unless it is under way."""
        if delivery_id not in self.under_way:
            self.under_way[delivery_id] = (message, self._thread.submit(self._attempt, delivery_id, message, owed))

    def own_id(self, delivery_id: str) -> str:
        """A message's id at this channel: two addresses may have the same scheme."""
        return f"{delivery_id}/{self._position}"

    def close(self) -> None:
        """Start nothing more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _attempt(self, delivery_id: str, message: Message, owed: Owed) -> Outcome:
        if self._has_failed or not has_time(self._deadline):
            return Outcome(delivery_id, message, owed)
        outcome = attempt(self.channel, delivery_id, message, owed, self._deadline, self.own_id(delivery_id))
        self._has_failed = outcome.is_failure_of_channel
        return outcome
