"""How fresh a schedule source is, judged against the clock and against the other sources."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.games import GameKey
from nba_monitoring.core.slate.listings import Listing
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
    """One source on one date. Parts of the season that do not count are left out."""

    source: str
    kind: SourceKind
    freshness: Freshness
    games: int  # that it lists on the date
    newest_game: date | None  # the last date up to this one on which it lists a game
    scraped_at: datetime | None  # its newest write (UTC)
    reason: str | None  # what is wrong


@dataclass(frozen=True, slots=True)
class Tally:
    """How many games each source lists by date, and how many of these are expected.

    Parts of the season that do not count are left out: no results table is stale for having no All-Star game. Nor is
    it for lacking a game that is not played.
    """

    listed: Mapping[str, Mapping[date, int]]
    expected: Mapping[str, Mapping[date, int]]
    listed_days: Mapping[str, Sequence[date]]  # sorted
    expected_days: Mapping[str, Sequence[date]]  # sorted

    @classmethod
    def of(cls, reports: Sequence[SourceReport], listings: Iterable[Listing], excluded: Set[GameKey]) -> Tally:
        """Count all listings. A postponement record lists nothing that others should."""
        listed: dict[str, Counter[date]] = {report.source: Counter() for report in reports}
        expected: dict[str, Counter[date]] = {report.source: Counter() for report in reports}
        records = {report.source for report in reports if report.kind is SourceKind.POSTPONEMENTS}
        for listing in listings:
            if listing.uncounted:
                continue
            is_expected = listing.game.key not in excluded
            for source in listing.sources:
                listed[source][listing.game.day] += 1
                if is_expected and source not in records:
                    expected[source][listing.game.day] += 1
        return cls(
            listed,
            expected,
            {source: sorted(found) for source, found in listed.items()},
            {source: sorted(found) for source, found in expected.items()},
        )


def health_on(
    day: date, reports: Sequence[SourceReport], tally: Tally, now: datetime, off_season: bool
) -> tuple[SourceHealth, ...]:
    """Judge every source for one date, by name. `now` is the UTC instant of the look.

    Scrape ages matter only for today and later, as a backfill of last year says nothing about today's scrapers, and
    only in season.
    """
    look = _Look(day, reports, tally, now, off_season)
    return tuple(
        SourceHealth(
            source=report.source,
            kind=report.kind,
            freshness=freshness,
            games=tally.listed[report.source].get(day, 0),
            newest_game=_last_up_to(day, tally.listed_days[report.source]),
            scraped_at=report.scraped_at,
            reason=reason,
        )
        for report in sorted(reports, key=lambda report: report.source)
        for freshness, reason in [look.freshness(report)]
    )


def speaks_of(day: date, kind: SourceKind, now: datetime) -> bool:
    """Whether a kind of source would list a date's games: a results table does once the date is over."""
    return kind is not SourceKind.POSTPONEMENTS and not (kind is SourceKind.RESULTS_TABLE and day >= game_date(now))


@dataclass(frozen=True, slots=True)
class _Look:
    day: date
    reports: Sequence[SourceReport]
    tally: Tally
    now: datetime
    off_season: bool

    def freshness(self, report: SourceReport) -> tuple[Freshness, str | None]:
        if report.error is not None:
            return Freshness.FAILED, report.error
        if self.day in report.errors:
            return Freshness.FAILED, report.errors[self.day]
        if report.asked is not None and self.day not in report.asked:
            return Freshness.NOT_ASKED, None
        # A live service answers now: that it does not list what others do is a disagreement.
        if report.kind in (SourceKind.LIVE_SERVICE, SourceKind.POSTPONEMENTS):
            return Freshness.FRESH, None
        reason = self._silent(report) or self._behind(report)
        if reason is None and self.day >= game_date(self.now) and not self.off_season:
            reason = _unwritten(report, self.now)
        return (Freshness.FRESH, None) if reason is None else (Freshness.STALE, reason)

    def _silent(self, report: SourceReport) -> str | None:
        """Why a table's silence on the date is its own fault: at least as many sources list games as are silent."""
        newest = _last_up_to(self.day, self.tally.listed_days[report.source])
        # A results table gets the day's games tonight; one without any game up to then is not written at all.
        if not self._is_silent(report) and newest is not None:
            return None
        counts = {source: found[self.day] for source, found in sorted(self.tally.expected.items()) if self.day in found}
        if not counts or len(counts) < sum(self._is_silent(other) for other in self.reports):
            return None
        said = ", ".join(f"{source} lists {count}" for source, count in counts.items())
        return f"nothing for {self.day} while {said}; {_newest_game(newest)}"

    def _is_silent(self, report: SourceReport) -> bool:
        """Whether a source that was heard, and would list the date's games, lists none."""
        return (
            speaks_of(self.day, report.kind, self.now)
            and report.error is None
            and self.day not in report.errors
            and (report.asked is None or self.day in report.asked)
            and self.day not in self.tally.listed[report.source]
        )

    def _behind(self, report: SourceReport) -> str | None:
        """Why a table has stopped: days before the other tables, or without a single game up to the date."""
        is_due = speaks_of(self.day, report.kind, self.now)
        until = self.day if is_due else min(self.day, game_date(self.now) - timedelta(days=1))
        own = _last_up_to(self.day, self.tally.listed_days[report.source])
        others = (
            _last_up_to(until, self.tally.expected_days[other.source])
            for other in self.reports
            if other is not report and (own is None or other.kind is not SourceKind.LIVE_SERVICE)
        )
        last_game_day = max((found for found in others if found is not None), default=None)
        if last_game_day is None or (own is not None and last_game_day - own <= OLDEST_NEWEST_GAME):
            return None
        return f"{_newest_game(own)}, while another source lists games on {last_game_day}"


def _unwritten(report: SourceReport, now: datetime) -> str | None:
    if report.scraped_at is None or now - report.scraped_at <= OLDEST_SCRAPE:
        return None
    return f"last written {_length(now - report.scraped_at)} ago ({report.scraped_at:%Y-%m-%d %H:%M} UTC)"


def _length(age: timedelta) -> str:
    return f"{age.days} days" if age.days > 1 else f"{int(age.total_seconds() // 3600)} hours"


def _newest_game(day: date | None) -> str:
    return "no game up to then" if day is None else f"its newest game is of {day}"


def _last_up_to(day: date, days: Sequence[date]) -> date | None:
    position = bisect_right(days, day)
    return days[position - 1] if position else None
