"""What really went wrong on the platform in 2025-26, to be planted in the made-up season on its date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time

from nba_monitoring.core.games import Game
from nba_monitoring.sample.games import Fate

# The real slate of the morning whose game rows were 8 of 144, with its tip-offs on the Eastern clock. Only the first
# one's is on record.
RECOVERED_DATE = date(2026, 1, 18)
RECOVERED_SLATE = {
    Game(RECOVERED_DATE, "ORL", "MEM"): time(12),
    Game(RECOVERED_DATE, "BKN", "CHI"): time(19),
    Game(RECOVERED_DATE, "NOP", "HOU"): time(19),
    Game(RECOVERED_DATE, "CHA", "DEN"): time(20),
    Game(RECOVERED_DATE, "POR", "SAC"): time(21),
    Game(RECOVERED_DATE, "TOR", "LAL"): time(21, 30),
}


@dataclass(frozen=True, slots=True)
class Postponement:
    """A game with one league id on two dates, and what the schedule says of the first of them."""

    first: Game
    played: Game
    fate: Fate


POSTPONEMENTS = (
    Postponement(Game(date(2026, 1, 8), "MIA", "CHI"), Game(date(2026, 1, 29), "MIA", "CHI"), Fate.LEFT_SCHEDULED),
    Postponement(
        Game(date(2026, 1, 24), "GSW", "MIN"), Game(date(2026, 1, 25), "GSW", "MIN"), Fate.FINAL_WITHOUT_SCORE
    ),
)

# Phase 4 held nothing, though the stages before it (or, on the 20th, after it) had run.
EMPTY_DATES = frozenset({date(2026, 1, 20), date(2026, 1, 24), date(2026, 1, 25)})

# Three games stood under both home/away orders: 7 games, not 10.
BOTH_ORDERS_DATE = date(2026, 1, 27)
BOTH_ORDERS_GAMES = 3

# 153 rows, of which the inputs of 151 were not there.
UNREADY_DATE = date(2026, 2, 19)
UNREADY_ROWS = 153
READY_ROWS = 2

# Ids in a second format, none of which could be matched.
OTHER_IDS_DATE = date(2026, 2, 26)

# Made up: a gap that nobody had noticed, as there were several from October to February.
THIN_DATE = date(2025, 12, 3)
THIN_ROWS = 7


def fixed_games() -> dict[date, list[Game]]:
    """The real games that the scheduler must put on their dates."""
    fixed: dict[date, list[Game]] = {}
    for game in (*RECOVERED_SLATE, *(postponement.played for postponement in POSTPONEMENTS)):
        fixed.setdefault(game.day, []).append(game)
    return fixed


def resting_teams() -> dict[date, frozenset[str]]:
    """The teams whose game was called off, by date."""
    return {entry.first.day: frozenset((entry.first.away, entry.first.home)) for entry in POSTPONEMENTS}
