"""Which games the rows of a phase belong to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime

from nba_monitoring.core.game_ids import LeagueId, UnreadableId, parse_game_id
from nba_monitoring.core.games import Game, GameKey
from nba_monitoring.core.stages import StageRows


@dataclass(frozen=True, slots=True)
class GameRows:
    """The rows found for one game. `ids` are the spellings they stood under, more than one being a warning.

    Counts are those of the fullest id, not the sum: on 2026-01-27 three games stood in one table under both
    home/away orders, and the same players twice are not twice as many.
    """

    rows: int
    usable_rows: int
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnmatchedRows:
    """Rows that belong to no game, under which id and why."""

    game_id: str
    rows: int
    reason: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a phase holds for one date: rows by game, the rows that name no game, and the last write (UTC)."""

    day: date
    games: Mapping[GameKey, GameRows]
    matchups: Mapping[GameKey, Game]
    unmatched: tuple[UnmatchedRows, ...]
    written_at: datetime | None

    @property
    def total_rows(self) -> int:
        """The rows of the date, matched or not; of a game under several ids the fullest."""
        return sum(rows.rows for rows in self.games.values()) + sum(rows.rows for rows in self.unmatched)


def cover(day: date, held: Iterable[StageRows], league_games: Mapping[str, Set[Game]]) -> Coverage:
    """Sort a date's rows by game.

    `league_games` says which games each ten-digit league id has been listed as (one id can have had two dates).
    """
    by_game: defaultdict[GameKey, list[StageRows]] = defaultdict(list)
    matchups: dict[GameKey, Game] = {}
    unmatched: list[UnmatchedRows] = []
    written: list[datetime] = []
    for rows in held:
        if rows.written_at is not None:
            written.append(rows.written_at)
        found = _game_on(day, rows.game_id, league_games)
        if isinstance(found, Game):
            key = found.key
            by_game[key].append(rows)
            if key not in matchups or found < matchups[key]:
                matchups[key] = found
        else:
            unmatched.append(UnmatchedRows(found.id, rows.rows, found.reason))
    return Coverage(
        day=day,
        games={key: _fullest(entries) for key, entries in by_game.items()},
        matchups=matchups,
        unmatched=tuple(sorted(unmatched, key=lambda rows: rows.game_id)),
        written_at=max(written, default=None),
    )


def _game_on(day: date, game_id: str | None, league_games: Mapping[str, Set[Game]]) -> Game | UnreadableId:
    parsed = parse_game_id(game_id)
    if isinstance(parsed, UnreadableId):
        return parsed
    if isinstance(parsed, Game):
        if parsed.day == day:
            return parsed
        return UnreadableId(game_id or "", f"the id says {parsed.day}, the row's game_date says {day}")
    return _league_game_on(day, parsed, league_games.get(parsed.id, frozenset()))


def _league_game_on(day: date, league_id: LeagueId, listed: Set[Game]) -> Game | UnreadableId:
    if not listed:
        return UnreadableId(league_id.id, "a league id that no schedule source lists")
    games = sorted(listed)
    for game in games:
        if game.day == day:
            return game
    days = ", ".join(game.day.isoformat() for game in games)
    return UnreadableId(league_id.id, f"a league id listed for {days}, not for {day}")


def _fullest(entries: Sequence[StageRows]) -> GameRows:
    fullest = max(entries, key=lambda rows: (rows.usable_rows, rows.rows))
    return GameRows(
        rows=fullest.rows,
        usable_rows=fullest.usable_rows,
        ids=tuple(sorted(rows.game_id or "" for rows in entries)),
    )
