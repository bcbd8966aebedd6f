"""Which games, or other units, a stage's rows belong to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain

from nba_monitoring.core.counting import AS_OF, ROWS, WHOLE_DATE, Counting, Measure, Measured, Unit
from nba_monitoring.core.game_ids import LeagueId, UnreadableId, parse_game_id
from nba_monitoring.core.games import Game, GameKey
from nba_monitoring.core.teams import is_known, team_of

# A game by its date and teams, a team by its tricode, or the whole date.
UnitKey = GameKey | str


@dataclass(frozen=True, slots=True)
class StageRows:
    """The rows in a stage's table with one unit's name on one date, counted in the warehouse."""

    day: date
    unit: str | None  # a game id or team; None if the rows name none, or the whole date is counted
    rows: int
    keys: int  # distinct keys (players, for most) of all rows
    usable_keys: int  # distinct, of the usable rows
    written_at: datetime | None  # UTC; by the time of the check
    placeholders: int = 0  # early-season rows without a value
    changed: int = 0  # rows that were changed after the check, so that what they held then is unknown


@dataclass(frozen=True, slots=True)
class UnitRows:
    """The rows found for one unit. A key counts once, under any number of ids.

    On 2026-01-27 one table had three games under both home/away orders. The same 24 players twice are not 48, but 9
    under each of two ids can be 18.
    """

    rows: int  # without those that repeat a key under another id
    usable_keys: int
    ids: tuple[str, ...]  # the ids in the table; more than one is a warning
    repeats: int = 0  # of `rows`: those that repeat a key under the same id, or have none
    placeholders: int = 0
    changed: int = 0  # after the check

    @property
    def keys(self) -> int:
        """Distinct keys of all rows, usable or not."""
        return self.rows - self.repeats


@dataclass(frozen=True, slots=True)
class Keys:
    """The distinct keys of one game over all its ids."""

    keys: int
    usable_keys: int


@dataclass(frozen=True, slots=True)
class UnmatchedRows:
    """Rows that belong to no unit: their id, and why."""

    game_id: str
    rows: int
    reason: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """A stage's rows for one date, by unit."""

    day: date
    units: Mapping[UnitKey, UnitRows]
    matchups: Mapping[UnitKey, Game]
    unmatched: tuple[UnmatchedRows, ...]  # rows that name no unit
    written_at: datetime | None  # the last write (UTC)
    unreadable: str | None = None  # why the table could not be read; then there are no rows here
    changed: int = 0  # rows that were changed after the check

    @classmethod
    def not_read(cls, day: date, why: str) -> Coverage:
        """The coverage of a stage whose table could not be read."""
        return cls(day, {}, {}, (), None, why)

    @property
    def holds_nothing(self) -> bool:
        """Whether the table could be read and has no row for the date."""
        return self.unreadable is None and not self.total_rows

    @property
    def total_rows(self) -> int:
        """The rows of the date, matched or not, without those that repeat a key under another id of the game."""
        return sum(rows.rows for rows in self.units.values()) + sum(rows.rows for rows in self.unmatched)


def counts(stage: Counting) -> Sequence[Measure]:
    """The measures of each unit that `stage_rows` reads."""
    return (
        ROWS,
        Measure(f"COUNT(DISTINCT {stage.key})"),
        Measure(f"COUNT(DISTINCT CASE WHEN {stage.usable_sql} THEN {stage.key} END)"),
        Measure(f"SUM(CASE WHEN {stage.placeholder_sql} THEN 1 ELSE 0 END)"),
        *_written(stage),
    )


def _written(stage: Counting) -> tuple[Measure, Measure]:
    """The last write by the time of the check, and how many rows were changed later."""
    is_later = f"{stage.written_sql} > {AS_OF}"
    written = stage.written_sql
    if stage.first_written is not None:
        written = f"CASE WHEN {is_later} THEN {stage.first_written_sql} ELSE {written} END"
    return Measure(f"MAX({written})"), Measure(f"SUM(CASE WHEN {is_later} THEN 1 ELSE 0 END)")


def stage_rows(stage: Counting, measured: Measured, days: Iterable[date]) -> Mapping[date, Sequence[StageRows]]:
    """What was measured of the stage's units on each date."""
    rows, keys, usable_keys, placeholders, written, changed = counts(stage)
    return {
        day: [
            StageRows(
                day=day,
                unit=unit,
                rows=values[rows],
                keys=values[keys],
                usable_keys=values[usable_keys],
                written_at=values[written],
                placeholders=values[placeholders] or 0,
                changed=values[changed] or 0,
            )
            for unit, values in measured.on(day, stage.grouping).items()
        ]
        for day in days
    }


def cover(
    stage: Counting,
    day: date,
    held: Iterable[StageRows],
    league_games: Mapping[str, Set[Game]],
    over_ids: Mapping[GameKey, Keys] | None = None,
) -> Coverage:
    """Sort a date's rows by the stage's units.

    `league_games` has the games by each id that only a schedule can explain: the league's ten digits (one id can have
    had two dates), and those with a team that nobody knows. `over_ids` counts the keys of the games that
    `under_several_ids` finds. For a game that it lacks, the id with the most keys counts, since there are at least that
    many.
    """
    rows = tuple(held)
    matchups: Mapping[UnitKey, Game] = {}
    if stage.unit is Unit.GAME:
        by_game, unmatched = _by_game(day, rows, league_games)
        units: dict[UnitKey, UnitRows] = {
            key: _together([rows for _, rows in entries], (over_ids or {}).get(key)) for key, entries in by_game.items()
        }
        matchups = {key: min(game for game, _ in entries) for key, entries in by_game.items()}
    elif stage.unit is Unit.TEAM:
        by_team, unmatched = _by_team(day, rows, league_games)
        units = {team: _together(entries, None) for team, entries in by_team.items()}
    else:
        units, unmatched = {WHOLE_DATE: _together(rows, None)} if rows else {}, ()
    return Coverage(
        day=day,
        units=units,
        matchups=matchups,
        unmatched=unmatched,
        written_at=max((entry.written_at for entry in rows if entry.written_at is not None), default=None),
        changed=sum(entry.changed for entry in rows),
    )


def under_several_ids(
    day: date, held: Iterable[StageRows], league_games: Mapping[str, Set[Game]]
) -> Mapping[GameKey, tuple[str, ...]]:
    """The games with rows under more than one id, with the ids. Counts can't show their number of distinct players."""
    by_game, _ = _by_game(day, held, league_games)
    return {key: _ids(rows for _, rows in entries) for key, entries in by_game.items() if len(entries) > 1}


def several_ids(
    stage: Counting, held: Mapping[date, Iterable[StageRows]], league_games: Mapping[str, Set[Game]]
) -> Mapping[GameKey, tuple[str, ...]]:
    """The same for all dates of a stage that is counted by game; empty for other stages."""
    found: dict[GameKey, tuple[str, ...]] = {}
    if stage.unit is Unit.GAME:
        for day, rows in held.items():
            found.update(under_several_ids(day, rows, league_games))
    return found


def _by_game(
    day: date, held: Iterable[StageRows], league_games: Mapping[str, Set[Game]]
) -> tuple[Mapping[GameKey, Sequence[tuple[Game, StageRows]]], tuple[UnmatchedRows, ...]]:
    by_game: defaultdict[GameKey, list[tuple[Game, StageRows]]] = defaultdict(list)
    unmatched: list[UnmatchedRows] = []
    for rows in held:
        found = game_on(day, rows.unit, league_games)
        if isinstance(found, Game):
            by_game[found.key].append((found, rows))
        else:
            unmatched.append(UnmatchedRows(found.id, rows.rows, found.reason))
    return by_game, tuple(sorted(unmatched, key=lambda rows: rows.game_id))


def _by_team(
    day: date, held: Iterable[StageRows], league_games: Mapping[str, Set[Game]]
) -> tuple[Mapping[str, Sequence[StageRows]], tuple[UnmatchedRows, ...]]:
    by_team: defaultdict[str, list[StageRows]] = defaultdict(list)
    unmatched: list[UnmatchedRows] = []
    for rows in held:
        team = team_of(rows.unit or "")
        if is_known(team) or any(game.day == day and team in game.key[1] for game in chain(*league_games.values())):
            by_team[team].append(rows)
        else:
            reason = f"{rows.unit!r} is not a team of the league" if rows.unit else "without a team"
            unmatched.append(UnmatchedRows(rows.unit or "(null)", rows.rows, reason))
    return by_team, tuple(sorted(unmatched, key=lambda rows: rows.game_id))


def game_on(day: date, game_id: str | None, league_games: Mapping[str, Set[Game]]) -> Game | UnreadableId:
    """The game that an id in any known form names in a row of a date, or why it names none."""
    parsed = parse_game_id(game_id)
    if isinstance(parsed, UnreadableId):
        if parsed.spelled is None or not league_games.get(parsed.spelled.id):
            return parsed
        parsed = parsed.spelled
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


def _together(entries: Sequence[StageRows], over_ids: Keys | None) -> UnitRows:
    if len(entries) == 1:
        # Nearly every unit has one id, whose keys need not be counted over several.
        (only,) = entries
        repeats = only.rows - only.keys
        return UnitRows(only.rows, only.usable_keys, _ids(entries), repeats, only.placeholders, only.changed)
    fullest = Keys(max(rows.keys for rows in entries), max(rows.usable_keys for rows in entries))
    distinct = over_ids or fullest
    repeats = sum(rows.rows - rows.keys for rows in entries)
    return UnitRows(
        rows=distinct.keys + repeats,
        usable_keys=distinct.usable_keys,
        ids=_ids(entries),
        repeats=repeats,
        placeholders=sum(rows.placeholders for rows in entries),
        changed=sum(rows.changed for rows in entries),
    )


def _ids(entries: Iterable[StageRows]) -> tuple[str, ...]:
    return tuple(sorted(rows.unit or "" for rows in entries))
