"""`nba-monitoring stages`: the watched stages."""

from __future__ import annotations

import json

import click

from nba_monitoring.cli.output import print_json_lines
from nba_monitoring.core.counting import Unit
from nba_monitoring.core.stages import LateAfter, Stage, StageTable
from nba_monitoring.settings import Settings

# A file or a pipe has no width of its own; each stage is to be one line there, for grep.
_WIDTH_WITHOUT_TERMINAL = 240


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line, with all fields of a stage.")
@click.option("--schema", "as_schema", is_flag=True, help="JSON schema of a stages file, for editors.")
def stages(as_json: bool, as_schema: bool) -> None:
    """List the watched stages.

    In pipeline order, from the file in NBA_MONITORING_STAGES (default: the shipped stages). An invalid file is rejected
    with one line per error and exit status 2.
    """
    if as_json and as_schema:
        raise click.UsageError("use either --json or --schema, not both")
    if as_schema:
        from nba_monitoring.stages_file.schema import stages_schema

        click.echo(json.dumps(stages_schema(), indent=2))
        return
    table = Settings.load().stages
    if as_json:
        print_json_lines(stage.model_dump(mode="json") for stage in table)
    else:
        _print(table)


def _print(stages: StageTable) -> None:
    # Imported here: `--json` and `--schema` print no table.
    from rich.markup import escape

    from nba_monitoring.cli.tables import console, print_table

    headings = ["Stage", "Due (ET)", "At least", "Upstream", "Unit", "Table", "Title", "Group"]
    rows = (
        [
            stage.name,
            *map(escape, (_due(stage), _least(stage), ", ".join(stage.upstream) or "schedule")),
            *map(escape, (stage.unit, stage.table, stage.title, stage.group)),
        ]
        for stage in stages
    )
    out = console(_WIDTH_WITHOUT_TERMINAL)
    print_table(out, headings, rows, folded={"Due (ET)", "At least", "Upstream"}, narrowest=16)


def _least(stage: Stage) -> str:
    """'12 players per game', '300 players per date, from day 33'."""
    least = stage.least
    if least.per_date is not None:
        ramp = f", from day {least.ramp[-1][0]}" if least.ramp else ""
        return f"{stage.number_of(least.per_date)} per date{ramp}"
    unit = "team" if stage.unit is Unit.TEAM and least.per_unit is not None else "game"
    return f"{stage.number_of(least.per_unit or least.per_game or 0)} per {unit}"


def _due(stage: Stage) -> str:
    """'10:45', '07:00 next day', '14:00, 2:00 before the first tip-off', '14:00, or its usual time if earlier'."""
    due = stage.due
    minutes = int(due.before_first_tip.total_seconds()) // 60
    next_day = " next day" if due.next_day else ""
    before = f", {minutes // 60}:{minutes % 60:02} before the first tip-off" if minutes else ""
    usual = ", or its usual time if earlier" if stage.late_after is LateAfter.USUAL else ""
    return f"{due.at:%H:%M}{next_day}{before}{usual}"
