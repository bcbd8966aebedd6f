"""The made-up season 2025-26: every game that the league's schedule lists."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta
from random import Random

from nba_monitoring.core.games import Game, SeasonType
from nba_monitoring.sample.calendar import CUP_FINAL_DATE, counts_of_2025_26, deal
from nba_monitoring.sample.games import SeasonGame, league_id, tip_time
from nba_monitoring.sample.incidents import POSTPONEMENTS, REAL_TIPS, fixed_games, resting_teams
from nba_monitoring.sample.postseason import postseason

# The league publishes the season, and the platform loads all of it.
_LOADED_ON = date(2025, 8, 14)


def season_games(rng: Random) -> list[SeasonGame]:
    """All listings, also of postponed games and of playoff games that were not needed.

    The platform loads no preseason and no All-Star games.
    """
    return [*_regular_season(rng), _cup_final(), *postseason(rng)]


def _regular_season(rng: Random) -> Iterator[SeasonGame]:
    """Numbered by the first date on which a game was listed: a game that moves keeps its league id."""
    postponed = {entry.played: entry for entry in POSTPONEMENTS}
    first_listed = {entry.played: entry.first for entry in POSTPONEMENTS}
    games = deal(counts_of_2025_26(), rng, fixed_games(), resting_teams())
    for number, game in enumerate(sorted(games, key=lambda played: first_listed.get(played, played)), 1):
        identity = league_id(SeasonType.REGULAR_SEASON, number)
        tip = REAL_TIPS.get(game) or tip_time(game, rng)
        listed_on = _LOADED_ON
        if game in postponed:
            first, fate = postponed[game].first, postponed[game].fate
            yield SeasonGame(first, SeasonType.REGULAR_SEASON, identity, tip, listed_on, fate)
            listed_on = first.day + timedelta(days=1)
        yield SeasonGame(game, SeasonType.REGULAR_SEASON, identity, tip, listed_on)


def _cup_final() -> SeasonGame:
    """The one game that is loaded but does not count."""
    return SeasonGame(
        Game(CUP_FINAL_DATE, "SAS", "NYK"),
        SeasonType.CUP_FINAL,
        league_id(SeasonType.CUP_FINAL, 1),
        time(20, 30),
        listed_on=CUP_FINAL_DATE - timedelta(days=2),
    )
