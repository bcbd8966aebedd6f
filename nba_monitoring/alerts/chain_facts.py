"""What the sensor's memory and the ledger show of the chain. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from nba_monitoring.alerts.incidents.state import AlertState
from nba_monitoring.core.chain_facts import ChannelSeen, Facts
from nba_monitoring.core.checked import Checked
from nba_monitoring.core.incidents import Notification


def with_memory(facts: Facts, state: AlertState) -> Facts:
    """What is known otherwise, and what the sensor remembers."""
    return replace(
        facts,
        checks=newest_checks(facts.checks, state.checked),
        watching_since=state.watching_since,
        channels=state.channels,
        heartbeat=state.heartbeat,
        services=state.services or facts.services,
    )


def with_ledger(facts: Facts, notifications: Iterable[Notification]) -> Facts:
    """What is known otherwise, and how messages arrived, for whoever can't read the sensor's memory.

    A channel fails if its newest message was not accepted. `notifications` are by time.
    """
    found: dict[str, ChannelSeen] = {}
    for sent in notifications:
        known = found.get(sent.way, ChannelSeen(sent.way))
        if sent.accepted:
            found[sent.way] = replace(known, accepted_at=sent.sent_at, failing_since=None, error="")
        else:
            since = known.failing_since or sent.sent_at
            found[sent.way] = replace(known, failing_since=since, error=sent.error or "")
    return replace(facts, channels=tuple(found.values()))


def newest_checks(*known: Mapping[date, Checked]) -> Mapping[date, Checked]:
    """The newest check of each date."""
    found: dict[date, Checked] = {}
    for checks in known:
        for day, check in checks.items():
            if day not in found or check.at > found[day].at:
                found[day] = check
    return found
