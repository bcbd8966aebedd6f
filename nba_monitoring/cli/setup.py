"""`nba-monitoring init`, `sample` and `alert-test`: set up tables, channels, or a warehouse to try."""

from __future__ import annotations

import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nba_monitoring.cli.output import at_work, configured_warehouse
from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.words import count
from nba_monitoring.settings import BigQueryWarehouse, DuckDBWarehouse, Settings, SettingsError, sample_warehouse
from nba_monitoring.warehouse import Warehouse, open_warehouse

if TYPE_CHECKING:
    from nba_monitoring.warehouse.dry_run import DryRunEngine


@click.command()
@click.option(
    "--dry-run",
    is_flag=True,
    help="Change nothing. Send every statement to BigQuery as a free dry run, and show permissions, types and bytes "
    "read per table.",
)
def init(dry_run: bool) -> None:
    """Create or upgrade the monitor's tables.

    Safe to run again: existing tables and rows stay. Tables are also created on first use; run init once as a user who
    may create datasets, and the monitor's account doesn't need that permission.

    \b
    Exit status: 0  done; with --dry-run, everything is permitted and matches
                    the tables
                 2  something was refused; see the message for what to do
    """
    settings = Settings.load()
    if dry_run:
        _dry_run(settings)
        return
    with configured_warehouse(settings) as warehouse:
        for table, done in warehouse.bring_up_to_date():
            click.echo(f"{table.name}: {'; '.join(done) or 'up to date'}")


def _dry_run(settings: Settings) -> None:
    target = settings.warehouse
    if not isinstance(target, BigQueryWarehouse):
        raise SettingsError("NBA_MONITORING_WAREHOUSE: --dry-run needs a BigQuery warehouse; the current one is a file")
    from nba_monitoring.warehouse.dry_run import DryRunEngine, send_every_statement
    from nba_monitoring.warehouse.engines.bigquery import BigQueryEngine, connect_to, policy_of

    now = datetime.now(UTC)
    with closing(connect_to(target)) as client:
        engine = DryRunEngine(BigQueryEngine(client, policy_of(target)))
        with at_work("Sending every statement as a dry run"):
            send_every_statement(Warehouse(engine, target.environment), settings.stages, game_date(now), now)
    watched = {stage.table for stage in settings.stages}
    # Each table once, in the order in which it was queried, then those that do not exist.
    tables = dict.fromkeys([*(tried.table for tried in engine.tried), *sorted(engine.missing)])
    is_refused = [_print_table(table, engine, table in watched) for table in tables]
    read = sum(tried.processed for tried in engine.tried)
    click.echo(f"{count(len(engine.tried), 'statement')}; {_megabytes(read)} if each ran once for one date")
    if any(is_refused):
        sys.exit(2)


def _print_table(table: str, engine: DryRunEngine, is_watched: bool) -> bool:
    """Print a table's lines. Return whether anything about it was refused."""
    tried = [found for found in engine.tried if found.table == table]
    refused = [found for found in tried if found.refused is not None]
    for found in refused:
        click.echo(f"{table}: REFUSED {found.what}: {(found.refused or '').removeprefix(f'{table}: ')}")
    if refused:
        return True
    if table not in engine.missing:
        kinds = ", ".join(dict.fromkeys(found.what for found in tried))
        click.echo(f"{table}: OK ({kinds}); reads {_megabytes(sum(found.processed for found in tried))}")
        return False
    if table.startswith("nba_monitoring."):
        permitted = ", and may be created" if tried else ""
        click.echo(f"{table}: does not exist yet{permitted}; run `nba-monitoring init`, then repeat")
    elif is_watched:
        click.echo(f"{table}: REFUSED: no such table; check NBA_MONITORING_WAREHOUSE, or drop its stage")
    else:
        click.echo(f"{table}: does not exist (optional)")
    return is_watched


def _megabytes(bytes_read: int) -> str:
    return f"{bytes_read / 2**20:,.1f} MB"


@click.command()
@click.argument("path", type=click.Path(path_type=Path), required=False)
@click.option(
    "--advance", is_flag=True, help="Write what today's games still wait for: the stage that is late recovers."
)
def sample(path: Path | None, advance: bool) -> None:
    """Write a sample warehouse to a DuckDB file.

    Without a path it is the one in .local/, which commands use when no warehouse is set. Never overwrites a file.

    Its 2025-26 season is synthetic, with the platform's real incidents: on 2026-01-18, Phase 4 had 8 rows at 11:00 AM
    ET and 144 that afternoon. A second season runs to tomorrow, with a history of checks and incidents. Today, Phase 4
    is late: it arrives at 11:40 AM ET, or 45 minutes after the file was written.
    """
    from nba_monitoring.replay.past_history import ensure_past_history
    from nba_monitoring.sample import advance_sample, write_sample
    from nba_monitoring.warehouse.opening import WAIT_FOR_FILE_SECONDS, connected

    settings = Settings.load()
    target = DuckDBWarehouse(path=path, is_sample=True) if path else sample_warehouse()
    if path is None or not advance:
        if path is not None:
            with at_work("Writing the sample"):
                written = write_sample(path)
            click.echo(written)
        with at_work("Preparing the sample"), open_warehouse(target) as warehouse:
            ensure_past_history(warehouse, settings, datetime.now(UTC))
    if advance:
        with closing(connected(target.path, WAIT_FOR_FILE_SECONDS)) as connection:
            arrived = advance_sample(connection, target.path)
        for table, rows in arrived.items():
            click.echo(f"{rows:>9,} rows of {table}")
        click.echo("Today's stages are up to date." if arrived else "Nothing was late.")
    elif path is None:
        click.echo(f"{target.path}: up to date")


@click.command("alert-test")
@click.option(
    "--drill",
    is_flag=True,
    help="Send a made-up incident and its recovery through every channel, and record both as a drill.",
)
def alert_test(drill: bool) -> None:
    """Send a test message or a drill.

    Uses every configured channel, and prints the result of each.
    """
    from nba_monitoring.alerts.channels.configured import send_test_message
    from nba_monitoring.alerts.drill import send_drill

    settings = Settings.load()
    with at_work("Sending"):
        result = send_drill(settings, datetime.now(UTC)) if drill else send_test_message(settings)
    click.echo(result)
