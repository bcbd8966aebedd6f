"""A simple scheduler: who plays whom on dates whose number of games is given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from random import Random

from nba_monitoring.core.games import Game
from nba_monitoring.core.teams import TRICODES

EAST = tuple("ATL BKN BOS CHA CHI CLE DET IND MIA MIL NYK ORL PHI TOR WAS".split())
WEST = tuple(sorted(TRICODES - set(EAST)))

# An 82-game season has each of 15 teams of the other conference twice, each of 14 of one's own 3.7 times.
_MEETINGS_ACROSS = 2
_MEETINGS_WITHIN = 52 / 14


class Scheduler:
    """Deals games so that all teams have played equally often, give or take one, after every date.

    Home games and meetings come out even only nearly: a few pairs meet once or five times in a season, not two to four.
    """

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._played: Counter[str] = Counter()
        self._at_home: Counter[str] = Counter()
        self._last_played: dict[str, date] = {}
        self._meetings_left = {
            frozenset((one, other)): _MEETINGS_WITHIN if (one in EAST) == (other in EAST) else _MEETINGS_ACROSS
            for one in TRICODES
            for other in TRICODES - {one}
        }

    def deal(
        self,
        counts: Mapping[date, int],
        fixed: Mapping[date, Sequence[Game]],
        resting: Mapping[date, frozenset[str]],
    ) -> list[Game]:
        """All games, by date. `fixed` games are among a date's `counts`; `resting` teams get no other game that day."""
        return [
            game
            for day, count in counts.items()
            for game in self._deal_date(day, count, fixed.get(day, ()), resting.get(day, frozenset()))
        ]

    def _deal_date(self, day: date, count: int, fixed: Sequence[Game], resting: frozenset[str]) -> list[Game]:
        games = list(fixed)
        busy = resting.union(*((game.away, game.home) for game in fixed))
        never = day - timedelta(days=365)
        waiting = sorted(
            sorted(TRICODES - busy),
            key=lambda team: (self._played[team], self._last_played.get(team, never), self._rng.random()),
        )[: 2 * (count - len(games))]
        while waiting:
            team = waiting.pop(0)
            opponent = max(waiting, key=lambda other: self._meetings_left[frozenset((team, other))])
            waiting.remove(opponent)
            home, away = sorted((team, opponent), key=lambda side: (self._at_home[side], self._rng.random()))
            games.append(Game(day, away, home))
        for game in games:
            self._note(game)
        return games

    def _note(self, game: Game) -> None:
        self._at_home[game.home] += 1
        self._meetings_left[frozenset((game.away, game.home))] -= 1
        for team in (game.away, game.home):
            self._played[team] += 1
            self._last_played[team] = game.day
