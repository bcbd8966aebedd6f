"""When to notify: a total function of the last notification on a date and what is now known of it.

On the platform the same finding was once alerted at every run, until nobody read the alerts any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from nba_monitoring.core.codec import GameId, Instant
from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.games import Game
from nba_monitoring.core.record import CheckRecord, uncovered_tips
from nba_monitoring.core.verdict import Severity, Status

# Looks come every half hour; after four of them without a change the message may have been overlooked.
REMIND_EVERY = timedelta(hours=2)
# Once every uncovered game has tipped off, nothing saves the date's predictions any more. The gap is still worth a
# reminder, since grading and the next days build on these rows, but no haste.
REMIND_EVERY_AFTER_TIP_OFF = timedelta(hours=12)

_HOW_BAD = {
    Status.PARTIAL_DATA: 1,
    Status.MISSING_DATA: 2,
    Status.SUSPECT_JOIN: 3,
    Status.UNKNOWN_SCHEDULE: 3,
}


class NotifyReason(StrEnum):
    """Why to notify, or not to."""

    FIRST_FINDING = "first finding"
    GOT_WORSE = "got worse"
    CHANGED = "changed"
    REMINDER = "reminder"
    RECOVERED = "recovered"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class LastNotification:
    """What was last told of one date, and what was known then. Kept also where a date passed and nothing was told."""

    day: date
    status: Status | None  # None as long as a date has failed under a mute alone
    severity: Severity | None
    missing: tuple[GameId, ...]
    partial: tuple[GameId, ...]
    findings: int  # how often the date began to fail
    checked_at: Instant  # of the newest check acted on
    first_failed_at: Instant | None = None  # when it last began to fail
    notified_at: Instant | None = None
    thread: str | None = None  # under which the transport finds the thread again
    muted: str | None = None  # the reason of the mute under which the newest look failed and nothing was told

    @property
    def is_open(self) -> bool:
        """Whether the last word on the date is of a finding."""
        return self.status is not None and not self.status.passes

    @property
    def alert_id(self) -> str:
        """The id of the date's newest finding; the second one after a recovery is `nba-2026-01-18-2`."""
        return _alert_id(self.day, self.findings)

    @property
    def uncovered(self) -> frozenset[Game]:
        """The games that were missing or partial."""
        return frozenset((*self.missing, *self.partial))


def decide(last: LastNotification | None, record: CheckRecord, now: datetime) -> NotifyReason:
    """Why to notify about a live date. A record no newer than the one last acted on never does."""
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
    last: LastNotification | None, record: CheckRecord, reason: NotifyReason, now: datetime, thread: str | None
) -> LastNotification:
    """What to remember once the message was accepted. `thread` is the receipt's; where none was sent the old stays."""
    if last is not None and _is_known(last, record):
        return last
    muted = mute_reason(record)
    if muted is not None and not record.status.passes:
        return _muted(last, record, muted)
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
    if reason is NotifyReason.NOTHING:
        return known
    if reason is NotifyReason.FIRST_FINDING:
        since = last.first_failed_at if last and last.muted else record.check_time
        known = replace(known, findings=known.findings + 1, first_failed_at=since)
    return replace(known, notified_at=now, thread=thread)


def thread_for(last: LastNotification | None, reason: NotifyReason) -> str | None:
    """The thread that a message belongs in; a new finding opens its own."""
    return None if last is None or reason is NotifyReason.FIRST_FINDING else last.thread


def alert_id(last: LastNotification | None, record: CheckRecord) -> str:
    """The id of a message on this record: that of the date's running finding, or the next one's."""
    if last is None:
        return _alert_id(record.check_date, 1)
    if last.is_open or record.status.passes:
        return last.alert_id
    return _alert_id(record.check_date, last.findings + 1)


def prune(notified: Mapping[date, LastNotification], now: datetime) -> dict[date, LastNotification]:
    """What is worth keeping: yesterday on (a check made just before midnight may come after it)."""
    yesterday = game_date(now) - timedelta(days=1)
    return {day: last for day, last in notified.items() if day >= yesterday}


def mute_reason(record: CheckRecord) -> str | None:
    """Why nobody is to be paged about a look, None where nobody muted its date."""
    return None if record.detail.mute is None else record.detail.mute.reason


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
