"""`nba-monitoring init`: the monitor's own tables, and the proof before the first morning that it may do its work."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from nba_monitoring.core.eastern import game_date
from nba_monitoring.settings import BigQueryWarehouse, Settings, SettingsError
from nba_monitoring.warehouse import Warehouse, open_warehouse

if TYPE_CHECKING:
    from nba_monitoring.warehouse.dry_run import DryRunEngine, Tried


@click.command()
@click.option(
    "--dry-run",
    is_flag=True,
    help="Make nothing. Send BigQuery every statement that the monitor may send, as a free dry run, and show by table "
    "whether rights and types are right and what it reads.",
)
def init(dry_run: bool) -> None:
    """Make the monitor's own tables, or bring those of an older version up to date.

    What is there stays: a second time it finds nothing to do. The tables are made on first use as well; running this
    once, as someone who may make datasets, saves the monitor's account that right.

    \b
    Exit status: 0  done; with --dry-run: everything is allowed, and fits the tables
                 2  something is refused; a message says what, and what to do
    """
    settings = Settings.load()
    if dry_run:
        _dry_run(settings)
        return
    with open_warehouse(settings.warehouse) as warehouse:
        for table, done in warehouse.bring_up_to_date():
            click.echo(f"{table.name}: {'; '.join(done) or 'up to date'}")


def _dry_run(settings: Settings) -> None:
    target = settings.warehouse
    if not isinstance(target, BigQueryWarehouse):
        raise SettingsError(
            "NBA_MONITORING_WAREHOUSE: --dry-run asks BigQuery, and the warehouse that is set is a file"
        )
    from nba_monitoring.warehouse.dry_run import DryRunEngine, send_every_statement
    from nba_monitoring.warehouse.engines.bigquery import BigQueryEngine, connect_to, policy_of

    now = datetime.now(UTC)
    with closing(connect_to(target)) as client:
        engine = DryRunEngine(BigQueryEngine(client, policy_of(target)))
        send_every_statement(Warehouse(engine), settings.stages, game_date(now), now)
    watched = {stage.table for stage in settings.stages}
    is_refused = [_tell(table, engine, table in watched) for table in _tables(engine)]
    read = sum(tried.processed for tried in engine.tried)
    click.echo(f"{len(engine.tried)} statements, {_megabytes(read)} read if all were run once, of one date")
    if any(is_refused):
        sys.exit(2)


def _tables(engine: DryRunEngine) -> Sequence[str]:
    """Each table once, in the order in which it was asked for, then those that are not there."""
    return list(dict.fromkeys([*(tried.table for tried in engine.tried), *sorted(engine.missing)]))


def _tell(table: str, engine: DryRunEngine, is_watched: bool) -> bool:
    """Print a table's lines. Whether anything about it is refused."""
    tried = [found for found in engine.tried if found.table == table]
    refused = [found for found in tried if found.refused is not None]
    if table in engine.missing and not refused:
        return _tell_missing(table, tried, is_watched)
    if not refused:
        read = sum(found.processed for found in tried)
        kinds = ", ".join(dict.fromkeys(found.what for found in tried))
        click.echo(f"{table}: rights and types are right ({kinds}); reads {_megabytes(read)}")
    for found in refused:
        click.echo(f"{table}: REFUSED {found.what}: {(found.refused or '').removeprefix(f'{table}: ')}")
    return bool(refused)


def _tell_missing(table: str, tried: Sequence[Tried], is_watched: bool) -> bool:
    if table.startswith("nba_monitoring."):
        allowed = ", and may make it" if tried else ""
        click.echo(f"{table}: is not there yet{allowed}; run `nba-monitoring init`, then this again")
    elif is_watched:
        click.echo(f"{table}: REFUSED: no such table; check NBA_MONITORING_WAREHOUSE, or leave its stage out")
    else:
        click.echo(f"{table}: is not there, and can be done without")
    return is_watched


def _megabytes(count: int) -> str:
    return f"{count / 2**20:,.1f} MB"
