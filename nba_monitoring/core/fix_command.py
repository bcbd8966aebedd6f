"""The command that refills a stage, bound to its game dates: the same one wherever it is shown."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.stage_fields import bound, placeholders_in
from nba_monitoring.core.stage_record import StageCheck
from nba_monitoring.core.stages import Due, Stage, StageTable
from nba_monitoring.core.status import Status

# Where ids match nothing, or the schedule is unknown, new rows would change nothing.
FIXED_BY_ROWS = frozenset((Status.MISSING_DATA, Status.PARTIAL_DATA, Status.BAD_DATA))


def fix_command(stage: Stage, days: Sequence[date], now: datetime) -> str | None:
    """The command that refills a stage for some game dates (ascending) at an instant (UTC); None if there is none.

    A job fills the date of the day on which it runs, whatever date was meant: for several dates, and for one that is
    over, only a command that names them will do.
    """
    is_current = len(days) == 1 and not is_over(days[0], stage.due_by, now)
    return current_command(stage, days[0]) if is_current else past_command(stage, days)


def current_command(stage: Stage, day: date) -> str:
    """The command for a date that is not over."""
    return _bound(stage.fix, [day])


def past_command(stage: Stage, days: Sequence[date]) -> str | None:
    """The command for dates that are over: `fix_past`, or `fix` if that names its dates."""
    template = stage.fix_past or (stage.fix if placeholders_in(stage.fix) else None)
    return None if template is None else _bound(template, days)


def next_commands(stage: Stage, failing: Collection[str], table: StageTable, day: date) -> tuple[str, ...]:
    """What refills the stages downstream of one that has to be refilled first, of those that fail: in pipeline order.

    A stage that fails was due, so its job has run already, and does not run again by itself.
    """
    downstream = [each for each in table if each.name in failing and stage.name in table.upstreams[each.name]]
    return tuple(dict.fromkeys(current_command(each, day) for each in [stage, *downstream]))[1:]


def is_over(day: date, due: Due, now: datetime) -> bool:
    """Whether a date is over for a stage's job at an instant (UTC): after its own day; for results, after the next."""
    return game_date(now) > (day + timedelta(days=1) if due is Due.MORNING_AFTER else day)


def fix_of_check(check: StageCheck, table: StageTable, now: datetime) -> str | None:
    """The command for what a stage's check found; None if it passes, or if running the stage again fixes nothing."""
    if check.stage not in table or not is_fixed_by_rows(check):
        return None
    return fix_command(table[check.stage], [check.check_date], now)


def fix_of_date(record: CheckRecord, table: StageTable, now: datetime) -> str | None:
    """The command for a date's first broken stage; None if there is none."""
    first = record.stages.get(record.first_broken or "")
    return None if first is None else fix_of_check(first, table, now)


def is_fixed_by_rows(check: StageCheck) -> bool:
    """Whether new rows would make a check pass: not if it passes, or if ids, access or the schedule are wrong."""
    return check.status in FIXED_BY_ROWS and not (check.detail.is_unreadable or check.is_broken_by_schedule)


def _bound(template: str, days: Sequence[date]) -> str:
    if "date" in placeholders_in(template):
        return " && ".join(bound(template, date=day, first=day, last=day) for day in days)
    return bound(template, first=days[0], last=days[-1])
