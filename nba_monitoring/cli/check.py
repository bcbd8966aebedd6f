"""`nba-monitoring check`: judge game dates and keep the verdicts."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from uuid import uuid4

import click

from nba_monitoring.cli.json_lines import as_json_lines, print_json_lines
from nba_monitoring.cli.parameters import GameDate, Instant, span_of
from nba_monitoring.cli.progress import progress
from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.monitor import Monitor
from nba_monitoring.settings import Settings
from nba_monitoring.warehouse import open_warehouse


@click.command()
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
    span = span_of(day, first, last) or (game_date(clock), game_date(clock))
    settings = Settings.load()
    with open_warehouse(settings.warehouse) as warehouse:
        monitor = Monitor(warehouse, settings, *span, clock, as_of, is_clock_real=not (now or as_of))
        records = monitor.record(str(uuid4()), Trigger.MANUAL, progress)
    if as_json:
        print_json_lines(record.to_json_values() for record in records)
    else:
        from nba_monitoring.cli.tables import print_verdicts

        print_verdicts(records)
    sys.exit(0 if all(record.status.passes for record in records) else 1)
