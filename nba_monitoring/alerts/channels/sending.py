"""Send one tick's messages in the time that it has: through the main channel, and through the second ones if needed.

Each second channel works in a thread of its own, so that a slow one holds up neither the main channel nor another.
What it does not accept, it owes (`alerts.debts`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import replace
from datetime import datetime

from nba_monitoring.alerts.channels.attempts import Outcome, SecondChannel, attempt, failure, has_time
from nba_monitoring.alerts.channels.channel import (
    Channel,
    Channels,
    DeliveryError,
    Receipt,
    RefusedMessageError,
    UnclearDeliveryError,
)
from nba_monitoring.alerts.debts import MOST_BLIND_ATTEMPTS, Debt, Owed
from nba_monitoring.alerts.incidents.state import MAIN_OF_BEFORE, AlertState
from nba_monitoring.alerts.message import Message
from nba_monitoring.core.incidents import Incident, Notification
from nba_monitoring.core.status import Severity
from nba_monitoring.http import Deadline


class Postponed(Exception):
    """No channel that counts accepted a message; it waits for the next tick."""


class Sender:
    """Sends one tick's messages and records them in `state`."""

    def __init__(
        self,
        state: AlertState,
        channels: Channels,
        now: datetime,
        log: logging.Logger,
        deadline: Deadline,
        keep: Callable[[AlertState], None] | None = None,
    ) -> None:
        """Nothing is sent after `deadline`. `keep` gets the state with what was accepted, before anything else may take
        time.
        """
        self.accepted = 0
        self._channels = channels
        self._main = channels.main.name
        self._now = now
        self._log = log
        self._deadline = deadline
        self._keep = keep
        self._is_kept = True
        self._has_postponed = False
        self._by_second: set[str] = set()  # delivery ids that one has accepted in this tick
        self._has_failed = False  # the main channel, in this tick: it is not tried again for each later message
        self._second = {
            channel.name: SecondChannel(channel, position, deadline)
            for position, channel in enumerate(channels.second, start=1)
        }
        self.state = replace(state, debts=self._debts_in(state), are_pages_known=True)

    def send(
        self,
        message: Message,
        reason: str,
        delivery_id: str,
        incident_id: str | None = None,
        thread: str | None = None,
        not_through: str | None = None,
    ) -> str | None:
        """Send a message. Returns the thread for the next message about its incident.

        `delivery_id` is the same for each attempt to send it, `not_through` the name of a channel that it is about.
        Raises Postponed if it has to wait for a later tick.
        """
        self.keep()
        labeled = self._channels.labeled(message)
        owed = Owed(self._now, reason, incident_id, labeled.about)
        # All the others hear of a channel that fails, and of its end.
        self._give_to_second(labeled, delivery_id, owed, not_through, to_all=not_through is not None)
        receipt = None
        if not_through != self._main:
            receipt = self._through_main(labeled, delivery_id, owed, thread)
        self._collect()
        is_accepted = receipt is not None or self._is_second_enough(labeled, delivery_id, owed, not_through)
        if not is_accepted:
            self._has_postponed = True
            trouble = self.main_debt.trouble
            raise Postponed(trouble.error if trouble else "not accepted")
        self.accepted += 1
        # Where a second channel stands in, the main one no longer owes it.
        self._put(self._main, self.main_debt.given_up(delivery_id))
        sent = tuple(key for key in self.state.sent_by_second_way if key != delivery_id)
        self.state = replace(self.state, sent_by_second_way=sent)
        return receipt.thread if receipt is not None else thread

    def catch_up(self) -> None:
        """Start sending what the second channels owe."""
        for name, second in self._second.items():
            for delivery_id, message, owed in self._debt(name).due(self._now):
                second.submit(delivery_id, self._debt(name).addressed(message), owed)

    def try_again(self, name: str, message: Message, since: datetime) -> None:
        """Send a message to a second channel that has failed since an instant and owes nothing.

        Nothing else would show that it has recovered. A paging service gets the end of an alert that it does not have.
        """
        second = self._second.get(name)
        if second is not None:
            delivery_id = f"{message.alert_id}/tried again/{since.isoformat()}"
            labeled = replace(self._channels.labeled(message), keys=(message.alert_id,))
            self._owe(second, labeled, delivery_id, Owed(self._now, "tried again", None, labeled.about))

    def settle(self) -> None:
        """Wait for the second channels, as long as there is time. Nothing can be sent afterwards."""
        self.keep()
        while self._pending() and self._deadline.left:
            wait(self._pending(), self._deadline.left, FIRST_COMPLETED)
            self._collect()
        for second in self._second.values():
            second.close()
        # On a busy machine the time may be over before what was accepted is seen; unseen, it would be sent again.
        self._collect()
        debt = self.main_debt
        if not self._has_postponed and debt.trouble is None:
            debt = replace(debt, owed={})
            self._put(self._main, debt)
        sent = tuple(key for key in self.state.sent_by_second_way if key in debt.owed)
        self.state = replace(self.state, sent_by_second_way=sent)
        self.keep()

    def keep(self) -> None:
        """Keep the state if messages were accepted since it was last kept."""
        if self._keep is not None and not self._is_kept:
            self._keep(self.state)
        self._is_kept = True

    def can_deliver(self, deadline: Deadline) -> bool:
        """Whether the main channel would accept a message now, as far as it can be asked."""
        debt = self.main_debt
        try:
            was_asked = self._channels.main.check(deadline)
        except DeliveryError as error:
            self._put(self._main, debt.in_trouble(failure(error), self._now, found_by_check=True))
            return False
        if was_asked and debt.trouble is not None and debt.trouble.found_by_check:
            debt = replace(debt, trouble=None)
            self._put(self._main, debt)
        return debt.trouble is None

    @property
    def main_channel(self) -> str:
        """What to call the main channel."""
        return self._main

    @property
    def main_debt(self) -> Debt:
        """What the main channel owes, and since when it accepts nothing."""
        return self._debt(self._main)

    def _through_main(self, message: Message, delivery_id: str, owed: Owed, thread: str | None) -> Receipt | None:
        debt = self.main_debt.owing(delivery_id, owed)
        self._put(self._main, debt)
        owed = debt.owed[delivery_id]
        if self._has_failed or not debt.can_try(self._now):
            return None
        if not has_time(self._deadline):
            self._has_postponed = True
            raise Postponed("out of time in this tick")
        outcome = attempt(
            self._channels.main, delivery_id, debt.addressed(message), owed, self._deadline, delivery_id, thread
        )
        self._has_failed = outcome.is_failure_of_channel
        is_over = self._settle_one(self._channels.main, outcome, delivery_id, backs_off=False)
        if outcome.error is not None and is_over:
            # Nobody may have it. What a second channel can do for it, it does.
            self._give_to_second(message, delivery_id, owed, None, to_all=True)
        return (outcome.receipt or Receipt(thread)) if is_over else None

    def _give_to_second(
        self, message: Message, delivery_id: str, owed: Owed, not_through: str | None, to_all: bool
    ) -> None:
        if delivery_id in self.state.sent_by_second_way:
            return
        for name, second in self._second.items():
            if name == not_through:
                continue
            if message.is_end:
                self._await(second, [key for key, (sent, _) in second.under_way.items() if _overlap(sent, message)])
            debt = self._debt(name)
            if to_all or debt.wants(message):
                self._owe(second, message, delivery_id, owed)
            elif message.is_end:
                self._put(name, debt.without(message.about))

    def _owe(self, second: SecondChannel, message: Message, delivery_id: str, owed: Owed) -> None:
        debt = self._debt(second.channel.name).owing(delivery_id, replace(owed, message=message))
        self._put(second.channel.name, debt)
        if debt.can_try(self._now):
            second.submit(delivery_id, debt.addressed(message), debt.owed[delivery_id])

    def _is_second_enough(self, message: Message, delivery_id: str, owed: Owed, not_through: str | None) -> bool:
        """Whether a second channel stands in for a main one that accepts nothing, and has accepted the message."""
        trouble = self.main_debt.trouble
        if not_through != self._main:
            if trouble is None or not trouble.is_lasting(self._now):
                return False
            self._give_to_second(message, delivery_id, owed, not_through, to_all=True)
        while delivery_id not in self._by_second and delivery_id not in self.state.sent_by_second_way:
            pending = [
                second.under_way[delivery_id][1] for second in self._second.values() if delivery_id in second.under_way
            ]
            if not pending or not self._deadline.left:
                return False
            wait(pending, self._deadline.left, FIRST_COMPLETED)
            self._collect()
        return True

    def _await(self, second: SecondChannel, delivery_ids: Sequence[str]) -> None:
        wait([second.under_way[key][1] for key in delivery_ids], self._deadline.left)
        self._collect()

    def _pending(self) -> list[Future[Outcome]]:
        return [future for second in self._second.values() for _, future in second.under_way.values()]

    def _collect(self) -> None:
        """Record what the second channels have done by now."""
        for second in self._second.values():
            for delivery_id, (_, future) in list(second.under_way.items()):
                if future.done() and not future.cancelled():
                    del second.under_way[delivery_id]
                    outcome = future.result()
                    own_id = second.own_id(delivery_id)
                    if outcome.receipt is not None or outcome.error is not None:
                        self._settle_one(second.channel, outcome, own_id, backs_off=True)
                    if outcome.receipt is None:
                        continue
                    self._by_second.add(delivery_id)
                    if delivery_id in self.main_debt.owed:
                        sent = tuple(dict.fromkeys((*self.state.sent_by_second_way, delivery_id)))
                        self.state = replace(self.state, sent_by_second_way=sent)

    def _settle_one(self, channel: Channel, outcome: Outcome, own_id: str, backs_off: bool) -> bool:
        """Record an attempt. Returns whether the channel owes the message no longer."""
        debt, message, error = self._debt(channel.name), outcome.message, outcome.error
        self._note(channel, outcome, own_id)
        if error is None:
            self._is_kept = False
            self._put(channel.name, debt.accepted(outcome.delivery_id, message, self._now))
            return True
        is_hopeless = isinstance(error, RefusedMessageError)
        if not is_hopeless:
            debt = debt.failed(outcome.delivery_id, message, failure(error), self._now, backs_off)
            attempts = outcome.owed.attempts + 1
            is_blind = isinstance(error, UnclearDeliveryError) and not error.was_looked_up
            is_hopeless = is_blind and attempts >= MOST_BLIND_ATTEMPTS
        if is_hopeless:
            self._log.error(f"{message.alert_id}: gave up on {channel.name}: {error}")
            debt = debt.given_up(outcome.delivery_id)
        else:
            self._log.warning(f"{message.alert_id}: {error}")
        self._put(channel.name, debt)
        return is_hopeless

    def _note(self, channel: Channel, outcome: Outcome, own_id: str) -> None:
        self.state = self.state.with_unwritten(
            Notification(
                notification_id=f"{own_id}/{channel.kind}",
                incident_id=outcome.owed.incident_id,
                sent_at=self._now,
                way=channel.kind,
                reason=outcome.owed.reason,
                accepted=outcome.receipt is not None,
                receipt=outcome.receipt.thread if outcome.receipt else None,
                text=outcome.message.fallback,
                error=str(outcome.error) if outcome.error else None,
            )
        )

    def _debt(self, name: str) -> Debt:
        return self.state.debts[name]

    def _put(self, name: str, debt: Debt) -> None:
        self.state = self.state.with_debt(name, debt)

    def _debts_in(self, state: AlertState) -> dict[str, Debt]:
        """The debts of the channels that are set."""
        main = state.debts.get(self._main) or state.debts.get(MAIN_OF_BEFORE) or Debt()
        second = {name: state.debts.get(name, Debt()) for name in self._second}
        if not state.are_pages_known:
            pages = {key: key for key, known in state.incidents.items() if _was_paged(known)}
            second = {name: replace(debt, pages={**pages, **debt.pages}) for name, debt in second.items()}
        return {self._main: main, **second}


def _overlap(one: Message, other: Message) -> bool:
    return bool(set(one.about) & set(other.about))


def _was_paged(incident: Incident) -> bool:
    """Whether every second channel got an alert without an end, before it was remembered which one did."""
    told = incident.detail.told
    return told is not None and told.severity is Severity.ERROR and not incident.detail.end_told
