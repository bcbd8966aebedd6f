"""Stages as a person reads them in a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from nba_monitoring.core.counting import Unit
from nba_monitoring.core.stages import LateAfter, Stage, StageTable

# A file or a pipe has no width of its own; each stage is to be a line of its own there, for grep.
WIDTH_WITHOUT_TERMINAL = 240


def print_stages(stages: StageTable) -> None:
    """A row a stage, in the pipeline's order."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Stage", no_wrap=True)
    for heading in ("Title", "Group", "Table", "Unit", "Least", "Due (Eastern)", "Rests on"):
        table.add_column(heading, overflow="fold")
    for stage in stages:
        texts = (stage.title, stage.group, stage.table, stage.unit, least(stage), due(stage))
        table.add_row(stage.name, *map(escape, texts), ", ".join(stage.upstream) or "schedule")
    out = Console()
    (out if out.is_terminal else Console(width=WIDTH_WITHOUT_TERMINAL)).print(table)


def least(stage: Stage) -> str:
    """'12 players a game', '300 players a date from day 33'."""
    least = stage.least
    if least.per_date is not None:
        ramp = f", from day {least.ramp[-1][0]}" if least.ramp else ""
        return f"{least.per_date} {stage.noun} a date{ramp}"
    a_unit = "team" if stage.unit is Unit.TEAM and least.per_unit is not None else "game"
    return f"{least.per_unit or least.per_game} {stage.noun} a {a_unit}"


def due(stage: Stage) -> str:
    """'10:45', '07:00 next day', '14:00, 2:00 before the first tip-off', '14:00, or when usual'."""
    due = stage.due
    minutes = int(due.before_first_tip.total_seconds()) // 60
    next_day = " next day" if due.next_day else ""
    before = f", {minutes // 60}:{minutes % 60:02} before the first tip-off" if minutes else ""
    usual = ", or when usual" if stage.late_after is LateAfter.USUAL else ""
    return f"{due.at:%H:%M}{next_day}{before}{usual}"
