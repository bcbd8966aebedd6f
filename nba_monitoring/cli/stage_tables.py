"""Verdicts by stage as a person reads them in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.markup import escape
from rich.table import Table

from nba_monitoring.cli.explanations import explanations, unit_label
from nba_monitoring.cli.tables import NO_VERDICT, console
from nba_monitoring.core.eastern import PACIFIC
from nba_monitoring.core.stage_record import StageCheck
from nba_monitoring.core.status import Severity, Status


def print_stages(rows: Sequence[StageCheck]) -> None:
    """A row a date and stage; for a single date what each stage's verdict rests on as well."""
    out = console()
    out.print(_table(rows))
    if len({row.check_date for row in rows}) == 1:
        out.print()
        for line in explanations(rows):
            out.print(line, highlight=False)


def print_stage_history(rows: Sequence[StageCheck]) -> None:
    """A row a look and stage, with the time of the look."""
    console().print(_table(rows, looks=True) if rows else NO_VERDICT)


def _table(rows: Iterable[StageCheck], looks: bool = False) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Date", no_wrap=True)
    if looks:
        table.add_column("Checked (Pacific)", no_wrap=True)
    table.add_column("Stage", no_wrap=True)
    table.add_column("Ready", no_wrap=True)
    table.add_column("Status: missing, (partial)")
    for row in rows:
        table.add_row(
            row.check_date.isoformat(),
            *([f"{row.check_time.astimezone(PACIFIC):%Y-%m-%d %H:%M}"] if looks else []),
            escape(row.stage),
            f"{row.ready} of {row.expected}",
            _status(row) + escape(_units(row)),
        )
    return table


def _status(row: StageCheck) -> str:
    if row.status.passes:
        return f"[green]{row.status}[/]"
    colour = "red" if row.severity is Severity.ERROR else "yellow"
    part = ", first broken" if row.is_first_broken else ", consequence" if row.detail.is_consequence else ""
    return f"[{colour}]{row.status} ({row.severity}{part})[/]"


def _units(row: StageCheck) -> str:
    """The units to name: none where nothing is missing yet by design, or where no row could be matched to any."""
    if row.status not in (Status.MISSING_DATA, Status.PARTIAL_DATA):
        return ""
    named = [unit_label(unit) for unit in row.missing] + [
        f"({unit_label(unit)})" for unit in row.partial if unit_label(unit)
    ]
    return f": {', '.join(filter(None, named))}" if any(named) else ""
