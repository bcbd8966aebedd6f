"""Proof that a date without expected games really is a day off."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from nba_monitoring.core.games import SeasonType
from nba_monitoring.core.slate.exclusions import was_played
from nba_monitoring.core.slate.health import Freshness, SourceHealth
from nba_monitoring.core.slate.listings import Listing, Listings
from nba_monitoring.core.slate.seasons import SCHEDULE_IS_DUE, SeasonOpeners
from nba_monitoring.core.slate.series import FINALS, DecidedSeries, SeriesKey
from nba_monitoring.core.slate.sources import SourceKind, SourceReport

# Twice an All-Star break. A longer gap within a season more likely means that part of the schedule was not loaded.
LONGEST_BREAK = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class SeasonFacts:
    """Season facts that can prove a day off."""

    openers: SeasonOpeners
    finals: Mapping[int, DecidedSeries]  # decided ones, by the season's first year
    ended: Mapping[str, date]  # dates after which a source says that its season is over
    played_days: Sequence[date]  # on which some source saw a game that counts played, sorted

    @classmethod
    def of(
        cls,
        reports: Sequence[SourceReport],
        listings: Iterable[Listing],
        series: Mapping[SeriesKey, DecidedSeries],
        openers: SeasonOpeners,
    ) -> SeasonFacts:
        """The facts of all listed seasons."""
        played = {
            listing.game.day
            for listing in listings
            if not listing.uncounted and any(was_played(entry) for entry in listing.entries)
        }
        return cls(
            openers=openers,
            finals={season: decided for (season, number), decided in series.items() if number == FINALS},
            ended={report.source: report.season_ended for report in reports if report.season_ended is not None},
            played_days=sorted(played),
        )

    def is_over(self, day: date) -> bool:
        """Whether a date is in the off-season, by the decided Finals, a source's end of season or the next season."""
        opener = self.whole_season_after(day)
        if opener is not None and day < opener - SCHEDULE_IS_DUE:
            return True
        return self.finals_before(day) is not None or any(
            self.openers.is_off_season(day, ended) for ended in self.ended.values()
        )

    def whole_season_after(self, day: date) -> date | None:
        """The opener of a season loaded whole, if no game is played from the date to it; else None."""
        opener = self.openers.whole_season_after(day)
        if opener is None or bisect_left(self.played_days, day) < bisect_left(self.played_days, opener):
            return None
        return opener

    def finals_before(self, day: date) -> DecidedSeries | None:
        """The decided Finals before a date in the off-season."""
        found = (finals for finals in self.finals.values() if self.openers.is_off_season(day, finals.decided_on))
        return max(found, key=lambda finals: finals.decided_on, default=None)


def prove_off_day(
    day: date, reports: Sequence[SourceReport], health: Sequence[SourceHealth], listings: Listings, season: SeasonFacts
) -> str | None:
    """The evidence that a date without expected games has none, as text; None if nothing proves it.

    Evidence is a source's calendar of game days, a live service with only games that don't count on the date (All-Star
    Sunday is in the calendar too), the league's schedule with games of any kind both before and after the date or the
    whole season after it, and the end of a season: the decided Finals, or a source that says so.
    """
    by_source = {report.source: report for report in reports}
    # A fresh source's proof comes before a stale one's, which says so.
    for source in sorted(health, key=lambda source: (source.freshness is not Freshness.FRESH, source.source)):
        proof = _proof(day, by_source[source.source], source, listings, season)
        if proof is not None:
            return f"{source.source}: {proof}" + (f" ({source.reason})" if source.reason else "")
    return None


def _proof(
    day: date, report: SourceReport, health: SourceHealth, listings: Listings, season: SeasonFacts
) -> str | None:
    if health.freshness is Freshness.FAILED:
        return None
    if report.calendar is not None and report.calendar.proves_off_day(day):
        return f"{day} is not among the season's game days"
    ended = season.ended.get(report.source)
    if ended is not None and season.openers.is_off_season(day, ended):
        return f"the season ended on {ended}"
    answers_live = report.kind is SourceKind.LIVE_SERVICE and health.freshness is Freshness.FRESH
    if answers_live and any(report.source in listing.sources for listing in listings.on(day)):
        return f"none of the games on {day} counts"
    if report.kind is SourceKind.LEAGUE_SCHEDULE:
        return _leagues_proof(day, report.source, listings, season)
    return None


def _leagues_proof(day: date, source: str, listings: Listings, season: SeasonFacts) -> str | None:
    around = _games_around(day, source, listings, season)
    if around is not None:
        return f"games on {around[0]} and {around[1]}, none on {day} counts"
    finals = season.finals_before(day)
    if finals is not None:
        return f"the Finals were decided {finals.result} on {finals.decided_on}, with the fourth win of series {FINALS}"
    # It has no preseason games, so a season that was loaded alone is preceded by none.
    opener = season.whole_season_after(day)
    if opener is not None:
        return f"the season opens on {opener}"
    return None


def _games_around(day: date, source: str, listings: Listings, season: SeasonFacts) -> tuple[date, date] | None:
    """The last and the next day with games, if the days between can be trusted to have none."""
    days = listings.listed_days[source]
    before, after = bisect_left(days, day), bisect_right(days, day)
    if before == 0 or after == len(days):
        return None
    last, following = days[before - 1], days[after]
    openers = season.openers.dates
    is_summer = following in openers and SeasonType.PLAYOFFS in _season_types(last, source, listings)
    if following - last > LONGEST_BREAK and not is_summer:
        return None
    # If a season opened in the gap, or another source saw a game played, part of the schedule was not loaded.
    played = any(bisect_right(found, last) < bisect_left(found, following) for found in (openers, season.played_days))
    return None if played else (last, following)


def _season_types(day: date, source: str, listings: Listings) -> set[SeasonType | None]:
    return {entry.season_type for game in listings.on(day) for entry in game.entries if entry.source == source}
