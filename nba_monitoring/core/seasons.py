"""When seasons open, and the first days of each, in which Phase 4 writes nothing by design."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from nba_monitoring.core.game_ids import LeagueId
from nba_monitoring.core.games import Stage
from nba_monitoring.core.sources import ListedGame

# First regular-season game date by the year the season starts, for dates whose league schedule is not loaded.
OPENERS = {
    2021: date(2021, 10, 19),
    2022: date(2022, 10, 18),
    2023: date(2023, 10, 24),
    2024: date(2024, 10, 22),
    2025: date(2025, 10, 21),
    2026: date(2026, 10, 21),  # provisional until the league publishes its schedule
}

# No season has lasted a year from its opener: 2019-20, stretched by the bubble, took 355 days.
LONGEST_SEASON = timedelta(days=360)


@dataclass(frozen=True, slots=True)
class SeasonOpeners:
    """Known openers, oldest first."""

    dates: tuple[date, ...]

    @classmethod
    def known(cls, listed: Iterable[ListedGame]) -> SeasonOpeners:
        """The openers that the league's schedule shows, and the table's where it shows none.

        A season's first listed game counts as its opener only when the schedule also lists something earlier
        (preseason, the season before): a schedule loaded from January on must not make January an opener.
        """
        listed = list(listed)
        earliest = min((entry.game.date for entry in listed), default=None)
        first_games: dict[int, date] = {}
        for entry in listed:
            league_id = LeagueId.parse(entry.league_id or "")
            if league_id is None or entry.stage is not Stage.REGULAR_SEASON:
                continue
            season = league_id.season
            first_games[season] = min(first_games.get(season, entry.game.date), entry.game.date)
        shown = {season: day for season, day in first_games.items() if earliest is not None and earliest < day}
        return cls(tuple(sorted((OPENERS | shown).values())))

    def opener_before(self, day: date) -> date | None:
        """The opener of the season that a date falls in, or None when no known season reaches it."""
        earlier = [opener for opener in self.dates if opener <= day]
        return earlier[-1] if earlier and day - earlier[-1] < LONGEST_SEASON else None

    def next_opener(self, day: date) -> date | None:
        """The first opener after a date, or None when none is known."""
        return next((opener for opener in self.dates if opener > day), None)
