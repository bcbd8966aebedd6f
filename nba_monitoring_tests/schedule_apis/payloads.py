"""Answers of the services in miniature, with the fields that are read and a few that are not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from nba_monitoring.http import HttpPolicy

QUICK = HttpPolicy(timeout=5, budget=20, backoff=0, longest_wait=1, redirects=3)
# For a server that is slow on purpose: to be given up soon.
HASTY = replace(QUICK, timeout=0.2, budget=0.5)


def espn_event(
    starts_at: str = "2026-01-18T17:00Z",
    away: str = "ORL",
    home: str = "MEM",
    status: str = "STATUS_SCHEDULED",
    *,
    season_type: int = 2,
    kind: str = "STD",
    time_valid: bool = True,
    note: str | None = None,
    score: str = "0",
) -> dict[str, Any]:
    competition = {
        "id": "401",
        "type": {"id": "1", "abbreviation": kind},
        "timeValid": time_valid,
        "competitors": [
            {"homeAway": "home", "team": {"abbreviation": home}, "score": score},
            {"homeAway": "away", "team": {"abbreviation": away}, "score": score},
        ],
        "notes": [] if note is None else [{"type": "event", "headline": note}],
        "status": {"type": {"name": status, "state": "pre"}},
    }
    return {"date": starts_at, "season": {"year": 2026, "type": season_type}, "competitions": [competition]}


def espn_calendar(*days: str, first: str = "2025-10-01T07:00Z", last: str = "2026-06-28T06:59Z") -> dict[str, Any]:
    return {
        "calendarType": "day",
        "calendarIsWhitelist": True,
        "calendarStartDate": first,
        "calendarEndDate": last,
        "calendar": list(days),
    }


def espn_board(*events: dict[str, Any], league: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"leagues": [{"id": "46", **(league or {})}], "events": list(events)}


def bdl_game(
    status: str = "2026-01-18T17:00:00Z",
    away: str = "ORL",
    home: str = "MEM",
    *,
    day: str = "2026-01-18",
    tip_at: str | None = "2026-01-18T17:00:00.000Z",
    postseason: bool = False,
    score: int = 0,
) -> dict[str, Any]:
    return {
        "id": 1,
        "date": day,
        "status": status,
        "datetime": tip_at,
        "postseason": postseason,
        "home_team": {"abbreviation": home},
        "visitor_team": {"abbreviation": away},
        "home_team_score": score,
        "visitor_team_score": score,
    }


def bdl_page(*games: dict[str, Any], next_cursor: int | None = None) -> dict[str, Any]:
    meta = {"per_page": 100} if next_cursor is None else {"per_page": 100, "next_cursor": next_cursor}
    return {"data": list(games), "meta": meta}
