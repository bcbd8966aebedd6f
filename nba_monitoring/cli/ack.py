"""`nba-monitoring ack` and `close`: say who has an incident, and end one by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from nba_monitoring.core.eastern import PACIFIC
from nba_monitoring.core.incidents import Incident
from nba_monitoring.errors import MonitoringError
from nba_monitoring.settings import Settings
from nba_monitoring.warehouse import Warehouse, open_warehouse
from nba_monitoring.warehouse.tables import INCIDENTS


@click.command()
@click.argument("incident_id", metavar="ID")
@click.option("--by", required=True, help="Who has it; named in the alert's thread.")
@click.option("--note", help="What is being done.")
def ack(incident_id: str, by: str, note: str | None) -> None:
    """Say who has an incident: no more reminders, and its thread names them.

    ID is the last line of the alert, such as nba-2026-01-18. The sensor acts on it at its next tick.
    """
    name, note = _given("--by", by), None if note is None else _given("--note", note)
    with open_warehouse(Settings.load().warehouse) as warehouse:
        incident = _incident(warehouse, incident_id)
        if not incident.is_open:
            click.echo(f"{_ended(incident)}; there is nothing to acknowledge.")
        elif incident.acknowledged_at is not None:
            since = _clock(incident.acknowledged_at)
            click.echo(f"{incident_id} is acknowledged already, by {incident.acknowledged_by} {since}; it stays so.")
        else:
            warehouse.put_incidents([incident.acknowledged(name, note, datetime.now(UTC))])
            click.echo(f"{incident_id} is acknowledged by {name}: no more reminders.")


@click.command()
@click.argument("incident_id", metavar="ID")
@click.option("--by", required=True, help="Who closes it; named in the alert's thread.")
@click.option("--note", required=True, help="Why it needs nobody any more.")
def close(incident_id: str, by: str, note: str) -> None:
    """End an incident by hand: nothing more is said about it, and its thread says why.

    ID is the last line of the alert, such as nba-2026-01-18. The sensor acts on it at its next tick.
    """
    name, note = _given("--by", by), _given("--note", note)
    with open_warehouse(Settings.load().warehouse) as warehouse:
        incident = _incident(warehouse, incident_id)
        if not incident.is_open:
            click.echo(f"{_ended(incident)}; there is nothing to close.")
        else:
            warehouse.put_incidents([incident.closed(name, note, datetime.now(UTC))])
            click.echo(f"{incident_id} is closed by {name}.")


def _given(option: str, value: str) -> str:
    if not value.strip():
        raise click.UsageError(f"{option}: say it in a word at least")
    return value.strip()


def _incident(warehouse: Warehouse, incident_id: str) -> Incident:
    """The ledger's incident. Raises MonitoringError where it has none, or can't read it."""
    found = warehouse.incidents()
    for incident in found.records:
        if incident.incident_id == incident_id:
            return incident
    unreadable = "".join(f"; {row}" for row in found.unreadable)
    raise MonitoringError(
        f"{INCIDENTS.name}: no incident {incident_id!r}; its id is the last line of the alert, "
        f"and `nba-monitoring incidents --open` lists those that are open{unreadable}"
    )


def _ended(incident: Incident) -> str:
    how = "" if incident.ended_as is None else f", {incident.ended_as.replace('_', ' ')}"
    when = "" if incident.ended_at is None else f" {_clock(incident.ended_at)}"
    return f"{incident.incident_id} ended{when}{how}"


def _clock(instant: datetime) -> str:
    return f"at {instant.astimezone(PACIFIC):%Y-%m-%d %H:%M} Pacific"
