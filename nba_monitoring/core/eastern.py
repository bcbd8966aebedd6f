"""Game dates: a game belongs to the US Eastern calendar day on which it tips off."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nba_monitoring.errors import MonitoringError


def _zone(name: str) -> ZoneInfo:
    # On 2026-02-11 an image without time-zone data ran the wrong day. Better not to start at all.
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError as error:
        raise MonitoringError(
            f"no time-zone data for {name} on this machine, so game dates can't be told: "
            "install the 'tzdata' package (pip install tzdata)"
        ) from error


EASTERN = _zone("America/New_York")
PACIFIC = _zone("America/Los_Angeles")


def eastern(instant: datetime) -> datetime:
    """The US Eastern clock of an instant. Raises ValueError for a naive datetime."""
    # Python takes a naive datetime for the machine's own time, which would be right on some machines only.
    if instant.tzinfo is None:
        raise ValueError(f"{instant.isoformat()} has no time zone; an instant needs one")
    return instant.astimezone(EASTERN)


def game_date(instant: datetime) -> date:
    """The US Eastern day of an instant. Raises ValueError for a naive datetime."""
    return eastern(instant).date()


def eastern_clock(instant: datetime) -> str:
    """A tip-off as fans write it: '7:30 PM ET'. Raises ValueError for a naive datetime."""
    local = eastern(instant)
    return f"{local.hour % 12 or 12}:{local:%M %p} ET"


def eastern_stamp(instant: datetime) -> str:
    """Date and US Eastern time, for a table: '2026-01-18 11:00'. Raises ValueError for a naive datetime."""
    return f"{eastern(instant):%Y-%m-%d %H:%M}"


def tip_clock(tip_at: datetime | None) -> str:
    """`eastern_clock` of a tip-off, or that it is not known."""
    return "time unknown" if tip_at is None else eastern_clock(tip_at)


def eastern_instant(day: date, clock: time) -> datetime:
    """A time on the US Eastern clock of a date, as a UTC instant."""
    return datetime.combine(day, clock, EASTERN).astimezone(UTC)


def earliest_tip(day: date) -> datetime:
    """Noon Eastern as a UTC instant: the earliest tip-off on record, assumed where none is known."""
    return eastern_instant(day, time(12))


def start_of(day: date) -> datetime:
    """Midnight at which a US Eastern day begins, as a UTC instant."""
    return eastern_instant(day, time())


def end_of_day(day: date) -> datetime:
    """The Eastern midnight that ends a game date, as a UTC instant: no game of the date tips off later."""
    return start_of(day + timedelta(days=1))


def morning_look(day: date) -> datetime:
    """8:00 AM Pacific of a game date as a UTC instant: when its scheduled look is due."""
    return datetime.combine(day, time(8), PACIFIC).astimezone(UTC)


def end_of_morning_after(day: date) -> datetime:
    """Noon Pacific of the day after a game date, as a UTC instant: until then what the games left behind is urgent."""
    return datetime.combine(day + timedelta(days=1), time(12), PACIFIC).astimezone(UTC)


def dates_between(first: date, last: date) -> tuple[date, ...]:
    """Every date from first to last, both included; empty when last is earlier."""
    return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))
