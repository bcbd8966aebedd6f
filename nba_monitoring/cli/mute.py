"""`nba-monitoring mute` and `unmute`: stay quiet about a date, and speak of it again."""

from __future__ import annotations

from datetime import UTC, date, datetime

import click

from nba_monitoring.cli.parameters import GameDate, Instant
from nba_monitoring.core.mutes import Mute, mute_in_force
from nba_monitoring.settings import Settings
from nba_monitoring.warehouse import open_warehouse


@click.command()
@click.option("--date", "day", type=GameDate(), required=True, help="The game date (US Eastern) to stay quiet about.")
@click.option(
    "--until", type=Instant(), help="When to speak again, such as 2026-01-18T12:00-08:00. Without it: all day."
)
@click.option("--reason", required=True, help="Why; shown in the history, and in the message when the mute ends.")
def mute(day: date, until: datetime | None, reason: str) -> None:
    """Stop paging about a game date whose gap is known.

    The check goes on, and each verdict is recorded. When the mute ends and the date still fails, or when it is covered,
    one message says so.
    """
    now = datetime.now(UTC)
    if not reason.strip():
        raise click.UsageError("--reason: say why, for those who will read it in the morning")
    if until is not None and until <= now:
        raise click.UsageError(f"--until {until.isoformat()} has passed")
    with open_warehouse(Settings.load().warehouse) as warehouse:
        warehouse.append_mute(Mute(day, now, until, reason.strip()))
    end = f"until {until:%Y-%m-%d %H:%M} UTC" if until else "as long as the date lasts"
    click.echo(f"{day} is muted {end}. It is checked and recorded as ever.")


@click.command()
@click.option("--date", "day", type=GameDate(), required=True, help="The game date (US Eastern) to speak of again.")
def unmute(day: date) -> None:
    """End a mute before its time: the next look speaks again."""
    now = datetime.now(UTC)
    with open_warehouse(Settings.load().warehouse) as warehouse:
        if mute_in_force(warehouse.mutes(day, day).get(day, ()), now) is None:
            click.echo(f"{day} is not muted.")
            return
        warehouse.append_mute(Mute(day, now, until=None, reason=None))
    click.echo(f"{day} is no longer muted.")
