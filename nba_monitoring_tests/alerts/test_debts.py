"""What a second channel is owed, over random mornings of alerts, refusals, silences and recoveries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from nba_monitoring.alerts.debts import MOST_BLIND_ATTEMPTS, Debt, Failure, Owed
from nba_monitoring.alerts.incidents.cursor import from_cursor, to_cursor
from nba_monitoring.alerts.incidents.state import AlertState
from nba_monitoring.alerts.message import Message, Tone

START = datetime(2026, 1, 18, 16, tzinfo=UTC)
REFUSED, SILENT = Failure("503"), Failure("timed out", is_unclear=True)
SUBJECTS = ("one", "two", "three")
# What the channel does with each message of a tick, and what happens before the tick: alerts and ends, by subject.
EVENTS = st.tuples(st.sampled_from(SUBJECTS), st.booleans())
TICKS = st.lists(
    st.tuples(st.sampled_from(("takes", "refuses", "is silent")), st.lists(EVENTS, max_size=3)), max_size=30
)


@dataclass
class Channel:
    """A second channel and its debt. `got` has each message that it has, whether it said so or not."""

    debt: Debt = field(default_factory=Debt)
    got: list[tuple[str, Message]] = field(default_factory=list)
    sent: int = 0

    def give(self, subject: str, is_end: bool, now: datetime) -> None:
        self.sent += 1
        tone = Tone.GOOD if is_end else Tone.ERROR
        message = Message(subject, tone, f"{subject} {self.sent}", about=(subject,), is_end=is_end)
        if self.debt.wants(message):
            self.debt = self.debt.owing(str(self.sent), Owed(now, about=message.about, message=message))
        elif is_end:
            self.debt = self.debt.without(message.about)

    def tick(self, answer: str, now: datetime) -> None:
        for delivery_id, message, owed in self.debt.due(now):
            addressed = self.debt.addressed(message)
            if answer != "refuses":
                self.got.append((delivery_id, addressed))
            if answer == "takes":
                self.debt = self.debt.accepted(delivery_id, addressed, now)
                continue
            self.debt = self.debt.failed(
                delivery_id, addressed, SILENT if answer == "is silent" else REFUSED, now, backs_off=True
            )
            if answer == "is silent" and owed.attempts + 1 >= MOST_BLIND_ATTEMPTS:
                self.debt = self.debt.given_up(delivery_id)
            return


@given(TICKS)
def test_each_alert_that_a_channel_got_has_its_end_and_no_other_end_comes(
    ticks: list[tuple[str, list[tuple[str, bool]]]],
) -> None:
    channel, now = Channel(), START
    for answer, events in ticks:
        for subject, is_end in events:
            channel.give(subject, is_end, now)
        channel.tick(answer, now)
        now += timedelta(minutes=1)
    for subject in SUBJECTS:  # everything ends, and the channel works again
        channel.give(subject, True, now)
    for _ in range(3):
        now += timedelta(minutes=10)
        channel.tick("takes", now)
    assert (channel.debt.owed, channel.debt.pages) == ({}, {})
    for subject in SUBJECTS:
        course = [message.is_end for _, message in channel.got if subject in message.about]
        assert course[:1] in ([], [False])
        assert course[-1:] in ([], [True])
    ids = [delivery_id for delivery_id, _ in channel.got]
    assert all(ids.count(delivery_id) <= MOST_BLIND_ATTEMPTS for delivery_id in ids)
    if all(answer != "is silent" for answer, _ in ticks):
        assert len(set(ids)) == len(ids)


@given(TICKS)
def test_a_debt_outlives_a_restart(ticks: list[tuple[str, list[tuple[str, bool]]]]) -> None:
    channel, now = Channel(), START
    for answer, events in ticks:
        for subject, is_end in events:
            channel.give(subject, is_end, now)
        channel.tick(answer, now)
        now += timedelta(minutes=1)
    kept = to_cursor(AlertState.begin(START).with_debt("pager", channel.debt), now)
    assert from_cursor(kept, now).debts == {"pager": channel.debt}


def test_an_alert_about_several_things_is_closed_with_the_last_of_them() -> None:
    opened = Message("group", Tone.ERROR, "three checks failed", about=SUBJECTS)
    debt = Debt()
    debt = debt.accepted("1", debt.addressed(opened), START)
    ends = [Message(subject, Tone.GOOD, "runs again", about=(subject,), is_end=True) for subject in SUBJECTS]
    keys = []
    for place, end in enumerate(ends):
        assert debt.wants(end)
        keys.append(debt.addressed(end).keys)
        debt = debt.accepted(str(place + 2), debt.addressed(end), START)
    assert keys == [(), (), ("group",)]


def test_a_clock_that_was_ahead_leaves_no_channel_waiting() -> None:
    ahead = START + timedelta(hours=6)
    debt = Debt().owing("1", Owed(ahead)).failed("1", Message("one", Tone.ERROR, "one"), REFUSED, ahead, backs_off=True)
    right = debt.not_ahead_of(START)
    assert right.can_try(START)
    assert right.seen_as("pager").failing_since == START
    assert right.seen_as("pager").owed_since == START
