"""`nba_raw.espn_scoreboard`: written after games end, and once stale for a whole season."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nba_monitoring.core.games import Game, GameState
from nba_monitoring.core.slate.sources import ListedGame, SourceKind
from nba_monitoring.warehouse.schedule_tables import Row, ScheduleTable, has_score, winner

_STATES = {
    "scheduled": GameState.SCHEDULED,
    "in progress": GameState.LIVE,
    "in": GameState.LIVE,
    "halftime": GameState.LIVE,
    "end of period": GameState.LIVE,
    "live": GameState.LIVE,
    "final": GameState.FINAL,
    "postponed": GameState.POSTPONED,
    "canceled": GameState.CANCELLED,
    "cancelled": GameState.CANCELLED,
}

# Only for rows without a status, because a postponed game is "post" too.
_STATES_OF_ESPN_STATE = {"pre": GameState.SCHEDULED, "in": GameState.LIVE}


def _listed(source: str, rows: Iterable[tuple[Game, Row]]) -> Iterator[ListedGame]:
    for game, row in rows:
        state = _state(row)
        yield ListedGame(
            source=source,
            game=game,
            state=state,
            tip_at=row["scheduled_start_time"],
            has_score=has_score(row),
            winner=winner(game, state, row),
        )


ESPN_SCOREBOARD = ScheduleTable(
    name="nba_raw.espn_scoreboard",
    kind=SourceKind.RESULTS_TABLE,
    query="espn_scoreboard",
    team_columns=("away_team_abbr", "home_team_abbr"),
    id_columns=("game_id",),
    listed=_listed,
)


def _state(row: Row) -> GameState:
    status = (row["game_status"] or "").strip().removeprefix("status_").replace("_", " ")
    if status:
        return _STATES.get(status.partition("/")[0], GameState.UNKNOWN)  # "final/ot" is final
    if row["is_completed"]:
        return GameState.FINAL
    return _STATES_OF_ESPN_STATE.get(row["espn_state"], GameState.UNKNOWN)
