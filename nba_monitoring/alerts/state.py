"""What the sensor remembers between ticks. It lives in the sensor's cursor, so it stays small whatever the history."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from nba_monitoring.alerts.decision import REMIND_EVERY, LastNotification, prune

# A run's end may be stored after that of one which ended later, so each tick looks back over the last minute.
OVERLAP = timedelta(minutes=1)
# Where nothing is remembered: far enough to find this morning's verdict after a lost cursor.
FIRST_LOOK_BACK = timedelta(days=1)

_MOST_RECENT = 100
_MOST_FAILURES = 20
_VARYING = re.compile(r"[0-9a-f]{8}[0-9a-f-]*|\d+")


@dataclass(frozen=True, slots=True)
class LastFailure:
    """What was last said of the runs for some dates, which fail or do not come. `notified_at` is UTC."""

    error: str
    notified_at: datetime

    def is_news(self, error: str, now: datetime) -> bool:
        """Whether a further failure is worth a word: another error, or the same one for a long time."""
        return self.error != error_kind(error) or now - self.notified_at >= REMIND_EVERY


@dataclass(frozen=True, slots=True)
class AlertState:
    """The sensor's memory.

    All runs that ended up to `watermark` (UTC) have been dealt with, save such as are stored late; `recent` names those
    of the last minute, with the second they ended. `watching_since` is the first tick ever. `said` is what was last
    said of each live date, `failing` of the dates whose check fails or does not come.
    """

    watermark: datetime
    watching_since: datetime
    said: Mapping[date, LastNotification] = field(default_factory=dict)
    failing: Mapping[str, LastFailure] = field(default_factory=dict)
    recent: tuple[tuple[float, str], ...] = ()

    @property
    def read_from(self) -> datetime:
        """The instant after which runs have to be read again; those in `recent` are known."""
        if len(self.recent) == _MOST_RECENT:
            return max(self.watermark - OVERLAP, datetime.fromtimestamp(self.recent[0][0], UTC))
        return self.watermark - OVERLAP

    def is_known(self, run_id: str) -> bool:
        """Whether a run read again has been dealt with."""
        return any(known == run_id[:8] for _, known in self.recent)

    def past(self, ended: Iterable[tuple[datetime, str]]) -> AlertState:
        """The memory after all of these runs, given by end and id, have been dealt with."""
        dealt_with = sorted({*self.recent, *((ended_at.timestamp(), run_id[:8]) for ended_at, run_id in ended)})
        if not dealt_with:
            return self
        watermark = max(self.watermark, datetime.fromtimestamp(dealt_with[-1][0], UTC))
        overlap = [run for run in dealt_with if run[0] >= (watermark - OVERLAP).timestamp()]
        return replace(self, watermark=watermark, recent=tuple(overlap[-_MOST_RECENT:]))

    @classmethod
    def from_cursor(cls, cursor: str | None, now: datetime) -> AlertState:
        """The memory in a cursor. Raises KeyError or ValueError for a cursor that `to_cursor` did not write."""
        if not cursor:
            return cls(watermark=now - FIRST_LOOK_BACK, watching_since=now)
        values = json.loads(cursor)
        said = [LastNotification.from_json(entry) for entry in values["said"]]
        return cls(
            watermark=_instant(values["watermark"], now),
            watching_since=_instant(values["watching_since"], now),
            said={entry.day: entry for entry in said},
            failing={
                dates: LastFailure(error, _instant(notified_at, now))
                for dates, (error, notified_at) in values["failing"].items()
            },
            recent=tuple((ended_at, run_id) for ended_at, run_id in values["recent"]),
        )

    def to_cursor(self, now: datetime) -> str:
        """As JSON, without what no later tick can need."""
        newest = sorted(self.failing.items(), key=lambda item: item[1].notified_at)[-_MOST_FAILURES:]
        return json.dumps(
            {
                "watermark": self.watermark.isoformat(),
                "watching_since": self.watching_since.isoformat(),
                "said": [entry.to_json() for entry in prune(self.said, now).values()],
                "failing": {dates: (failure.error, failure.notified_at.isoformat()) for dates, failure in newest},
                "recent": self.recent,
            }
        )


def _instant(text: str, now: datetime) -> datetime:
    instant = datetime.fromisoformat(text)
    # A watermark ahead of the clock would keep silent until the clock has reached it.
    if instant.tzinfo is None or instant > now + FIRST_LOOK_BACK:
        raise ValueError(f"{text} is no instant of the past")
    return instant


def error_kind(error: str) -> str:
    """An error without what differs each time, such as job ids and process numbers; short enough to remember."""
    return _VARYING.sub("#", error)[-120:]
