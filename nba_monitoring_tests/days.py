"""The date that most tests check, and clock times on it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from nba_monitoring.core.eastern import EASTERN, PACIFIC

DAY = date(2026, 1, 18)
EVE, NEXT = DAY - timedelta(days=1), DAY + timedelta(days=1)


def at(hour: int, minute: int = 0, day: date = DAY) -> datetime:
    """A Pacific wall-clock time."""
    return datetime.combine(day, time(hour, minute), PACIFIC)


def eastern(hour: int, minute: int = 0, day: date = DAY) -> datetime:
    """An Eastern wall-clock time as a UTC instant."""
    return datetime.combine(day, time(hour, minute), EASTERN).astimezone(UTC)
