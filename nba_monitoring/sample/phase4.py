"""What Phase 4 wrote for each game of the made-up season, its incidents included."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from random import Random

from nba_monitoring.core.games import COUNTED_SEASON_TYPES, Game
from nba_monitoring.sample import incidents
from nba_monitoring.sample.calendar import OPENER
from nba_monitoring.sample.games import Fate, SeasonGame, utc_from_eastern

# By design Phase 4 writes nothing on days 0 to 13 of a season.
FIRST_DATE = OPENER + timedelta(days=14)

# Early seasons' factors rest on few games and say so.
EARLY_SEASON_UNTIL = OPENER + timedelta(days=30)

_FEWEST_ROWS, _MEDIAN_ROWS, _MOST_ROWS = 25, 33, 40


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one game written at once.

    `first_player` numbers the first row's player within the game, `unready` of the `rows` are not production-ready,
    `written_at` is naive UTC.
    """

    game: Game
    game_id: str
    rows: int
    written_at: datetime
    unready: int = 0
    first_player: int = 0


def phase4_batches(games: Iterable[SeasonGame], rng: Random) -> list[Batch]:
    """All batches of the season, by date and game."""
    by_date: defaultdict[date, list[Batch]] = defaultdict(list)
    for entry in sorted(games, key=lambda listed: listed.game):
        if entry.season_type in COUNTED_SEASON_TYPES and entry.fate is Fate.PLAYED and entry.game.day >= FIRST_DATE:
            by_date[entry.game.day].append(_usual_batch(entry.game, rng))
    return [batch for day, batches in by_date.items() for batch in _as_it_was(day, batches)]


def _usual_batch(game: Game, rng: Random) -> Batch:
    """Written by the evening's first pass for the next day, between 5 and 6 PM Eastern."""
    rows = min(max(round(rng.gauss(_MEDIAN_ROWS, 3)), _FEWEST_ROWS), _MOST_ROWS)
    written_at = utc_from_eastern(game.day - timedelta(days=1), time(17, rng.randrange(60)))
    return Batch(game, game.id, rows, written_at)


def _as_it_was(day: date, usual: Sequence[Batch]) -> Sequence[Batch]:
    if day in incidents.EMPTY_DATES:
        return ()
    if day == incidents.RECOVERED_DATE:
        return _late(usual)
    if day == incidents.BOTH_ORDERS_DATE:
        return [*usual, *(_reversed(batch) for batch in usual[: incidents.BOTH_ORDERS_GAMES])]
    if day == incidents.UNREADY_DATE:
        return _unready(usual)
    if day == incidents.OTHER_IDS_DATE:
        return [replace(batch, game_id=_espn_event_id(number)) for number, batch in enumerate(usual)]
    if day == incidents.THIN_DATE:
        return [replace(usual[0], rows=incidents.THIN_ROWS), *usual[1:]]
    return usual


def _late(usual: Sequence[Batch]) -> list[Batch]:
    """8 rows the evening before, all for the first tip-off; 144 in the end, the rest from 1 PM Pacific on.

    In which games the 8 stood is not on record. In one game, five of the six have no row at all; in none is there
    enough.
    """
    early_rows, rows = 8, 24
    first_game = min(incidents.RECOVERED_SLATE, key=lambda game: incidents.RECOVERED_SLATE[game])
    batches: list[Batch] = []
    for number, batch in enumerate(usual):
        late = replace(batch, rows=rows, written_at=utc_from_eastern(batch.game.day, time(16, 10 + 5 * number)))
        if batch.game == first_game:
            batches.append(replace(batch, rows=early_rows))
            late = replace(late, rows=rows - early_rows, first_player=early_rows)
        batches.append(late)
    return batches


def _reversed(batch: Batch) -> Batch:
    """The same rows under the other home/away order."""
    game = batch.game
    return replace(batch, game_id=Game(game.day, game.home, game.away).id)


def _unready(usual: Sequence[Batch]) -> list[Batch]:
    share, more = divmod(incidents.UNREADY_ROWS, len(usual))
    batches = [replace(batch, rows=(rows := share + (n < more)), unready=rows) for n, batch in enumerate(usual)]
    batches[0] = replace(batches[0], unready=batches[0].rows - incidents.READY_ROWS)
    return batches


def _espn_event_id(number: int) -> str:
    """ESPN's number for a game, which says neither its date nor its teams."""
    return f"{401810500 + number}"
