"""The slate: the games expected on a date, as a reconciliation of independent witnesses.

The platform's `espn_scoreboard` was empty for a whole season, and a check resting on it alone would have said "all
available (0 games)" every morning. So the slate is the union of what the sources list; a stale or failing source
never empties it and never passes unseen, and a day off needs proof.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from nba_monitoring.core.eastern import earliest_tip, eastern, game_date
from nba_monitoring.core.games import COUNTED_SEASON_TYPES, Game, SeasonType
from nba_monitoring.core.slate.disagreements import disagreement, oddities, telling_silence
from nba_monitoring.core.slate.exclusions import Reason, SourceContext, state_reason, state_reasons, was_played
from nba_monitoring.core.slate.health import Freshness, SourceHealth, health_on
from nba_monitoring.core.slate.listings import Listing, Listings
from nba_monitoring.core.slate.off_days import prove_off_day
from nba_monitoring.core.slate.seasons import SeasonOpeners
from nba_monitoring.core.slate.sources import ListedGame, SourceKind, SourceReport
from nba_monitoring.core.teams import is_known

# The most games postponed on one date with none played: 3 (2020-08-26 and 27). More, on no better evidence than that
# they are final without a score, leave a doubt whether the date's scores were loaded.
SCORELESS_DATE_TO_DOUBT = 4


@dataclass(frozen=True, slots=True)
class ExpectedGame:
    """A game that the phases must cover. `tip_at` is UTC, None where no source knows it."""

    game: Game
    tip_at: datetime | None
    witnesses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExcludedGame:
    """A game listed for the date that nobody should wait for, and the sources that say why."""

    game: Game
    reason: Reason
    moved_to: date | None
    witnesses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Slate:
    """What is expected on one date and what that rests on.

    `opener` is the first day of the season that the date falls in, None where none is known.
    `off_day_proof` is the evidence that no game is expected (None: none, or games are expected). `disagreements`
    and `problems` are sentences: games on which sources differ, and things that could not be read or look wrong.
    """

    opener: date | None
    day: date
    expected: tuple[ExpectedGame, ...]
    excluded: tuple[ExcludedGame, ...]
    off_day_proof: str | None
    sources: tuple[SourceHealth, ...]
    disagreements: tuple[str, ...]
    problems: tuple[str, ...]

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
    contexts: Mapping[str, SourceContext]
    listings: Listings
    openers: SeasonOpeners
    now: datetime


def build_slates(
    days: Sequence[date],
    reports: Sequence[SourceReport],
    now: datetime,
    counted: frozenset[SeasonType] = COUNTED_SEASON_TYPES,
) -> dict[date, Slate]:
    """Reconcile the reports of all sources into one slate a date. `now` is the UTC instant of the look.

    The league's schedule shows a season's opener and its off-days only as far as it is in the reports: from the
    preseason on, and to the next game day after the last date.
    """
    contexts = {report.source: SourceContext.from_report(report) for report in reports}
    openers = SeasonOpeners.from_listed(
        entry
        for report in reports
        if report.kind is SourceKind.LEAGUE_SCHEDULE
        for entry in report.listed
        if state_reason(entry, contexts[report.source]) is None
    )
    look = _Look(reports, contexts, Listings.from_reports(reports, openers, counted), openers, now)
    return {day: _slate(day, look) for day in days}


def _slate(day: date, look: _Look) -> Slate:
    health = health_on(day, look.reports, look.listings, look.now)
    fresh = frozenset(source.source for source in health if source.freshness is Freshness.FRESH)
    telling = telling_silence(health, is_live=day >= game_date(look.now))
    expected: list[ExpectedGame] = []
    excluded: list[ExcludedGame] = []
    disagreements: list[str] = []
    problems: list[str] = []
    # What could not be read may be a game: with that, nothing proves a day off.
    doubts = [problem for report in look.reports for problem in report.problems.get(day, ())]
    for listing in look.listings.on(day):
        by_state = state_reasons(listing.entries, look.contexts)
        exclusion = _exclusion(listing, by_state, fresh, look)
        if exclusion is None:
            expected.append(_expected(listing))
        else:
            excluded.append(exclusion)
        if (sentence := disagreement(listing, by_state, telling)) is not None:
            disagreements.append(sentence)
        problems += oddities(listing)
    expected, misspelled = _without_misspelled(expected)
    excluded += misspelled
    scoreless = sum(entry.reason is Reason.FINAL_WITHOUT_SCORE for entry in excluded)
    if not expected and scoreless >= SCORELESS_DATE_TO_DOUBT:
        doubts.append(f"all {scoreless} games are final without a score: postponed, or their scores not loaded")
    return Slate(
        day=day,
        expected=tuple(sorted(expected, key=lambda entry: (entry.tip_at or earliest_tip(day), entry.game))),
        excluded=tuple(sorted(excluded, key=lambda entry: entry.game)),
        off_day_proof=(
            None if expected or doubts else prove_off_day(day, look.reports, health, look.listings, look.openers)
        ),
        sources=health,
        disagreements=tuple(sorted(disagreements)),
        problems=tuple(sorted({*doubts, *problems})),
        opener=look.openers.opener_before(day),
    )


def _exclusion(
    listing: Listing, by_state: Mapping[str, Reason], fresh: frozenset[str], look: _Look
) -> ExcludedGame | None:
    """The reason not to expect a game.

    The part of the season counts whoever names it. A postponement counts from a fresh source, or from a stale one
    that no fresh source contradicts; nothing stands against a source that saw the game played.
    """
    if listing.season_type_reasons:
        return _excluded(listing, listing.season_type_reasons, look)
    heard = {source: reason for source, reason in by_state.items() if source in fresh or not listing.sources & fresh}
    if heard and not any(was_played(entry) for entry in listing.entries):
        return _excluded(listing, heard, look)
    return None


def _excluded(listing: Listing, reasons: Mapping[str, Reason], look: _Look) -> ExcludedGame:
    witnesses = tuple(sorted(reasons))
    moved_to = {
        look.contexts[entry.source].moved_to.get((entry.league_id or "", entry.game.day)) for entry in listing.entries
    }
    return ExcludedGame(
        game=listing.game,
        reason=reasons[witnesses[0]],
        moved_to=max((day for day in moved_to if day is not None), default=None),
        witnesses=witnesses,
    )


def _expected(listing: Listing) -> ExpectedGame:
    return ExpectedGame(
        game=listing.game,
        tip_at=min((tip for entry in listing.entries if (tip := _tip(entry)) is not None), default=None),
        witnesses=tuple(sorted(listing.sources)),
    )


def _tip(entry: ListedGame) -> datetime | None:
    """A tip-off on the game's own date; midnight is how schedules write "to be decided"."""
    if entry.tip_at is None:
        return None
    local = eastern(entry.tip_at)
    return None if local.date() != entry.game.day or local.time() == time(0) else entry.tip_at


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
