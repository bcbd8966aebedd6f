"""Decide whether a date needs another check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta

from nba_monitoring.core.eastern import PACIFIC, end_of_day, morning_of, results_deadline
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.stage_record import StageCheck
from nba_monitoring.core.stages import Due
from nba_monitoring.core.status import Status
from nba_monitoring.core.words import results_deadline_passed

# A date that passed is checked once more at this time before its first tip-off.
LAST_CHECK_BEFORE_TIP = timedelta(hours=1)
# Rechecks run every half hour until this Pacific time, as the schedule `recheck_until_covered` asks for them.
RECHECK_EVERY = timedelta(minutes=30)
LAST_RECHECK = time(20, 30)


def last_check(deadline: datetime) -> datetime | None:
    """The recheck (UTC) that decides what was there by a deadline (UTC): the first one at or after it.

    None if the day has no further recheck, as at its end.
    """
    local = deadline.astimezone(PACIFIC)
    past = timedelta(minutes=local.minute % 30, seconds=local.second, microseconds=local.microsecond)
    found = local + (-past % RECHECK_EVERY)
    return found.astimezone(UTC) if found.date() == local.date() and found.time() <= LAST_RECHECK else None


def why_settled(record: CheckRecord | None, now: datetime, due: Due = Due.BEFORE_TIP) -> str | None:
    """Return why the stages with one due time need no further check at `now` (UTC), or None if they need one.

    A check that passes settles its date until an hour before the first tip-off: rows that existed in the morning may be
    gone by then, and an hour is enough to act. A check before the morning settles nothing, since it may have found the
    day before's rows, nor does one that found a stage not due yet.

    What is missing, or not due yet, is checked until its deadline, and once at or after it: rows written in the last
    minutes are in time. The deadline is the last uncovered tip-off (the end of the Eastern day if it or the game is
    unknown), or the results deadline.
    """
    if record is None or not record.stands_at(now):
        return None
    checks = record.stages_due(due)
    if due is Due.MORNING_AFTER and _is_over(record, results_deadline(record.check_date), now):
        return results_deadline_passed(record.check_date)
    if all(check.status.passes for check in checks.values()):
        if any(check.status is Status.NOT_DUE for check in checks.values()):
            return None
        is_early = record.check_time < morning_of(record.check_date)
        if due is Due.BEFORE_TIP and (is_early or _is_last_check_due(record, now)):
            return None
        return f"{record.check_date} is {record.status if due is Due.BEFORE_TIP else 'complete'}"
    if due is Due.MORNING_AFTER:
        return None
    over = end_of_day(record.check_date)
    games = {game.id: seen.tip_at for game, seen in record.detail.games.items()}
    tips = [tip or over for unit in _uncovered_units(checks) for tip in _tips_of(unit, games)]
    if any(check.status is Status.NOT_DUE for check in checks.values()):
        tips += [tip or over for tip in games.values()]
    if _is_over(record, max(tips, default=over), now):
        return (
            f"the last uncovered game of {record.check_date} has tipped off" if tips else f"{record.check_date} is over"
        )
    return None


def _is_over(record: CheckRecord, deadline: datetime, now: datetime) -> bool:
    """Whether a deadline has passed and the check that decides what was there by then was made, or will not be."""
    return now >= deadline and (record.check_time >= deadline or last_check(deadline) is None)


def _uncovered_units(checks: Mapping[str, StageCheck]) -> Sequence[str]:
    return [unit for check in checks.values() if not check.status.passes for unit in (*check.missing, *check.partial)]


def _tips_of(unit: str, games: Mapping[str, datetime | None]) -> Sequence[datetime | None]:
    """The tip-offs that a unit concerns: a game's own; all for a team or a whole date."""
    return [games[unit]] if unit in games else list(games.values())


def _is_last_check_due(record: CheckRecord, now: datetime) -> bool:
    if record.first_tip_at is None:
        return False
    due = record.first_tip_at - LAST_CHECK_BEFORE_TIP
    return due <= now < record.first_tip_at and record.check_time < due
