"""What all sources list, game by game, and when the games tip off."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from nba_monitoring.core.eastern import eastern, eastern_clock
from nba_monitoring.core.games import Game, GameKey, SeasonType
from nba_monitoring.core.slate.seasons import SeasonOpeners, has_a_team, is_all_star, uncounted_parts
from nba_monitoring.core.slate.sources import ListedGame, SourceKind, SourceReport

# The All-Star break is 5 to 7 days without league games.
ALL_STAR_BREAK = timedelta(days=7)
# Services give the broadcast's start or the tip-off, ten minutes apart.
TIPS_AGREE_WITHIN = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Listing:
    """One game as every source that lists it does."""

    game: Game
    entries: Sequence[ListedGame]
    sources: frozenset[str]
    uncounted: Mapping[str, SeasonType]  # sources with a part of the season that does not count, and the part

    @classmethod
    def from_entries(cls, entries: Sequence[ListedGame], uncounted: Mapping[str, SeasonType]) -> Listing:
        """Home and away are the league's, else those of the alphabetically first source."""
        trusted = min(entries, key=lambda entry: (entry.league_id is None, entry.source, entry.game))
        return cls(trusted.game, entries, frozenset(entry.source for entry in entries), uncounted)


@dataclass(frozen=True, slots=True)
class UnnamedListing:
    """A source's listing that names no game: what is wrong with it, and what else it says; None if nothing."""

    sentence: str
    listing: Listing | None


@dataclass(frozen=True, slots=True)
class Listings:
    """The listings of every date."""

    by_day: Mapping[date, Sequence[Listing]]
    unnamed: Mapping[tuple[str, date], Sequence[UnnamedListing]]  # by source and date
    # The days on which each source lists a game of any kind, also one without teams, sorted.
    listed_days: Mapping[str, Sequence[date]]

    @classmethod
    def from_reports(
        cls, reports: Sequence[SourceReport], openers: SeasonOpeners, counted: frozenset[SeasonType]
    ) -> Listings:
        """Combine reports. The order of reports, and of games in them, never matters."""
        entries_by_day: defaultdict[date, list[ListedGame]] = defaultdict(list)
        for report in reports:
            for entry in report.listed:
                entries_by_day[entry.game.day].append(entry)
        breaks = _AllStarBreaks.from_reports(reports)
        unnamed: defaultdict[tuple[str, date], list[UnnamedListing]] = defaultdict(list)
        for report in reports:
            for game in report.unnamed:
                found = [] if game.entry is None else [game.entry]
                parts = openers.next_opener(game.day), breaks.reach(game.day), counted
                listing = Listing.from_entries(found, uncounted_parts(found, *parts)) if found else None
                unnamed[report.source, game.day].append(UnnamedListing(game.sentence, listing))
        return cls(
            by_day={
                day: _listings(entries, openers.next_opener(day), breaks.reach(day), counted)
                for day, entries in entries_by_day.items()
            },
            unnamed=unnamed,
            listed_days={
                report.source: sorted(
                    {entry.game.day for entry in report.listed}.union(game.day for game in report.unnamed)
                )
                for report in reports
            },
        )

    def on(self, day: date) -> Sequence[Listing]:
        """The listings of one date."""
        return self.by_day.get(day, ())


@dataclass(frozen=True, slots=True)
class _AllStarBreaks:
    """The days of All-Star games in any source, and of the league's own games, sorted."""

    all_star_days: Sequence[date]
    league_days: Sequence[date]

    @classmethod
    def from_reports(cls, reports: Sequence[SourceReport]) -> _AllStarBreaks:
        all_star = {entry.game.day for report in reports for entry in report.listed if is_all_star(entry)}
        league = {
            entry.game.day
            for report in reports
            if report.kind is SourceKind.LEAGUE_SCHEDULE
            for entry in report.listed
            if has_a_team(entry.game)
        }
        return cls(sorted(all_star), sorted(league))

    def reach(self, day: date) -> bool:
        """Whether an All-Star game is on the date, or near it without a game of the league between them.

        On the date itself the league may list other games, such as those of a series that is over.
        """
        first = bisect_left(self.all_star_days, day - ALL_STAR_BREAK)
        last = bisect_right(self.all_star_days, day + ALL_STAR_BREAK)
        return any(
            found == day
            or bisect_left(self.league_days, min(day, found)) == bisect_right(self.league_days, max(day, found))
            for found in self.all_star_days[first:last]
        )


def _listings(
    entries: Sequence[ListedGame], next_opener: date | None, in_all_star_break: bool, counted: frozenset[SeasonType]
) -> Sequence[Listing]:
    by_key: defaultdict[GameKey, list[ListedGame]] = defaultdict(list)
    for entry in entries:
        by_key[entry.game.key].append(entry)
    for found in by_key.values():
        found.sort(
            key=lambda entry: (entry.game, entry.source, entry.league_id or "", entry.state, entry.season_type or "")
        )
    return [
        Listing.from_entries(found, uncounted_parts(found, next_opener, in_all_star_break, counted))
        for found in by_key.values()
    ]


def tip_of(listing: Listing, live: frozenset[str]) -> datetime | None:
    """The tip-off (UTC): a live service's if one has it, else a table's; the earliest if there are several.

    Midnight Eastern counts as no time: schedules write it for "to be decided".
    """
    return min(_tips(listing, live) or _tips(listing, listing.sources - live), default=None)


def tip_disagreement(listing: Listing) -> str | None:
    """The tip-off times of the sources, as text, if they are too far apart; None if they agree."""
    if len(listing.entries) == 1:
        return None
    tips = _tips(listing, listing.sources)
    if not tips or max(tips) - min(tips) <= TIPS_AGREE_WITHIN:
        return None
    by_tip = sorted({(tip, entry.source) for entry in listing.entries if (tip := _tip(entry)) is not None})
    return f"{listing.game.matchup}: " + ", ".join(f"{source} says {eastern_clock(tip)}" for tip, source in by_tip)


def _tips(listing: Listing, sources: frozenset[str]) -> list[datetime]:
    return [tip for entry in listing.entries if entry.source in sources and (tip := _tip(entry)) is not None]


def _tip(entry: ListedGame) -> datetime | None:
    if entry.tip_at is None:
        return None
    local = eastern(entry.tip_at)
    return None if local.date() != entry.game.day or local.time() == time(0) else entry.tip_at
