"""How fresh a schedule source is, compared with the clock and with the other sources."""

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
from nba_monitoring.core.words import duration, moment

# The platform scrapes its schedule tables daily. A day and a half allows for a late run.
OLDEST_SCRAPE = timedelta(hours=36)
# Longer than the gap between two game days in season, except the All-Star break, when no source has games.
OLDEST_NEWEST_GAME = timedelta(days=3)


class Freshness(StrEnum):
    """Whether a source can be trusted for one date."""

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
    games: int  # on the date
    newest_game: date | None  # its last date with a game, up to this one
    scraped_at: datetime | None  # its newest write (UTC); None if unknown, as for a check before it
    reason: str | None  # why it is stale or failed


@dataclass(frozen=True, slots=True)
class Tally:
    """How many games each source lists by date, and how many of these are expected.

    Without parts of the season that do not count: a results table without an All-Star game is not stale. Neither is
    one without a game that is not played.
    """

    listed: Mapping[str, Mapping[date, int]]
    expected: Mapping[str, Mapping[date, int]]
    listed_days: Mapping[str, Sequence[date]]  # sorted
    expected_days: Mapping[str, Sequence[date]]  # sorted

    @classmethod
    def of(cls, reports: Sequence[SourceReport], listings: Iterable[Listing], excluded: Set[GameKey]) -> Tally:
        """Count all listings. Games of a postponement record are not expected of other sources."""
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
    """The health of every source on one date, by name. `now` is the time of the check (UTC).

    Scrape ages matter only in season, and only for today and later: a backfill of last year depends on no scraper of
    today.
    """
    of_date = _DateHealth(day, reports, tally, now, off_season)
    return tuple(
        SourceHealth(
            source=report.source,
            kind=report.kind,
            freshness=freshness,
            games=tally.listed[report.source].get(day, 0),
            newest_game=_last_up_to(day, tally.listed_days[report.source]),
            # A load rewrites the whole table, so a newer one hides when it was written before.
            scraped_at=None if report.scraped_at is None or report.scraped_at > now else report.scraped_at,
            reason=reason,
        )
        for report in sorted(reports, key=lambda report: report.source)
        for freshness, reason in [of_date.freshness(report)]
    )


def should_list(day: date, kind: SourceKind, now: datetime) -> bool:
    """Whether a kind of source should list a date's games. A results table does once the date is over."""
    return kind is not SourceKind.POSTPONEMENTS and not (kind is SourceKind.RESULTS_TABLE and day >= game_date(now))


@dataclass(frozen=True, slots=True)
class _DateHealth:
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
        if self.day in report.unaware:
            return Freshness.STALE, report.unaware[self.day]
        # A live service answers now. If it lacks what others list, that is a disagreement.
        if report.kind in (SourceKind.LIVE_SERVICE, SourceKind.POSTPONEMENTS):
            return Freshness.FRESH, None
        reason = self._silent(report) or self._behind(report)
        if reason is None and self.day >= game_date(self.now) and not self.off_season:
            reason = _unwritten(report, self.now)
        return (Freshness.FRESH, None) if reason is None else (Freshness.STALE, reason)

    def _silent(self, report: SourceReport) -> str | None:
        """Why a table without games on the date is stale: at least as many sources list games as do not."""
        newest = _last_up_to(self.day, self.tally.listed_days[report.source])
        # A results table gets the day's games tonight. One without any game so far is not written at all.
        if not self._is_silent(report) and newest is not None:
            return None
        counts = {source: found[self.day] for source, found in sorted(self.tally.expected.items()) if self.day in found}
        if not counts or len(counts) < sum(self._is_silent(other) for other in self.reports):
            return None
        listed = ", ".join(f"{source} lists {games}" for source, games in counts.items())
        before = " and none before" if newest is None else f"; its newest game is {newest}"
        return f"no games for {self.day} ({listed}){before}"

    def _is_silent(self, report: SourceReport) -> bool:
        """Whether a source that answered, and should list the date's games, lists none."""
        return (
            should_list(self.day, report.kind, self.now)
            and report.error is None
            and self.day not in report.errors
            and (report.asked is None or self.day in report.asked)
            and self.day not in self.tally.listed[report.source]
        )

    def _behind(self, report: SourceReport) -> str | None:
        """Why a table has stopped: its last game is days older than the other tables', or it has no game so far."""
        is_due = should_list(self.day, report.kind, self.now)
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
        newest = "no games so far" if own is None else f"its newest game is {own}"
        return f"{newest}, but another source has games on {last_game_day}"


def _unwritten(report: SourceReport, now: datetime) -> str | None:
    if report.scraped_at is None or now - report.scraped_at <= OLDEST_SCRAPE:
        return None
    return f"last written {duration(now - report.scraped_at)} ago ({moment(report.scraped_at)})"


def _last_up_to(day: date, days: Sequence[date]) -> date | None:
    position = bisect_right(days, day)
    return days[position - 1] if position else None
