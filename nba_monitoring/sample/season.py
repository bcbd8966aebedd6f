"""The made-up season 2025-26: every game that the league's schedule lists."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta
from random import Random

from nba_monitoring.core.games import Game, SeasonType
from nba_monitoring.core.teams import TRICODES
from nba_monitoring.sample.calendar import CUP_FINAL_DATE, counts_of_2025_26, deal
from nba_monitoring.sample.games import Fate, SeasonGame, league_id, tip_time
from nba_monitoring.sample.incidents import POSTPONEMENTS, REAL_TIPS, fixed_games, resting_teams

# The league publishes the season, and the platform loads all of it.
_LOADED_ON = date(2025, 8, 14)

_EAST = tuple("ATL BKN BOS CHA CHI CLE DET IND MIA MIL NYK ORL PHI TOR WAS".split())
_WEST = tuple(sorted(TRICODES - set(_EAST)))

_PLAY_IN_DATES = (date(2026, 4, 14), date(2026, 4, 15), date(2026, 4, 17))
_ROUND_STARTS = (date(2026, 4, 18), date(2026, 5, 4), date(2026, 5, 19), date(2026, 6, 3))
_EVERY_OTHER_DAY, _FINALS_DAYS = (0, 2, 4, 6, 8, 10, 12), (0, 2, 5, 7, 10, 13, 16)
_BETTER_TEAM_AT_HOME = frozenset({1, 2, 5, 7})  # 2-2-1-1-1


def season_games(rng: Random) -> list[SeasonGame]:
    """All listings, also of postponed games and of playoff games that were not needed.

    The platform loads no preseason and no All-Star games.
    """
    return [*_regular_season(rng), _cup_final(), *_postseason(rng)]


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


def _postseason(rng: Random) -> Iterator[SeasonGame]:
    """The play-in and the playoffs. Playoff games that were not needed stay listed, as in the real append-only table.

    The finals go to seven games, so that the season ends with a game that was played.
    """
    teams: list[str] = []
    for side, conference in enumerate((_EAST, _WEST)):
        *best, seventh, eighth, ninth, tenth = rng.sample(conference, 10)
        # Seventh and ninth win at home, and then seventh's opponent does.
        for number, day, away, home in (
            (101 + 20 * side, _PLAY_IN_DATES[0], eighth, seventh),
            (111 + 20 * side, _PLAY_IN_DATES[1], tenth, ninth),
            (201 + 10 * side, _PLAY_IN_DATES[2], ninth, eighth),
        ):
            game = Game(day, away, home)
            identity, tip = league_id(SeasonType.PLAY_IN, number), tip_time(game, rng)
            yield SeasonGame(game, SeasonType.PLAY_IN, identity, tip, day - timedelta(days=1), winner=home)
        seeds = [*best, seventh, eighth]
        teams += [seeds[seed - 1] for seed in (1, 8, 4, 5, 3, 6, 2, 7)]
    for round_number, start in enumerate(_ROUND_STARTS, 1):
        pairs = list(zip(teams[::2], teams[1::2], strict=True))
        teams = [rng.choice(pair) for pair in pairs]
        for series, (pair, winner) in enumerate(zip(pairs, teams, strict=True)):
            opening = start + timedelta(days=series % 2)
            yield from _series(round_number * 100 + series * 10, pair, winner, opening, rng)


def _series(number: int, teams: tuple[str, str], winner: str, opening: date, rng: Random) -> Iterator[SeasonGame]:
    """The seven games of a series, `teams` with the better one first. The winner's fourth win is the last played."""
    better, other = teams
    is_finals = opening == _ROUND_STARTS[-1]
    length = 7 if is_finals else rng.choice((4, 5, 6, 6, 7))
    loser = other if winner == better else better
    won_by = [*rng.sample([winner] * 3 + [loser] * (length - 4), length - 1), winner]
    for nth, offset in enumerate(_FINALS_DAYS if is_finals else _EVERY_OTHER_DAY, 1):
        away, home = (other, better) if nth in _BETTER_TEAM_AT_HOME else (better, other)
        game = Game(opening + timedelta(days=offset), away, home)
        yield SeasonGame(
            game=game,
            season_type=SeasonType.PLAYOFFS,
            league_id=league_id(SeasonType.PLAYOFFS, number + nth),
            tip=tip_time(game, rng),
            listed_on=opening - timedelta(days=1),
            fate=Fate.PLAYED if nth <= length else Fate.LEFT_SCHEDULED,
            winner=won_by[nth - 1] if nth <= length else None,
        )
