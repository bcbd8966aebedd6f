"""What people acknowledge in the channel itself, without the command."""

from __future__ import annotations

from datetime import datetime

from nba_monitoring.alerts.channels.channel import Channel
from nba_monitoring.alerts.incidents.state import AlertState
from nba_monitoring.http import Deadline

# Slack allows some 50 questions per minute, and there are two ticks in one.
MOST_ASKED = 20


def with_acknowledgements(state: AlertState, channel: Channel, deadline: Deadline, now: datetime) -> AlertState:
    """The state after what people have acknowledged in the channel by an instant (UTC), newest incidents first."""
    waiting = [incident for incident in state.open_incidents if incident.acknowledged_at is None]
    threads = {incident.detail.thread: incident for incident in waiting if incident.detail.thread is not None}
    newest = sorted(threads, key=lambda thread: threads[thread].found_at, reverse=True)[:MOST_ASKED]
    for thread, name in channel.acknowledgers(newest, deadline).items():
        state = state.with_incident(threads[thread].acknowledged(name, None, now))
    return state
