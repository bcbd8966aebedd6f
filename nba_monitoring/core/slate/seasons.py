"""When seasons open, and the first days of each, in which Phase 4 writes nothing by design."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from nba_monitoring.core.game_ids import LeagueId
from nba_monitoring.core.games import SeasonType
from nba_monitoring.core.slate.sources import ListedGame

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

# The last preseason game is some 4 days before the opener (2024-10-18 and 22), 3 in the late seasons 2011 and 2020.
# Twice that is more likely a first week that was not loaded.
PRESEASON_TO_OPENER = timedelta(days=8)


@dataclass(frozen=True, slots=True)
class SeasonOpeners:
    """Known openers, oldest first."""

    dates: tuple[date, ...]

    @classmethod
    def from_listed(cls, listed: Iterable[ListedGame]) -> SeasonOpeners:
        """The openers that the league's schedule shows, and the table's where it shows none.

        `listed` are the games of the league's schedule that are played on their date.
        """
        by_season: defaultdict[int, list[tuple[LeagueId, date]]] = defaultdict(list)
        for entry in listed:
            league_id = LeagueId.from_text(entry.league_id or "")
            if league_id is not None:
                by_season[league_id.season].append((league_id, entry.game.day))
        shown = {
            season: opener
            for season, games in by_season.items()
            if (opener := _shown_opener(season, games)) is not None
        }
        return cls(tuple(sorted((OPENERS | shown).values())))

    def opener_before(self, day: date) -> date | None:
        """The opener of the season that a date falls in, or None when no known season reaches it."""
        earlier = [opener for opener in self.dates if opener <= day]
        return earlier[-1] if earlier and day - earlier[-1] < LONGEST_SEASON else None

    def next_opener(self, day: date) -> date | None:
        """The first opener after a date, or None when none is known."""
        return next((opener for opener in self.dates if opener > day), None)


def _shown_opener(season: int, games: Sequence[tuple[LeagueId, date]]) -> date | None:
    """The first listed day of a regular season, where the schedule shows that the season began there.

    A schedule loaded from January on must not make January an opener: that would pass two weeks of missing rows as
    bootstrap, and take the games of December for preseason. So the week before must hold the season's preseason or,
    for a season that the table does not know, the day its game number 1 (since 2023 that is a Cup game of November,
    but of those seasons the table knows). A day before the table's proves the table wrong.
    """
    regular = [
        (league_id.number, day) for league_id, day in games if league_id.season_type is SeasonType.REGULAR_SEASON
    ]
    if not regular:
        return None
    first = min(day for _, day in regular)
    after_preseason = any(
        league_id.season_type is SeasonType.PRESEASON and timedelta(0) < first - day <= PRESEASON_TO_OPENER
        for league_id, day in games
    )
    is_shown = after_preseason or (first < OPENERS[season] if season in OPENERS else (1, first) in regular)
    return first if is_shown else None
