"""`nba-monitoring check`: judge game dates and keep the verdicts."""

from __future__ import annotations

import sys
from datetime import date, datetime
from uuid import uuid4

import click

from nba_monitoring.cli.json_lines import as_json_lines, print_json_lines
from nba_monitoring.cli.not_watched import say_not_watched
from nba_monitoring.cli.parameters import GameDate, by_stage, clock_of, clock_options, span_of
from nba_monitoring.cli.progress import progress
from nba_monitoring.core.codec import to_json_values
from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.monitor import Monitor
from nba_monitoring.settings import Settings
from nba_monitoring.warehouse import open_warehouse


@click.command()
@click.option("--date", "day", type=GameDate(), help="The game date (US Eastern). Without any date: today's.")
@click.option("--from", "first", type=GameDate(), help="First of a range of game dates.")
@click.option("--to", "last", type=GameDate(), help="Last of the range, included.")
@clock_options
@by_stage
@as_json_lines
def check(
    day: date | None,
    first: date | None,
    last: date | None,
    now: datetime | None,
    as_of: datetime | None,
    stages: bool,
    as_json: bool,
) -> None:
    """Judge one game date, or a range of them, and append the verdicts to the history.

    \b
    Exit status: 0  every row passes (AVAILABLE, NO_GAMES, BOOTSTRAP, NOT_DUE, HALTED)
                 1  at least one row fails: a date's Phase 4, or with --stages any stage of a date
                 2  could not check; a message on standard error says why

    \b
    Examples:
      nba-monitoring check
      nba-monitoring check --date 2026-01-18 --as-of 2026-01-18T08:00-08:00 --stages
      nba-monitoring check --from 2025-10-21 --to 2026-04-12 --json
    """
    clock, is_clock_real = clock_of(now, as_of)
    span = span_of(day, first, last) or (game_date(clock), game_date(clock))
    settings = Settings.load()
    with open_warehouse(settings.warehouse) as warehouse:
        monitor = Monitor(warehouse, settings, *span, clock, as_of, is_clock_real)
        records = monitor.record(str(uuid4()), Trigger.MANUAL, progress)
    by_date_and_stage = [row for record in records for row in record.stages.values()] if stages else []
    if stages:
        say_not_watched(records[0].detail.not_watched)
    if as_json:
        print_json_lines(to_json_values(row) for row in (by_date_and_stage if stages else records))
    elif stages:
        from nba_monitoring.cli.stage_tables import print_stages

        print_stages(by_date_and_stage)
    else:
        from nba_monitoring.cli.tables import print_verdicts

        print_verdicts(records)
    judged = by_date_and_stage if stages else records
    sys.exit(0 if all(row.status.passes for row in judged) else 1)
