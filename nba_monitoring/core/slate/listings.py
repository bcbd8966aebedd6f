"""What all sources list, put together game by game."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from nba_monitoring.core.games import Game, GameKey, SeasonType
from nba_monitoring.core.slate.exclusions import Reason, is_all_star, season_type_reasons, was_played
from nba_monitoring.core.slate.seasons import SeasonOpeners
from nba_monitoring.core.slate.sources import ListedGame, SourceReport


@dataclass(frozen=True, slots=True)
class Listing:
    """One game as every source that lists it does.

    `season_type_reasons` are the sources by which its part of the season does not count, and which part.
    """

    game: Game
    entries: Sequence[ListedGame]
    sources: frozenset[str]
    season_type_reasons: Mapping[str, Reason]

    @classmethod
    def from_entries(cls, entries: Sequence[ListedGame], season_type_reasons: Mapping[str, Reason]) -> Listing:
        """Home and away as the league has them; else as the alphabetically first source."""
        believed = min(entries, key=lambda entry: (entry.league_id is None, entry.source, entry.game))
        return cls(believed.game, entries, frozenset(entry.source for entry in entries), season_type_reasons)


@dataclass(frozen=True, slots=True)
class Listings:
    """The listings of every date. Days are sorted.

    `listed_days` are those on which each source lists a game. The rest leaves out games whose part of the season does
    not count: `games` counts what each source lists by date, on `days` it lists one, on `played_days` some source saw
    one played.
    """

    by_day: Mapping[date, Sequence[Listing]]
    listed_days: Mapping[str, Sequence[date]]
    games: Mapping[str, Mapping[date, int]]
    days: Mapping[str, Sequence[date]]
    played_days: Sequence[date]

    @classmethod
    def from_reports(
        cls, reports: Sequence[SourceReport], openers: SeasonOpeners, counted: frozenset[SeasonType]
    ) -> Listings:
        """Put reports together. The order of reports, and of games in them, never matters."""
        entries_by_day: defaultdict[date, list[ListedGame]] = defaultdict(list)
        for report in reports:
            for entry in report.listed:
                entries_by_day[entry.game.day].append(entry)
        by_day = {day: _listings(day, entries, openers, counted) for day, entries in entries_by_day.items()}
        games: dict[str, Counter[date]] = {report.source: Counter() for report in reports}
        played: set[date] = set()
        for day, listings in by_day.items():
            for listing in listings:
                if listing.season_type_reasons:
                    continue
                for source in listing.sources:
                    games[source][day] += 1
                if any(was_played(entry) for entry in listing.entries):
                    played.add(day)
        return cls(
            by_day=by_day,
            listed_days={report.source: sorted({entry.game.day for entry in report.listed}) for report in reports},
            games=games,
            days={source: sorted(found) for source, found in games.items()},
            played_days=sorted(played),
        )

    def on(self, day: date) -> Sequence[Listing]:
        """The listings of one date, none being an empty sequence."""
        return self.by_day.get(day, ())


def _listings(
    day: date, entries: Sequence[ListedGame], openers: SeasonOpeners, counted: frozenset[SeasonType]
) -> Sequence[Listing]:
    all_star_day = any(is_all_star(entry) for entry in entries)
    next_opener = openers.next_opener(day)
    by_key: defaultdict[GameKey, list[ListedGame]] = defaultdict(list)
    for entry in entries:
        by_key[entry.game.key].append(entry)
    for found in by_key.values():
        found.sort(
            key=lambda entry: (entry.game, entry.source, entry.league_id or "", entry.state, entry.season_type or "")
        )
    return [
        Listing.from_entries(found, season_type_reasons(found, next_opener, all_star_day, counted))
        for found in by_key.values()
    ]
