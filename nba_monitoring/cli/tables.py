"""Tables on the terminal: verdicts by date or by stage, and the reasons for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Literal

from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from nba_monitoring.core.counting import unit_label
from nba_monitoring.core.eastern import eastern_stamp, tip_clock
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.rules.base import Level
from nba_monitoring.core.services import ServiceStatus
from nba_monitoring.core.stage_record import StageCheck
from nba_monitoring.core.stages import PHASE4, SCHEDULE
from nba_monitoring.core.status import Severity, Status
from nba_monitoring.core.words import day_off, halted, not_due, not_expected, orphan, ready_of

# A file or a pipe has no width of its own; 80 columns would fold every row.
WIDTH_WITHOUT_TERMINAL = 140

_TIME_COLUMNS = ("Checked (ET)", "By")
_PHASE4, _STATUS = "Phase 4: missing (partial)", "Status: missing (partial)"

# What the counts in the table don't show.
_EXPLAINED = {
    Status.UNKNOWN_SCHEDULE: "No source lists a game, and nothing proves a day off. Load the schedule.",
    Status.SUSPECT_JOIN: "No row matches an expected game. Compare the ids with the schedule.",
}


def console(width_without_terminal: int = WIDTH_WITHOUT_TERMINAL) -> Console:
    """Standard output, as wide as the terminal."""
    out = Console()
    return out if out.is_terminal else Console(width=width_without_terminal)


def print_table(
    out: Console,
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    numbers: Set[str] = frozenset(),
    folded: Set[str] = frozenset(),
    narrowest: int = 28,
) -> None:
    """Print a table of markup, its columns from the most important to the least; the last ones are left out if need be.

    Columns in `numbers` are aligned to the right. Those in `folded` may fold, down to `narrowest`; nothing else does,
    and nothing is cut off.
    """
    cells = [[Text.from_markup(cell) for cell in row] for row in rows]
    needed = [
        min(width, narrowest) if heading in folded else width
        for heading, *column in zip(headings, *cells, strict=True)
        for width in [max(cell_len(heading), *map(_width, column))]
    ]
    kept = len(headings)
    while kept > 1 and sum(needed[:kept]) + 2 * (kept - 1) > out.width:
        kept -= 1
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for heading in headings[:kept]:
        justify: Literal["left", "right"] = "right" if heading in numbers else "left"
        made.add_column(heading, no_wrap=heading not in folded, justify=justify, overflow="fold")
    for row in cells:
        made.add_row(*row[:kept])
    out.print(made)


def _width(cell: Text) -> int:
    return max((cell_len(line) for line in cell.plain.split("\n")), default=0)


def print_verdicts(rows: Sequence[CheckRecord | StageCheck]) -> None:
    """Print one row per date, or per date and stage; for a single date, also its games and the reasons."""
    out = console()
    _print_rows(out, rows)
    if len({row.check_date for row in rows}) > 1:
        return
    out.print()
    if isinstance(rows[0], CheckRecord):
        _print_games(out, rows[0])
        _print_evidence(out, rows[0])
    else:
        _print_lines(out, _explanations([row for row in rows if isinstance(row, StageCheck)]))


def print_history(rows: Sequence[CheckRecord | StageCheck]) -> None:
    """Print one row per check, or per check and stage, with the time of the check."""
    if rows:
        _print_rows(console(), rows, with_time=True)
    else:
        console().print("No verdicts recorded for these dates. Run `nba-monitoring check` to record one.")


def status_markup(status: Status | ServiceStatus, severity: Severity | None, *more: str) -> str:
    """'AVAILABLE', 'MISSING_DATA (WARN, muted)', in its color."""
    if status.passes:
        return f"[green]{status}[/]"
    color = "red" if severity is Severity.ERROR else "yellow"
    return f"[{color}]{status} ({', '.join((str(severity), *filter(None, more)))})[/]"


def _print_rows(out: Console, rows: Sequence[CheckRecord | StageCheck], with_time: bool = False) -> None:
    cells = [_stage_cells(row) if isinstance(row, StageCheck) else _date_cells(row) for row in rows]
    headings = [heading for heading in cells[0] if with_time or heading not in _TIME_COLUMNS]
    print_table(out, headings, ([row[heading] for heading in headings] for row in cells), folded={_STATUS, _PHASE4})


# In both, status and units share a column, so that the units of a long row still fit beside it in 60 columns.
def _date_cells(record: CheckRecord) -> Mapping[str, str]:
    missing, partial = ([game.matchup for game in games] for games in (record.missing_games, record.partial_games))
    status = status_markup(record.status, record.severity, "muted" if record.detail.mute else "")
    return {
        "Date": record.check_date.isoformat(),
        _PHASE4: status
        + _units(record.status, missing, partial)
        + escape(_first_broken(record))
        + escape(f"\n{record.detail.not_counted}" if record.detail.not_counted else ""),
        "Checked (ET)": eastern_stamp(record.check_time),
        "Ready": f"{record.phase4_ready} of {record.scheduled_games}",
        "By": record.trigger if record.detail.is_clock_real else f"{record.trigger}, --now or --as-of",
    }


def _stage_cells(row: StageCheck) -> Mapping[str, str]:
    part = "first broken" if row.is_first_broken else "downstream" if row.detail.is_consequence else ""
    return {
        "Date": row.check_date.isoformat(),
        "Stage": escape(row.stage),
        _STATUS: status_markup(row.status, row.severity, part)
        + _units(row.status, map(unit_label, row.missing), map(unit_label, row.partial)),
        "Checked (ET)": eastern_stamp(row.check_time),
        "Ready": ready_of(row.ready, row.expected, row.is_least),
    }


def _units(status: Status, missing: Iterable[str], partial: Iterable[str]) -> str:
    """Name the units; none if nothing is missing yet by design, or if no row could be matched to any."""
    if status not in (Status.MISSING_DATA, Status.PARTIAL_DATA):
        return ""
    named = [*filter(None, missing), *(f"({unit})" for unit in partial if unit)]
    return escape(f": {', '.join(named)}") if named else ""


def _first_broken(record: CheckRecord) -> str:
    """The first broken stage on a line of its own, unless Phase 4 alone fails."""
    failing = {name: check for name, check in record.stages.items() if not check.status.passes}
    if record.first_broken is None or (record.first_broken == PHASE4 and len(failing) == 1):
        return ""
    line = f"\nfirst broken: {record.first_broken}"
    if record.first_broken == SCHEDULE:
        return line
    downstream = [name for name, check in failing.items() if check.detail.is_consequence]
    others = [name for name in failing if name not in (*downstream, record.first_broken)]
    line += f"; downstream: {', '.join(downstream)}" if downstream else ""
    return line + (f"; also broken: {', '.join(others)}" if others else "")


def _print_games(out: Console, record: CheckRecord) -> None:
    if not record.detail.games:
        return
    rows = (
        (
            escape(game.matchup),
            f"[red]{escape(seen.reason)}[/]" if seen.reason else "",
            tip_clock(seen.tip_at),
            str(seen.usable_rows),
            str(seen.rows),
        )
        for game, seen in record.detail.games.items()
    )
    numbers = {"Usable players", "Rows"}
    print_table(out, ["Game", "Problem", "Tip-off", "Usable players", "Rows"], rows, numbers, {"Problem"}, narrowest=20)
    out.print()


def _print_evidence(out: Console, record: CheckRecord) -> None:
    detail = record.detail
    lines = [
        escape(f"{name}: {source.games} games, {source.freshness}{f': {source.reason}' if source.reason else ''}")
        for name, source in detail.sources.items()
    ]
    lines += _explanations(tuple(record.stages.values()), counted={PHASE4})
    if detail.off_day_proof:
        lines.append(escape(day_off(detail.off_day_proof)))
    lines += map(escape, not_expected({game: why.why for game, why in detail.excluded.items()}))
    _print_lines(out, [*lines, *(f"[yellow]Note:[/] {escape(note)}" for note in detail.notes)])


def _print_lines(out: Console, lines: Iterable[str]) -> None:
    for line in lines:
        out.print(line, highlight=False)


def _explanations(rows: Sequence[StageCheck], counted: Set[str] = frozenset()) -> Sequence[str]:
    """One line of markup per reason, with the stages it holds for unless it holds for all.

    For the stages in `counted`, a table of games already shows the reasons of single units.
    """
    stages: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        for line in (*_of_the_stage(row), *(() if row.stage in counted else _of_units(row))):
            stages[line].append(row.stage)
    lines = [
        line if len(names) == len(rows) else f"{escape(', '.join(names))}: {line}" for line, names in stages.items()
    ]
    orphans = [
        orphan(row.stage, row.detail.rows, row.detail.orphan_of) for row in rows if row.detail.orphan_of is not None
    ]
    return [*lines, *(f"[red]{escape(line)}[/]" for line in orphans)]


def _of_the_stage(row: StageCheck) -> Iterator[str]:
    detail = row.detail
    if row.status is Status.NOT_DUE and row.due_at is not None:
        yield not_due(row.due_at)
    if detail.halt is not None:
        yield escape(halted(detail.halt.reason, detail.halt.since))
    if row.status in _EXPLAINED:
        yield f"[red]{_EXPLAINED[row.status]}[/]"
    for finding in detail.findings:
        color = "red" if finding.level is Level.FAIL else "yellow"
        yield f"[{color}]{escape(f'{finding.text} ({finding.rule}, {finding.level})')}[/]"
    yield from map(escape, row.causes)


def _of_units(row: StageCheck) -> Iterator[str]:
    by_reason = {} if row.status is Status.NOT_DUE else row.units_by_reason
    for reason, units in by_reason.items():
        named = ", ".join(filter(None, map(unit_label, units)))
        yield escape(f"{named}: {reason}" if named else reason)
    for warning in row.detail.warnings:
        yield f"[yellow]{escape(warning)}[/]"
