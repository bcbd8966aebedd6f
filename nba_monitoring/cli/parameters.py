"""What the command line's options take: game dates and instants."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, TypeVar

import click

Function = TypeVar("Function", bound=Callable[..., Any])

EARLIEST = date(1946, 11, 1)  # the league's first game
LATEST = date(2100, 1, 1)


by_stage = click.option(
    "--stages", is_flag=True, help="A row a date and stage of the pipeline, instead of a row a date about Phase 4."
)


class GameDate(click.ParamType[date]):
    """A US Eastern game date, YYYY-MM-DD."""

    name = "date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Raises BadParameter for anything else."""
        try:
            day = date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a date; write it as 2026-01-18", param, ctx)
        if not EARLIEST <= day <= LATEST:
            self.fail(f"{day} is not between {EARLIEST} and {LATEST}", param, ctx)
        return day


class Instant(click.ParamType[datetime]):
    """An ISO 8601 instant with its offset; UTC inside."""

    name = "instant"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Raises BadParameter for anything else, and for a time without an offset."""
        try:
            instant = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is not an instant; write it as 2026-01-18T08:00-08:00", param, ctx)
        if instant.tzinfo is None:
            self.fail(f"{value!r} has no offset; write it as 2026-01-18T08:00-08:00", param, ctx)
        if not EARLIEST <= instant.date() <= LATEST:
            self.fail(f"{value!r} is not between {EARLIEST} and {LATEST}", param, ctx)
        return instant.astimezone(UTC)


def clock_options(command: Function) -> Function:
    """The options `--now` and `--as-of`, as `now` and `as_of`: what `clock_of` takes."""
    for option in (
        click.option(
            "--as-of",
            type=Instant(),
            help="Like --now, and hide rows written later, so that a past morning is judged as it looked. A table that "
            "rewrites its rows loses their first times, so this shows the least that was there, never more.",
        ),
        click.option("--now", type=Instant(), help="Judge as if it were this instant, such as 2026-01-18T08:00-08:00."),
    ):
        command = option(command)
    return command


def clock_of(now: datetime | None, as_of: datetime | None) -> tuple[datetime, bool]:
    """The instant (UTC) to judge at, and whether it is the real one. Raises UsageError."""
    if now and as_of:
        raise click.UsageError("--now and --as-of exclude each other: --as-of moves the clock as well")
    moved = as_of or now
    return (datetime.now(UTC), True) if moved is None else (moved, False)


def date_options(command: Function) -> Function:
    """The options `--date`, `--from` and `--to`, as `day`, `first` and `last`: one game date, or a range of them."""
    for option in (
        click.option("--to", "last", type=GameDate(), help="Last of the range, included."),
        click.option("--from", "first", type=GameDate(), help="First of a range of game dates."),
        click.option("--date", "day", type=GameDate(), help="The game date (US Eastern)."),
    ):
        command = option(command)
    return command


def span_of(day: date | None, first: date | None, last: date | None) -> tuple[date, date] | None:
    """First and last date of what was given; None where nothing was. Raises UsageError."""
    if day and (first or last):
        raise click.UsageError("--date stands for one date; leave it out with --from and --to")
    if (first is None) != (last is None):
        raise click.UsageError("--from and --to go together")
    if first and last:
        if first > last:
            raise click.UsageError(f"--from {first} is later than --to {last}")
        return first, last
    return None if day is None else (day, day)
