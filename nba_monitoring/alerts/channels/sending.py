"""Send one tick's messages within its budget: through the main channel, and through the second ones if needed."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta

from nba_monitoring.alerts.channels.channel import (
    Channel,
    Channels,
    DeliveryError,
    Receipt,
    RefusedMessageError,
    RefusedSettingError,
    UnclearDeliveryError,
)
from nba_monitoring.alerts.incidents.state import AlertState, Trouble, Unclear
from nba_monitoring.alerts.message import Message, Tone
from nba_monitoring.core.incidents import Notification

# Dagster ends a tick at 60 seconds, and without its cursor everything would be sent again.
TICK_BUDGET_SECONDS = 40.0
# Longest time for one message on the main channel. No send starts that might exceed the tick's budget. The second
# channels, used at the same time, may take 10 seconds more.
LONGEST_SEND_SECONDS = 15.0
# Long enough for Slack's usual incidents of a minute or two, short enough to leave time before a tip-off.
SECOND_CHANNEL_AFTER = timedelta(minutes=10)
# A message without a clear answer may have arrived. More attempts would be more copies.
MOST_ATTEMPTS = 3
_FIRST_BACK_OFF = timedelta(seconds=30)


class Postponed(Exception):
    """No channel that counts accepted a message; it waits for the next tick."""


class Sender:
    """Sends one tick's messages and records them in `state`."""

    def __init__(self, state: AlertState, channels: Channels, now: datetime, log: logging.Logger) -> None:
        self.state = state
        self.accepted = 0
        self._channels = channels
        self._now = now
        self._log = log
        self._deadline = time.monotonic() + TICK_BUDGET_SECONDS
        self._has_failed = False  # the main channel, in this tick: it is not tried again for each later message

    def send(
        self, message: Message, reason: str, delivery_id: str, incident_id: str | None = None, thread: str | None = None
    ) -> str | None:
        """Send a message. Returns the thread for the next message about its incident.

        `delivery_id` is the same for each attempt to send it. Raises Postponed if it has to wait for a later tick.
        """
        self._require_time()
        note = self._noting(message, reason, incident_id)
        receipt = self._through_main(message, thread, delivery_id, note)
        is_sent_by_second = self._through_second_if_needed(message, delivery_id, note)
        if receipt is None and not (is_sent_by_second and self._is_second_enough()):
            raise Postponed(self.state.trouble.error if self.state.trouble else "not accepted")
        self.accepted += 1
        unclear = {key: known for key, known in self.state.unclear.items() if key != delivery_id}
        sent = tuple(key for key in self.state.sent_by_second_way if key != delivery_id)
        self.state = replace(self.state, unclear=unclear, sent_by_second_way=sent)
        return receipt.thread if receipt is not None else thread

    def send_to_second(self, message: Message, reason: str, delivery_id: str) -> None:
        """Send a message about the main channel. Raises Postponed if no second channel accepts it."""
        self._require_time()
        if not self._through_second(message, delivery_id, self._noting(message, reason, None)):
            raise Postponed("no second channel accepted the message")
        self.accepted += 1

    def can_deliver(self) -> bool:
        """Whether the main channel would accept a message now, as far as it can be asked."""
        try:
            was_asked = self._channels.main.check()
        except DeliveryError as error:
            self._remember_trouble(error, retry_at=None, found_by_check=True)
            return False
        if was_asked and self.state.trouble is not None and self.state.trouble.found_by_check:
            self.state = replace(self.state, trouble=None)
        return self.state.trouble is None

    def remember_beat(self, day: date) -> None:
        """Record that a date's heartbeat was accepted."""
        self.state = replace(self.state, beat_on=day)

    @property
    def has_second_channel(self) -> bool:
        """Whether there is one."""
        return bool(self._channels.second)

    @property
    def main_channel(self) -> str:
        """What to call the main channel."""
        return self._channels.main.name

    def _require_time(self) -> None:
        if self._deadline - time.monotonic() < LONGEST_SEND_SECONDS:
            raise Postponed("out of time in this tick")

    def _through_main(
        self, message: Message, thread: str | None, delivery_id: str, note: Callable[..., None]
    ) -> Receipt | None:
        trouble = self.state.trouble
        is_put_off = trouble is not None and trouble.retry_at is not None and self._now < trouble.retry_at
        if self._has_failed or is_put_off:
            return None
        channel = self._channels.main
        try:
            unclear = self.state.unclear.get(delivery_id)
            receipt = channel.send(
                self._channels.labeled(message), thread, delivery_id, unclear.since if unclear else None
            )
        except RefusedMessageError as error:
            # No later tick will see it accepted, and it must not hold up later messages.
            self._log.error(f"{message.alert_id}: gave up: the channel rejects this message: {error}")
            note(delivery_id, channel.kind, accepted=False, error=str(error))
            return Receipt(thread)
        except UnclearDeliveryError as error:
            note(delivery_id, channel.kind, accepted=False, error=str(error))
            attempts = (unclear.attempts if unclear else 0) + 1
            known = Unclear(unclear.since if unclear else self._now, attempts)
            self.state = replace(self.state, unclear={**self.state.unclear, delivery_id: known})
            if attempts >= MOST_ATTEMPTS:
                self._log.error(
                    f"{message.alert_id}: gave up after {attempts} attempts without a clear answer: {error}"
                )
                return Receipt(thread)
            self._remember_trouble(error, retry_at=self._now + _FIRST_BACK_OFF * 2 ** (attempts - 1))
            return None
        except DeliveryError as error:
            note(delivery_id, channel.kind, accepted=False, error=str(error))
            self._remember_trouble(error, retry_at=None if error.retry_after is None else self._now + error.retry_after)
            return None
        note(delivery_id, channel.kind, accepted=True, receipt=receipt.thread)
        self.state = replace(self.state, trouble=None)
        return receipt

    def _through_second_if_needed(self, message: Message, delivery_id: str, note: Callable[..., None]) -> bool:
        """Whether a second channel accepted the message, now or at an earlier attempt."""
        if delivery_id in self.state.sent_by_second_way:
            return True
        if message.tone is not Tone.ERROR and not self._is_second_enough():
            return False
        is_accepted = self._through_second(message, delivery_id, note)
        if is_accepted:
            sent = (*self.state.sent_by_second_way, delivery_id)
            self.state = replace(self.state, sent_by_second_way=sent)
        return is_accepted

    def _through_second(self, message: Message, delivery_id: str, note: Callable[..., None]) -> bool:
        """Send through every second channel at the same time. Returns whether any of them accepted the message."""
        channels = self._channels.second
        if not channels:
            return False
        labeled = self._channels.labeled(message)
        # Two addresses may have the same scheme.
        ids = [f"{delivery_id}/{position}" for position in range(1, len(channels) + 1)]
        with ThreadPoolExecutor(len(channels)) as pool:
            errors = list(pool.map(lambda channel, own_id: _error_of(channel, labeled, own_id), channels, ids))
        for channel, own_id, error in zip(channels, ids, errors, strict=True):
            note(own_id, channel.kind, accepted=error is None, error=error)
            if error is not None:
                self._log.warning(f"{message.alert_id}: second channel: {error}")
        return None in errors

    def _is_second_enough(self) -> bool:
        """Whether the main channel rejects messages, or has failed for so long that a second one replaces it."""
        trouble = self.state.trouble
        return trouble is not None and (trouble.is_refusal or self._now - trouble.since >= SECOND_CHANNEL_AFTER)

    def _remember_trouble(self, error: DeliveryError, retry_at: datetime | None, found_by_check: bool = False) -> None:
        self._has_failed = True
        before = self.state.trouble
        trouble = Trouble(
            since=before.since if before else self._now,
            error=str(error),
            is_refusal=isinstance(error, RefusedSettingError),
            told=before.told if before else False,
            retry_at=retry_at,
            found_by_check=found_by_check and (before is None or before.found_by_check),
        )
        self.state = replace(self.state, trouble=trouble)

    def _noting(self, message: Message, reason: str, incident_id: str | None) -> Callable[..., None]:
        def note(
            delivery_id: str, way: str, accepted: bool, receipt: str | None = None, error: str | None = None
        ) -> None:
            self.state = self.state.with_unwritten(
                Notification(
                    notification_id=f"{delivery_id}/{way}",
                    incident_id=incident_id,
                    sent_at=self._now,
                    way=way,
                    reason=reason,
                    accepted=accepted,
                    receipt=receipt,
                    text=message.fallback,
                    error=error,
                )
            )

        return note


def _error_of(channel: Channel, message: Message, delivery_id: str) -> str | None:
    """Send a message. Returns why it was not accepted, None if it was."""
    try:
        channel.send(message, None, delivery_id)
    except DeliveryError as error:
        return str(error)
    return None
