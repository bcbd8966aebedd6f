"""When a date is settled: whether another look at it can still help."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from nba_monitoring.core.eastern import end_of_day, end_of_morning_after, morning_look
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.stage_record import StageCheck
from nba_monitoring.core.stages import Due
from nba_monitoring.core.status import Status

# A date that passed is looked at once more so long before its first tip-off.
LAST_LOOK_BEFORE_TIP = timedelta(hours=1)


def why_settled(record: CheckRecord | None, now: datetime, due: Due = Due.BEFORE_TIP) -> str | None:
    """Why another look at what is due at one time can't help, at an instant (UTC); None while it can.

    A look that passes settles its date until an hour before the first tip-off: what was there in the morning may be
    gone by then, and an hour is enough to act. One of before the morning settles nothing, since what it saw may have
    been the last day's, nor does one that found a stage not due yet. A game whose tip-off is not known may be played
    until the Eastern day ends. What a game left behind is looked at until the morning after it ends.
    """
    if record is None or not record.stands_at(now):
        return None
    checks = record.stages_due(due)
    if all(check.status.passes for check in checks.values()):
        if any(check.status is Status.NOT_DUE for check in checks.values()):
            return None
        is_early = record.check_time < morning_look(record.check_date)
        if due is Due.BEFORE_TIP and (is_early or _is_last_look_due(record, now)):
            return None
        return f"{record.check_date} is {record.status if due is Due.BEFORE_TIP else 'complete'}"
    if due is Due.MORNING_AFTER:
        is_over = now >= end_of_morning_after(record.check_date)
        return f"the morning after {record.check_date} is over" if is_over else None
    over = end_of_day(record.check_date)
    seen = {game.id: entry.tip_at for game, entry in record.detail.games.items()}
    tips = [tip or over for unit in _uncovered_units(checks) for tip in _tips_of(unit, seen)]
    if tips and max(tips) <= now:
        return f"the last uncovered game of {record.check_date} has tipped off"
    return None


def _uncovered_units(checks: Mapping[str, StageCheck]) -> Sequence[str]:
    return [unit for check in checks.values() if not check.status.passes for unit in (*check.missing, *check.partial)]


def _tips_of(unit: str, games: Mapping[str, datetime | None]) -> Sequence[datetime | None]:
    """When the games tip off that a unit concerns: a game its own, a team or a whole date all."""
    return [games[unit]] if unit in games else list(games.values())


def _is_last_look_due(record: CheckRecord, now: datetime) -> bool:
    if record.first_tip_at is None:
        return False
    due = record.first_tip_at - LAST_LOOK_BEFORE_TIP
    return due <= now < record.first_tip_at and record.check_time < due
