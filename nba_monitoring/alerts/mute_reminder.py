"""What is muted, read each morning; a long mute is brought to mind each Monday."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime

from nba_monitoring.alerts.channels.sending import Sender
from nba_monitoring.alerts.incidents.state import AlertState
from nba_monitoring.alerts.messages.monitor_messages import long_mutes_message
from nba_monitoring.core.eastern import game_date, morning_of
from nba_monitoring.warehouse import Warehouse

_MONDAY = 0


def are_mutes_due(state: AlertState, now: datetime) -> bool:
    """Whether this morning's mutes are still to be read at `now` (UTC): once a day, from 11:00 AM ET."""
    today = game_date(now)
    return now >= morning_of(today) and state.mutes_read_on != today


def with_mutes(log: logging.Logger, now: datetime, state: AlertState, warehouse: Warehouse) -> AlertState:
    """The memory once they are read, and logged. On a Monday it has the long ones, to be brought to mind.

    Raises WarehouseError.
    """
    today = game_date(now)
    muted = warehouse.muted(now)
    for found in muted:
        log.info(found.summary)
    long = tuple(found for found in muted if found.is_long) if today.weekday() == _MONDAY else ()
    return replace(state, mutes_read_on=today, long_mutes=long)


def remind_of_long_mutes(sender: Sender, now: datetime) -> None:
    """Send the reminder, if one is due. Raises Postponed."""
    long = sender.state.long_mutes
    if long:
        message = long_mutes_message(long, game_date(now))
        sender.send(message, "long mutes", delivery_id=message.alert_id)
        sender.state = replace(sender.state, long_mutes=())
