"""`nba-monitoring mute` and `unmute`: stay quiet about dates, and speak of them again."""

from __future__ import annotations

from datetime import UTC, date, datetime

import click

from nba_monitoring.cli.parameters import Instant, date_options, span_of
from nba_monitoring.core.eastern import dates_between
from nba_monitoring.core.mutes import Mute, mute_in_force
from nba_monitoring.settings import Settings
from nba_monitoring.warehouse import open_warehouse


@click.command()
@date_options
@click.option(
    "--until", type=Instant(), help="When to speak again, such as 2026-01-18T12:00-08:00. Without it: all day."
)
@click.option("--reason", required=True, help="Why; shown in the history, and in the message when the mute ends.")
@click.option("--by", help="Who mutes; shown beside the reason.")
def mute(
    day: date | None, first: date | None, last: date | None, until: datetime | None, reason: str, by: str | None
) -> None:
    """Stop paging about a game date, or a range of them, whose gap is known.

    The check goes on, and each verdict is recorded. When the mute ends and the date still fails, or when it is covered,
    one message says so.
    """
    now = datetime.now(UTC)
    span = _required(span_of(day, first, last))
    if not reason.strip():
        raise click.UsageError("--reason: say why, for those who will read it in the morning")
    if by is not None and not by.strip():
        raise click.UsageError("--by: give a name, or leave it out")
    if until is not None and until <= now:
        raise click.UsageError(f"--until {until.isoformat()} has passed")
    name = by.strip() if by else None
    with open_warehouse(Settings.load().warehouse) as warehouse:
        warehouse.append_mutes([Mute(muted, now, until, reason.strip(), name) for muted in dates_between(*span)])
    end = f"until {until:%Y-%m-%d %H:%M} UTC" if until else "as long as the date lasts"
    if span[0] == span[1]:
        click.echo(f"{span[0]} is muted {end}. It is checked and recorded as ever.")
    else:
        each = end if until else "each as long as the date lasts"
        click.echo(f"{span[0]} to {span[1]} are muted {each}. They are checked and recorded as ever.")


@click.command()
@date_options
def unmute(day: date | None, first: date | None, last: date | None) -> None:
    """End a mute before its time: the next look speaks again."""
    now = datetime.now(UTC)
    span = _required(span_of(day, first, last))
    with open_warehouse(Settings.load().warehouse) as warehouse:
        mutes = warehouse.mutes(*span)
        muted = [found for found in dates_between(*span) if mute_in_force(mutes.get(found, ()), now)]
        if muted:
            warehouse.append_mutes([Mute(found, now, until=None, reason=None) for found in muted])
    for found in muted:
        click.echo(f"{found} is no longer muted.")
    if not muted:
        click.echo(f"{span[0]} is not muted." if span[0] == span[1] else f"{span[0]} to {span[1]} are not muted.")


def _required(span: tuple[date, date] | None) -> tuple[date, date]:
    if span is None:
        raise click.UsageError("give a --date, or a range of them with --from and --to")
    return span
