"""When seasons open and end, and which listed games belong to a part of the season that does not count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from nba_monitoring.core.game_ids import LeagueId
from nba_monitoring.core.games import Game, SeasonType
from nba_monitoring.core.slate.sources import ListedGame
from nba_monitoring.core.teams import ALL_STAR_TEAMS, is_known

# First regular-season game date by the year the season starts, for dates whose league schedule is not loaded.
OPENERS = {
    2021: date(2021, 10, 19),
    2022: date(2022, 10, 18),
    2023: date(2023, 10, 24),
    2024: date(2024, 10, 22),
    2025: date(2025, 10, 21),
    2026: date(2026, 10, 21),  # provisional until the league publishes its schedule
}

# A season has 1,230 regular-season games, 1,200 when it is published (the Cup's last rounds come later). A schedule
# loaded without its first fortnight has some 1,130.
WHOLE_SEASON = 1190

# No season has lasted a year from its opener: 2019-20, stretched by the bubble, took 355 days.
LONGEST_SEASON = timedelta(days=360)

# From its opener, a season lasts 237 to 243 days; 210 in 2020-21. One loaded whole was published after that.
LONGEST_USUAL_SEASON = timedelta(days=250)

# From the decided Finals to the next opener: 118 days in 2024, 121 in 2025, 72 in 2020.
LONGEST_SUMMER = timedelta(days=200)
# The next schedule comes in August. If it is not loaded two weeks before the opener, that must be reported.
SCHEDULE_IS_DUE = timedelta(days=14)
# Preseason starts some 20 days before the opener, long after the previous season's end (72 days in 2020).
PRESEASON_REACH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class SeasonOpeners:
    """Known openers, oldest first, and the openers of seasons that are complete in the league's schedule."""

    dates: tuple[date, ...]
    shown: frozenset[date]

    @classmethod
    def from_listed(cls, listed: Iterable[ListedGame]) -> SeasonOpeners:
        """The openers that the league's schedule shows, else those of `OPENERS`.

        `listed` are the games of the league's schedule that are played on their date. A complete season opens with its
        first game. A season loaded only from January must not open in January, which would excuse two weeks of missing
        rows as bootstrap. But a game before the opener in `OPENERS` proves that one wrong.
        """
        by_season: defaultdict[int, dict[str, date]] = defaultdict(dict)
        for entry in listed:
            league_id = LeagueId.from_text(entry.league_id or "")
            if league_id is not None and league_id.season_type is SeasonType.REGULAR_SEASON:
                days = by_season[league_id.season]
                days[league_id.id] = min(entry.game.day, days.get(league_id.id, entry.game.day))
        first = {season: min(days.values()) for season, days in by_season.items()}
        whole = {season: day for season, day in first.items() if len(by_season[season]) >= WHOLE_SEASON}
        earlier = {season: day for season, day in first.items() if season in OPENERS and day < OPENERS[season]}
        return cls(tuple(sorted((OPENERS | earlier | whole).values())), frozenset(whole.values()))

    def opener_before(self, day: date) -> date | None:
        """The opener of a date's season, or None if it falls in no known season."""
        earlier = [opener for opener in self.dates if opener <= day]
        return earlier[-1] if earlier and day - earlier[-1] < LONGEST_SEASON else None

    def next_opener(self, day: date) -> date | None:
        """The first opener after a date, or None if unknown."""
        return next((opener for opener in self.dates if opener > day), None)

    def whole_season_after(self, day: date) -> date | None:
        """The opener of the next season, if that is loaded whole and the season before it is over; else None.

        It is over a usual season after its own opener, or in the next one's preseason. 2019-20 lasted longer, but its
        games were listed.
        """
        opener = self.next_opener(day)
        if opener not in self.shown:
            return None
        before = self.opener_before(day)
        is_over = before is not None and day - before > LONGEST_USUAL_SEASON
        return opener if is_over or opener - day <= PRESEASON_REACH else None

    def is_off_season(self, day: date, ended: date) -> bool:
        """Whether a date falls between a season's end and the date by which the next season must be loaded.

        That is two weeks before the next opener, or October 1 if it is unknown.
        """
        opener = self.next_opener(ended)
        is_known = opener is not None and opener - ended < LONGEST_SUMMER
        due = opener - SCHEDULE_IS_DUE if opener is not None and is_known else date(ended.year, 10, 1)
        return ended < day < due


def is_all_star(entry: ListedGame) -> bool:
    """Whether a source lists a game as one of All-Star weekend, by its season_type or its sides."""
    return entry.season_type is SeasonType.ALL_STAR or (
        not has_a_team(entry.game) and not {entry.game.away, entry.game.home}.isdisjoint(ALL_STAR_TEAMS)
    )


def may_be_all_star(entry: ListedGame) -> bool:
    """Whether a listing is one of two unknown sides, in no part of the season that a source would name on purpose."""
    is_generic = entry.season_type in (None, SeasonType.REGULAR_SEASON) and entry.league_id is None
    return is_generic and not has_a_team(entry.game) and not is_all_star(entry)


def has_a_team(game: Game) -> bool:
    """Whether at least one side is one of the thirty teams."""
    return is_known(game.away) or is_known(game.home)


def uncounted_parts(
    entries: Sequence[ListedGame], next_opener: date | None, in_all_star_break: bool, counted: frozenset[SeasonType]
) -> dict[str, SeasonType]:
    """The sources in which one game belongs to a part of the season that does not count, and the part.

    In the All-Star break, two unknown sides are All-Star sides under new names (they change every year), even if a
    service calls it the regular season, as it does every game of these months. If no source names the part, games in
    the weeks before the `next_opener` are preseason.
    """
    named: list[tuple[str, SeasonType | None]] = []
    for entry in entries:
        is_one = is_all_star(entry) or (in_all_star_break and may_be_all_star(entry))
        named.append((entry.source, SeasonType.ALL_STAR if is_one else entry.season_type))
    if all(season_type is None for _, season_type in named):
        is_early = next_opener is not None and next_opener - entries[0].game.day <= PRESEASON_REACH
        named = [(source, SeasonType.PRESEASON if is_early else None) for source, _ in named]
    return {
        source: season_type for source, season_type in named if season_type is not None and season_type not in counted
    }
