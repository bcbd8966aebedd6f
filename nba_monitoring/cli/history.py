"""`nba-monitoring history`: the verdicts that were kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import click

from nba_monitoring.cli.json_lines import as_json_lines, print_json_lines
from nba_monitoring.cli.parameters import GameDate, by_stage
from nba_monitoring.core.codec import to_json_values
from nba_monitoring.core.stage_record import StageCheck
from nba_monitoring.core.stages import StageTable
from nba_monitoring.settings import Settings
from nba_monitoring.warehouse import Warehouse, open_warehouse
from nba_monitoring.warehouse.rows import UnreadableRow


@click.command()
@click.option("--from", "first", type=GameDate(), help="First game date. Without it: from the first recorded.")
@click.option("--to", "last", type=GameDate(), help="Last game date, included. Without it: to the last recorded.")
@by_stage
@as_json_lines
def history(first: date | None, last: date | None, stages: bool, as_json: bool) -> None:
    """Show the recorded verdicts, oldest date first, each look at a date in a row of its own."""
    if first and last and first > last:
        raise click.UsageError(f"--from {first} is later than --to {last}")
    settings = Settings.load()
    with open_warehouse(settings.warehouse) as warehouse:
        if stages:
            _show_stages(warehouse, settings.stages, first, last, as_json)
        else:
            _show(warehouse, first, last, as_json)


def _show(warehouse: Warehouse, first: date | None, last: date | None, as_json: bool) -> None:
    found = warehouse.history(first, last)
    _say_unreadable(found.unreadable)
    if as_json:
        print_json_lines(map(to_json_values, found.records))
    else:
        from nba_monitoring.cli.tables import print_history

        print_history(found.records)


def _show_stages(warehouse: Warehouse, table: StageTable, first: date | None, last: date | None, as_json: bool) -> None:
    found = warehouse.stage_history(first, last)
    _say_unreadable(found.unreadable)
    records = _in_pipeline_order(found.records, table)
    if as_json:
        print_json_lines(map(to_json_values, records))
    else:
        from nba_monitoring.cli.stage_tables import print_stage_history

        print_stage_history(records)


def _say_unreadable(rows: Iterable[UnreadableRow]) -> None:
    for row in rows:
        click.echo(f"nba-monitoring: {row}; it is passed over", err=True)


def _in_pipeline_order(records: Iterable[StageCheck], table: StageTable) -> Sequence[StageCheck]:
    """By date and look, and in each of these by stage; a stage that the table no longer has comes last."""
    order = {stage.name: position for position, stage in enumerate(table)}
    return sorted(
        records,
        key=lambda row: (row.check_date, row.check_time, row.check_id, order.get(row.stage, len(order)), row.stage),
    )
