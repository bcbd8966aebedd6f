"""What the sensor remembers between ticks. It lives in the sensor's cursor, so it stays small whatever the history."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from nba_monitoring.alerts.decision import REMIND_EVERY, LastNotification, prune
from nba_monitoring.core.codec import Instant, UnreadableError, from_json_values, to_json_text

# A run's end may be stored after that of one which ended later, so each tick looks back over the last minute.
OVERLAP = timedelta(minutes=1)
# Where nothing is remembered: far enough to find this morning's verdict after a lost cursor.
FIRST_LOOK_BACK = timedelta(days=1)

# Version 1, of release 0.1.0, called a notification "said" and kept them in a list.
CURSOR_VERSION = 2

_MOST_RECENT = 100
_MOST_FAILURES = 20
_VARYING = re.compile(r"[0-9a-f]{8}[0-9a-f-]*|\d+")


@dataclass(frozen=True, slots=True)
class LastFailure:
    """What was last told of the runs for some dates, which fail or do not come."""

    error: str  # as `error_kind` has it
    notified_at: Instant

    def should_notify(self, error: str, now: datetime) -> bool:
        """Whether a further failure is worth a message: another error, or the same one for a long time."""
        return self.error != error_kind(error) or now - self.notified_at >= REMIND_EVERY


@dataclass(frozen=True, slots=True)
class AlertState:
    """The sensor's memory."""

    watermark: Instant  # all runs that ended up to it have been handled, except runs stored late
    watching_since: Instant  # the first tick ever
    notified: Mapping[date, LastNotification] = field(default_factory=dict)  # of each live date
    failing: Mapping[str, LastFailure] = field(default_factory=dict)  # of the dates whose check fails or does not come
    recent: tuple[tuple[float, str], ...] = ()  # the runs of the last minute: the second they ended, and their id
    read_to: int | None = None  # the storage id up to which Dagster's run ends have been handled
    version: int = CURSOR_VERSION

    @property
    def read_from(self) -> datetime:
        """The instant after which runs have to be read again; those in `recent` are known."""
        if len(self.recent) == _MOST_RECENT:
            return max(self.watermark - OVERLAP, datetime.fromtimestamp(self.recent[0][0], UTC))
        return self.watermark - OVERLAP

    def is_known(self, run_id: str) -> bool:
        """Whether a run read again has been handled."""
        return any(known == run_id[:8] for _, known in self.recent)

    def past(self, ended: Iterable[tuple[datetime, str]]) -> AlertState:
        """The memory after all of these runs, given by end and id, have been handled."""
        handled = sorted({*self.recent, *((ended_at.timestamp(), run_id[:8]) for ended_at, run_id in ended)})
        if not handled:
            return self
        watermark = max(self.watermark, datetime.fromtimestamp(handled[-1][0], UTC))
        overlap = [run for run in handled if run[0] >= (watermark - OVERLAP).timestamp()]
        return replace(self, watermark=watermark, recent=tuple(overlap[-_MOST_RECENT:]))

    @classmethod
    def from_cursor(cls, cursor: str | None, now: datetime) -> AlertState:
        """The memory in a cursor, of this version or an older one. Raises UnreadableError for anything else."""
        if not cursor:
            return cls(watermark=now - FIRST_LOOK_BACK, watching_since=now)
        try:
            values = json.loads(cursor)
        except ValueError as error:
            raise UnreadableError(f"no JSON: {error}") from None
        if isinstance(values, dict) and "said" in values:
            values = _from_version_1(values)
        state = from_json_values(cls, values)
        if state.version > CURSOR_VERSION:
            raise UnreadableError(f"version {state.version} is of a newer monitor; this one reads {CURSOR_VERSION}")
        # A watermark ahead of the clock would keep silent until the clock has reached it.
        for name, instant in (("watermark", state.watermark), ("watching_since", state.watching_since)):
            if instant > now + FIRST_LOOK_BACK:
                raise UnreadableError(f"{name}: {instant.isoformat()} is no instant of the past")
        return state

    def to_cursor(self, now: datetime) -> str:
        """As JSON, without what no later tick can need."""
        newest = sorted(self.failing.items(), key=lambda item: item[1].notified_at)[-_MOST_FAILURES:]
        kept = replace(self, notified=prune(self.notified, now), failing=dict(newest), version=CURSOR_VERSION)
        return to_json_text(kept)


def _from_version_1(values: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        said = {
            entry["date"]: {**entry, "day": entry["date"], "notified_at": entry["said_at"]} for entry in values["said"]
        }
        failing = {
            dates: {"error": error, "notified_at": said_at} for dates, (error, said_at) in values["failing"].items()
        }
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UnreadableError(f"of version 1, but {type(error).__name__}: {error}") from None
    return {**values, "notified": said, "failing": failing, "version": 1}


def error_kind(error: str) -> str:
    """An error without what differs each time, such as job ids and process numbers; short enough to remember."""
    return _VARYING.sub("#", error)[-120:]
