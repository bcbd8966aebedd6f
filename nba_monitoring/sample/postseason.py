"""The made-up play-in and playoffs. Seeds and results are drawn; home court goes 2-2-1-1-1."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random

from nba_monitoring.core.games import Game, SeasonType
from nba_monitoring.sample.games import Fate, SeasonGame, league_id, tip_time
from nba_monitoring.sample.scheduler import EAST, WEST

_PLAY_IN_DATES = (date(2026, 4, 14), date(2026, 4, 15), date(2026, 4, 17))
_ROUND_STARTS = (date(2026, 4, 18), date(2026, 5, 4), date(2026, 5, 19), date(2026, 6, 3))
_FINALS = len(_ROUND_STARTS)
_EVERY_OTHER_DAY = (0, 2, 4, 6, 8, 10, 12)
_FINALS_DAYS = (0, 2, 5, 7, 10, 13, 16)
_BETTER_TEAM_AT_HOME = frozenset({1, 2, 5, 7})


def postseason(rng: Random) -> Iterator[SeasonGame]:
    """The play-in and the playoffs, whose games that were not needed stay listed as in the real append-only table.

    The finals go to seven games, so that the season ends with a game that was played.
    """
    bracket: list[str] = []
    for side, teams in enumerate((EAST, WEST)):
        ranked = rng.sample(teams, 10)
        play_in, qualified = _play_in(side, ranked[6:], rng)
        yield from play_in
        seeds = [*ranked[:6], *qualified]
        bracket += [seeds[seed - 1] for seed in (1, 8, 4, 5, 3, 6, 2, 7)]
    for round_number, start in enumerate(_ROUND_STARTS, 1):
        winners: list[str] = []
        for series, (better, other) in enumerate(zip(bracket[::2], bracket[1::2], strict=True)):
            opening = start + timedelta(days=series % 2)
            winner = rng.choice((better, other))
            yield from _series(round_number * 100 + series * 10, (better, other), winner, opening, rng)
            winners.append(winner)
        bracket = winners


def _play_in(side: int, ranked: Sequence[str], rng: Random) -> tuple[list[SeasonGame], tuple[str, str]]:
    """The three games of a conference's seventh to tenth, and who becomes seventh and eighth seed."""
    seventh, eighth, ninth, tenth = ranked
    first, second, last = _PLAY_IN_DATES
    through, beaten = rng.sample((seventh, eighth), 2)
    challenger = rng.choice((ninth, tenth))
    games = [
        _play_in_game(101 + 20 * side, Game(first, eighth, seventh), rng),
        _play_in_game(111 + 20 * side, Game(second, tenth, ninth), rng),
        _play_in_game(201 + 10 * side, Game(last, challenger, beaten), rng),
    ]
    return games, (through, rng.choice((beaten, challenger)))


def _play_in_game(number: int, game: Game, rng: Random) -> SeasonGame:
    listed_on = game.day - timedelta(days=1)
    return SeasonGame(game, SeasonType.PLAY_IN, league_id(SeasonType.PLAY_IN, number), tip_time(game, rng), listed_on)


def _series(number: int, teams: tuple[str, str], winner: str, opening: date, rng: Random) -> Iterator[SeasonGame]:
    """The seven games of a series, `teams` with the better one first; the winner's fourth win is its last played."""
    better, other = teams
    loser = other if winner == better else better
    is_finals = number // 100 == _FINALS
    days = _FINALS_DAYS if is_finals else _EVERY_OTHER_DAY
    length = 7 if is_finals else rng.choice((4, 5, 6, 6, 7))
    won_by = [*rng.sample([winner] * 3 + [loser] * (length - 4), length - 1), winner]
    for nth, offset in enumerate(days, 1):
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
