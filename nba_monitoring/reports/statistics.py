"""Statistics of a season's alerts: response times, and messages per week."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from nba_monitoring.alerts.incidents.decision import NotifyReason
from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.incidents import Incident, Notification
from nba_monitoring.core.response_times import ResponseTimes
from nba_monitoring.core.stages import Due

_LABELS = {reason.value: reason.label for reason in NotifyReason}  # other reasons are of monitor alerts


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and worst minutes of one response time, over the incidents that have it."""

    step: str
    incidents: int
    median: float
    worst: float
    worst_of: str  # the incident's id


def response_spreads(incidents: Sequence[Incident]) -> tuple[Spread, ...]:
    """Median and worst response times of a season's incidents. Time left counts those due before the tip-off."""
    times = {incident.incident_id: ResponseTimes.of(incident) for incident in incidents}
    before_tip = [incident.incident_id for incident in incidents if incident.due is Due.BEFORE_TIP]
    spreads = (
        _spread("to detect", {name: found.minutes_to_detect for name, found in times.items()}, max),
        _spread("to alert", {name: found.minutes_to_tell for name, found in times.items()}, max),
        _spread("to acknowledge", {name: found.minutes_to_acknowledge for name, found in times.items()}, max),
        _spread("to recover", {name: found.minutes_to_recover for name, found in times.items()}, max),
        _spread("time left at alert", {name: times[name].minutes_left_told for name in before_tip}, min),
    )
    return tuple(spread for spread in spreads if spread is not None)


def _spread(step: str, known: Mapping[str, float | None], worst: Callable[..., str]) -> Spread | None:
    """`worst` is `max` if a long time is bad, and `min` if a short one is."""
    minutes = {name: value for name, value in known.items() if value is not None}
    if not minutes:
        return None
    worst_of = worst(minutes, key=lambda name: minutes[name])
    return Spread(step, len(minutes), median(minutes.values()), minutes[worst_of], worst_of)


@dataclass(frozen=True, slots=True)
class MessageCounts:
    """Accepted messages. One sent through two channels counts twice, since it interrupts twice."""

    by_week: Mapping[date, int]  # by Monday (US Eastern), with the weeks that have none
    by_channel: Mapping[str, int]
    by_reason: Mapping[str, int]  # by the reasons as people read them
    not_accepted: int  # messages that no attempt delivered, per channel

    @property
    def total(self) -> int:
        """All accepted messages."""
        return sum(self.by_week.values())

    @property
    def median(self) -> float:
        """The median of the weeks."""
        return float(median(self.by_week.values())) if self.by_week else 0.0

    @property
    def most(self) -> int:
        """The most in one week."""
        return max(self.by_week.values(), default=0)


def message_counts(notifications: Sequence[Notification], first: date, last: date) -> MessageCounts:
    """Count the messages, by week at least from the first to the last date."""
    accepted = {sent.notification_id: sent for sent in reversed(notifications) if sent.accepted}
    refused = {sent.notification_id for sent in notifications} - accepted.keys()
    sent = list(accepted.values())
    weeks = Counter(_monday(game_date(each.sent_at)) for each in sent)
    start, end = min([_monday(first), *weeks]), max([_monday(last), *weeks])
    mondays = [start + timedelta(days=days) for days in range(0, (end - start).days + 1, 7)]
    return MessageCounts(
        by_week={monday: weeks[monday] for monday in mondays},
        by_channel=dict(Counter(each.way for each in sent).most_common()),
        by_reason=dict(Counter(_LABELS.get(each.reason, each.reason) for each in sent).most_common()),
        not_accepted=len(refused),
    )


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
