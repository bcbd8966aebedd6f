"""Statistics of a season's alerts: response times, and messages per week."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta

import pandas as pd

from nba_monitoring.alerts.incidents.decision import NotifyReason
from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.incidents import Incident, Notification, ResponseTimes
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
    before_tip = [incident for incident in incidents if incident.due is Due.BEFORE_TIP]
    all_times, left = _times(incidents), _times(before_tip)
    steps = (
        ("to detect", all_times, "minutes_to_detect", True),
        ("to alert", all_times, "minutes_to_tell", True),
        ("to acknowledge", all_times, "minutes_to_acknowledge", True),
        ("to recover", all_times, "minutes_to_recover", True),
        ("time left at alert", left, "minutes_left_told", False),
    )
    spreads = (
        _spread(step, times[column].dropna(), is_long_bad)
        for step, times, column, is_long_bad in steps
        if column in times
    )
    return tuple(spread for spread in spreads if spread is not None)


def _times(incidents: Sequence[Incident]) -> pd.DataFrame:
    index = [incident.incident_id for incident in incidents]
    return pd.DataFrame([asdict(ResponseTimes.of(incident)) for incident in incidents], index=index).astype(float)


def _spread(step: str, minutes: pd.Series[float], is_long_bad: bool) -> Spread | None:
    if minutes.empty:
        return None
    worst = minutes.idxmax() if is_long_bad else minutes.idxmin()
    return Spread(step, len(minutes), float(minutes.median()), float(minutes[worst]), str(worst))


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
        return float(pd.Series(list(self.by_week.values()), dtype=float).median()) if self.by_week else 0.0

    @property
    def most(self) -> int:
        """The most in one week."""
        return max(self.by_week.values(), default=0)


def message_counts(notifications: Sequence[Notification], first: date, last: date) -> MessageCounts:
    """Count the messages, by week at least from the first to the last date."""
    accepted = {sent.notification_id: sent for sent in reversed(notifications) if sent.accepted}
    refused = {sent.notification_id for sent in notifications} - accepted.keys()
    sent = list(accepted.values())
    frame = pd.DataFrame(
        {
            "week": [_monday(game_date(each.sent_at)) for each in sent],
            "channel": [each.way for each in sent],
            "reason": [_LABELS.get(each.reason, each.reason) for each in sent],
        }
    )
    counted = frame["week"].value_counts()
    start = min([_monday(first), *frame["week"]])
    end = max([_monday(last), *frame["week"]])
    mondays = [start + timedelta(days=days) for days in range(0, (end - start).days + 1, 7)]
    return MessageCounts(
        by_week={monday: int(counted.get(monday, 0)) for monday in mondays},
        by_channel=_counts(frame["channel"]),
        by_reason=_counts(frame["reason"]),
        not_accepted=len(refused),
    )


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _counts(column: pd.Series[str]) -> Mapping[str, int]:
    return {str(value): int(count) for value, count in column.value_counts().items()}
