"""How many regular-season games the made-up season has on each date."""

from __future__ import annotations

from datetime import date
from itertools import cycle
from random import Random

from nba_monitoring.core.eastern import dates_between
from nba_monitoring.core.slate.seasons import OPENERS

OPENER = OPENERS[2025]
LAST_REGULAR_DATE = date(2026, 4, 12)
REGULAR_GAMES = 1230
ALL_STAR_BREAK = dates_between(date(2026, 2, 13), date(2026, 2, 18))
CUP_FINAL_DATE = date(2025, 12, 16)

OFF_DAYS = frozenset(
    {
        date(2025, 11, 27),  # Thanksgiving
        CUP_FINAL_DATE,
        date(2025, 12, 24),
        *ALL_STAR_BREAK,
        date(2026, 4, 6),  # final of college basketball
        date(2026, 4, 11),  # rest before the last date, on which all thirty teams play
    }
)

# Dates with a number of their own: the opening night, the Cup's knock-out rounds, Christmas, the incidents' real
# slates, and the last two dates, on which all thirty teams play.
_SET_COUNTS = {
    OPENER: 2,
    date(2025, 12, 9): 2,
    date(2025, 12, 10): 2,
    date(2025, 12, 13): 2,
    date(2025, 12, 25): 5,
    date(2026, 1, 18): 6,
    date(2026, 1, 23): 8,
    date(2026, 1, 27): 7,
    date(2026, 2, 19): 10,
    date(2026, 2, 26): 10,
    date(2026, 4, 10): 15,
    LAST_REGULAR_DATE: 15,
}

USUAL_COUNTS = (8, 6, 10, 5, 10, 7, 7)  # Monday to Sunday


def regular_season_counts(rng: Random) -> dict[date, int]:
    """Games by date, in date order; 1,230 in all."""
    counts = {
        day: _SET_COUNTS.get(day, USUAL_COUNTS[day.weekday()])
        for day in dates_between(OPENER, LAST_REGULAR_DATE)
        if day not in OFF_DAYS
    }
    usual = [day for day in counts if day not in _SET_COUNTS]
    rng.shuffle(usual)
    surplus = sum(counts.values()) - REGULAR_GAMES
    for _, day in zip(range(abs(surplus)), cycle(usual), strict=False):
        counts[day] -= 1 if surplus > 0 else -1
    return counts
