"""Times and lists as people say them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from nba_monitoring.core.eastern import eastern_clock, game_date


def duration(length: timedelta) -> str:
    """'45 min', '3 h 25 min', '2 days 4 h'; never negative."""
    minutes = max(0, int(length.total_seconds() // 60))
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{count(days, 'day')} {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def count(number: int, noun: str) -> str:
    """'1 game', '6 games', '1,200 rows'."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def day_name(day: date) -> str:
    """'Sun 2026-01-18', whatever the machine's language."""
    return f"{'Mon Tue Wed Thu Fri Sat Sun'.split()[day.weekday()]} {day}"


def moment(instant: datetime, day: date | None = None) -> str:
    """'11:00 AM ET', with the date before it unless it is of `day`."""
    on = game_date(instant)
    return eastern_clock(instant) if on == day else f"{on} {eastern_clock(instant)}"


def first_few(items: Sequence[str], most: int) -> list[str]:
    """The items, or the first of them and a last line that says how many more there are."""
    return list(items) if len(items) <= most else [*items[:most], f"and {len(items) - most:,} more"]


def fallback(parts: Iterable[str], alert_id: str) -> str:
    """The line that a notification shows, of sentences without their full stops."""
    return ". ".join(parts) + f" [{alert_id}]"
