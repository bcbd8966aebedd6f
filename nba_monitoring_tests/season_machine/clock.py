"""The clocks of the contract: the US Eastern game date, and the hours at which a date is checked."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

EASTERN = ZoneInfo("America/New_York")
PACIFIC = ZoneInfo("America/Los_Angeles")
DAY = timedelta(days=1)
HALF_HOUR = timedelta(minutes=30)


def eastern(day: date, hour: float) -> datetime:
    """So many hours on the Eastern clock of a date, more than 24 for the dates after it, as a UTC instant."""
    days, hours = divmod(hour, 24)
    clock = datetime.combine(day + timedelta(days=days), time(), EASTERN) + timedelta(hours=hours)
    return clock.astimezone(UTC)


def morning(day: date) -> datetime:
    """8:00 AM Pacific, the first check of a date."""
    return datetime.combine(day, time(8), PACIFIC).astimezone(UTC)


def results_deadline(day: date) -> datetime:
    """Noon Pacific of the next day: the end of what the games left behind."""
    return datetime.combine(day + DAY, time(12), PACIFIC).astimezone(UTC)


def next_check(instant: datetime, first: datetime) -> datetime:
    """The first half hour at or after an instant, counted from the first check on."""
    steps = max(0, -((first - instant) // HALF_HOUR))
    return first + steps * HALF_HOUR
