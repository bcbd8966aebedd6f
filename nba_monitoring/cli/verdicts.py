"""`nba-monitoring check` and `history`: new verdicts, and the recorded ones."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import uuid4

import click

from nba_monitoring.alerts.links import Subject, links_for
from nba_monitoring.cli.output import (
    configured_warehouse,
    print_fix,
    print_json_lines,
    print_muted,
    progress,
    warn_not_watched,
    warn_skipped,
)
from nba_monitoring.cli.parameters import (
    GameDate,
    as_json_lines,
    by_stage,
    clock_of,
    clock_options,
    date_options,
    recorded_dates,
    require_order,
    span_of,
)
from nba_monitoring.core.codec import to_json_values
from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.fix_command import fix_of_check, fix_of_date
from nba_monitoring.core.mutes import muted_at
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.stage_record import StageCheck, Trigger
from nba_monitoring.core.stages import StageTable
from nba_monitoring.monitor import Monitor
from nba_monitoring.settings import Settings


@click.command()
@click.argument("game_day", metavar="[DATE]", type=GameDate(), required=False)
@date_options(" Default: today.")
@clock_options
@by_stage
@click.option(
    "--fail-on",
    type=click.Choice(["phase4", "any"]),
    help="What makes the exit status 1: a failing Phase 4, or any failing stage. Default: phase4; any with --stages.",
)
@as_json_lines
def check(
    game_day: date | None,
    day: date | None,
    first: date | None,
    last: date | None,
    now: datetime | None,
    as_of: datetime | None,
    stages: bool,
    fail_on: str | None,
    as_json: bool,
) -> None:
    """Check game dates and record the verdicts.

    Checks one game date, or a range, and appends the verdicts to the history. DATE is the same as --date.

    With --json, each row also has `fix`, the command that refills its stage, and `links`, by label.

    \b
    Exit status: 0  every row passes (AVAILABLE, NO_GAMES, BOOTSTRAP, NOT_DUE,
                    HALTED)
                 1  Phase 4 of a date fails; with --stages or --fail-on any,
                    any stage
                 2  could not check; a message on standard error says why

    \b
    Examples:
      nba-monitoring check
      nba-monitoring check yesterday --fail-on any
      nba-monitoring check 2026-01-18 --stages \\
          --as-of 2026-01-18T11:00-05:00
      nba-monitoring check --from 2025-10-21 --to 2026-04-12 --json
    """
    if game_day and day:
        raise click.UsageError("use either DATE or --date, not both")
    day = game_day or day
    clock, is_clock_real = clock_of(now, as_of)
    span = span_of(day, first, last) or (game_date(clock), game_date(clock))
    settings = Settings.load()
    with configured_warehouse(settings, as_json, "Checking" if span[0] == span[1] else None) as warehouse:
        monitor = Monitor(warehouse, settings, *span, clock, as_of, is_clock_real)
        records = monitor.record(str(uuid4()), Trigger.MANUAL, progress)
    rows: Sequence[CheckRecord | StageCheck] = records
    if stages:
        rows = [row for record in records for row in record.stages.values()]
        warn_not_watched(records[0].detail.not_watched)
    if as_json:
        print_json_lines(to_json_values(row) | _advice(row, settings, clock) for row in rows)
    else:
        from nba_monitoring.cli.tables import print_verdicts

        print_verdicts(rows)
    print_muted(muted_at(records), as_json)
    if not as_json and len(records) == 1:
        record = records[0]
        print_fix(record.first_broken or "", record.check_date, _fix(record, settings.stages, clock))
    is_any = fail_on == "any" or (stages and fail_on is None)
    deciding = (row for record in records for row in (record.stages.values() if is_any else [record]))
    sys.exit(0 if all(row.status.passes for row in deciding) else 1)


@click.command()
@click.option("--date", "day", type=GameDate(), help="One game date, or today, yesterday, tomorrow.")
@recorded_dates
@by_stage
@as_json_lines
def history(day: date | None, first: date | None, last: date | None, stages: bool, as_json: bool) -> None:
    """Show recorded verdicts, one row per check.

    Oldest game date first; with --stages, one row per check and stage.
    """
    if day:
        first, last = span_of(day, first, last) or (day, day)
    require_order(first, last)
    settings = Settings.load()
    rows: Sequence[CheckRecord | StageCheck]
    with configured_warehouse(settings, as_json, "Reading the history") as warehouse:
        if stages:
            found = warehouse.stage_history(first, last)
            rows, unreadable = _in_pipeline_order(found.records, settings.stages), found.unreadable
        else:
            verdicts = warehouse.history(first, last)
            rows, unreadable = verdicts.records, verdicts.unreadable
    warn_skipped(unreadable)
    if as_json:
        print_json_lines(map(to_json_values, rows))
    else:
        from nba_monitoring.cli.tables import print_history

        print_history(rows)


def _advice(row: CheckRecord | StageCheck, settings: Settings, now: datetime) -> dict[str, object]:
    stage = row.stage if isinstance(row, StageCheck) else row.first_broken
    subject = Subject(day=row.check_date, stage=stage, status=row.status)
    return {"fix": _fix(row, settings.stages, now), "links": dict(links_for(settings, subject))}


def _fix(row: CheckRecord | StageCheck, table: StageTable, now: datetime) -> str | None:
    """The command that refills a row's stage, or a date's first broken one."""
    return fix_of_check(row, table, now) if isinstance(row, StageCheck) else fix_of_date(row, table, now)


def _in_pipeline_order(records: Iterable[StageCheck], table: StageTable) -> Sequence[StageCheck]:
    """Sort by date, check and stage; stages that are no longer in the table come last."""
    order = {stage.name: position for position, stage in enumerate(table)}
    return sorted(
        records,
        key=lambda row: (row.check_date, row.check_time, row.check_id, order.get(row.stage, len(order)), row.stage),
    )
