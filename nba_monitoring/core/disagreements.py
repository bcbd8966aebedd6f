"""What a person should look at in a slate: games on which sources differ, and listings that look wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.exclusions import Reason
from nba_monitoring.core.games import GameState
from nba_monitoring.core.health import Freshness, SourceHealth
from nba_monitoring.core.listings import Listing
from nba_monitoring.core.sources import SourceKind
from nba_monitoring.core.teams import is_known


def disagreement(
    listing: Listing, state_reasons: Mapping[str, Reason], health: Sequence[SourceHealth], is_live: bool
) -> str | None:
    """How sources differ on whether a game is played, in a sentence; None where they don't.

    A part of the season that does not count is no disagreement: a source without stages lists those games like any
    other. Nor is the silence of a results table on a live date, which is written after the games.
    """
    if listing.stage_reasons:
        return None
    said = [f"{reason} says {source}" for source, reason in sorted(state_reasons.items())]
    listed_by = sorted(listing.sources - state_reasons.keys())
    silent = sorted(
        source.source
        for source in health
        if source.freshness is Freshness.FRESH
        and source.games
        and source.source not in listing.sources
        and not (is_live and source.kind is SourceKind.RESULTS_TABLE)
    )
    if not listed_by or not (said or silent):
        return None
    said.append(f"listed by {', '.join(listed_by)}")
    if silent:
        said.append(f"not by {', '.join(silent)}")
    return f"{listing.game.matchup}: {'; '.join(said)}"


def oddities(listing: Listing) -> list[str]:
    """What is wrong with how one game is listed, a sentence each."""
    found = []
    unknown = sorted(side for side in (listing.game.away, listing.game.home) if not is_known(side))
    if unknown and not listing.stage_reasons:
        sources = ", ".join(sorted(listing.sources))
        found.append(f"{sources}: unknown team {' and '.join(unknown)} in {listing.game.matchup}")
    orders: defaultdict[str, set[str]] = defaultdict(set)
    states: defaultdict[str, set[GameState]] = defaultdict(set)
    for entry in listing.entries:
        matchup = entry.game.matchup
        orders[entry.source].add(matchup)
        states[entry.source].add(entry.state)
        if entry.state is GameState.UNKNOWN:
            found.append(f"{entry.source}: status of {matchup} not understood, taken as still to be played")
        if entry.league_id and entry.stage is None:
            found.append(f"{entry.source}: league id {entry.league_id} of {matchup} is of no known part of the season")
        if entry.tip_at is not None and game_date(entry.tip_at) != entry.game.date:
            found.append(
                f"{entry.source}: {matchup} of {entry.game.date} can't tip off at {entry.tip_at:%Y-%m-%d %H:%M} UTC"
            )
    found += [
        f"{source}: duplicate, listed both as {' and as '.join(sorted(matchups))}"
        for source, matchups in orders.items()
        if len(matchups) > 1
    ]
    found += [
        f"{source}: duplicate, {listing.game.matchup} listed both as {' and as '.join(sorted(said))}"
        for source, said in states.items()
        if len(said) > 1
    ]
    return found
