"""Which listed games belong to a part of the season that does not count."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from nba_monitoring.core.games import Game, SeasonType
from nba_monitoring.core.slate.sources import ListedGame
from nba_monitoring.core.teams import ALL_STAR_TEAMS, is_known

# Preseason starts some 20 days before the opener, long after the previous season's end (72 days in 2020).
PRESEASON_REACH = timedelta(days=30)


def is_all_star(entry: ListedGame) -> bool:
    """Whether a source lists a game as one of All-Star weekend, by its season_type or its sides."""
    return entry.season_type is SeasonType.ALL_STAR or (
        not has_a_team(entry.game) and not {entry.game.away, entry.game.home}.isdisjoint(ALL_STAR_TEAMS)
    )


def has_a_team(game: Game) -> bool:
    """Whether at least one side is one of the thirty teams."""
    return is_known(game.away) or is_known(game.home)


def uncounted_parts(
    entries: Sequence[ListedGame], next_opener: date | None, in_all_star_break: bool, counted: frozenset[SeasonType]
) -> dict[str, SeasonType]:
    """The sources in which one game belongs to a part of the season that does not count, and the part.

    If no source names the part: in the All-Star break, two unknown sides are All-Star sides under new names (they
    change every year), and games in the weeks before the `next_opener` are preseason.
    """
    named = [(entry.source, SeasonType.ALL_STAR if is_all_star(entry) else entry.season_type) for entry in entries]
    if all(season_type is None for _, season_type in named):
        game, guess = entries[0].game, None
        if in_all_star_break and not has_a_team(game):
            guess = SeasonType.ALL_STAR
        elif next_opener is not None and next_opener - game.day <= PRESEASON_REACH:
            guess = SeasonType.PRESEASON
        named = [(source, guess) for source, _ in named]
    return {
        source: season_type for source, season_type in named if season_type is not None and season_type not in counted
    }
