"""`nba-monitoring incidents`, `ack` and `close`: the ledger, and what a person can change in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

import click

from nba_monitoring.cli.output import configured_warehouse, print_json_lines, warn_skipped
from nba_monitoring.cli.parameters import as_json_lines, recorded_dates, require_order
from nba_monitoring.core.codec import to_json_values
from nba_monitoring.core.eastern import eastern_stamp
from nba_monitoring.core.incidents import Incident
from nba_monitoring.core.response_times import ResponseTimes
from nba_monitoring.core.words import environment_named, hours_minutes, moment
from nba_monitoring.errors import MonitoringError
from nba_monitoring.settings import Settings
from nba_monitoring.warehouse import Warehouse
from nba_monitoring.warehouse.tables import INCIDENTS


@click.command()
@click.option("--open", "open_only", is_flag=True, help="Open incidents only.")
@recorded_dates
@as_json_lines
def incidents(open_only: bool, first: date | None, last: date | None, as_json: bool) -> None:
    """List incidents and their response times.

    Detection time counts from 11:00 AM ET on the game date, or from the due time for results; acknowledgement time
    from the alert. Time left counts to the first tip-off, or to 3:00 PM ET on the next day for results.

    --json adds these keys, in minutes: minutes_to_detect, minutes_to_tell, minutes_to_acknowledge, minutes_to_recover,
    minutes_left_found, minutes_left_told, minutes_left_ended. Time left is negative after the first tip-off.
    """
    require_order(first, last)
    settings = Settings.load()
    with configured_warehouse(settings, as_json, "Reading the incidents") as warehouse:
        found = warehouse.incidents(first, last, open_only)
    warn_skipped(found.unreadable)
    if as_json:
        print_json_lines(
            to_json_values(incident)
            | {"environment": settings.environment or ""}
            | to_json_values(ResponseTimes.of(incident))
            for incident in found.records
        )
    else:
        _print(found.records)


@click.command()
@click.argument("incident_id", metavar="ID")
@click.option("--by", required=True, help="Your name, shown in the alert's thread.")
@click.option("--note", help="What you are doing about it.")
def ack(incident_id: str, by: str, note: str | None) -> None:
    """Acknowledge an incident; stop its reminders.

    ID is the last line of the alert, such as nba-2026-01-18. The sensor picks it up at its next tick (every 30
    seconds).
    """
    name, note = given("--by", by), None if note is None else given("--note", note)
    settings = Settings.load()
    environment = environment_named(settings.environment)
    with configured_warehouse(settings) as warehouse:
        incident = incident_of(warehouse, incident_id, environment)
        if not incident.is_open:
            click.echo(f"{_has_ended(incident)}. Nothing to acknowledge.")
        elif incident.acknowledged_at is not None:
            when = moment(incident.acknowledged_at)
            click.echo(f"{incident_id} was already acknowledged by {incident.acknowledged_by} at {when}. No change.")
        else:
            warehouse.put_incidents([incident.acknowledged(name, note, datetime.now(UTC))])
            click.echo(f"Acknowledged {incident_id} as {name} in {environment}. No more reminders.")


@click.command()
@click.argument("incident_id", metavar="ID")
@click.option("--by", required=True, help="Your name, shown in the alert's thread.")
@click.option("--note", required=True, help="Why no further action is needed.")
def close(incident_id: str, by: str, note: str) -> None:
    """Close an incident by hand.

    ID is the last line of the alert, such as nba-2026-01-18. The sensor picks it up at its next tick (every 30
    seconds).
    """
    name, note = given("--by", by), given("--note", note)
    settings = Settings.load()
    environment = environment_named(settings.environment)
    with configured_warehouse(settings) as warehouse:
        incident = incident_of(warehouse, incident_id, environment)
        if incident.is_open:
            warehouse.put_incidents([incident.closed(name, note, datetime.now(UTC))])
            click.echo(f"Closed {incident_id} as {name} in {environment}.")
        else:
            click.echo(f"{_has_ended(incident)}. Nothing to close.")


def given(option: str, value: str) -> str:
    """An option's text without surrounding blanks. Raises UsageError if nothing is left."""
    if not value.strip():
        raise click.UsageError(f"{option} must not be empty")
    return value.strip()


def incident_of(warehouse: Warehouse, incident_id: str, environment: str) -> Incident:
    """Read an incident from the ledger. Raises MonitoringError if it has none of that id, or can't read it."""
    found = warehouse.incidents()
    for incident in found.records:
        if incident.incident_id == incident_id:
            return incident
    unreadable = "".join(f"; {row}" for row in found.unreadable)
    raise MonitoringError(
        f"{INCIDENTS.name}: no incident {incident_id!r} in {environment} (NBA_MONITORING_ENVIRONMENT). The id is the "
        f"last line of the alert; `nba-monitoring incidents --open` lists open incidents{unreadable}"
    )


def _has_ended(incident: Incident) -> str:
    when = "" if incident.ended_at is None else f", {moment(incident.ended_at)}"
    return f"{incident.incident_id} has already ended ({incident.standing}{when})"


def _print(found: Sequence[Incident]) -> None:
    # Imported here: `ack` and `--json` print no table.
    from rich.markup import escape

    from nba_monitoring.cli.tables import console, print_table, status_markup

    out = console()
    if not found:
        out.print("No incidents.")
        return
    durations = ["Acked", "Recovered", "Detected", "Alerted", "Left: found", "alerted", "ended"]
    rows = (
        [
            escape(incident.incident_id),
            f"{escape(incident.standing)}: {escape(incident.stage)} "
            f"{status_markup(incident.status, incident.severity)}",
            eastern_stamp(incident.found_at),
            *(hours_minutes(minutes) for minutes in _minutes(ResponseTimes.of(incident))),
        ]
        for incident in found
    )
    print_table(
        out,
        ["Incident", "State, stage, status", "Found (ET)", *durations],
        rows,
        set(durations),
        {"State, stage, status"},
    )


def _minutes(times: ResponseTimes) -> Sequence[float | None]:
    return (
        times.minutes_to_acknowledge,
        times.minutes_to_recover,
        times.minutes_to_detect,
        times.minutes_to_tell,
        times.minutes_left_found,
        times.minutes_left_told,
        times.minutes_left_ended,
    )
