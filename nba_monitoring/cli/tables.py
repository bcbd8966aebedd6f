"""Verdicts as a person reads them in a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from nba_monitoring.cli.explanations import explanations
from nba_monitoring.core.eastern import PACIFIC, tip_clock
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.stages import PHASE4, SCHEDULE
from nba_monitoring.core.status import Severity, Status

# A file or a pipe has no width of its own; 80 columns would fold every row.
WIDTH_WITHOUT_TERMINAL = 140

NO_VERDICT = "No verdict is recorded for these dates. `nba-monitoring check` records one."


def print_verdicts(records: Sequence[CheckRecord]) -> None:
    """A row a date; for a single date its games and what the verdict rests on as well."""
    out = console()
    out.print(_table(records))
    if len(records) == 1:
        _print_games(out, records[0])
        _print_evidence(out, records[0])


def print_history(records: Sequence[CheckRecord]) -> None:
    """A row a look, with the time of it."""
    if not records:
        console().print(NO_VERDICT)
        return
    console().print(_table(records, looks=True))


def console() -> Console:
    """Standard output, as wide as the terminal."""
    out = Console()
    return out if out.is_terminal else Console(width=WIDTH_WITHOUT_TERMINAL)


def _table(records: Sequence[CheckRecord], looks: bool = False) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Date", no_wrap=True)
    if looks:
        table.add_column("Checked (Pacific)", no_wrap=True)
        table.add_column("By", no_wrap=True)
    table.add_column("Ready", no_wrap=True)
    # Status and games share a column, so that the games of a long row still fit beside it in 80 columns.
    table.add_column("Phase 4: missing, (partial)")
    for record in records:
        look = [f"{record.check_time.astimezone(PACIFIC):%Y-%m-%d %H:%M}", _by(record)] if looks else []
        table.add_row(
            record.check_date.isoformat(),
            *look,
            f"{record.phase4_ready} of {record.scheduled_games}",
            _status(record) + escape(_games(record) + _first_broken(record)),
        )
    return table


def _by(record: CheckRecord) -> str:
    return record.trigger if record.detail.is_clock_real else f"{record.trigger}, moved clock"


def _status(record: CheckRecord) -> str:
    if record.status.passes:
        return f"[green]{record.status}[/]"
    colour = "red" if record.severity is Severity.ERROR else "yellow"
    muted = ", muted" if record.detail.mute else ""
    return f"[{colour}]{record.status} ({record.severity}{muted})[/]"


def _games(record: CheckRecord) -> str:
    """The games to name: none where nothing is missing yet by design, or where no row could be matched to any."""
    if record.status not in (Status.MISSING_DATA, Status.PARTIAL_DATA):
        return ""
    missing = [game.matchup for game in record.missing_games]
    partial = [f"({game.matchup})" for game in record.partial_games]
    return f": {', '.join(missing + partial)}"


def _first_broken(record: CheckRecord) -> str:
    """Where the pipeline broke first, on a line of its own where that is not Phase 4 alone."""
    failing = {name: check for name, check in record.stages.items() if not check.status.passes}
    if record.first_broken is None or (record.first_broken == PHASE4 and len(failing) == 1):
        return ""
    line = f"\nfirst broken: {record.first_broken}"
    behind = [name for name, check in failing.items() if check.detail.is_consequence]
    others = [name for name in failing if name not in behind and name != record.first_broken]
    if record.first_broken == SCHEDULE:
        return line
    line += f"; consequences: {', '.join(behind)}" if behind else ""
    return line + (f"; failing as well: {', '.join(others)}" if others else "")


def _print_games(console: Console, record: CheckRecord) -> None:
    if not record.detail.games:
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Game")
    table.add_column("Tip-off")
    table.add_column("Usable players", justify="right")
    table.add_column("Rows", justify="right")
    table.add_column("What is wrong")
    for game, seen in record.detail.games.items():
        table.add_row(
            escape(game.matchup),
            tip_clock(seen.tip_at),
            str(seen.usable_rows),
            str(seen.rows),
            f"[red]{escape(seen.reason)}[/]" if seen.reason else "",
        )
    console.print()
    console.print(table)


def _print_evidence(console: Console, record: CheckRecord) -> None:
    detail = record.detail
    console.print()
    for name, source in detail.sources.items():
        reason = f": {source.reason}" if source.reason else ""
        console.print(escape(f"{name}: {source.games} games, {source.freshness}{reason}"), highlight=False)
    for line in explanations(tuple(record.stages.values()), shown={PHASE4}):
        console.print(line, highlight=False)
    if detail.mute:
        console.print(escape(f"Muted, so nobody is paged: {detail.mute.summary}"), highlight=False)
    if detail.off_day_proof:
        console.print(escape(f"No games, by {detail.off_day_proof}"), highlight=False)
    for game, excluded in detail.excluded.items():
        moved = f" to {excluded.moved_to}" if excluded.moved_to else ""
        console.print(escape(f"Not expected: {game.matchup}, {excluded.reason}{moved}"), highlight=False)
    for line in detail.notes:
        console.print(f"[yellow]Note:[/] {escape(line)}", highlight=False)
