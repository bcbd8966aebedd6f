"""`nba_raw.nbac_schedule`: the league's own schedule, loaded a season ahead."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import Any

from nba_monitoring.core.eastern import EASTERN
from nba_monitoring.core.game_ids import LeagueId
from nba_monitoring.core.games import Game, GameState, SeasonType
from nba_monitoring.core.slate.sources import ListedGame, SourceKind
from nba_monitoring.warehouse.schedule_tables import ScheduleTable, has_score

_STATES = {1: GameState.SCHEDULED, 2: GameState.LIVE, 3: GameState.FINAL}

# The league has no status number for these; where its text names them, it is believed.
_STATES_IN_TEXT = {
    "ppd": GameState.POSTPONED,
    "postponed": GameState.POSTPONED,
    "cancelled": GameState.CANCELLED,
    "canceled": GameState.CANCELLED,
}

_SEASON_TYPE_FLAGS = {
    "is_all_star": SeasonType.ALL_STAR,
    "is_playoffs": SeasonType.PLAYOFFS,
    "is_regular_season": SeasonType.REGULAR_SEASON,
}

_CLOCK_IN_TEXT = re.compile(r"(\d{1,2}):(\d{2}) ([ap])m ET", re.IGNORECASE)


def _listed(source: str, game: Game, row: dict[str, Any]) -> ListedGame:
    league_id = LeagueId.from_text((row["game_id"] or "").strip())
    return ListedGame(
        source=source,
        game=game,
        state=_state(row["game_status"], row["game_status_text"] or ""),
        season_type=_season_type(league_id, row),
        tip_at=_tip_at(game.day, row["game_date_est"], row["game_status_text"] or ""),
        league_id=league_id.id if league_id else None,
        has_score=has_score(row),
        first_seen_at=row["first_seen_at"],
        seen_at=row["seen_at"],
    )


LEAGUE_SCHEDULE = ScheduleTable(
    name="nba_raw.nbac_schedule",
    kind=SourceKind.LEAGUE_SCHEDULE,
    query="league_schedule",
    team_columns=("away_team_tricode", "home_team_tricode"),
    id_columns=("game_code", "game_id"),
    listed=_listed,
)


def _state(status: int | None, text: str) -> GameState:
    said = next((state for word, state in _STATES_IN_TEXT.items() if word in text.lower()), None)
    return said or (GameState.UNKNOWN if status is None else _STATES.get(status, GameState.UNKNOWN))


def _season_type(league_id: LeagueId | None, row: dict[str, Any]) -> SeasonType | None:
    if league_id is not None:
        return league_id.season_type
    return next((season_type for flag, season_type in _SEASON_TYPE_FLAGS.items() if row[flag]), None)


def _tip_at(day: date, est: datetime | None, text: str) -> datetime | None:
    """The tip-off in UTC: by the clock in the text of a game to come, which says its zone, or else by `game_date_est`.

    That column is the Eastern clock under a false Z, and midnight where none was set. Where it falls on another date
    than the game's, it can only be a true instant: an evening's tip-off is after midnight in UTC.
    """
    clock = _CLOCK_IN_TEXT.search(text)
    if clock is not None:
        hour = int(clock[1]) % 12 + (12 if clock[3].lower() == "p" else 0)
        return datetime.combine(day, time(hour, int(clock[2])), EASTERN).astimezone(UTC)
    if est is None or est.date() != day:
        return est
    return None if est.time() == time() else est.replace(tzinfo=EASTERN).astimezone(UTC)
