"""Proof that a date without expected games really is a day off."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date, timedelta

from nba_monitoring.core.games import SeasonType
from nba_monitoring.core.slate.health import Freshness, SourceHealth
from nba_monitoring.core.slate.listings import Listings
from nba_monitoring.core.slate.seasons import SeasonOpeners
from nba_monitoring.core.slate.sources import SourceKind, SourceReport

# Twice an All-Star break. A longer hole within one season is more likely a part of the schedule that was not loaded.
LONGEST_BREAK = timedelta(days=14)


def prove_off_day(
    day: date,
    reports: Sequence[SourceReport],
    health: Sequence[SourceHealth],
    listings: Listings,
    openers: SeasonOpeners,
) -> str | None:
    """The evidence that a date without expected games has none, in a sentence; None where nothing proves it.

    Proof is a source's calendar of game days, a live service whose games of the date all don't count (All-Star
    Sunday stands in the calendar too), or the league's schedule with games of any kind both before and after the date.
    """
    by_source = {report.source: report for report in reports}
    # Rather a fresh source's proof than a stale one's, which says so.
    for source in sorted(health, key=lambda source: (source.freshness is not Freshness.FRESH, source.source)):
        proof = _proof(day, by_source[source.source], source, listings, openers)
        if proof is not None:
            return f"{source.source}: {proof}" + (f" ({source.reason})" if source.reason else "")
    return None


def _proof(
    day: date, report: SourceReport, health: SourceHealth, listings: Listings, openers: SeasonOpeners
) -> str | None:
    if health.freshness is Freshness.FAILED:
        return None
    if report.calendar is not None and report.calendar.proves_off_day(day):
        return f"{day} is not among the season's game days"
    answers_live = report.kind is SourceKind.LIVE_SERVICE and health.freshness is Freshness.FRESH
    if answers_live and any(entry.source == report.source for game in listings.on(day) for entry in game.entries):
        return f"of the games on {day} none counts"
    if report.kind is SourceKind.LEAGUE_SCHEDULE:
        around = _games_around(day, report.source, listings, openers)
        if around is not None:
            return f"games on {around[0]} and {around[1]}, none that count on {day}"
    return None


def _games_around(day: date, source: str, listings: Listings, openers: SeasonOpeners) -> tuple[date, date] | None:
    """The last and the next day with games, where the days between can be trusted to have none."""
    days = listings.listed_days[source]
    before, after = bisect_left(days, day), bisect_right(days, day)
    if before == 0 or after == len(days):
        return None
    last, following = days[before - 1], days[after]
    opens = following in openers.dates or SeasonType.PRESEASON in _season_types(following, source, listings)
    is_summer = opens and SeasonType.PLAYOFFS in _season_types(last, source, listings)
    if following - last > LONGEST_BREAK and not is_summer:
        return None
    # Where a season opened in the hole, or another source saw a game played, it is a hole in the loading.
    played = any(
        bisect_right(found, last) < bisect_left(found, following) for found in (openers.dates, listings.played_days)
    )
    return None if played else (last, following)


def _season_types(day: date, source: str, listings: Listings) -> set[SeasonType | None]:
    return {entry.season_type for game in listings.on(day) for entry in game.entries if entry.source == source}
