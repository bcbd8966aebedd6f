"""One tick's sending: within its budget, by the first way, and by the second where it is urgent or the first fails."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta

from nba_monitoring.alerts.channels.delivery import (
    DeliveryError,
    Receipt,
    RefusedMessageError,
    RefusedSettingError,
    Transport,
    UnclearDeliveryError,
)
from nba_monitoring.alerts.channels.transports import Ways
from nba_monitoring.alerts.incidents.state import AlertState, Trouble, Unclear
from nba_monitoring.alerts.messages.message import Message, Tone
from nba_monitoring.core.incidents import Notification

# Dagster ends a tick at 60 seconds and its cursor is lost, so that everything would be sent again.
TICK_BUDGET_SECONDS = 40.0
# What a message takes at most by the first way: none is begun that might not end within the budget. The second ways,
# asked at the same time, may take 10 seconds more.
LONGEST_SEND_SECONDS = 15.0
# Long enough for Slack's usual incidents of a minute or two, short enough to leave time before a tip-off.
SECOND_WAY_AFTER = timedelta(minutes=10)
# A message without a clear answer may stand in the channel. More attempts would be more copies.
MOST_ATTEMPTS = 3
_FIRST_BACK_OFF = timedelta(seconds=30)


class Postponed(Exception):
    """A message was not accepted by any way that counts; it waits for the next tick."""


class Sender:
    """Sends one tick's messages and keeps account of them in `state`."""

    def __init__(self, state: AlertState, ways: Ways, now: datetime, log: logging.Logger) -> None:
        self.state = state
        self.accepted = 0
        self._ways = ways
        self._now = now
        self._log = log
        self._deadline = time.monotonic() + TICK_BUDGET_SECONDS
        self._has_failed = False  # the first way, in this tick: it is not asked again for each message behind

    def send(
        self, message: Message, reason: str, delivery_id: str, incident_id: str | None = None, thread: str | None = None
    ) -> str | None:
        """Send a message; `delivery_id` is the same for every attempt at it. Returns the thread to go on in.

        Raises Postponed where it has to wait for a later tick.
        """
        self._require_time()
        note = self._noting(message, reason, incident_id)
        receipt = self._by_first_way(message, thread, delivery_id, note)
        by_second = self._by_second_way(message, delivery_id, note)
        if receipt is None and not (by_second and self._is_second_way_enough()):
            raise Postponed(self.state.trouble.error if self.state.trouble else "not accepted")
        self.accepted += 1
        unclear = {key: known for key, known in self.state.unclear.items() if key != delivery_id}
        sent = tuple(key for key in self.state.sent_by_second_way if key != delivery_id)
        self.state = replace(self.state, unclear=unclear, sent_by_second_way=sent)
        return receipt.thread if receipt is not None else thread

    def send_by_second_way(self, message: Message, reason: str, delivery_id: str) -> None:
        """Send a message about the first way itself. Raises Postponed where no second way accepts it."""
        self._require_time()
        if not self._accepted_by_second(message, delivery_id, self._noting(message, reason, None)):
            raise Postponed("no second way accepts the message")
        self.accepted += 1

    def can_deliver(self) -> bool:
        """Whether the first way would accept a message now, as far as it can be asked."""
        try:
            was_asked = self._ways.first.check()
        except DeliveryError as error:
            self._remember_trouble(error, retry_at=None, found_by_check=True)
            return False
        if was_asked and self.state.trouble is not None and self.state.trouble.found_by_check:
            self.state = replace(self.state, trouble=None)
        return self.state.trouble is None

    def remember_beat(self, day: date) -> None:
        """Remember that a date's heartbeat was accepted."""
        self.state = replace(self.state, beat_on=day)

    @property
    def main_channel(self) -> str:
        """The first way as people call it: 'Slack', 'mailto'."""
        way = self._ways.first.way
        return {"slack": "Slack", "webhook": "Slack", "log": "The log"}.get(way, way)

    @property
    def has_second_way(self) -> bool:
        """Whether there is one."""
        return bool(self._ways.second)

    def _require_time(self) -> None:
        if self._deadline - time.monotonic() < LONGEST_SEND_SECONDS:
            raise Postponed("the tick's time is used up")

    def _by_first_way(
        self, message: Message, thread: str | None, delivery_id: str, note: Callable[..., None]
    ) -> Receipt | None:
        trouble = self.state.trouble
        is_put_off = trouble is not None and trouble.retry_at is not None and self._now < trouble.retry_at
        if self._has_failed or is_put_off:
            return None
        way = self._ways.first
        try:
            unclear = self.state.unclear.get(delivery_id)
            receipt = way.send(message, thread, delivery_id, unclear.since if unclear else None)
        except RefusedMessageError as error:
            # It will not be accepted at any later tick either, and must not hold up those behind it.
            self._log.error(f"{message.alert_id}: given up, since it is refused as it stands: {error}")
            note(delivery_id, way.way, accepted=False, error=str(error))
            return Receipt(thread)
        except UnclearDeliveryError as error:
            note(delivery_id, way.way, accepted=False, error=str(error))
            attempts = (unclear.attempts if unclear else 0) + 1
            known = Unclear(unclear.since if unclear else self._now, attempts)
            self.state = replace(self.state, unclear={**self.state.unclear, delivery_id: known})
            if attempts >= MOST_ATTEMPTS:
                self._log.error(
                    f"{message.alert_id}: given up after {attempts} attempts without a clear answer: {error}"
                )
                return Receipt(thread)
            self._remember_trouble(error, retry_at=self._now + _FIRST_BACK_OFF * 2 ** (attempts - 1))
            return None
        except DeliveryError as error:
            note(delivery_id, way.way, accepted=False, error=str(error))
            self._remember_trouble(error, retry_at=None if error.retry_after is None else self._now + error.retry_after)
            return None
        note(delivery_id, way.way, accepted=True, receipt=receipt.thread)
        self.state = replace(self.state, trouble=None)
        return receipt

    def _by_second_way(self, message: Message, delivery_id: str, note: Callable[..., None]) -> bool:
        """Whether a second way has accepted the message, now or at an earlier attempt."""
        if delivery_id in self.state.sent_by_second_way:
            return True
        if message.tone is not Tone.ERROR and not self._is_second_way_enough():
            return False
        is_accepted = self._accepted_by_second(message, delivery_id, note)
        if is_accepted:
            sent = (*self.state.sent_by_second_way, delivery_id)
            self.state = replace(self.state, sent_by_second_way=sent)
        return is_accepted

    def _accepted_by_second(self, message: Message, delivery_id: str, note: Callable[..., None]) -> bool:
        """Send by every second way, at the same time. Whether any of them has accepted the message."""
        ways = self._ways.second
        if not ways:
            return False
        # Two addresses may be of one scheme, so the way alone does not tell them apart.
        ids = [f"{delivery_id}/{position}" for position in range(1, len(ways) + 1)]
        with ThreadPoolExecutor(len(ways)) as pool:
            errors = list(pool.map(lambda way, own_id: _error_of(way, message, own_id), ways, ids))
        for way, own_id, error in zip(ways, ids, errors, strict=True):
            note(own_id, way.way, accepted=error is None, error=error)
            if error is not None:
                self._log.warning(f"{message.alert_id}: not accepted by the second way {way.way}: {error}")
        return None in errors

    def _is_second_way_enough(self) -> bool:
        """Whether the first way refuses, or has not answered for so long that the second one stands in for it."""
        trouble = self.state.trouble
        return trouble is not None and (trouble.is_refusal or self._now - trouble.since >= SECOND_WAY_AFTER)

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


def _error_of(way: Transport, message: Message, delivery_id: str) -> str | None:
    """Send a message. Returns why it was not accepted, None if it was."""
    try:
        way.send(message, None, delivery_id)
    except DeliveryError as error:
        return str(error)
    return None
