"""What a person should check in a slate: games on which sources differ, and listings that look wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.games import GameState, SeasonType
from nba_monitoring.core.slate.exclusions import Evidence, Reason, state_reasons
from nba_monitoring.core.slate.health import Freshness, SourceHealth, should_list
from nba_monitoring.core.slate.listings import Listing, tip_disagreement
from nba_monitoring.core.slate.seasons import may_be_all_star
from nba_monitoring.core.teams import is_known
from nba_monitoring.core.words import moment


def trusted_absence(day: date, health: Sequence[SourceHealth], now: datetime) -> frozenset[str]:
    """Fresh sources that should list a game on this date, so that not listing it is evidence against it."""
    return frozenset(
        source.source for source in health if source.freshness is Freshness.FRESH and should_list(day, source.kind, now)
    )


def disagreements(listings: Sequence[Listing], evidence: Evidence, trusted: frozenset[str]) -> list[str]:
    """How sources differ on whether and when the games of a date are played, one sentence per difference.

    A part of the season that does not count is not a disagreement: a source without season types lists those games
    like any other. `trusted` are the sources for which not listing a game is evidence.
    """
    games: defaultdict[str, list[str]] = defaultdict(list)
    found = []
    for listing in listings:
        if listing.uncounted:
            continue
        difference = _who_lists(listing, state_reasons(listing, evidence), trusted)
        if difference is not None:
            games[difference].append(listing.game.matchup)
        if (sentence := tip_disagreement(listing)) is not None:
            found.append(sentence)
    return sorted([*found, *(f"{', '.join(sorted(matchups))}: {difference}" for difference, matchups in games.items())])


def _who_lists(listing: Listing, state_reasons: Mapping[str, Reason], trusted: frozenset[str]) -> str | None:
    listed_by = listing.sources.difference(state_reasons)
    silent = trusted - listing.sources
    if not listed_by or not (state_reasons or silent):
        return None
    found = [f"{source} says {reason}" for source, reason in sorted(state_reasons.items())]
    found.append(f"listed by {', '.join(sorted(listed_by))}")
    if silent:
        found.append(f"not by {', '.join(sorted(silent))}")
    return "; ".join(found)


def oddities(listing: Listing) -> list[str]:
    """What is wrong with the listings of one game, one sentence per problem."""
    found = []
    unknown = sorted(side for side in (listing.game.away, listing.game.home) if not is_known(side))
    if unknown and not listing.uncounted:
        sources = ", ".join(sorted(listing.sources))
        found.append(f"{sources}: unknown team {' and '.join(unknown)} in {listing.game.matchup}")
    for entry in listing.entries:
        source, game = entry.source, entry.game
        if entry.state is GameState.UNKNOWN:
            found.append(f"{source}: unknown status of {game.matchup}; treated as scheduled")
        if entry.league_id and entry.season_type is None:
            problem = f"league id {entry.league_id} of {game.matchup} belongs to no known part of the season"
            found.append(f"{source}: {problem}")
        if listing.uncounted.get(source) is SeasonType.ALL_STAR and may_be_all_star(entry) and entry.season_type:
            found.append(f"{source}: {game.matchup} of unknown teams in the All-Star break; treated as All-Star")
        if entry.tip_at is not None and game_date(entry.tip_at) != game.day:
            problem = f"{game.matchup} on {game.day} has an impossible tip-off time, {moment(entry.tip_at)}"
            found.append(f"{source}: {problem}")
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
