"""`nba-monitoring alert-test`: see that alerts arrive before one is needed."""

from __future__ import annotations

import click

from nba_monitoring.alerts.transports import send_test_message
from nba_monitoring.settings import Settings


@click.command("alert-test")
def alert_test() -> None:
    """Send a test message by every way that is set, and say what each did."""
    click.echo(send_test_message(Settings.load()))
