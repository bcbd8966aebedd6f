"""How fresh a schedule source is, judged against the clock and against the other sources."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.slate.listings import Listings
from nba_monitoring.core.slate.sources import SourceKind, SourceReport

# The platform scrapes its schedule tables daily; a day and a half leaves room for a late run.
OLDEST_SCRAPE = timedelta(hours=36)
# Longer than the gap between two game days in season, All-Star break aside, where no source has games either.
OLDEST_NEWEST_GAME = timedelta(days=3)


class Freshness(StrEnum):
    """Whether a source can be rested on for one date."""

    FRESH = "fresh"
    STALE = "stale"
    FAILED = "failed"
    NOT_ASKED = "not asked"


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """One source on one date.

    `games` counts what it lists, without the parts of the season that do not count; `newest_game` is the last date up
    to the one judged on which it lists such a game; `scraped_at` its newest write (UTC); `reason` what is wrong.
    """

    source: str
    kind: SourceKind
    freshness: Freshness
    games: int
    newest_game: date | None
    scraped_at: datetime | None
    reason: str | None


def health_on(
    day: date, reports: Sequence[SourceReport], listings: Listings, now: datetime
) -> tuple[SourceHealth, ...]:
    """Judge every source for one date, by name. `now` is the UTC instant of the look.

    Parts of the season that do not count are left out: no results table is stale for having no All-Star game. Scrape
    ages matter only for today and later: a backfill of last year says nothing about today's scrapers.
    """
    counts = {report.source: listings.games[report.source].get(day, 0) for report in reports}
    newest = {report.source: _last_up_to(day, listings.days[report.source]) for report in reports}
    return tuple(
        SourceHealth(
            source=report.source,
            kind=report.kind,
            freshness=freshness,
            games=counts[report.source],
            newest_game=newest[report.source],
            scraped_at=report.scraped_at,
            reason=reason,
        )
        for report in sorted(reports, key=lambda report: report.source)
        for freshness, reason in [_freshness(report, day, counts, newest, now)]
    )


def _freshness(
    report: SourceReport, day: date, counts: Mapping[str, int], newest: Mapping[str, date | None], now: datetime
) -> tuple[Freshness, str | None]:
    if report.error is not None:
        return Freshness.FAILED, report.error
    if day in report.errors:
        return Freshness.FAILED, report.errors[day]
    if report.asked is not None and day not in report.asked:
        return Freshness.NOT_ASKED, None
    others = {source: count for source, count in counts.items() if source != report.source and count}
    if others and not counts[report.source]:
        said = ", ".join(f"{source} lists {count}" for source, count in sorted(others.items()))
        return Freshness.STALE, f"nothing for {day} while {said}; {_newest_game(newest[report.source])}"
    if report.kind is SourceKind.LIVE_SERVICE:
        return Freshness.FRESH, None
    last_game_day = max((found for found in newest.values() if found), default=None)
    own = newest[report.source]
    if last_game_day and (own is None or last_game_day - own > OLDEST_NEWEST_GAME):
        return Freshness.STALE, f"{_newest_game(own)}, while another source lists games on {last_game_day}"
    if report.scraped_at and day >= game_date(now) and now - report.scraped_at > OLDEST_SCRAPE:
        return (
            Freshness.STALE,
            f"last written {_length(now - report.scraped_at)} ago ({report.scraped_at:%Y-%m-%d %H:%M} UTC)",
        )
    return Freshness.FRESH, None


def _length(age: timedelta) -> str:
    return f"{age.days} days" if age.days > 1 else f"{int(age.total_seconds() // 3600)} hours"


def _newest_game(day: date | None) -> str:
    return "no game up to then" if day is None else f"its newest game is of {day}"


def _last_up_to(day: date, days: Sequence[date]) -> date | None:
    position = bisect_right(days, day)
    return days[position - 1] if position else None
