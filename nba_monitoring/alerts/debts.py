"""What each channel owes: the messages that it has not accepted, and since when it accepts none. Pure.

A message about the same thing as an older one replaces it, so what a channel gets late is the newest state. Nobody who
was not alerted gets the end of an alert.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from nba_monitoring.alerts.message import Message, Tone
from nba_monitoring.core.chain import CHANNEL_GRACE
from nba_monitoring.core.chain_facts import ChannelSeen
from nba_monitoring.core.codec import Instant

# A message without a clear answer may have arrived. Where nobody can tell, it is repeated once.
MOST_BLIND_ATTEMPTS = 2

# Per channel; the newest are kept.
_MOST_OWED = 1000
_MOST_PAGES = 100
_FIRST_BACK_OFF = timedelta(seconds=30)
_LONGEST_BACK_OFF = timedelta(minutes=5)
# Nobody asks to wait for longer; a clock that was ahead might seem to.
_LONGEST_WAIT = timedelta(hours=1)
# A channel that has failed for two minutes is tried again after half a minute.
_BACK_OFF_SHARE = 4


@dataclass(frozen=True, slots=True)
class Owed:
    """A message that a channel has not accepted yet."""

    since: Instant
    reason: str = ""
    incident_id: str | None = None
    about: tuple[str, ...] = ()
    message: Message | None = None  # None: it is written anew for each attempt, as the main channel's are
    attempts: int = 0  # without a clear answer
    unclear_since: Instant | None = None  # the first of them


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a channel did not accept a message."""

    error: str
    is_refusal: bool = False  # of the settings: it will not pass by itself
    is_unclear: bool = False  # the message may have arrived
    retry_after: timedelta | None = None  # as the other side asks


@dataclass(frozen=True, slots=True)
class Trouble:
    """Since when a channel has not accepted messages, and why."""

    since: Instant
    error: str
    is_refusal: bool = False
    is_unclear: bool = False  # the last message may have arrived
    told: bool = False  # through another channel
    found_by_check: bool = False  # and not by a rejected message: a check can find it over
    retry_at: Instant | None = None

    def is_lasting(self, now: datetime) -> bool:
        """Whether it will not pass by itself, or has not for ten minutes."""
        return self.is_refusal or now - self.since >= CHANNEL_GRACE


@dataclass(frozen=True, slots=True)
class Debt:
    """What one channel owes, what it was alerted about, and whether it works."""

    owed: Mapping[str, Owed] = field(default_factory=dict)  # by delivery id, oldest first
    pages: Mapping[str, str] = field(default_factory=dict)  # alerts without their end: what about, and the alert's key
    accepted_at: Instant | None = None  # the last message
    trouble: Trouble | None = None
    over: Trouble | None = None  # a reported trouble whose end is not reported yet

    def can_try(self, now: datetime) -> bool:
        """Whether the channel is not waiting for a later attempt."""
        trouble = self.trouble
        return trouble is None or trouble.retry_at is None or trouble.retry_at <= now

    def due(self, now: datetime) -> Sequence[tuple[str, Message, Owed]]:
        """The messages to send now, in order."""
        if not self.can_try(now):
            return ()
        return [(key, owed.message, owed) for key, owed in self.owed.items() if owed.message is not None]

    @property
    def needs_proof(self) -> bool:
        """Whether it has failed and is owed nothing that would show its recovery.

        If the last message may have arrived, another one would only be a copy.
        """
        return self.trouble is not None and not self.trouble.is_unclear and not self.owed

    def wants(self, message: Message) -> bool:
        """Whether a second channel gets a message while the main one works: errors, and the ends of its alerts."""
        is_its_end = message.is_end and any(subject in self.pages for subject in message.about)
        return message.tone is Tone.ERROR or is_its_end

    def owing(self, delivery_id: str, owed: Owed) -> Debt:
        """With a message to send, in place of older ones about the same."""
        if delivery_id in self.owed:
            return self
        items = [*self.without(owed.about).owed.items(), (delivery_id, owed)]
        return replace(self, owed=dict(items[-_MOST_OWED:]))

    def without(self, about: Sequence[str]) -> Debt:
        """Without messages about something of which there is a newer one."""
        left = {key: known for key, known in self.owed.items() if not known.about or set(known.about) - set(about)}
        return replace(self, owed=left)

    def addressed(self, message: Message) -> Message:
        """The message with the keys by which this channel's service finds the alerts that it continues or ends."""
        if message.keys:
            return message
        known = tuple(dict.fromkeys(self.pages[subject] for subject in message.about if subject in self.pages))
        if message.is_end:
            left = {key for subject, key in self.pages.items() if subject not in message.about}
            return replace(message, keys=tuple(key for key in known if key not in left))
        own = message.about[0] if len(message.about) == 1 else message.alert_id
        return replace(message, keys=(known or (own,))[:1])

    def accepted(self, delivery_id: str, message: Message, now: datetime) -> Debt:
        """After a message was accepted."""
        left = {key: owed for key, owed in self.owed.items() if key != delivery_id}
        was_told = self.trouble is not None and self.trouble.told
        return replace(
            self._with_page(message),
            owed=left,
            accepted_at=now,
            trouble=None,
            over=self.trouble if was_told else self.over,
        )

    def given_up(self, delivery_id: str) -> Debt:
        """Without a message that this channel is not sent anymore."""
        return replace(self, owed={key: owed for key, owed in self.owed.items() if key != delivery_id})

    def failed(self, delivery_id: str, message: Message, failure: Failure, now: datetime, backs_off: bool) -> Debt:
        """After a message was not accepted. `backs_off`: try again the later, the longer the channel has failed."""
        owed = self.owed.get(delivery_id) or Owed(now)
        wait = failure.retry_after
        debt = self
        if failure.is_unclear:
            owed = replace(owed, attempts=owed.attempts + 1, unclear_since=owed.unclear_since or now)
            wait = min(_FIRST_BACK_OFF * 2 ** min(owed.attempts - 1, 10), _LONGEST_BACK_OFF)
            debt = debt._with_page(replace(message, is_end=False))
            if delivery_id in self.owed:
                debt = replace(debt, owed={**self.owed, delivery_id: owed})
        elif wait is None and backs_off and self.trouble is not None:
            wait = min((now - self.trouble.since) / _BACK_OFF_SHARE, _LONGEST_BACK_OFF)
        return debt.in_trouble(failure, now, None if wait is None else now + wait)

    def in_trouble(
        self, failure: Failure, now: datetime, retry_at: datetime | None = None, found_by_check: bool = False
    ) -> Debt:
        """With the newest reason why nothing is accepted."""
        before = self.trouble
        trouble = Trouble(
            since=before.since if before else now,
            error=failure.error,
            is_refusal=failure.is_refusal,
            is_unclear=failure.is_unclear,
            told=before is not None and before.told,
            found_by_check=found_by_check and (before is None or before.found_by_check),
            retry_at=retry_at,
        )
        return replace(self, trouble=trouble)

    def reported(self, trouble: Trouble) -> Debt:
        """After its trouble was reported, which may be over by now."""
        if self.trouble is None:
            return replace(self, over=trouble)
        return replace(self, trouble=replace(self.trouble, told=True))

    def seen_as(self, name: str) -> ChannelSeen:
        """What the chain from a check to the heartbeat has to know of the channel."""
        trouble = self.trouble
        return ChannelSeen(
            name=name,
            accepted_at=self.accepted_at,
            failing_since=trouble.since if trouble else None,
            error=trouble.error if trouble else "",
            owed=len(self.owed),
            owed_since=min((owed.since for owed in self.owed.values()), default=None),
        )

    def not_ahead_of(self, now: datetime) -> Debt:
        """Nothing in it lies ahead of a clock that was set back."""
        trouble = self.trouble
        if trouble is not None:
            is_far = trouble.since > now or (trouble.retry_at is not None and trouble.retry_at - now > _LONGEST_WAIT)
            trouble = replace(trouble, since=min(trouble.since, now), retry_at=None if is_far else trouble.retry_at)
        owed = {key: replace(known, since=min(known.since, now)) for key, known in self.owed.items()}
        accepted_at = min(self.accepted_at, now) if self.accepted_at else None
        return replace(self, owed=owed, trouble=trouble, accepted_at=accepted_at)

    def _with_page(self, message: Message) -> Debt:
        pages = {subject: key for subject, key in self.pages.items() if subject not in message.about}
        if not message.is_end and message.tone is not Tone.GOOD and message.about:
            pages |= dict.fromkeys(message.about, self.addressed(message).keys[0])
        return replace(self, pages=dict(list(pages.items())[-_MOST_PAGES:]))
