"""`nba-monitoring mute`, `unmute` and `mutes`: no alerts for a date with a known gap."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import click

from nba_monitoring.cli.output import configured_warehouse, print_json_lines
from nba_monitoring.cli.parameters import Instant, as_json_lines, date_options, span_of
from nba_monitoring.core.eastern import dates_between, eastern_stamp, game_date, results_deadline, start_of
from nba_monitoring.core.mutes import MutedDates
from nba_monitoring.core.record import Mute, mute_in_force
from nba_monitoring.core.words import count, dates, environment_named, moment
from nba_monitoring.settings import Settings


@click.command()
@date_options()
@click.option(
    "--until",
    type=Instant(),
    help="When alerts resume, for example 2026-01-18T15:00-05:00. Default: at the end of the game date.",
)
@click.option("--reason", required=True, help="Reason, shown wherever the mute is.")
@click.option("--by", help="Your name, shown with the reason.")
@click.option("--yes", "is_meant", is_flag=True, help="Don't ask for confirmation of more than seven dates.")
def mute(
    day: date | None,
    first: date | None,
    last: date | None,
    until: datetime | None,
    reason: str,
    by: str | None,
    is_meant: bool,
) -> None:
    """Mute alerts for one or more game dates.

    Muted dates are still checked and recorded. One message reports the end: when the mute expires and the date still
    fails, or when its data is complete. `mutes` lists what is muted; a mute of more than seven dates is also reported
    each Monday.
    """
    now = datetime.now(UTC)
    span = _required(span_of(day, first, last))
    if not reason.strip():
        raise click.UsageError("--reason must not be empty")
    if by is not None and not by.strip():
        raise click.UsageError("--by must not be empty; leave it out to stay anonymous")
    _require_effect(span, until, now)
    muted = MutedDates(*span, now, until, reason.strip(), by.strip() if by else None)
    if muted.is_long and not is_meant:
        _confirm(muted)
    settings = Settings.load()
    with configured_warehouse(settings) as warehouse:
        warehouse.append_mutes(
            [Mute(each, muted.set_at, muted.until, muted.reason, muted.by) for each in dates_between(*span)]
        )
    environment = environment_named(settings.environment)
    click.echo(f"Muted {dates(*span)} until {muted.end} in {environment}. Checks are still recorded.")


def _require_effect(span: tuple[date, date], until: datetime | None, now: datetime) -> None:
    """Raises UsageError if the mute would have no effect on one of its dates."""
    first, last = span
    today = game_date(now)
    yesterday = today - timedelta(days=1)
    earliest = yesterday if now < results_deadline(yesterday) else today
    if first < earliest:
        raise click.UsageError(f"{first} is over: muting it has no effect; the earliest date to mute is {earliest}")
    if until is None:
        return
    if until <= now:
        raise click.UsageError(f"--until {moment(until)} is in the past")
    if until <= start_of(last):
        raise click.UsageError(f"--until {moment(until)} is before {last}: muting that date has no effect")


def _confirm(muted: MutedDates) -> None:
    """Ask whether a long mute is meant. Raises UsageError if nobody can be asked, Abort if it is not."""
    number = count((muted.last - muted.first).days + 1, "date")
    if not sys.stdin.isatty():
        raise click.UsageError(f"this mutes {number}; add --yes if that is meant")
    click.confirm(f"Send no alerts for {number}, {dates(muted.first, muted.last)}?", abort=True, err=True)


@click.command()
@date_options()
def unmute(day: date | None, first: date | None, last: date | None) -> None:
    """End a mute now.

    Alerts resume at the sensor's next tick (every 30 seconds).
    """
    now = datetime.now(UTC)
    span = _required(span_of(day, first, last))
    settings = Settings.load()
    with configured_warehouse(settings) as warehouse:
        mutes = warehouse.mutes(*span)
        muted = [found for found in dates_between(*span) if mute_in_force(mutes.get(found, ()), now)]
        if muted:
            warehouse.append_mutes([Mute(found, now, until=None, reason=None) for found in muted])
    environment = environment_named(settings.environment)
    for found in muted:
        click.echo(f"{found} is no longer muted in {environment}.")
    if not muted:
        click.echo(f"No mute on {dates(*span)} in {environment}.")


@click.command()
@as_json_lines
def mutes(as_json: bool) -> None:
    """List what is muted.

    Shows the mutes in force for today and later dates. With --json, one line per date.
    """
    now = datetime.now(UTC)
    settings = Settings.load()
    with configured_warehouse(settings, as_json, "Reading the mutes") as warehouse:
        found = warehouse.muted(now)
    if as_json:
        print_json_lines(
            {
                "check_date": day,
                "set_at": each.set_at.isoformat(),
                "until": each.until and each.until.isoformat(),
                "reason": each.reason,
                "muted_by": each.by,
                "environment": settings.environment or "",
            }
            for each in found
            for day in dates_between(each.first, each.last)
            if now < results_deadline(day)
        )
    elif found:
        _print(found)
    else:
        click.echo(f"Nothing is muted in {environment_named(settings.environment)}.")


def _print(found: Sequence[MutedDates]) -> None:
    # Imported here: `--json` prints no table.
    from rich.markup import escape

    from nba_monitoring.cli.tables import console, print_table

    rows = [
        [
            dates(each.first, each.last),
            each.end,
            *map(escape, (each.reason, each.by or "-")),
            eastern_stamp(each.set_at),
        ]
        for each in found
    ]
    headings = ["Dates", "Until", "Reason", "By", "Set (ET)"]
    print_table(console(), headings, rows, folded={"Dates", "Until", "Reason"}, narrowest=16)


def _required(span: tuple[date, date] | None) -> tuple[date, date]:
    if span is None:
        raise click.UsageError("give --date, or --from and --to")
    return span
