"""Game dates: a game belongs to the US Eastern calendar day on which it tips off."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nba_monitoring.errors import MonitoringError


def _zone(name: str) -> ZoneInfo:
    # On 2026-02-11 an image without time-zone data checked the wrong day. Better not to start at all.
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError as error:
        raise MonitoringError(
            f"no time-zone data for {name} on this machine, so game dates are unknown: "
            "install the 'tzdata' package (pip install tzdata)"
        ) from error


EASTERN = _zone("America/New_York")
PACIFIC = _zone("America/Los_Angeles")


def eastern(instant: datetime) -> datetime:
    """The US Eastern clock of an instant. Raises ValueError for a naive datetime."""
    # Python interprets a naive datetime as local time, which is right only on some machines.
    if instant.tzinfo is None:
        raise ValueError(f"{instant.isoformat()} has no time zone; an instant needs one")
    return instant.astimezone(EASTERN)


def game_date(instant: datetime) -> date:
    """The US Eastern day of an instant. Raises ValueError for a naive datetime."""
    return eastern(instant).date()


def eastern_clock(instant: datetime) -> str:
    """A time as people write it: '7:30 PM ET'. Raises ValueError for a naive datetime."""
    local = eastern(instant)
    return f"{local.hour % 12 or 12}:{local:%M %p} ET"


def eastern_stamp(instant: datetime) -> str:
    """Date and US Eastern time, for a table: '2026-01-18 11:00'. Raises ValueError for a naive datetime."""
    return f"{eastern(instant):%Y-%m-%d %H:%M}"


def tip_clock(tip_at: datetime | None) -> str:
    """`eastern_clock` of a tip-off, or 'time unknown'."""
    return "time unknown" if tip_at is None else eastern_clock(tip_at)


def eastern_instant(day: date, clock: time) -> datetime:
    """A time on the US Eastern clock of a date, as a UTC instant."""
    return datetime.combine(day, clock, EASTERN).astimezone(UTC)


def earliest_tip(day: date) -> datetime:
    """Noon Eastern (UTC): the earliest tip-off on record, assumed if a tip-off is unknown."""
    return eastern_instant(day, time(12))


def start_of(day: date) -> datetime:
    """The start of a US Eastern day (UTC)."""
    return eastern_instant(day, time())


def end_of_day(day: date) -> datetime:
    """The Eastern midnight that ends a game date (UTC): no game of the date tips off later."""
    return start_of(day + timedelta(days=1))


def morning_of(day: date) -> datetime:
    """8:00 AM Pacific (11:00 AM ET) of a game date (UTC): the time of its scheduled check."""
    return datetime.combine(day, time(8), PACIFIC).astimezone(UTC)


def results_deadline(day: date) -> datetime:
    """The results deadline of a game date (UTC): noon Pacific (3:00 PM ET) the next day."""
    return datetime.combine(day + timedelta(days=1), time(12), PACIFIC).astimezone(UTC)


def dates_between(first: date, last: date) -> tuple[date, ...]:
    """Every date from first to last, inclusive; empty if last is earlier."""
    return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))
