"""Who plays whom on which date of a made-up regular season."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from random import Random

from nba_monitoring.core.eastern import dates_between
from nba_monitoring.core.games import Game
from nba_monitoring.core.slate.seasons import OPENERS
from nba_monitoring.core.teams import TRICODES

OPENER = OPENERS[2025]
LAST_REGULAR_DATE = date(2026, 4, 12)
REGULAR_GAMES = 1230
CUP_FINAL_DATE = date(2025, 12, 16)

# How many games a date has: none on Thanksgiving, around the Cup final, before Christmas, in the All-Star break, on the
# night of the college final, and on the day before the last date; the real number on the opening night, in the Cup's
# knock-out rounds, on Christmas, and on the incidents' dates; all thirty teams play on the last two dates.
_COUNTS = {
    OPENER: 2,
    date(2025, 11, 27): 0,
    date(2025, 12, 9): 2,
    date(2025, 12, 10): 2,
    date(2025, 12, 13): 2,
    CUP_FINAL_DATE: 0,
    date(2025, 12, 24): 0,
    date(2025, 12, 25): 5,
    date(2026, 1, 18): 6,
    date(2026, 1, 23): 8,
    date(2026, 1, 27): 7,
    **dict.fromkeys(dates_between(date(2026, 2, 13), date(2026, 2, 18)), 0),
    date(2026, 2, 19): 10,
    date(2026, 2, 26): 10,
    date(2026, 4, 6): 0,
    date(2026, 4, 10): 15,
    date(2026, 4, 11): 0,
    LAST_REGULAR_DATE: 15,
}
_USUAL_COUNTS = (8, 6, 10, 5, 10, 7, 7)  # Monday to Sunday


def usual_count(day: date) -> int:
    """How many games a date usually has, by its day of the week."""
    return _USUAL_COUNTS[day.weekday()]


def counts_of_2025_26() -> dict[date, int]:
    """Games by date of the regular season, 1,230 in all."""
    days = dates_between(OPENER, LAST_REGULAR_DATE)
    counts = {day: _COUNTS.get(day, usual_count(day)) for day in days}
    usual = [day for day in days if day not in _COUNTS]
    missing = REGULAR_GAMES - sum(counts.values())
    step = 1 if missing > 0 else -1
    for number in range(abs(missing)):
        counts[usual[number * len(usual) // abs(missing)]] += step
    return counts


def deal(
    counts: Mapping[date, int],
    rng: Random,
    fixed: Mapping[date, Sequence[Game]] | None = None,
    resting: Mapping[date, frozenset[str]] | None = None,
) -> Iterator[Game]:
    """Games by date. After every date all teams have played equally often, give or take a game, and half at home.

    `fixed` games are among a date's `counts`; `resting` teams do not play on that date.
    """
    played, at_home = Counter[str](), Counter[str]()
    for day, count in counts.items():
        games = list((fixed or {}).get(day, ()))
        busy = (resting or {}).get(day, frozenset()).union(*((game.away, game.home) for game in games))
        free = rng.sample(sorted(TRICODES - busy), len(TRICODES - busy))
        free.sort(key=lambda team: played[team])
        playing = free[: 2 * (count - len(games))]
        rng.shuffle(playing)
        for one, other in zip(playing[::2], playing[1::2], strict=True):
            games.append(Game(day, one, other) if at_home[other] <= at_home[one] else Game(day, other, one))
        at_home.update(game.home for game in games)
        played.update(team for game in games for team in (game.away, game.home))
        yield from games
