"""What alerts cost in attention: messages a week."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.incidents import Notification


@dataclass(frozen=True, slots=True)
class Attention:
    """Messages that were accepted; one that went two ways counts twice, since it interrupts twice."""

    weeks: Mapping[date, int]  # by their Mondays (US Eastern), those without a message included
    by_way: Mapping[str, int]
    by_reason: Mapping[str, int]
    not_accepted: int  # messages that no attempt got through, by way

    @property
    def messages(self) -> int:
        """All of them."""
        return sum(self.weeks.values())

    @property
    def median(self) -> float:
        """Messages in the middle one of the weeks."""
        return float(pd.Series(list(self.weeks.values()), dtype=float).median()) if self.weeks else 0.0

    @property
    def most(self) -> int:
        """Messages in the worst week."""
        return max(self.weeks.values(), default=0)


def attention(notifications: Sequence[Notification], first: date, last: date) -> Attention:
    """Of the weeks that hold the dates from first to last, and every message."""
    accepted = {sent.notification_id: sent for sent in reversed(notifications) if sent.accepted}
    refused = {sent.notification_id for sent in notifications} - accepted.keys()
    sent = list(accepted.values())
    frame = pd.DataFrame(
        {
            "week": [_monday(game_date(each.sent_at)) for each in sent],
            "way": [each.way for each in sent],
            "reason": [each.reason for each in sent],
        }
    )
    counted = frame["week"].value_counts()
    start = min([_monday(first), *frame["week"]])
    end = max([_monday(last), *frame["week"]])
    mondays = [start + timedelta(days=days) for days in range(0, (end - start).days + 1, 7)]
    return Attention(
        weeks={monday: int(counted.get(monday, 0)) for monday in mondays},
        by_way=_counts(frame["way"]),
        by_reason=_counts(frame["reason"]),
        not_accepted=len(refused),
    )


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _counts(column: pd.Series[str]) -> Mapping[str, int]:
    return {str(value): int(count) for value, count in column.value_counts().items()}
