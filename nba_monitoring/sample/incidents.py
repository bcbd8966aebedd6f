"""What really went wrong on the platform in 2025-26, planted in the made-up season on its date.

`as_it_was.py` turns each incident into a stage's rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time

from nba_monitoring.core.eastern import dates_between
from nba_monitoring.core.games import Game
from nba_monitoring.sample.games import Fate, utc_from_eastern

# The real slate of the morning with 8 of 144 rows. Tip-offs are Eastern; only the first one's is on record. The stages
# before Phase 4 had run; the later ones ran that afternoon.
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
    """A game with one league id on two dates, and what becomes of its first listing."""

    first: Game
    played: Game
    fate: Fate


POSTPONEMENTS = (
    Postponement(Game(date(2026, 1, 8), "MIA", "CHI"), Game(date(2026, 1, 29), "MIA", "CHI"), Fate.LEFT_SCHEDULED),
    Postponement(
        Game(date(2026, 1, 24), "GSW", "MIN"), Game(date(2026, 1, 25), "GSW", "MIN"), Fate.FINAL_WITHOUT_SCORE
    ),
)

# The postponed game that got predictions anyway.
PREDICTED_POSTPONED = POSTPONEMENTS[0].first

# Four of the six systems never set the field: 66.8% of the rows, a share that does not show whose. So it was on the
# 18th, which here recovers fully.
UNVERSIONED_SYSTEMS = frozenset({"moving_average", "zone_matchup_v1", "similarity_balanced_v1", "xgboost_v1"})

# 313 predictions. Most players had no betting line, so 66 could be graded; 62 were.
FEW_LINES_DATE = date(2026, 1, 17)
FEW_LINES_ROWS = 313
LINED_PLAYERS = 11
# 313 rows split into 66.8% and 33.2% between 4 and 2 systems if the odd one belongs to the four. The number of
# predictions on the 18th is not on record.
RECOVERED_PREDICTIONS = 313

# Phase 4 had no rows, although predictions had run.
PREDICTED_WITHOUT_FACTORS_DATE = date(2026, 1, 20)
ORPHANED_PREDICTIONS = 885

# One game of eight had no predictions.
UNPREDICTED = Game(date(2026, 1, 23), "TOR", "POR")

REAL_TIPS: Mapping[Game, time] = {**RECOVERED_SLATE, UNPREDICTED: time(22)}

# Phase 4 had no rows although Phase 3 had this many, so later stages had no input.
CONTEXT_ROWS = {date(2026, 1, 24): 181, date(2026, 1, 25): 211}

# Three games had ids in both home/away orders: 7 games, not 10.
BOTH_ORDERS_DATE = date(2026, 1, 27)
BOTH_ORDERS_GAMES = 3

# The night's job failed, and the 30 rows of the day before were copied forward.
COPIED_DATE, COPIED_FROM = date(2026, 2, 5), date(2026, 2, 4)

# Eight systems, seven of them with 127 rows. That the eighth had fewer was normal: it needs similar past games.
EIGHT_SYSTEMS_DATE = date(2026, 2, 5)
EIGHT_SYSTEMS_ROWS = 127
FEWER_ROWS_SYSTEM, FEWER_ROWS = "similarity_balanced_v1", 89

# 153 rows, 151 of them without inputs.
UNREADY_DATE = date(2026, 2, 19)
UNREADY_ROWS = 153
READY_ROWS = 2

# Ids in a second format, which matched no game.
OTHER_IDS_DATE = date(2026, 2, 26)

# The platform halted predictions on purpose, for all of the playoffs. The state table, in use since a week before, says
# so for each day; on three of them its reason is only that there are no predictions.
STATE_SINCE = date(2026, 2, 20)
HALTED_SINCE = date(2026, 2, 27)
HALT_REASON = "edge_collapse"
SILENT_DATES = dates_between(date(2026, 3, 10), date(2026, 3, 12))
SILENT_REASON = "predictions_inactive"

# Made up: a gap that nobody noticed, like several from October to February.
THIN_DATE = date(2025, 12, 3)
THIN_ROWS = 7

# Made up, because no date is on record: a morning on which grading ran twice, and one on which the team context came
# from its fallback, whose ids have date and teams.
GRADED_TWICE_DATE = date(2026, 1, 14)
FALLBACK_DATE = date(2026, 1, 6)


def fixed_games() -> dict[date, list[Game]]:
    """The real games, by date."""
    fixed: dict[date, list[Game]] = {}
    for game in (*REAL_TIPS, *(postponement.played for postponement in POSTPONEMENTS)):
        fixed.setdefault(game.day, []).append(game)
    return fixed


def resting_teams() -> dict[date, frozenset[str]]:
    """The teams whose game was postponed, by its first date."""
    return {entry.first.day: frozenset((entry.first.away, entry.first.home)) for entry in POSTPONEMENTS}


def halt_rows(last: date) -> Iterator[dict[str, object]]:
    """Rows of `nba_orchestration.halt_state`: one per date, written at 5 AM Eastern, up to the season's last."""
    for day in dates_between(STATE_SINCE, last):
        reason, since = _halt(day)
        yield {
            "effective_date": day,
            "sport": "nba",
            "halt_active": reason is not None,
            "halt_reason": reason,
            "halt_since": since,
            "written_at": utc_from_eastern(day, time(5)),
        }


def _halt(day: date) -> tuple[str | None, date | None]:
    if day in SILENT_DATES:
        return SILENT_REASON, SILENT_DATES[0]
    if day >= HALTED_SINCE:
        return HALT_REASON, HALTED_SINCE
    return None, None
