"""What a person should look at in a slate: games on which sources differ, and listings that look wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.games import GameState
from nba_monitoring.core.slate.exclusions import Evidence, Reason, state_reasons
from nba_monitoring.core.slate.health import Freshness, SourceHealth, speaks_of
from nba_monitoring.core.slate.listings import Listing
from nba_monitoring.core.slate.tips import tip_disagreement
from nba_monitoring.core.teams import is_known


def telling_silence(day: date, health: Sequence[SourceHealth], now: datetime) -> frozenset[str]:
    """The sources whose silence on a game of a date speaks against it: the fresh ones that would list it."""
    return frozenset(
        source.source for source in health if source.freshness is Freshness.FRESH and speaks_of(day, source.kind, now)
    )


def disagreements(listings: Sequence[Listing], evidence: Evidence, telling: frozenset[str]) -> list[str]:
    """How sources differ on the games of a date, in sentences: on whether they are played, and when.

    A part of the season that does not count is no disagreement: a source without stages lists those games like any
    other. `telling` are the sources whose silence counts. Games on which sources differ alike share a sentence.
    """
    games: defaultdict[str, list[str]] = defaultdict(list)
    found = []
    for listing in listings:
        if listing.uncounted:
            continue
        said = _played_says_who(listing, state_reasons(listing, evidence), telling)
        if said is not None:
            games[said].append(listing.game.matchup)
        if (sentence := tip_disagreement(listing)) is not None:
            found.append(sentence)
    return sorted([*found, *(f"{', '.join(sorted(matchups))}: {said}" for said, matchups in games.items())])


def _played_says_who(listing: Listing, state_reasons: Mapping[str, Reason], telling: frozenset[str]) -> str | None:
    listed_by = listing.sources.difference(state_reasons)
    silent = telling - listing.sources
    if not listed_by or not (state_reasons or silent):
        return None
    said = [f"{reason} says {source}" for source, reason in sorted(state_reasons.items())]
    said.append(f"listed by {', '.join(sorted(listed_by))}")
    if silent:
        said.append(f"not by {', '.join(sorted(silent))}")
    return "; ".join(said)


def oddities(listing: Listing) -> list[str]:
    """What is wrong with how one game is listed, a sentence each."""
    found = []
    unknown = sorted(side for side in (listing.game.away, listing.game.home) if not is_known(side))
    if unknown and not listing.uncounted:
        sources = ", ".join(sorted(listing.sources))
        found.append(f"{sources}: unknown team {' and '.join(unknown)} in {listing.game.matchup}")
    for entry in listing.entries:
        source, game = entry.source, entry.game
        if entry.state is GameState.UNKNOWN:
            found.append(f"{source}: status of {game.matchup} not understood, taken as still to be played")
        if entry.league_id and entry.season_type is None:
            found.append(f"{source}: league id {entry.league_id} of {game.matchup} is of no known part of the season")
        if entry.tip_at is not None and game_date(entry.tip_at) != game.day:
            found.append(f"{source}: {game.matchup} of {game.day} can't tip off at {entry.tip_at:%Y-%m-%d %H:%M} UTC")
    if len(listing.entries) > len(listing.sources):
        found += _duplicates(listing)
    return found


def _duplicates(listing: Listing) -> Iterator[str]:
    for source in listing.sources:
        entries = [entry for entry in listing.entries if entry.source == source]
        matchups = {entry.game.matchup for entry in entries}
        if len(matchups) > 1:
            yield f"{source}: duplicate, listed both as {' and as '.join(sorted(matchups))}"
        states = {entry.state for entry in entries}
        if len(states) > 1:
            yield f"{source}: duplicate, {listing.game.matchup} listed both as {' and as '.join(sorted(states))}"
