"""Proof that a date without expected games really is a day off."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from nba_monitoring.core.game_ids import LeagueId
from nba_monitoring.core.health import Freshness, SourceHealth
from nba_monitoring.core.sources import SourceKind, SourceReport

# Twice an All-Star break. A longer hole within one season is more likely a part of the schedule that was not loaded.
LONGEST_BREAK = timedelta(days=14)


def prove_off_day(
    day: date,
    reports: Sequence[SourceReport],
    health: Sequence[SourceHealth],
    listed_days: Mapping[str, Sequence[date]],
) -> str | None:
    """The evidence that no game is played on a date, in a sentence; None where nothing proves it.

    Proof is a source's calendar of game days, or the league's schedule with games both before and after the date.
    An All-Star day stands in both: the league's schedule then lists nothing else for it.
    """
    failed = {source.source for source in health if source.freshness is Freshness.FAILED}
    for report in sorted(reports, key=lambda report: report.source):
        if report.source in failed:
            continue
        if report.calendar is not None and report.calendar.proves_off_day(day):
            return f"{report.source}: {day} is not among the season's game days"
        if report.kind is SourceKind.LEAGUE_SCHEDULE:
            around = _games_around(day, report, listed_days[report.source])
            if around is not None:
                return f"{report.source}: games on {around[0]} and {around[1]}, none that count on {day}"
    return None


def _games_around(day: date, report: SourceReport, days: Sequence[date]) -> tuple[date, date] | None:
    before, after = bisect_left(days, day), bisect_right(days, day)
    if before == 0 or after == len(days):
        return None
    last, following = days[before - 1], days[after]
    if following - last > LONGEST_BREAK and _seasons_on(last, report) & _seasons_on(following, report):
        return None
    return last, following


def _seasons_on(day: date, report: SourceReport) -> set[int]:
    ids = (LeagueId.parse(entry.league_id or "") for entry in report.listed if entry.game.date == day)
    return {league_id.season for league_id in ids if league_id is not None}
