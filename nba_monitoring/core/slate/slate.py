"""The slate: the games expected on a date, reconciled from independent sources.

The platform's `espn_scoreboard` was empty for a whole season, and a check that depends on it alone would have passed
every morning with 0 games. So the slate is the union of what the sources list. A stale or failing source never empties
it and is always reported, and a day off needs proof.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from nba_monitoring.core.eastern import earliest_tip, game_date
from nba_monitoring.core.games import COUNTED_SEASON_TYPES, Game, GameKey, SeasonType
from nba_monitoring.core.slate.disagreements import disagreements, oddities, trusted_absence
from nba_monitoring.core.slate.exclusions import (
    Evidence,
    Exclusion,
    Reason,
    exclusion,
    is_called_off,
    left_out_part,
    moved_ids,
    state_reasons,
    undecided_moves,
)
from nba_monitoring.core.slate.health import Freshness, SourceHealth, Tally, health_on
from nba_monitoring.core.slate.listings import Listing, Listings, UnnamedListing, tip_of
from nba_monitoring.core.slate.off_days import SeasonFacts, prove_off_day
from nba_monitoring.core.slate.seasons import SeasonOpeners
from nba_monitoring.core.slate.series import DecidedSeries, SeriesKey, decided_series
from nba_monitoring.core.slate.sources import SourceKind, SourceReport
from nba_monitoring.core.slate.utc_dates import on_eastern_dates
from nba_monitoring.core.teams import is_known
from nba_monitoring.core.words import count, not_counted


@dataclass(frozen=True, slots=True)
class ExpectedGame:
    """A game that the stages must cover. `tip_at` (UTC) and `season_type` are None if no source knows them."""

    game: Game
    tip_at: datetime | None
    witnesses: tuple[str, ...]
    season_type: SeasonType | None = None


@dataclass(frozen=True, slots=True)
class ExcludedGame:
    """A game listed for the date that is not expected, and the sources that say why."""

    game: Game
    reason: Reason
    moved_to: date | None
    witnesses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Slate:
    """The games expected on one date, and the evidence for them."""

    opener: date | None  # first day of the date's season; None if unknown
    day: date
    expected: tuple[ExpectedGame, ...]
    excluded: tuple[ExcludedGame, ...]
    off_day_proof: str | None  # evidence that no game is expected; None if there is none
    sources: tuple[SourceHealth, ...]
    disagreements: tuple[str, ...]  # games on which sources differ, one sentence each
    problems: tuple[str, ...]  # what could not be read or looks wrong, one sentence each
    unreadable: tuple[str, ...] = ()  # problems that may hide a game, so the date is neither off nor complete
    not_counted: str | None = None  # which of its games the settings leave out; None if none

    @property
    def first_tip_at(self) -> datetime | None:
        """The earliest known tip-off (UTC) of the expected games."""
        return min((entry.tip_at for entry in self.expected if entry.tip_at), default=None)

    @property
    def doubts(self) -> tuple[str, ...]:
        """Reasons to doubt the slate: stale or failing sources, disagreements, problems."""
        unsound = (source for source in self.sources if source.freshness in (Freshness.STALE, Freshness.FAILED))
        return (
            *(f"{source.source}: {source.freshness}, {source.reason}" for source in unsound),
            *self.disagreements,
            *self.problems,
        )


@dataclass(frozen=True, slots=True)
class _AtInstant:
    """What the slates of all dates share at one instant."""

    reports: Sequence[SourceReport]
    listings: Listings
    evidence: Evidence
    exclusions: Mapping[GameKey, Exclusion]
    tally: Tally
    season: SeasonFacts
    now: datetime


@dataclass(frozen=True)
class Reconciled:
    """The reports of all sources, reconciled; the slate of any date at any instant follows from it."""

    reports: Sequence[SourceReport]
    listings: Listings
    moves: Mapping[tuple[str, date], date]
    season: SeasonFacts
    series: Mapping[SeriesKey, DecidedSeries]

    @classmethod
    def from_reports(
        cls, reports: Sequence[SourceReport], counted: frozenset[SeasonType] = COUNTED_SEASON_TYPES
    ) -> Reconciled:
        """Reconcile reports.

        The league's schedule proves days off up to the last game day in the reports, and a season's opener if they
        have the whole season.
        """
        reports = on_eastern_dates(reports)
        moves = moved_ids(reports)
        openers = SeasonOpeners.from_listed(
            entry
            for report in reports
            if report.kind is SourceKind.LEAGUE_SCHEDULE
            for entry in report.listed
            if not is_called_off(entry) and (entry.league_id or "", entry.game.day) not in moves
        )
        listings = Listings.from_reports(reports, openers, counted)
        every = [listing for found in listings.by_day.values() for listing in found]
        series = decided_series(every)
        return cls(reports, listings, moves, SeasonFacts.of(reports, every, series, openers), series)

    def slates(self, days: Iterable[date], now: datetime) -> dict[date, Slate]:
        """The slate of each date at an instant (UTC)."""
        evidence = self._evidence(game_date(now))
        # Only live services depend on what today is.
        exclusions, tally = self._excluded(evidence) if self._live else self._excluded_without_services
        at = _AtInstant(self.reports, self.listings, evidence, exclusions, tally, self.season, now)
        return {day: _slate(day, at) for day in days}

    def _evidence(self, today: date) -> Evidence:
        return Evidence(self.moves, self.series, self._live, today)

    def _excluded(self, evidence: Evidence) -> tuple[Mapping[GameKey, Exclusion], Tally]:
        found = {listing.game.key: why for listing in self._every if (why := exclusion(listing, evidence)) is not None}
        return found, Tally.of(self.reports, self._every, found.keys())

    @cached_property
    def _excluded_without_services(self) -> tuple[Mapping[GameKey, Exclusion], Tally]:
        return self._excluded(self._evidence(date.min))

    @cached_property
    def _every(self) -> Sequence[Listing]:
        return [listing for found in self.listings.by_day.values() for listing in found]

    @cached_property
    def _live(self) -> frozenset[str]:
        return frozenset(report.source for report in self.reports if report.kind is SourceKind.LIVE_SERVICE)


def build_slates(
    days: Sequence[date],
    reports: Sequence[SourceReport],
    now: datetime,
    counted: frozenset[SeasonType] = COUNTED_SEASON_TYPES,
) -> dict[date, Slate]:
    """Reconcile the reports of all sources into one slate per date. `now` is the time of the check (UTC)."""
    return Reconciled.from_reports(reports, counted).slates(days, now)


def _slate(day: date, at: _AtInstant) -> Slate:
    listings = at.listings.on(day)
    health = health_on(day, at.reports, at.tally, at.now, at.season.is_over(day))
    expected: list[ExpectedGame] = []
    excluded: list[ExcludedGame] = []
    for listing in listings:
        found = at.exclusions.get(listing.game.key)
        if found is None:
            expected.append(_expected(listing, at.evidence))
        else:
            excluded.append(ExcludedGame(listing.game, found.reason, found.moved_to, found.witnesses))
    expected, misspelled = _without_misspelled(expected)
    excluded += misspelled
    problems = {
        *(problem for report in at.reports for problem in report.problems.get(day, ())),
        *(unnamed.sentence for report in at.reports for unnamed in _may_be_played(day, report.source, at)),
        *(oddity for listing in listings for oddity in oddities(listing)),
        *undecided_moves(listings, at.evidence),
    }
    unreadable = _unreadable(day, at)
    left_out = _left_out(day, at)
    if expected or unreadable:
        proof = None
    else:
        # Games that the settings leave out are no evidence that none is played.
        proof = left_out or prove_off_day(day, at.reports, health, at.listings, at.season)
    return Slate(
        day=day,
        expected=tuple(sorted(expected, key=lambda entry: (entry.tip_at or earliest_tip(day), entry.game))),
        excluded=tuple(sorted(excluded, key=lambda entry: entry.game)),
        off_day_proof=proof,
        sources=health,
        disagreements=tuple(disagreements(listings, at.evidence, trusted_absence(day, health, at.now))),
        problems=tuple(sorted(problems)),
        opener=at.season.openers.opener_before(day),
        unreadable=unreadable,
        not_counted=left_out,
    )


def _left_out(day: date, at: _AtInstant) -> str | None:
    unnamed = [each.listing for report in at.reports for each in at.listings.unnamed.get((report.source, day), ())]
    listings = [*at.listings.on(day), *(listing for listing in unnamed if listing is not None)]
    parts = [part for listing in listings if (part := left_out_part(listing)) is not None]
    return f"{count(len(parts), 'game')} of {not_counted(set(parts))}" if parts else None


def _unreadable(day: date, at: _AtInstant) -> tuple[str, ...]:
    """Listings of the date that name no game, and so may hide one.

    If other sources list at least as many games that this source lacks, its unnamed listings are those games.
    """
    found: set[str] = set()
    for report in at.reports:
        unnamed = _may_be_played(day, report.source, at)
        elsewhere = sum(report.source not in listing.sources for listing in at.listings.on(day))
        if len(unnamed) > elsewhere:
            found.update(each.sentence for each in unnamed)
    return tuple(sorted(found))


def _may_be_played(day: date, source: str, at: _AtInstant) -> Sequence[UnnamedListing]:
    """A source's listings of a date that name no game, without those that are excluded like any other game."""
    return [
        unnamed
        for unnamed in at.listings.unnamed.get((source, day), ())
        if unnamed.listing is None or exclusion(unnamed.listing, at.evidence) is None
    ]


def _expected(listing: Listing, evidence: Evidence) -> ExpectedGame:
    witnesses = listing.sources.difference(state_reasons(listing, evidence))
    # The league's own ids are the best evidence of a game's part of the season.
    types = [entry.season_type for entry in sorted(listing.entries, key=lambda entry: entry.league_id is None)]
    season_type = next((found for found in types if found is not None), None)
    return ExpectedGame(listing.game, tip_of(listing, evidence.live), tuple(sorted(witnesses)), season_type)


def _without_misspelled(expected: Sequence[ExpectedGame]) -> tuple[list[ExpectedGame], list[ExcludedGame]]:
    """A game of an unknown team stays expected unless its other team has a game, which is then the same, misspelled."""
    busy = {side for entry in expected if _has_known_teams(entry.game) for side in entry.game.key[1]}
    kept: list[ExpectedGame] = []
    misspelled: list[ExcludedGame] = []
    for entry in expected:
        if _has_known_teams(entry.game) or busy.isdisjoint(entry.game.key[1]):
            kept.append(entry)
        else:
            misspelled.append(ExcludedGame(entry.game, Reason.UNKNOWN_TEAM, None, entry.witnesses))
    return kept, misspelled


def _has_known_teams(game: Game) -> bool:
    return is_known(game.away) and is_known(game.home)
