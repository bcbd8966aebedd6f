"""`nba-monitoring status`: how far each stage has come, and which is the first one behind."""

from __future__ import annotations

import json
import sys
from datetime import datetime

import click

from nba_monitoring.cli.json_lines import print_json_lines
from nba_monitoring.cli.not_watched import say_not_watched
from nba_monitoring.cli.parameters import clock_of, clock_options
from nba_monitoring.core.pipeline_status import board_dates, pipeline_status
from nba_monitoring.monitor import Monitor
from nba_monitoring.settings import Settings
from nba_monitoring.warehouse import open_warehouse


@click.command()
@clock_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, one for each stage.")
@click.option("--schema", "as_schema", is_flag=True, help="The JSON schema of a line of --json.")
def status(now: datetime | None, as_of: datetime | None, as_json: bool, as_schema: bool) -> None:
    """Show how far each stage has come this season, and which one is the first behind.

    It reads and judges the season so far, and keeps nothing in the history.

    \b
    Keys of --json:  stage, title, group
                     state             complete, not_due, halted, behind, no_rows, unreadable, unknown_schedule
                     newest_complete   newest game date whose rows are all there
                     newest_expected   newest that should be complete by now, by its due time
                     lag_game_days     expected game dates after newest_complete
                     reason            why it is behind or halted; halted_since
                     written_at        when a row was last written
                     due_next          by when the next date has to be complete
                     usually_by        by when today's date is usually complete: the median of the last 30 game days,
                                       of 10 at least; nearly_always_by: on 95 % of them
                     is_first_behind   true for the first stage behind
                     blocked_by        the stage behind without which this one can't run
                     game_date         today; on every line alike, as the three below
                     features_ready    yes, no, not yet; null where no game is expected today
                     features_reason   what is missing or not known, or why no game is expected
                     first_tip_at      first tip-off of today's expected games
    Exit status: 0  no stage is behind
                 1  at least one is
                 2  could not check; a message on standard error says why
    """
    if as_json and as_schema:
        raise click.UsageError("--json and --schema exclude each other")
    if as_schema:
        from nba_monitoring.cli.status_lines import status_schema

        click.echo(json.dumps(status_schema(), indent=2))
        return
    clock, is_clock_real = clock_of(now, as_of)
    settings = Settings.load()
    with open_warehouse(settings.warehouse) as warehouse:
        monitor = Monitor(warehouse, settings, *board_dates(clock), clock, as_of, is_clock_real)
        found = pipeline_status(map(monitor.verdict, monitor.dates), settings.stages, clock)
        problems = monitor.usual.problems
    say_not_watched(found.not_watched)
    for problem in problems:
        click.echo(f"nba-monitoring: {problem}", err=True)
    if as_json:
        from nba_monitoring.cli.status_lines import status_lines

        print_json_lines(status_lines(found))
    else:
        from nba_monitoring.cli.status_table import print_status

        print_status(found)
    sys.exit(1 if found.is_behind else 0)
