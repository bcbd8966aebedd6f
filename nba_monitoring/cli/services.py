"""`nba-monitoring services`: a check of the Cloud Run services, recorded in the history."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

import click

from nba_monitoring.cli.output import configured_warehouse, print_json_lines
from nba_monitoring.core.codec import to_json_values
from nba_monitoring.core.services import ServiceCheck
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.settings import Settings, SettingsError


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line and service.")
@click.option("--schema", "as_schema", is_flag=True, help="JSON schema of a services file, for editors.")
def services(as_json: bool, as_schema: bool) -> None:
    """Check the watched Cloud Run services.

    Asks Cloud Run once for all services of the file in NBA_MONITORING_SERVICES, requests the health path of those that
    name one, and appends what was found to nba_monitoring.service_checks.

    \b
    Exit status: 0  every service is READY or DEPLOYING
                 1  at least one is not
                 2  could not check; a message on standard error says why
    """
    if as_json and as_schema:
        raise click.UsageError("use either --json or --schema, not both")
    if as_schema:
        from nba_monitoring.services_schema import services_schema

        click.echo(json.dumps(services_schema(), indent=2))
        return
    settings = Settings.load()
    watched = settings.services
    if watched is None:
        raise SettingsError(
            "NBA_MONITORING_SERVICES: names no file; services are not watched. docs/services.md shows one"
        )
    # Imported here: no other command needs Google's libraries for a DuckDB file.
    from nba_monitoring.services_check import SeenServices

    now = datetime.now(UTC)
    seen = SeenServices.ask(watched, settings.run_url, now)
    with configured_warehouse(settings, as_json) as warehouse:
        checks = seen.record(warehouse, now, str(uuid4()), Trigger.MANUAL)
    if as_json:
        print_json_lines(map(to_json_values, checks))
    else:
        _print(checks)
    sys.exit(0 if all(check.status.passes for check in checks) else 1)


def _print(checks: Sequence[ServiceCheck]) -> None:
    # Imported here: `--json` prints no table.
    from rich.markup import escape

    from nba_monitoring.cli.tables import console, print_table, status_markup
    from nba_monitoring.core.eastern import eastern_stamp

    rows = (
        [
            check.service,
            status_markup(check.status, check.severity),
            escape(check.detail.what),
            "" if check.since is None else eastern_stamp(check.since),
        ]
        for check in checks
    )
    print_table(console(), ["Service", "Status", "Found", "Since (ET)"], rows, folded={"Found"})
    commands = [check.detail.fix for check in checks if not check.status.passes and check.detail.fix]
    for command in dict.fromkeys(commands):
        click.echo(f"To deploy again: {command}")
