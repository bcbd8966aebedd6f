"""Options that several commands share, and their types: game dates, instants, durations."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

import click

from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.stage_fields import parse_span

Function = TypeVar("Function", bound=Callable[..., Any])

EARLIEST = date(1946, 11, 1)  # the league's first game
LATEST = date(2100, 1, 1)

by_stage = click.option(
    "--stages", is_flag=True, help="One row per date and stage, instead of one row per date for Phase 4."
)
as_json_lines = click.option(
    "--json", "as_json", is_flag=True, help="One JSON object per line, with the table's columns as keys."
)


_DAYS_FROM_TODAY = {"yesterday": -1, "today": 0, "tomorrow": 1}


class GameDate(click.ParamType[date]):
    """A US Eastern game date: YYYY-MM-DD, today, yesterday or tomorrow, as of --now or --as-of."""

    name = "date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Raises BadParameter for anything else."""
        days = _DAYS_FROM_TODAY.get(str(value))
        if days is not None:
            moved = () if ctx is None else (ctx.params.get("as_of"), ctx.params.get("now"))
            instants = [instant for instant in moved if isinstance(instant, datetime)]
            return game_date(instants[0] if instants else datetime.now(UTC)) + timedelta(days=days)
        try:
            day = date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a date; write 2026-01-18, today, yesterday or tomorrow", param, ctx)
        if not EARLIEST <= day <= LATEST:
            self.fail(f"{day} is not between {EARLIEST} and {LATEST}", param, ctx)
        return day


class Instant(click.ParamType[datetime]):
    """An ISO 8601 time with its UTC offset, converted to UTC."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Raises BadParameter for anything else, and for a time without an offset."""
        try:
            instant = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a time with a UTC offset; write 2026-01-18T11:00-05:00", param, ctx)
        if instant.tzinfo is None:
            self.fail(f"{value!r} has no UTC offset; write 2026-01-18T11:00-05:00", param, ctx)
        if not EARLIEST <= instant.date() <= LATEST:
            self.fail(f"{value!r} is not between {EARLIEST} and {LATEST}", param, ctx)
        return instant.astimezone(UTC)


class Duration(click.ParamType[timedelta]):
    """A duration between five minutes and twelve hours, such as 30m, 2h or 1h30m."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Raises BadParameter for anything else."""
        duration = parse_span(str(value))
        if duration is None:
            self.fail(f"{value!r} is not a duration; write 30m, 2h or 1h30m", param, ctx)
        if not timedelta(minutes=5) <= duration <= timedelta(hours=12):
            self.fail(f"{value!r} is not between 5m and 12h", param, ctx)
        return duration


def clock_options(command: Function) -> Function:
    """Add `--now` and `--as-of`, as `now` and `as_of`, for `clock_of`."""
    for option in (
        click.option(
            "--as-of",
            type=Instant(),
            is_eager=True,  # before the dates, which may be relative to it
            help="Like --now, and ignore rows first written later, to check a past morning as it was. Where a table "
            "loses the first write times, the result is a lower bound.",
        ),
        click.option(
            "--now",
            type=Instant(),
            is_eager=True,
            help="Check as if it were this time, for example 2026-01-18T11:00-05:00.",
        ),
    ):
        command = option(command)
    return command


def clock_of(now: datetime | None, as_of: datetime | None) -> tuple[datetime, bool]:
    """Return the instant to check at (UTC), and whether it is the real one. Raises UsageError."""
    if now and as_of:
        raise click.UsageError("use either --now or --as-of, not both (--as-of moves the clock too)")
    moved = as_of or now
    return (datetime.now(UTC), True) if moved is None else (moved, False)


def date_options(default: str = "") -> Callable[[Function], Function]:
    """Add `--date`, `--from` and `--to`, as `day`, `first` and `last`, for `span_of`; `default` ends the first help."""

    def add(command: Function) -> Function:
        for option in (
            click.option("--to", "last", type=GameDate(), help="Last game date of the range, inclusive."),
            click.option("--from", "first", type=GameDate(), help="First game date of a range."),
            click.option(
                "--date",
                "day",
                type=GameDate(),
                help=f"Game date (US Eastern), or today, yesterday, tomorrow.{default}",
            ),
        ):
            command = option(command)
        return command

    return add


def recorded_dates(command: Function) -> Function:
    """Add `--from` and `--to`, as `first` and `last`: a part of what is recorded, for `require_order`."""
    for option in (
        click.option("--to", "last", type=GameDate(), help="Last game date, inclusive. Default: the latest recorded."),
        click.option("--from", "first", type=GameDate(), help="First game date. Default: the earliest recorded."),
    ):
        command = option(command)
    return command


def require_order(first: date | None, last: date | None) -> None:
    """Raises UsageError if the first date is later than the last."""
    if first and last and first > last:
        raise click.UsageError(f"--from {first} is later than --to {last}")


def span_of(day: date | None, first: date | None, last: date | None) -> tuple[date, date] | None:
    """Return the first and last date given, or None if none was. Raises UsageError."""
    if day and (first or last):
        raise click.UsageError("use either --date or --from and --to, not both")
    if (first is None) != (last is None):
        raise click.UsageError("--from and --to go together")
    if first and last:
        require_order(first, last)
        return first, last
    return None if day is None else (day, day)
