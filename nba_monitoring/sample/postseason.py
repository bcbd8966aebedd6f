"""The made-up play-in and playoffs. Seeds and results are random; home court goes 2-2-1-1-1."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from nba_monitoring.core.games import Game, SeasonType
from nba_monitoring.core.teams import TRICODES
from nba_monitoring.sample.games import Fate, SeasonGame, league_id, tip_time

_EAST = tuple("ATL BKN BOS CHA CHI CLE DET IND MIA MIL NYK ORL PHI TOR WAS".split())
_WEST = tuple(sorted(TRICODES - set(_EAST)))

_PLAY_IN_DATES = (date(2026, 4, 14), date(2026, 4, 15), date(2026, 4, 17))
_ROUND_STARTS = (date(2026, 4, 18), date(2026, 5, 4), date(2026, 5, 19), date(2026, 6, 3))
_EVERY_OTHER_DAY, _FINALS_DAYS = (0, 2, 4, 6, 8, 10, 12), (0, 2, 5, 7, 10, 13, 16)
_BETTER_TEAM_AT_HOME = frozenset({1, 2, 5, 7})


def postseason(rng: Random) -> Iterator[SeasonGame]:
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
