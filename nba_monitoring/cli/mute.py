"""`nba-monitoring mute` and `unmute`: no alerts for a date with a known gap."""

from __future__ import annotations

from datetime import UTC, date, datetime

import click

from nba_monitoring.cli.output import configured_warehouse
from nba_monitoring.cli.parameters import Instant, date_options, span_of
from nba_monitoring.core.eastern import dates_between
from nba_monitoring.core.record import Mute, mute_in_force
from nba_monitoring.core.words import dates, moment
from nba_monitoring.settings import Settings


@click.command()
@date_options()
@click.option(
    "--until",
    type=Instant(),
    help="When alerts resume, for example 2026-01-18T15:00-05:00. Default: at the end of the game date.",
)
@click.option("--reason", required=True, help="Reason, shown in the history and when the mute expires.")
@click.option("--by", help="Your name, shown with the reason.")
def mute(
    day: date | None, first: date | None, last: date | None, until: datetime | None, reason: str, by: str | None
) -> None:
    """Mute alerts for one or more game dates.

    Muted dates are still checked and recorded. One message reports the end: when the mute expires and the date still
    fails, or when its data is complete.
    """
    now = datetime.now(UTC)
    span = _required(span_of(day, first, last))
    if not reason.strip():
        raise click.UsageError("--reason must not be empty")
    if by is not None and not by.strip():
        raise click.UsageError("--by must not be empty; leave it out to stay anonymous")
    if until is not None and until <= now:
        raise click.UsageError(f"--until {moment(until)} is in the past")
    name = by.strip() if by else None
    with configured_warehouse(Settings.load()) as warehouse:
        warehouse.append_mutes([Mute(muted, now, until, reason.strip(), name) for muted in dates_between(*span)])
    the_date = "the date" if span[0] == span[1] else "each date"
    end = moment(until) if until else f"the end of {the_date}"
    click.echo(f"Muted {dates(*span)} until {end}. Checks are still recorded.")


@click.command()
@date_options()
def unmute(day: date | None, first: date | None, last: date | None) -> None:
    """End a mute now.

    The next check of the date alerts again.
    """
    now = datetime.now(UTC)
    span = _required(span_of(day, first, last))
    with configured_warehouse(Settings.load()) as warehouse:
        mutes = warehouse.mutes(*span)
        muted = [found for found in dates_between(*span) if mute_in_force(mutes.get(found, ()), now)]
        if muted:
            warehouse.append_mutes([Mute(found, now, until=None, reason=None) for found in muted])
    for found in muted:
        click.echo(f"{found} is no longer muted.")
    if not muted:
        click.echo(f"No mute on {dates(*span)}.")


def _required(span: tuple[date, date] | None) -> tuple[date, date]:
    if span is None:
        raise click.UsageError("give --date, or --from and --to")
    return span
