"""`nba-monitoring history`: the verdicts that were kept."""

from __future__ import annotations

from datetime import date

import click

from nba_monitoring.cli.json_lines import as_json_lines, print_json_lines
from nba_monitoring.cli.parameters import GameDate
from nba_monitoring.settings import Settings
from nba_monitoring.warehouse import open_warehouse


@click.command()
@click.option("--from", "first", type=GameDate(), help="First game date. Without it: from the first recorded.")
@click.option("--to", "last", type=GameDate(), help="Last game date, included. Without it: to the last recorded.")
@as_json_lines
def history(first: date | None, last: date | None, as_json: bool) -> None:
    """Show the recorded verdicts, oldest date first, each look at a date in a row of its own."""
    if first and last and first > last:
        raise click.UsageError(f"--from {first} is later than --to {last}")
    with open_warehouse(Settings.load().warehouse) as warehouse:
        found = warehouse.history(first, last)
    for row in found.unreadable:
        click.echo(f"nba-monitoring: {row}; it is passed over", err=True)
    if as_json:
        print_json_lines(record.to_json_values() for record in found.records)
    else:
        from nba_monitoring.cli.tables import print_history

        print_history(found.records)
