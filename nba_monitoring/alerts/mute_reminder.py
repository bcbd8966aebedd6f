"""What is muted, read each morning; long ones are reported each Monday."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from nba_monitoring.alerts.channels.sending import Sender
from nba_monitoring.alerts.incidents.state import AlertState
from nba_monitoring.alerts.message import Message
from nba_monitoring.alerts.messages.monitor_messages import long_mutes_message
from nba_monitoring.core.eastern import game_date, morning_of
from nba_monitoring.warehouse import Warehouse

_MONDAY = 0


def are_mutes_due(state: AlertState, now: datetime) -> bool:
    """Whether this morning's mutes are still to be read at `now` (UTC): once a day, from 11:00 AM ET."""
    today = game_date(now)
    return now >= morning_of(today) and state.mutes_read_on != today


def with_mutes(log: logging.Logger, now: datetime, state: AlertState, warehouse: Warehouse) -> AlertState:
    """The memory once they are read, and logged. On Mondays it has the long ones, to be reported.

    Raises WarehouseError.
    """
    today = game_date(now)
    muted = warehouse.muted(now)
    for found in muted:
        log.info(found.summary)
    long = tuple(found for found in muted if found.is_long) if today.weekday() == _MONDAY else ()
    return replace(state, mutes_read_on=today, long_mutes=long)


def remind_of_long_mutes(sender: Sender, now: datetime, linked: Callable[[Message], Message]) -> None:
    """Send the reminder, if one is due. `linked` adds a message's links. Raises Postponed."""
    long = sender.state.long_mutes
    if long:
        message = linked(long_mutes_message(long, game_date(now)))
        sender.send(message, "long mutes", delivery_id=message.alert_id)
        sender.state = replace(sender.state, long_mutes=())
