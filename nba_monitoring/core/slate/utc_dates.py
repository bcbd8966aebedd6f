"""Games that a source lists on the UTC date of their start: an evening's game, on the date after."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence, Set
from dataclasses import replace
from datetime import date

from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.games import Game, GameKey
from nba_monitoring.core.slate.sources import ListedGame, SourceReport
from nba_monitoring.core.words import moment


def on_eastern_dates(reports: Sequence[SourceReport]) -> Sequence[SourceReport]:
    """The reports with each such game on its US Eastern date, and a problem on the date that it contradicts.

    A game that any source lists on the date without contradicting itself stays, since then the start is wrong.
    """
    in_utc = [(report, entry) for report in reports for entry in report.listed if _is_in_utc(entry)]
    if not in_utc:
        return reports
    stay = {entry.game.key for report in reports for entry in report.listed if not _is_in_utc(entry)}
    wrong = {report.source for report, entry in in_utc if entry.game.key not in stay}
    return [_corrected(report, stay) if report.source in wrong else report for report in reports]


def _corrected(report: SourceReport, stay: Set[GameKey]) -> SourceReport:
    listed: list[ListedGame] = []
    problems: defaultdict[date, tuple[str, ...]] = defaultdict(tuple, report.problems)
    for entry in report.listed:
        game, start = entry.game, entry.tip_at
        if start is not None and _is_in_utc(entry) and game.key not in stay:
            day = game_date(start)
            what = f"{game.matchup} on {game.day} contradicts its own start, {moment(start)}"
            problems[game.day] += (f"{report.source}: {what}; counted on {day}",)
            listed.append(replace(entry, game=Game(day, game.away, game.home)))
        else:
            listed.append(entry)
    return replace(report, listed=tuple(listed), problems=problems)


def _is_in_utc(entry: ListedGame) -> bool:
    day, start = entry.game.day, entry.tip_at
    return start is not None and start.date() == day and game_date(start) != day
