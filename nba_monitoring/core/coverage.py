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

    A player counts once, under however many ids: on 2026-01-27 three games stood in one table under both home/away
    orders, and the same 24 players twice are not 48, while 9 under each of two ids can be 18. `rows` leaves out what
    repeats a player under another id; `repeats` of them repeat one under the same id, or name none.
    """

    rows: int
    usable_players: int
    ids: tuple[str, ...]
    repeats: int = 0
    placeholders: int = 0

    @property
    def players(self) -> int:
        """Distinct players of all rows, usable or not."""
        return self.rows - self.repeats


@dataclass(frozen=True, slots=True)
class Players:
    """The distinct players of one game over all its ids."""

    players: int
    usable_players: int


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
        """The rows of the date, matched or not, without those that repeat a player under another id of the game."""
        return sum(rows.rows for rows in self.games.values()) + sum(rows.rows for rows in self.unmatched)


def cover(
    day: date,
    held: Iterable[StageRows],
    league_games: Mapping[str, Set[Game]],
    over_ids: Mapping[GameKey, Players] | None = None,
) -> Coverage:
    """Sort a date's rows by game.

    `league_games` says which games each ten-digit league id has been listed as (one id can have had two dates).
    `over_ids` counts the players of the games that `under_several_ids` finds; of one that it leaves out, the fullest
    id counts, since there are at least as many.
    """
    rows = tuple(held)
    by_game, unmatched = _by_game(day, rows, league_games)
    return Coverage(
        day=day,
        games={
            key: _together([rows for _, rows in entries], (over_ids or {}).get(key)) for key, entries in by_game.items()
        },
        matchups={key: min(game for game, _ in entries) for key, entries in by_game.items()},
        unmatched=unmatched,
        written_at=max((entry.written_at for entry in rows if entry.written_at is not None), default=None),
    )


def under_several_ids(
    day: date, held: Iterable[StageRows], league_games: Mapping[str, Set[Game]]
) -> Mapping[GameKey, tuple[str, ...]]:
    """The games whose rows stand under more than one id, with the ids: their players can't be told from counts."""
    by_game, _ = _by_game(day, held, league_games)
    return {key: _ids(rows for _, rows in entries) for key, entries in by_game.items() if len(entries) > 1}


def _by_game(
    day: date, held: Iterable[StageRows], league_games: Mapping[str, Set[Game]]
) -> tuple[Mapping[GameKey, Sequence[tuple[Game, StageRows]]], tuple[UnmatchedRows, ...]]:
    by_game: defaultdict[GameKey, list[tuple[Game, StageRows]]] = defaultdict(list)
    unmatched: list[UnmatchedRows] = []
    for rows in held:
        found = _game_on(day, rows.game_id, league_games)
        if isinstance(found, Game):
            by_game[found.key].append((found, rows))
        else:
            unmatched.append(UnmatchedRows(found.id, rows.rows, found.reason))
    return by_game, tuple(sorted(unmatched, key=lambda rows: rows.game_id))


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


def _together(entries: Sequence[StageRows], over_ids: Players | None) -> GameRows:
    fullest = Players(max(rows.players for rows in entries), max(rows.usable_players for rows in entries))
    distinct = over_ids or fullest
    repeats = sum(rows.repeats for rows in entries)
    return GameRows(
        rows=distinct.players + repeats,
        usable_players=distinct.usable_players,
        ids=_ids(entries),
        repeats=repeats,
        placeholders=sum(rows.placeholders for rows in entries),
    )


def _ids(entries: Iterable[StageRows]) -> tuple[str, ...]:
    return tuple(sorted(rows.game_id or "" for rows in entries))
