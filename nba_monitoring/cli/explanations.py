"""What the verdicts on the stages of a date rest on, in sentences for a terminal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence, Set

from rich.markup import escape

from nba_monitoring.core.counting import WHOLE_DATE
from nba_monitoring.core.eastern import eastern_clock, game_date
from nba_monitoring.core.game_ids import parse_game_id
from nba_monitoring.core.games import Game
from nba_monitoring.core.rules.base import Level
from nba_monitoring.core.stage_record import StageCheck
from nba_monitoring.core.status import Status

# What the counts beside these would not tell.
_EXPLAINED = {
    Status.UNKNOWN_SCHEDULE: "No source lists a game that counts, and nothing proves a day off: load the schedule.",
    Status.SUSPECT_JOIN: "Rows are there, and none of them belongs to an expected game: look at their ids.",
}


def explanations(rows: Sequence[StageCheck], shown: Set[str] = frozenset()) -> Sequence[str]:
    """A line, in markup, for each thing that the verdicts of a date rest on, with the stages that it holds for.

    Those are left out where it holds for all. Of the stages that are `shown` elsewhere, nothing is said of single
    units, or of what no count shows.
    """
    stages: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        for line in (*_explained(row), *(() if row.stage in shown else _of_units(row))):
            stages[line].append(row.stage)
    return [
        line if len(names) == len(rows) else f"{escape(', '.join(names))}: {line}" for line, names in stages.items()
    ]


def _explained(row: StageCheck) -> Iterator[str]:
    detail = row.detail
    if row.status is Status.NOT_DUE and row.due_at is not None:
        yield f"not due until {game_date(row.due_at)}, {eastern_clock(row.due_at)}"
    if detail.halt is not None:
        since = "" if detail.halt.since is None else f" since {detail.halt.since}"
        yield escape(f"halted{since}: {detail.halt.reason}")
    if row.status in _EXPLAINED:
        yield f"[red]{_EXPLAINED[row.status]}[/]"
    for finding in detail.findings:
        colour = "red" if finding.level is Level.FAIL else "yellow"
        yield f"[{colour}]{escape(f'{finding.text} ({finding.rule}, {finding.level})')}[/]"
    if detail.orphan_of is not None:
        yield f"[red]{detail.rows} rows, although {escape(detail.orphan_of)}, which it rests on, holds none[/]"


def _of_units(row: StageCheck) -> Iterator[str]:
    by_reason = {} if row.status is Status.NOT_DUE else row.detail.units_by_reason
    for reason, units in by_reason.items():
        named = ", ".join(filter(None, map(unit_label, units)))
        yield escape(f"{named}: {reason}" if named else reason)
    for warning in row.detail.warnings:
        yield f"[yellow]{escape(warning)}[/]"


def unit_label(name: str) -> str:
    """A game as people write it, a team by its tricode, and nothing for a date as a whole."""
    game = parse_game_id(name)
    if isinstance(game, Game):
        return game.matchup
    return "" if name == WHOLE_DATE else name
