"""`nba-monitoring status`: the latest complete date of each stage, and the first stage behind."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import click

from nba_monitoring.alerts.links import Subject, links_for
from nba_monitoring.cli.chain import visible_chain
from nba_monitoring.cli.output import (
    configured_warehouse,
    print_fix,
    print_json_lines,
    print_muted,
    print_not_counted,
    warn,
    warn_not_watched,
)
from nba_monitoring.cli.parameters import clock_of, clock_options
from nba_monitoring.core.chain import Chain
from nba_monitoring.core.codec import field_texts, json_schema, to_json_values
from nba_monitoring.core.pipeline_status import (
    FeaturesReady,
    PipelineStatus,
    StageState,
    StageStatus,
    board_dates,
    pipeline_status,
)
from nba_monitoring.core.service_causes import RECENTLY
from nba_monitoring.core.services import services_line
from nba_monitoring.core.words import day_and_clock, moment
from nba_monitoring.monitor import Monitor, recorded_services
from nba_monitoring.settings import Settings

_LINKS = {
    "type": "object",
    "additionalProperties": {"type": "string"},
    "description": "address by label: into Dagster, where its address is set, and to the runbook",
}


@click.command()
@clock_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line, one for each stage.")
@click.option("--schema", "as_schema", is_flag=True, help="JSON schema of a line of --json.")
def status(now: datetime | None, as_of: datetime | None, as_json: bool, as_schema: bool) -> None:
    """Show each stage's latest complete date.

    Checks the season so far. Records nothing in the history. The last row is the monitor itself, as `health` sees it.

    \b
    Keys of --json:
      stage, title, group
      state            complete, not_due, halted, behind, no_rows, unreadable,
                       unknown_schedule
      newest_complete  newest game date with all its rows
      newest_expected  newest game date due by now
      lag_game_days    game dates due since newest_complete
      reason           why it is behind or halted; halted_since
      written_at       when a row was last written
      due_next         when the next game date is due
      usually_by       when today's date is usually complete: the median of the
                       last 30 game days (at least 10); nearly_always_by: the
                       95th percentile
      is_first_behind  true for the first stage behind
      blocked_by       the late stage that it, or its next date, waits for
      fix              the command that refills it for newest_expected
      links            address by label: into Dagster, and to the runbook
      game_date        today; the same on every line, as are the next three
      features_ready   yes, no, not yet; null if no game is expected today
      features_reason  what is missing or unknown, or why no game is expected
      first_tip_at     first tip-off of today's expected games

    \b
    Exit status: 0  no stage is behind
                 1  at least one is
                 2  could not check; a message on standard error says why
    """
    if as_json and as_schema:
        raise click.UsageError("use either --json or --schema, not both")
    if as_schema:
        click.echo(json.dumps(_schema(), indent=2))
        return
    clock, is_clock_real = clock_of(now, as_of)
    settings = Settings.load()
    with configured_warehouse(settings, as_json, "Checking the season") as warehouse:
        monitor = Monitor(warehouse, settings, *board_dates(clock), clock, as_of, is_clock_real)
        found = pipeline_status(map(monitor.verdict, monitor.dates), settings.stages, clock)
        problems = monitor.usual.problems
        muted = warehouse.muted(clock)
        services = recorded_services(warehouse, settings, clock - RECENTLY, clock)
    warn_not_watched(found.not_watched)
    for problem in problems:
        warn(problem)
    if as_json:
        print_json_lines(_lines(found, settings))
    else:
        # For a moved clock, nothing is known of the monitor.
        watched = services_line(None if settings.services_file is None else services)
        _print(found, visible_chain(settings, clock) if is_clock_real else None, watched)
    print_muted(muted, as_json)
    print_not_counted(settings.counted_season_types, as_json)
    first = found.first_behind
    if not as_json and first is not None and first.newest_expected is not None:
        print_fix(first.stage, first.newest_expected, first.fix)
    sys.exit(1 if found.is_behind else 0)


def _lines(found: PipelineStatus, settings: Settings) -> Iterator[dict[str, Any]]:
    today = to_json_values(found.today)
    for stage in found.stages:
        links = dict(links_for(settings, Subject(day=stage.newest_expected, stage=stage.stage)))
        yield to_json_values(stage) | {"links": links} | today


def _schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a line. Later versions may add keys, so it does not forbid them."""
    fields: dict[str, Any] = {}
    definitions: dict[str, Any] = {}
    for part in (StageStatus, FeaturesReady):
        schema, texts = json_schema(part), field_texts(part)
        definitions |= schema.get("$defs", {})
        for name, field in schema["properties"].items():
            fields[name] = field | ({"description": texts[name]} if name in texts else {})
        fields.setdefault("links", _LINKS)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A line of nba-monitoring status --json",
        "description": "One stage, and the readiness of today's features, which is the same on every line.",
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "$defs": definitions,
    }


def _print(found: PipelineStatus, monitor: Chain | None, services: str) -> None:
    # Imported here: `--json` prints no table.
    from rich.markup import escape

    from nba_monitoring.cli.tables import console, print_table

    def state(stage: StageStatus) -> str:
        color = "red" if stage.state.is_behind else "green"
        awaiting = "; its next date waits for" if stage.state is StageState.COMPLETE else "; waiting for"
        waiting = "" if stage.blocked_by is None else f"{awaiting} {stage.blocked_by}"
        return f"[{color}]{escape(stage.words)}[/]{escape(waiting)}"

    out = console()
    out.print(f"Pipeline status, {moment(found.checked_at)}\n", highlight=False)
    rows = [
        (
            escape(stage.stage),
            state(stage),
            _day(stage.newest_complete),
            _day(stage.newest_expected),
            day_and_clock(stage.due_next),
            day_and_clock(stage.written_at),
        )
        for stage in found.stages
    ]
    if monitor is not None:
        color = "green" if monitor.holds else "red"
        rows.append(("Monitor", f"[{color}]{escape(monitor.summary)}[/]", "-", "-", "", ""))
    headings = ["Stage", "State", "Latest", "Expected", "Due next (ET)", "Written (ET)"]
    print_table(out, headings, rows, folded={"State"})
    usual = [
        (escape(stage.stage), day_and_clock(stage.usually_by), day_and_clock(stage.nearly_always_by))
        for stage in found.stages
        if stage.usually_by is not None
    ]
    if usual:
        # A table of its own: beside the states it would not fit 80 columns.
        out.print()
        print_table(out, ["Stage", "Usual time (ET)", "95% by (ET)"], usual)
    out.print()
    out.print(escape(services), highlight=False)
    out.print(escape(found.summary), style="red" if found.is_behind else "green", highlight=False)


def _day(day: date | None) -> str:
    return "-" if day is None else f"{day:%b} {day.day}"
