"""A replay as a person reads it in a terminal."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from nba_monitoring.cli.tables import console
from nba_monitoring.core.eastern import eastern_stamp
from nba_monitoring.core.status import Severity
from nba_monitoring.replay.replay import Replay
from nba_monitoring.replay.words import lower_bound, score_lines


def print_replay(found: Mapping[str, Replay]) -> None:
    """What would have been told by each table of stages, what differs, and the scores side by side."""
    out = console()
    for name, replay in found.items():
        if len(found) > 1:
            out.print(f"[bold]By the table {escape(name)}[/]")
        _print_told(out, replay)
    if len(found) > 1:
        _print_differences(out, found)
    out.print(_scores(found))
    for name, replay in found.items():
        if replay.rewritten:
            by = f"By the table {name}: " if len(found) > 1 else ""
            out.print(escape(f"{by}{lower_bound(replay.rewritten)}"), soft_wrap=True)


def _print_told(out: Console, replay: Replay) -> None:
    told = [told for course in replay.courses for told in course.told]
    if not told:
        out.print("Nothing would have been told.\n")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("Told (Eastern)", "Incident", "What"):
        table.add_column(heading, no_wrap=True)
    table.add_column("Stage, status")
    for message in told:
        incident = message.incident
        colour = "red" if incident.severity is Severity.ERROR else "yellow"
        table.add_row(
            eastern_stamp(message.at),
            escape(incident.incident_id),
            message.reason.value,
            f"{escape(incident.stage)} [{colour}]{incident.status} ({incident.severity})[/]",
        )
    out.print(table)
    out.print()


def _print_differences(out: Console, found: Mapping[str, Replay]) -> None:
    ids = {
        name: {incident.incident_id for course in replay.courses for incident in course.told_of}
        for name, replay in found.items()
    }
    for name, mine in ids.items():
        others = set().union(*(theirs for other, theirs in ids.items() if other != name))
        out.print(f"Told by the table {name} alone: {escape(', '.join(sorted(mine - others))) or 'none'}")
    out.print()


def _scores(found: Mapping[str, Replay]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Score", no_wrap=True)
    for name in found:
        table.add_column(name if len(found) > 1 else "", justify="right")
    rows = [score_lines(replay.score) for replay in found.values()]
    for line in zip(*rows, strict=True):
        table.add_row(line[0][0], *(escape(value) for _, value in line))
    return table
