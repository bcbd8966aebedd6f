"""When to speak: a total function of what was last said on a date and what is now known of it.

On the platform the same finding was once alerted at every run, until nobody read the alerts any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.record import CheckRecord, instant, uncovered_tips
from nba_monitoring.core.verdict import Severity, Status

# Looks come every half hour; four of them without news is long enough to have been overlooked.
REMIND_EVERY = timedelta(hours=2)
# Once every uncovered game has tipped off, nothing saves the date's predictions any more. The hole is still worth a
# word, since grading and the next days build on these rows, but no haste.
REMIND_EVERY_AFTER_TIP_OFF = timedelta(hours=12)

_HOW_BAD = {
    Status.PARTIAL_DATA: 1,
    Status.MISSING_DATA: 2,
    Status.SUSPECT_JOIN: 3,
    Status.UNKNOWN_SCHEDULE: 3,
}


class NotifyReason(StrEnum):
    """Why to speak, or not to."""

    FIRST_FINDING = "first finding"
    GOT_WORSE = "got worse"
    CHANGED = "changed"
    REMINDER = "reminder"
    RECOVERED = "recovered"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class LastNotification:
    """What was last said on one date, and what was known then. Kept also where a date passed and nothing was said.

    `status` is None as long as a date has failed under a mute alone. Instants are UTC. `checked_at` is the time of the
    newest check acted on, `findings` how often the date began to fail, `first_failed_at` when it last did. `thread` is
    the handle under which the transport's thread is found again, `muted` the reason of the mute under which the newest
    look failed and nothing was said.
    """

    day: date
    status: Status | None
    severity: Severity | None
    missing: tuple[str, ...]
    partial: tuple[str, ...]
    findings: int
    checked_at: datetime
    first_failed_at: datetime | None = None
    notified_at: datetime | None = None
    thread: str | None = None
    muted: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether the last word on the date is of a finding."""
        return self.status is not None and not self.status.passes

    @property
    def alert_id(self) -> str:
        """The id of the date's newest finding; the second one after a recovery is `nba-2026-01-18-2`."""
        return _alert_id(self.day, self.findings)

    @property
    def uncovered(self) -> frozenset[str]:
        """Ids of the games that were missing or partial."""
        return frozenset((*self.missing, *self.partial))

    def to_json(self) -> dict[str, Any]:
        """As JSON values, under 1 KB for fifteen games."""
        return {
            "date": self.day.isoformat(),
            "status": self.status and self.status.value,
            "severity": self.severity and self.severity.value,
            "missing": list(self.missing),
            "partial": list(self.partial),
            "findings": self.findings,
            "checked_at": self.checked_at.isoformat(),
            "first_failed_at": self.first_failed_at and self.first_failed_at.isoformat(),
            "notified_at": self.notified_at and self.notified_at.isoformat(),
            "thread": self.thread,
            "muted": self.muted,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> LastNotification:
        """Back from `to_json`. Raises KeyError or ValueError for anything else."""
        return cls(
            day=date.fromisoformat(values["date"]),
            status=None if values["status"] is None else Status(values["status"]),
            severity=None if values["severity"] is None else Severity(values["severity"]),
            missing=tuple(values["missing"]),
            partial=tuple(values["partial"]),
            findings=values["findings"],
            checked_at=datetime.fromisoformat(values["checked_at"]),
            first_failed_at=instant(values["first_failed_at"]),
            notified_at=instant(values["notified_at"]),
            thread=values["thread"],
            muted=values["muted"],
        )


def is_live(record: CheckRecord) -> bool:
    """Whether the date was still to be played, or being played, when it was judged; other dates go into a digest."""
    return record.check_date >= game_date(record.check_time)


def decide(last: LastNotification | None, record: CheckRecord, now: datetime) -> NotifyReason:
    """What to say on a live date. A record no newer than the one last acted on never speaks."""
    if _is_known(last, record):
        return NotifyReason.NOTHING
    if record.status.passes:
        # A recovery ends a mute as well, so it is told even where the finding was not.
        return NotifyReason.RECOVERED if last is not None and (last.is_open or last.muted) else NotifyReason.NOTHING
    if mute_reason(record) is not None:
        return NotifyReason.NOTHING
    if last is None or not last.is_open:
        return NotifyReason.FIRST_FINDING
    if _is_worse(last, record):
        return NotifyReason.GOT_WORSE
    if _is_different(last, record):
        return NotifyReason.CHANGED
    if last.muted or last.notified_at is None or now - last.notified_at >= _patience(record, now):
        return NotifyReason.REMINDER
    return NotifyReason.NOTHING


def next_state(
    last: LastNotification | None, record: CheckRecord, say: NotifyReason, now: datetime, thread: str | None
) -> LastNotification:
    """What to remember once the word was accepted. `thread` is the receipt's; where nothing was said the old stays."""
    if last is not None and _is_known(last, record):
        return last
    reason = mute_reason(record)
    if reason is not None and not record.status.passes:
        return _muted(last, record, reason)
    known = LastNotification(
        day=record.check_date,
        status=record.status,
        severity=record.severity,
        missing=record.missing_games,
        partial=record.partial_games,
        findings=last.findings if last else 0,
        checked_at=record.check_time,
        first_failed_at=last.first_failed_at if last else None,
        notified_at=last.notified_at if last else None,
        thread=last.thread if last else None,
    )
    if say is NotifyReason.NOTHING:
        return known
    if say is NotifyReason.FIRST_FINDING:
        since = last.first_failed_at if last and last.muted else record.check_time
        known = replace(known, findings=known.findings + 1, first_failed_at=since)
    return replace(known, notified_at=now, thread=thread)


def thread_for(last: LastNotification | None, say: NotifyReason) -> str | None:
    """The thread that a word belongs in; a new finding opens its own."""
    return None if last is None or say is NotifyReason.FIRST_FINDING else last.thread


def alert_id(last: LastNotification | None, record: CheckRecord) -> str:
    """The id that a word on this record bears: that of the date's running finding, or the next one's."""
    if last is None:
        return _alert_id(record.check_date, 1)
    begins = not last.is_open and not record.status.passes
    return _alert_id(record.check_date, last.findings + begins)


def prune(said: Mapping[date, LastNotification], now: datetime) -> dict[date, LastNotification]:
    """What is worth keeping: yesterday on (a check made just before midnight may come after it)."""
    yesterday = game_date(now) - timedelta(days=1)
    return {day: last for day, last in said.items() if day >= yesterday}


def mute_reason(record: CheckRecord) -> str | None:
    """Why nobody is to be paged about a look, None where nobody muted its date."""
    mute = record.detail["mute"]
    return None if mute is None else str(mute["reason"])


def how_bad(status: Status | None) -> int:
    """A rank of statuses, 0 for those that pass and for none."""
    return 0 if status is None else _HOW_BAD.get(status, 0)


def _muted(last: LastNotification | None, record: CheckRecord, reason: str) -> LastNotification:
    """What to remember of a failing look under a mute: what was said before it, or that nothing was."""
    if last is not None and last.is_open:
        return replace(last, checked_at=record.check_time, muted=reason)
    since = last.first_failed_at if last and last.muted else record.check_time
    return LastNotification(
        day=record.check_date,
        status=None,
        severity=None,
        missing=record.missing_games,
        partial=record.partial_games,
        findings=last.findings if last else 0,
        checked_at=record.check_time,
        first_failed_at=since,
        muted=reason,
    )


def _is_known(last: LastNotification | None, record: CheckRecord) -> bool:
    return last is not None and record.check_time <= last.checked_at


def _is_worse(last: LastNotification, record: CheckRecord) -> bool:
    return (
        (last.severity is Severity.WARN and record.severity is Severity.ERROR)
        or how_bad(record.status) > how_bad(last.status)
        or len(record.missing_games) + len(record.partial_games) > len(last.uncovered)
        or len(record.missing_games) > len(last.missing)
    )


def _is_different(last: LastNotification, record: CheckRecord) -> bool:
    return (last.status, last.severity, set(last.missing), set(last.partial)) != (
        record.status,
        record.severity,
        set(record.missing_games),
        set(record.partial_games),
    )


def _patience(record: CheckRecord, now: datetime) -> timedelta:
    tips = uncovered_tips(record).values()
    can_still_help = not tips or max(tips) > now
    return REMIND_EVERY if can_still_help else REMIND_EVERY_AFTER_TIP_OFF


def _alert_id(day: date, finding: int) -> str:
    return f"nba-{day}" if finding <= 1 else f"nba-{day}-{finding}"
