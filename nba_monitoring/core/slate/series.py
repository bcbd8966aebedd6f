"""Which playoff series are decided: nothing else shows unneeded "if necessary" games, which stay scheduled forever."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from nba_monitoring.core.game_ids import MOST_IDS, LeagueId
from nba_monitoring.core.slate.listings import Listing

WINS = 4
FINALS = 40

# Season (the year it starts) and the series' number within it.
SeriesKey = tuple[int, int]


@dataclass(frozen=True, slots=True)
class DecidedSeries:
    """A series with a fourth win: the date of it, and the loser's number of wins."""

    decided_on: date
    losses: int

    @property
    def result(self) -> str:
        """The games won, such as '4-2'."""
        return f"{WINS}-{self.losses}"


@lru_cache(maxsize=MOST_IDS)
def series_of(league_id: str | None) -> SeriesKey | None:
    """The series that a league id belongs to; None for a game outside the playoffs."""
    parsed = LeagueId.from_text(league_id or "")
    return None if parsed is None or parsed.series is None else (parsed.season, parsed.series)


def decided_series(listings: Iterable[Listing]) -> Mapping[SeriesKey, DecidedSeries]:
    """The decided series, from the league's ids and any source's scores.

    A game with different winners in different sources does not count.
    """
    games: defaultdict[SeriesKey, set[tuple[date, str]]] = defaultdict(set)
    for listing in listings:
        winners = {entry.winner for entry in listing.entries if entry.winner is not None}
        if len(winners) != 1:
            continue
        for key in {series_of(entry.league_id) for entry in listing.entries}:
            if key is not None:
                games[key].add((listing.game.day, min(winners)))
    found = ((key, _decided(sorted(won))) for key, won in games.items())
    return {key: series for key, series in found if series is not None}


def _decided(won: Iterable[tuple[date, str]]) -> DecidedSeries | None:
    wins: Counter[str] = Counter()
    for day, winner in won:
        wins[winner] += 1
        if wins[winner] == WINS:
            return DecidedSeries(day, wins.total() - WINS)
    return None
