"""The board as a person reads it in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from rich.markup import escape
from rich.table import Table

from nba_monitoring.cli.tables import console
from nba_monitoring.core.eastern import eastern_clock, game_date
from nba_monitoring.core.pipeline_status import PipelineStatus, StageStatus, eastern_day_clock


def print_status(found: PipelineStatus) -> None:
    """A row a stage, those of which it is known with their usual times, and in a last paragraph the first one behind.

    Times are US Eastern.
    """
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("Stage", "Latest", "Expected", "Written (ET)", "Due next (ET)"):
        table.add_column(heading, no_wrap=True)
    # Last, since it is the one that may fold.
    table.add_column("State")
    for stage in found.stages:
        table.add_row(
            escape(stage.stage),
            _day(stage.newest_complete),
            _day(stage.newest_expected),
            eastern_day_clock(stage.written_at),
            eastern_day_clock(stage.due_next),
            _state(stage),
        )
    out = console()
    out.print(f"The pipeline on {game_date(found.checked_at)}, {eastern_clock(found.checked_at)}", highlight=False)
    out.print()
    out.print(table)
    usual = [stage for stage in found.stages if stage.usually_by is not None]
    if usual:
        out.print()
        out.print(_usual(usual))
    out.print()
    out.print(escape(found.summary), style="red" if found.is_behind else "green", highlight=False)


def _usual(stages: Sequence[StageStatus]) -> Table:
    # A table of its own: beside the states it would leave them no room in 80 columns.
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("Stage", "Usually by (ET)", "95 % by (ET)"):
        table.add_column(heading, no_wrap=True)
    for stage in stages:
        table.add_row(
            escape(stage.stage), eastern_day_clock(stage.usually_by), eastern_day_clock(stage.nearly_always_by)
        )
    return table


def _day(day: date | None) -> str:
    return "-" if day is None else f"{day:%b %d}"


def _state(stage: StageStatus) -> str:
    colour = "red" if stage.state.is_behind else "green"
    waits = "" if stage.blocked_by is None else f"; waits for {stage.blocked_by}"
    return f"[{colour}]{escape(stage.words)}[/]{escape(waits)}"
