"""What really went wrong on the platform in 2025-26, to be planted in the made-up season on its date.

`as_it_was.py` says what each of these makes of a stage's rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time

from nba_monitoring.core.eastern import dates_between
from nba_monitoring.core.games import Game
from nba_monitoring.sample.games import Fate

# The real slate of the morning whose game rows were 8 of 144, with its tip-offs on the Eastern clock. Only the first
# one's is on record. The stages before Phase 4 had run; those behind it ran that afternoon.
RECOVERED_DATE = date(2026, 1, 18)
RECOVERED_SLATE = {
    Game(RECOVERED_DATE, "ORL", "MEM"): time(12),
    Game(RECOVERED_DATE, "BKN", "CHI"): time(19),
    Game(RECOVERED_DATE, "NOP", "HOU"): time(19),
    Game(RECOVERED_DATE, "CHA", "DEN"): time(20),
    Game(RECOVERED_DATE, "POR", "SAC"): time(21),
    Game(RECOVERED_DATE, "TOR", "LAL"): time(21, 30),
}
EARLY_ROWS, LATE_ROWS_PER_GAME = 8, 24


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

# The postponed game that predictions were written for all the same.
PREDICTED_POSTPONED = POSTPONEMENTS[0].first

# The code of four of the six systems never set the field: 66.8 % of the rows, of which no overall share says whose. It
# was so on the 18th too, which here recovers whole.
UNVERSIONED_SYSTEMS = frozenset({"moving_average", "zone_matchup_v1", "similarity_balanced_v1", "xgboost_v1"})

# 313 predictions, of which 66 could be graded, as for most players there was no betting line; 62 of them were.
FEW_LINES_DATE = date(2026, 1, 17)
FEW_LINES_ROWS = 313
LINED_PLAYERS = 11
# 313 rows of 4 and of 2 systems are 66.8 % to 33.2 % if the one over stands with the four. How many predictions there
# were on the 18th is not on record.
RECOVERED_PREDICTIONS = 313

# Phase 4 held nothing, though the predictions behind it had run.
PREDICTED_WITHOUT_FACTORS_DATE = date(2026, 1, 20)
ORPHANED_PREDICTIONS = 885

# One game of eight without predictions. The scheduler had put neither team on that date: the game changes dates with
# another of the season, whose teams are free.
UNPREDICTED = Game(date(2026, 1, 23), "TOR", "POR")
UNPREDICTED_TIP = time(22)
_PUT_ON_ITS_DATE = Game(UNPREDICTED.day, "SAS", "PHI")
_TAKEN_FROM_ITS_DATE = Game(date(2025, 11, 6), "POR", "TOR")
EXCHANGED: Mapping[Game, Game] = {
    _PUT_ON_ITS_DATE: UNPREDICTED,
    _TAKEN_FROM_ITS_DATE: Game(_TAKEN_FROM_ITS_DATE.day, _PUT_ON_ITS_DATE.away, _PUT_ON_ITS_DATE.home),
}

# Phase 4 held nothing, though Phase 3 had so many rows; what follows had nothing to work on.
CONTEXT_ROWS = {date(2026, 1, 24): 181, date(2026, 1, 25): 211}

# Three games stood under both home/away orders: 7 games, not 10.
BOTH_ORDERS_DATE = date(2026, 1, 27)
BOTH_ORDERS_GAMES = 3

# The night's job failed, and the 30 rows of the day before were copied forward.
COPIED_DATE, COPIED_FROM = date(2026, 2, 5), date(2026, 2, 4)

# Eight systems, seven of them with 127 rows. That the eighth had fewer was normal: it needs similar past games.
EIGHT_SYSTEMS_DATE = date(2026, 2, 5)
EIGHT_SYSTEMS_ROWS = 127
FEWER_ROWS_SYSTEM, FEWER_ROWS = "similarity_balanced_v1", 89

# 153 rows, of which the inputs of 151 were not there.
UNREADY_DATE = date(2026, 2, 19)
UNREADY_ROWS = 153
READY_ROWS = 2

# Ids in a second format, none of which could be matched.
OTHER_IDS_DATE = date(2026, 2, 26)

# The platform stopped predicting on purpose, and the playoffs were not predicted at all. The state table, first filled
# a week before, said so each day; on three of them with a reason that only says that there are no predictions.
STATE_SINCE = date(2026, 2, 20)
HALTED_SINCE = date(2026, 2, 27)
HALT_REASON = "edge_collapse"
SILENT_DATES = dates_between(date(2026, 3, 10), date(2026, 3, 12))
SILENT_REASON = "predictions_inactive"

# Made up: a gap that nobody had noticed, as there were several from October to February.
THIN_DATE = date(2025, 12, 3)
THIN_ROWS = 7

# Made up, as no date is on record: a morning whose grading ran twice, and one on which the team context was written by
# its fallback, which names games by date and teams.
GRADED_TWICE_DATE = date(2026, 1, 14)
FALLBACK_DATE = date(2026, 1, 6)


def fixed_games() -> dict[date, list[Game]]:
    """The real games that the scheduler must put on their dates."""
    fixed: dict[date, list[Game]] = {}
    for game in (*RECOVERED_SLATE, *(postponement.played for postponement in POSTPONEMENTS)):
        fixed.setdefault(game.day, []).append(game)
    return fixed


def resting_teams() -> dict[date, frozenset[str]]:
    """The teams whose game was called off, by date."""
    return {entry.first.day: frozenset((entry.first.away, entry.first.home)) for entry in POSTPONEMENTS}
