"""The command line: the same engine without Dagster, for a terminal, cron or CI."""

from __future__ import annotations

import atexit
import gc
import sys
import traceback
import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NoReturn

import click

from nba_monitoring.cli.mute import mute, unmute
from nba_monitoring.cli.parameters import GameDate, Instant
from nba_monitoring.cli.warehouse import open_set_warehouse
from nba_monitoring.errors import MonitoringError

# The rest is imported where a command needs it: `--help` and a wrong option answer at once.

COULD_NOT_CHECK = 2


as_json_lines = click.option(
    "--json", "as_json", is_flag=True, help="One JSON object a line, with the history table's columns as keys."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def cli() -> None:
    """Are the features there for today's NBA games?

    Compares the games that are scheduled on a date with what Phase 4 of the pipeline holds for them. Where it reads
    and how it alerts is set by environment variables (NBA_MONITORING_WAREHOUSE and others, see the README); with none
    set it works on an embedded sample warehouse.
    """


@cli.command()
@click.option("--date", "day", type=GameDate(), help="The game date (US Eastern). Without any date: today's.")
@click.option("--from", "first", type=GameDate(), help="First of a range of game dates.")
@click.option("--to", "last", type=GameDate(), help="Last of the range, included.")
@click.option("--now", type=Instant(), help="Judge as if it were this instant, such as 2026-01-18T08:00-08:00.")
@click.option(
    "--as-of",
    type=Instant(),
    help="Like --now, and hide Phase 4 rows processed later, so that a past morning is judged as it looked. A table "
    "that rewrites its rows loses their first times, so this shows the least that was there, never more.",
)
@as_json_lines
def check(
    day: date | None,
    first: date | None,
    last: date | None,
    now: datetime | None,
    as_of: datetime | None,
    as_json: bool,
) -> None:
    """Judge one game date, or a range of them, and append the verdicts to the history.

    \b
    Exit status: 0  every date passes (AVAILABLE, NO_GAMES, BOOTSTRAP)
                 1  at least one date fails
                 2  could not check; a message on standard error says why

    \b
    Examples:
      nba-monitoring check
      nba-monitoring check --date 2026-01-18 --as-of 2026-01-18T08:00-08:00
      nba-monitoring check --from 2025-10-21 --to 2026-04-12 --json
    """
    if now and as_of:
        raise click.UsageError("--now and --as-of exclude each other: --as-of moves the clock as well")
    clock = as_of or now or datetime.now(UTC)
    span = _span(day, first, last, clock)
    from nba_monitoring.cli.progress import progress
    from nba_monitoring.core.record import Trigger
    from nba_monitoring.monitor import Monitor

    with open_set_warehouse() as (settings, warehouse):
        monitor = Monitor(warehouse, settings, *span, clock, as_of, is_clock_real=not (now or as_of))
        records = monitor.record(str(uuid.uuid4()), Trigger.MANUAL, progress)
    if as_json:
        _print_json(record.to_json_values() for record in records)
    else:
        from nba_monitoring.cli.tables import print_verdicts

        print_verdicts(records)
    sys.exit(0 if all(record.status.passes for record in records) else 1)


@cli.command()
@click.option("--from", "first", type=GameDate(), help="First game date. Without it: from the first recorded.")
@click.option("--to", "last", type=GameDate(), help="Last game date, included. Without it: to the last recorded.")
@as_json_lines
def history(first: date | None, last: date | None, as_json: bool) -> None:
    """Show the recorded verdicts, oldest date first, each look at a date in a row of its own."""
    if first and last and first > last:
        raise click.UsageError(f"--from {first} is later than --to {last}")
    with open_set_warehouse() as (_, warehouse):
        found = warehouse.history(first, last)
    for row in found.unreadable:
        click.echo(f"nba-monitoring: {row}; it is passed over", err=True)
    if as_json:
        _print_json(record.to_json_values() for record in found.records)
    else:
        from nba_monitoring.cli.tables import print_history

        print_history(found.records)


@cli.command()
@click.argument("path", type=click.Path(path_type=Path))
def sample(path: Path) -> None:
    """Write a sample warehouse to PATH: a DuckDB file with the platform's tables.

    The season 2025-26 in it is made up, but for the slate of 2026-01-18, when Phase 4 held 8 rows at 8:00 AM Pacific
    and 144 by the afternoon. An existing file is left alone.
    """
    from nba_monitoring.sample import write_sample

    click.echo(write_sample(path))


@cli.command("alert-test")
def alert_test() -> None:
    """Send a test message by whichever way to Slack is set, and say what happened."""
    from nba_monitoring.alerts.transports import send_test_message
    from nba_monitoring.settings import Settings

    click.echo(send_test_message(Settings.load()))


cli.add_command(mute)
cli.add_command(unmute)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line."""
    # A check keeps nearly all that it makes: looking for garbage in it, on the way and at the exit, took a fifth of
    # its time.
    gc.set_threshold(1_000_000)
    atexit.register(gc.freeze)
    explained(lambda: cli.main(arguments, prog_name="nba-monitoring"))


def explained(command: Callable[[], None]) -> None:
    """Run a command. Whatever keeps it from its work is one message on standard error and exit status 2."""
    try:
        command()
    except MonitoringError as error:
        _fail(str(error))
    except Exception as error:  # a defect of ours must not look like a failed check, whose exit status is 1
        place = traceback.extract_tb(error.__traceback__)[-1]
        _fail(f"internal error, please report it: {type(error).__name__}: {error} ({place.filename}:{place.lineno})")


def _fail(message: str) -> NoReturn:
    click.echo(f"nba-monitoring: {message}", err=True)
    sys.exit(COULD_NOT_CHECK)


def _print_json(rows: Iterable[dict[str, Any]]) -> None:
    from pydantic_core import to_json

    click.echo(b"".join(to_json(row) + b"\n" for row in rows), nl=False)


def _span(day: date | None, first: date | None, last: date | None, clock: datetime) -> tuple[date, date]:
    if day and (first or last):
        raise click.UsageError("--date stands for one date; leave it out with --from and --to")
    if (first is None) != (last is None):
        raise click.UsageError("--from and --to go together")
    if first and last:
        if first > last:
            raise click.UsageError(f"--from {first} is later than --to {last}")
        return first, last
    from nba_monitoring.core.eastern import game_date

    only = day or game_date(clock)
    return only, only
