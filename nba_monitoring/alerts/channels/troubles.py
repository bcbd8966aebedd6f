"""Report a failing channel, and its recovery, through the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from nba_monitoring.alerts.channels.sending import Postponed, Sender
from nba_monitoring.alerts.debts import Trouble
from nba_monitoring.alerts.message import Message
from nba_monitoring.alerts.messages.monitor_messages import channel_fails_message, channel_works_message


def report_troubles(sender: Sender, now: datetime, linked: Callable[[Message], Message]) -> Postponed | None:
    """Report each channel's trouble once, if it lasts, and its end. `linked` adds a message's links.

    Returns why a message has to wait, None if none has to. With a single channel there is nobody to report to.
    """
    waiting = None
    names = list(sender.state.debts)
    for name in names if len(names) > 1 else ():
        try:
            _report(sender, name, now, linked)
        except Postponed as reason:
            waiting = waiting or reason
    return waiting


def _report(sender: Sender, name: str, now: datetime, linked: Callable[[Message], Message]) -> None:
    debt = sender.state.debts[name]
    trouble = debt.trouble
    if debt.over is not None:
        _send(sender, name, linked(channel_works_message(name, debt.over.since)), "channel works", debt.over)
        sender.state = sender.state.with_debt(name, replace(sender.state.debts[name], over=None))
    if trouble is None:
        return
    if debt.needs_proof:
        sender.try_again(name, linked(channel_works_message(name, trouble.since)), trouble.since)
    if trouble.is_lasting(now) and not trouble.told:
        _send(sender, name, linked(channel_fails_message(name, trouble.error, trouble.since)), "channel fails", trouble)
        sender.state = sender.state.with_debt(name, sender.state.debts[name].reported(trouble))


def _send(sender: Sender, name: str, message: Message, reason: str, trouble: Trouble) -> None:
    delivery_id = f"{message.alert_id}/{name}/{reason}/{trouble.since.isoformat()}"
    sender.send(message, reason, delivery_id, not_through=name)
