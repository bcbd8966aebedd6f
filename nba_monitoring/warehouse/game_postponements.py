"""`nba_orchestration.game_postponements`: the platform's record of postponed games, often empty or missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from nba_monitoring.core.game_ids import LeagueId, game_named, parse_game_id
from nba_monitoring.core.games import Game, GameState
from nba_monitoring.core.slate.sources import ListedGame, SourceKind, SourceReport
from nba_monitoring.warehouse.engines import Engine, WarehouseError, statement
from nba_monitoring.warehouse.schedule_tables import AROUND
from nba_monitoring.warehouse.tables import Table

GAME_POSTPONEMENTS = Table(
    name="nba_orchestration.game_postponements",
    partition="original_date",
    columns={"game_id": "STRING", "original_date": "DATE", "new_date": "DATE", "reason": "STRING"},
)


def postponement_report(engine: Engine, first: date, last: date, league: SourceReport) -> SourceReport | None:
    """The postponed games around the dates; None if the table does not exist.

    `league` is the report of the league's schedule, which resolves ten-digit ids. If the table can't be read, the
    report has the error.
    """
    try:
        if not engine.columns(GAME_POSTPONEMENTS):
            return None
        query = statement("game_postponements", GAME_POSTPONEMENTS.name)
        rows = engine.read(query, {"first": first - AROUND, "last": last + AROUND})
    except WarehouseError as error:
        return SourceReport(GAME_POSTPONEMENTS.name, SourceKind.POSTPONEMENTS, error=str(error))
    return _report(rows, league)


def _report(rows: Iterable[dict[str, Any]], league: SourceReport) -> SourceReport:
    by_id = {entry.league_id: entry.game for entry in league.listed if entry.league_id}
    pairs = {entry.game.key[1] for entry in league.listed}
    listed: list[ListedGame] = []
    problems: defaultdict[date, tuple[str, ...]] = defaultdict(tuple)
    for row in rows:
        day, moved_to = row["original_date"], row["new_date"]
        if moved_to == day:  # to another hour of the same date
            continue
        named = parse_game_id(row["game_id"])
        league_id = named if isinstance(named, LeagueId) else None
        game = game_named(row["game_id"]) if league_id is None else by_id.get(league_id.id)
        # A team that nobody knows is one if the league has the same two teams.
        if game is not None and (isinstance(named, Game) or game.key[1] in pairs):
            listed.append(
                ListedGame(
                    source=GAME_POSTPONEMENTS.name,
                    game=Game(day, game.away, game.home),
                    state=GameState.POSTPONED,
                    season_type=None if league_id is None else league_id.season_type,
                    league_id=None if league_id is None else league_id.id,
                    moved_to=moved_to,
                )
            )
        else:
            problems[day] += (f"{GAME_POSTPONEMENTS.name}: game_id {row['game_id']!r} is not a listed game",)
    return SourceReport(
        source=GAME_POSTPONEMENTS.name,
        kind=SourceKind.POSTPONEMENTS,
        listed=tuple(listed),
        problems={day: tuple(sorted(sentences)) for day, sentences in problems.items()},
    )
