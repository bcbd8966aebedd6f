"""The slate: the games expected on a date, as a reconciliation of independent witnesses.

The platform's `espn_scoreboard` was empty for a whole season, and a check resting on it alone would have said "all
available (0 games)" every morning. So the slate is the union of what the sources list; a stale or failing source
never empties it and never passes unseen, and a day off needs proof.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from nba_monitoring.core.eastern import earliest_tip, game_date
from nba_monitoring.core.games import COUNTED_SEASON_TYPES, Game, GameKey, SeasonType
from nba_monitoring.core.slate.disagreements import disagreements, oddities, telling_silence
from nba_monitoring.core.slate.exclusions import (
    Evidence,
    Exclusion,
    Reason,
    exclusion,
    is_called_off,
    moved_ids,
    state_reasons,
    undecided_moves,
)
from nba_monitoring.core.slate.health import Freshness, SourceHealth, Tally, health_on
from nba_monitoring.core.slate.listings import Listing, Listings
from nba_monitoring.core.slate.off_days import Season, prove_off_day
from nba_monitoring.core.slate.seasons import SeasonOpeners
from nba_monitoring.core.slate.series import DecidedSeries, SeriesKey, decided_series
from nba_monitoring.core.slate.sources import SourceKind, SourceReport
from nba_monitoring.core.slate.tips import tip_of
from nba_monitoring.core.teams import is_known


@dataclass(frozen=True, slots=True)
class ExpectedGame:
    """A game that the stages must cover. `tip_at` is UTC, None where no source knows it, as the part of the season."""

    game: Game
    tip_at: datetime | None
    witnesses: tuple[str, ...]
    season_type: SeasonType | None = None


@dataclass(frozen=True, slots=True)
class ExcludedGame:
    """A game listed for the date that nobody should wait for, and the sources that say why."""

    game: Game
    reason: Reason
    moved_to: date | None
    witnesses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Slate:
    """What is expected on one date and what that rests on."""

    opener: date | None  # the first day of the season that the date falls in; None where none is known
    day: date
    expected: tuple[ExpectedGame, ...]
    excluded: tuple[ExcludedGame, ...]
    off_day_proof: str | None  # evidence that no game is expected; None: none, or games are expected
    sources: tuple[SourceHealth, ...]
    disagreements: tuple[str, ...]  # games on which sources differ, a sentence each
    problems: tuple[str, ...]  # what could not be read or looks wrong, a sentence each
    unreadable: tuple[str, ...] = ()  # problems that may hide a game: with one, the date is neither off nor all covered

    @property
    def first_tip_at(self) -> datetime | None:
        """The earliest known tip-off (UTC) of the expected games."""
        return min((entry.tip_at for entry in self.expected if entry.tip_at), default=None)

    @property
    def doubts(self) -> tuple[str, ...]:
        """Why not to rest on the slate without a second thought: stale or failing sources, disagreements, problems."""
        unsound = (source for source in self.sources if source.freshness in (Freshness.STALE, Freshness.FAILED))
        return (
            *(f"{source.source}: {source.freshness}, {source.reason}" for source in unsound),
            *self.disagreements,
            *self.problems,
        )


@dataclass(frozen=True, slots=True)
class _Look:
    """What one reconciliation works with, whatever the date."""

    reports: Sequence[SourceReport]
    listings: Listings
    evidence: Evidence
    exclusions: Mapping[GameKey, Exclusion]
    tally: Tally
    season: Season
    now: datetime


@dataclass(frozen=True)
class Reconciled:
    """The reports of all sources put together, from which the slate of any date follows at any instant."""

    reports: Sequence[SourceReport]
    listings: Listings
    moves: Mapping[tuple[str, date], date]
    season: Season
    series: Mapping[SeriesKey, DecidedSeries]

    @classmethod
    def from_reports(
        cls, reports: Sequence[SourceReport], counted: frozenset[SeasonType] = COUNTED_SEASON_TYPES
    ) -> Reconciled:
        """Put reports together.

        The league's schedule shows off-days only as far as it is in the reports, to the next game day after the last
        date, and a season's opener where the reports hold the season whole.
        """
        moves = moved_ids([entry for report in reports for entry in report.listed])
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
        return cls(reports, listings, moves, Season.of(reports, every, series, openers), series)

    def slates(self, days: Iterable[date], now: datetime) -> dict[date, Slate]:
        """The slate of each date at an instant (UTC)."""
        evidence = self._evidence(game_date(now))
        # Today matters only to the word of a service that answers now.
        exclusions, tally = self._excluded(evidence) if self._live else self._excluded_without_services
        look = _Look(self.reports, self.listings, evidence, exclusions, tally, self.season, now)
        return {day: _slate(day, look) for day in days}

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
    """Reconcile the reports of all sources into one slate a date. `now` is the UTC instant of the look."""
    return Reconciled.from_reports(reports, counted).slates(days, now)


def _slate(day: date, look: _Look) -> Slate:
    listings = look.listings.on(day)
    health = health_on(day, look.reports, look.tally, look.now, look.season.is_over(day))
    expected: list[ExpectedGame] = []
    excluded: list[ExcludedGame] = []
    for listing in listings:
        found = look.exclusions.get(listing.game.key)
        if found is None:
            expected.append(_expected(listing, look.evidence))
        else:
            excluded.append(ExcludedGame(listing.game, found.reason, found.moved_to, found.witnesses))
    expected, misspelled = _without_misspelled(expected)
    excluded += misspelled
    problems = {
        *(problem for report in look.reports for problem in report.problems.get(day, ())),
        *(sentence for report in look.reports for sentence in report.unreadable.get(day, ())),
        *(oddity for listing in listings for oddity in oddities(listing)),
        *undecided_moves(listings, look.evidence),
    }
    unreadable = _unreadable(day, look)
    proof = None if expected or unreadable else prove_off_day(day, look.reports, health, look.listings, look.season)
    return Slate(
        day=day,
        expected=tuple(sorted(expected, key=lambda entry: (entry.tip_at or earliest_tip(day), entry.game))),
        excluded=tuple(sorted(excluded, key=lambda entry: entry.game)),
        off_day_proof=proof,
        sources=health,
        disagreements=tuple(disagreements(listings, look.evidence, telling_silence(day, health, look.now))),
        problems=tuple(sorted(problems)),
        opener=look.season.openers.opener_before(day),
        unreadable=unreadable,
    )


def _unreadable(day: date, look: _Look) -> tuple[str, ...]:
    """What a source lists for the date that names no game, so that it may be one nobody knows of.

    Where other sources list at least as many games that this one does not, its rows can be told: they are those.
    """
    found: set[str] = set()
    for report in look.reports:
        sentences = report.unreadable.get(day, ())
        elsewhere = sum(report.source not in listing.sources for listing in look.listings.on(day))
        if len(sentences) > elsewhere:
            found.update(sentences)
    return tuple(sorted(found))


def _expected(listing: Listing, evidence: Evidence) -> ExpectedGame:
    witnesses = listing.sources.difference(state_reasons(listing, evidence))
    # The league's own ids say best which part of the season a game belongs to.
    types = [entry.season_type for entry in sorted(listing.entries, key=lambda entry: entry.league_id is None)]
    season_type = next((found for found in types if found is not None), None)
    return ExpectedGame(listing.game, tip_of(listing, evidence.live), tuple(sorted(witnesses)), season_type)


def _without_misspelled(expected: Sequence[ExpectedGame]) -> tuple[list[ExpectedGame], list[ExcludedGame]]:
    """A game of an unknown team stays expected, unless its other team has a game: then it is that one, misspelled."""
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
