"""`nba_raw.nbac_schedule`: the league's own schedule, loaded a season ahead.

It has regular-season, Cup, play-in and playoff games, never preseason or All-Star games.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from nba_monitoring.core.game_ids import LeagueId
from nba_monitoring.core.games import Game, GameState, SeasonType
from nba_monitoring.core.slate.sources import ListedGame, SourceKind
from nba_monitoring.warehouse.game_date_est import WrittenTip, true_instants
from nba_monitoring.warehouse.schedule_tables import Row, ScheduleTable, has_score, winner

# 4 and 9 have both been used for postponed games.
_STATES = {
    1: GameState.SCHEDULED,
    2: GameState.LIVE,
    3: GameState.FINAL,
    4: GameState.POSTPONED,
    9: GameState.POSTPONED,
}

# The text is derived from the number, unless someone set it by hand, which then counts.
_STATES_IN_TEXT = {
    "ppd": GameState.POSTPONED,
    "postponed": GameState.POSTPONED,
    "rescheduled": GameState.POSTPONED,
    "cancelled": GameState.CANCELLED,
    "canceled": GameState.CANCELLED,
}

_NEW_DATE_IN_TEXT = re.compile(r"rescheduled (?:to|for) ([a-z]{3})[a-z]*\.? (\d{1,2})", re.IGNORECASE)

_SEASON_TYPE_FLAGS = {
    "is_all_star": SeasonType.ALL_STAR,
    "is_playoffs": SeasonType.PLAYOFFS,
    "is_regular_season": SeasonType.REGULAR_SEASON,
}

_FIRST_MONTH_OF_A_SEASON = 8


def _listed(source: str, rows: Sequence[tuple[Game, Row]]) -> Iterator[ListedGame]:
    ids = [LeagueId.from_text((row["game_id"] or "").strip()) for _, row in rows]
    tips = true_instants(
        [
            WrittenTip(game.day, row["game_date_est"], row["processed_at"], _season(league_id, game.day))
            for league_id, (game, row) in zip(ids, rows, strict=True)
        ]
    )
    for league_id, tip_at, (game, row) in zip(ids, tips, rows, strict=True):
        text = row["game_status_text"] or ""
        moved_to = _new_date(game.day, text)
        state = _state(row["game_status"], "" if moved_to == game.day else text)
        yield ListedGame(
            source=source,
            game=game,
            state=state,
            season_type=_season_type(league_id, row),
            tip_at=tip_at,
            league_id=league_id.id if league_id else None,
            has_score=has_score(row),
            winner=winner(game, state, row),
            moved_to=None if moved_to == game.day else moved_to,
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
    named = next((state for word, state in _STATES_IN_TEXT.items() if word in text.lower()), None)
    return named or (GameState.UNKNOWN if status is None else _STATES.get(status, GameState.UNKNOWN))


def _new_date(day: date, text: str) -> date | None:
    """The date in a text such as 'Rescheduled to Mar 18', in the game's season; None if there is none."""
    named = _NEW_DATE_IN_TEXT.search(text)
    if named is None:
        return None
    try:
        # Parsed in a leap year, so that Feb 29 is not refused before the year is known.
        new = datetime.strptime(f"2000 {named[1]} {named[2]}", "%Y %b %d").date()  # noqa: DTZ007 a date has no zone
        return new.replace(year=_season(None, day) + (new.month < _FIRST_MONTH_OF_A_SEASON))
    except ValueError:
        return None


def _season(league_id: LeagueId | None, day: date) -> int:
    """The year in which the game's season starts."""
    if league_id is not None:
        return league_id.season
    return day.year if day.month >= _FIRST_MONTH_OF_A_SEASON else day.year - 1


def _season_type(league_id: LeagueId | None, row: Row) -> SeasonType | None:
    if league_id is not None:
        return league_id.season_type
    return next((season_type for flag, season_type in _SEASON_TYPE_FLAGS.items() if row[flag]), None)
