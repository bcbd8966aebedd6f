"""Incidents as a person reads them in a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from nba_monitoring.cli.tables import console
from nba_monitoring.core.eastern import PACIFIC
from nba_monitoring.core.incidents import EndedAs, Incident
from nba_monitoring.core.response_times import ResponseTimes
from nba_monitoring.core.status import Severity


def print_incidents(incidents: Sequence[Incident]) -> None:
    """A row an incident, its times in hours and minutes."""
    if not incidents:
        console().print("The ledger has no such incident. The sensor availability_alerts writes them as it finds them.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Incident", no_wrap=True)
    table.add_column("Found (Pacific)", no_wrap=True)
    for heading in ("To detect", "tell", "recover", "Left: found", "told", "ended"):
        table.add_column(heading, justify="right")
    # Last, since it is the one that may fold.
    table.add_column("Stage, status, state")
    for incident in incidents:
        times = ResponseTimes.of(incident)
        colour = "red" if incident.severity is Severity.ERROR else "yellow"
        table.add_row(
            escape(incident.incident_id),
            f"{incident.found_at.astimezone(PACIFIC):%Y-%m-%d %H:%M}",
            _span(times.minutes_to_detect),
            _span(times.minutes_to_tell),
            _span(times.minutes_to_recover),
            _span(times.minutes_left_found),
            _span(times.minutes_left_told),
            _span(times.minutes_left_ended),
            f"{escape(incident.stage)} [{colour}]{incident.status} ({incident.severity})[/], "
            f"{escape(_state(incident))}",
        )
    console().print(table)


def _state(incident: Incident) -> str:
    """How an incident stands: 'open', 'open, Ann has it', 'too late', 'closed by Ann: known'."""
    detail = incident.detail
    note = f": {detail.note}" if detail.note else ""
    if incident.ended_as is EndedAs.CLOSED:
        return f"closed by {detail.closed_by or 'someone'}{note}"
    if not incident.is_open:
        return "ended" if incident.ended_as is None else incident.ended_as.replace("_", " ")
    return f"open, {incident.acknowledged_by} has it{note}" if incident.acknowledged_by else "open"


def _span(minutes: float | None) -> str:
    """'0:45', '2:05'; with a minus for what was left after the tip-off."""
    if minutes is None:
        return "-"
    hours, rest = divmod(abs(round(minutes)), 60)
    return f"{'-' if round(minutes) < 0 else ''}{hours}:{rest:02}"
