"""`nba-monitoring incidents`: the ledger, and how fast each incident was found, told and ended."""

from __future__ import annotations

from datetime import date

import click

from nba_monitoring.cli.json_lines import as_json_lines, print_json_lines
from nba_monitoring.cli.parameters import GameDate
from nba_monitoring.core.codec import to_json_values
from nba_monitoring.core.response_times import ResponseTimes
from nba_monitoring.settings import Settings
from nba_monitoring.warehouse import open_warehouse


@click.command()
@click.option("--open", "open_only", is_flag=True, help="Only those that have not ended.")
@click.option("--from", "first", type=GameDate(), help="First game date. Without it: from the first recorded.")
@click.option("--to", "last", type=GameDate(), help="Last game date, included. Without it: to the last recorded.")
@as_json_lines
def incidents(open_only: bool, first: date | None, last: date | None, as_json: bool) -> None:
    """Show the incidents: how long each took to detect, to tell and to recover, and what was left to tip-off.

    Detecting is counted from 8:00 AM Pacific of the date; for results from when their stage was due the day after, and
    what was left is to noon Pacific. With --json the minutes are minutes_to_detect, minutes_to_tell, minutes_to_recover
    and minutes_left_found, minutes_left_told, minutes_left_ended (negative after the first tip-off), beside the table's
    columns.
    """
    if first and last and first > last:
        raise click.UsageError(f"--from {first} is later than --to {last}")
    with open_warehouse(Settings.load().warehouse) as warehouse:
        found = warehouse.incidents(first, last, open_only)
    for row in found.unreadable:
        click.echo(f"nba-monitoring: {row}; it is passed over", err=True)
    if as_json:
        print_json_lines(
            to_json_values(incident) | to_json_values(ResponseTimes.of(incident)) for incident in found.records
        )
    else:
        from nba_monitoring.cli.incident_table import print_incidents

        print_incidents(found.records)
