"""What the command line's options take: game dates and instants."""

from __future__ import annotations

from datetime import UTC, date, datetime

import click

EARLIEST = date(1946, 11, 1)  # the league's first game
LATEST = date(2100, 1, 1)


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
