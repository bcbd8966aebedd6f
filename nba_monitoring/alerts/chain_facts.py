"""What the warehouse, its ledger and the sensor's memory show of the chain."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from nba_monitoring.alerts.incidents.state import AlertState
from nba_monitoring.core.chain_facts import ChannelSeen, Facts
from nba_monitoring.core.checked import Checked
from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.incidents import Notification
from nba_monitoring.warehouse import Warehouse

# Today's check and yesterday's results are due, and an older check shows that yesterday's was due too.
_DAYS = timedelta(days=2)


def with_warehouse(facts: Facts, warehouse: Warehouse, now: datetime) -> Facts:
    """What is known otherwise, and what the warehouse shows at `now` (UTC). Raises WarehouseError."""
    today = game_date(now)
    records = [record for record in warehouse.history(today - _DAYS, today).records if record.stands_at(now)]
    newest = {record.check_date: Checked.of(record) for record in records}  # by time within a date
    watching_since = min((record.check_time for record in records), default=None)
    facts = replace(facts, checks=newest, watching_since=watching_since, muted=warehouse.muted(now))
    if facts.services is not None:
        for check in warehouse.service_history(now - _DAYS, now).records:
            facts = replace(facts, services=facts.services.checked(check.check_time))
    return replace(facts, channels=_channels(warehouse.notifications(today - _DAYS, today).records))


def with_memory(facts: Facts, state: AlertState) -> Facts:
    """What is known otherwise, and what the sensor remembers."""
    newest = dict(facts.checks)
    for day, check in state.checked.items():
        if day not in newest or check.at > newest[day].at:
            newest[day] = check
    return replace(
        facts,
        checks=newest,
        watching_since=state.watching_since,
        channels=state.channels,
        heartbeat=state.heartbeat,
        services=state.services or facts.services,
    )


def _channels(notifications: Iterable[Notification]) -> tuple[ChannelSeen, ...]:
    """How messages arrived, by time, for whoever can't read the sensor's memory.

    A channel fails if its newest message was not accepted.
    """
    found: dict[str, ChannelSeen] = {}
    for sent in notifications:
        known = found.get(sent.way, ChannelSeen(sent.way))
        if sent.accepted:
            found[sent.way] = replace(known, accepted_at=sent.sent_at, failing_since=None, error="")
        else:
            since = known.failing_since or sent.sent_at
            found[sent.way] = replace(known, failing_since=since, error=sent.error or "")
    return tuple(found.values())
