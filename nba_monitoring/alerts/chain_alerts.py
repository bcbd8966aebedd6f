"""The alerts about the chain: each break once, and its end. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from nba_monitoring.alerts.incidents.decision import REPEAT_INTERVAL
from nba_monitoring.alerts.incidents.state import AlertState, LastFailure
from nba_monitoring.alerts.message import Message
from nba_monitoring.alerts.messages.monitor_messages import break_message, break_over_message, no_verdict_message
from nba_monitoring.core.chain import VERDICT_GRACE, Chain, LinkName
from nba_monitoring.core.eastern import game_date, morning_of

# The others are the sensor's own and its channels': what it can't report, the missing heartbeat does.
ALERTED = (LinkName.DAEMON, LinkName.SCHEDULES, LinkName.RUNS, LinkName.CHECKS, LinkName.SERVICES, LinkName.HEARTBEAT)


@dataclass(frozen=True, slots=True)
class ChainAlert:
    """A message to send, and the memory once it was accepted. None: only the memory changes."""

    message: Message | None
    reason: str
    accepted: Callable[[AlertState], AlertState]
    last: LastFailure | None = None  # the same before
    day: date | None = None


def chain_alerts(found: Chain, state: AlertState, now: datetime) -> Iterator[ChainAlert]:
    """What to report of a chain at an instant (UTC), given what was reported."""
    breaks = {known.key: known for known in found.breaks(*ALERTED)}
    today = game_date(now)
    if f"no verdict {today}" in breaks:
        yield from _no_verdict(today, state, now)
    for key, known in breaks.items():
        if known.over is not None and key not in state.breaks:
            accepted = partial(AlertState.with_break, found=known, now=now)
            yield ChainAlert(break_message(known), "monitor broken", accepted, day=known.day)
    for key, told in state.breaks.items():
        if key not in breaks:
            # A date whose games have tipped off is not checked again: there is no end to report.
            is_over = told.day is None or (told.day in state.checked and state.checked[told.day].at > told.told_at)
            yield ChainAlert(
                break_over_message(key, told.over) if is_over else None,
                "monitor recovered",
                partial(AlertState.without_break, key=key),
            )


def _no_verdict(today: date, state: AlertState, now: datetime) -> Iterator[ChainAlert]:
    last = state.failing.get(today.isoformat())
    # A run of this morning that failed has said it. What was said before the morning is another matter.
    if last is None or last.notified_at < morning_of(today) or now - last.notified_at >= REPEAT_INTERVAL:
        yield ChainAlert(
            no_verdict_message(today, morning_of(today) + VERDICT_GRACE, now),
            "no verdict",
            lambda state: state.with_failing({today.isoformat(): "no verdict"}, now),
            last,
            today,
        )
