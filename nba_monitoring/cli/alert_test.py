"""`nba-monitoring alert-test`: see that alerts arrive before one is needed."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from nba_monitoring.alerts.channels.transports import send_test_message
from nba_monitoring.alerts.drill import send_drill
from nba_monitoring.settings import Settings


@click.command("alert-test")
@click.option(
    "--drill",
    is_flag=True,
    help="Send a made-up finding and its recovery as real ones are sent, and record both in the ledger as a drill.",
)
def alert_test(drill: bool) -> None:
    """Send a test message, or a drill, by every way that is set, and say what each did."""
    settings = Settings.load()
    click.echo(send_drill(settings, datetime.now(UTC)) if drill else send_test_message(settings))
