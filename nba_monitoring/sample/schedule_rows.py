"""Rows of the two schedule tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from nba_monitoring.core.eastern import eastern
from nba_monitoring.core.games import Game, SeasonType
from nba_monitoring.sample.games import Fate, SeasonGame, utc_from_eastern

Row = dict[str, Any]

_TEXTS = {1: "Scheduled", 3: "Final"}
_SCHEDULED, _FINAL = _TEXTS
_LOADED_AT = time(6)  # Eastern; results come the morning after

# Since this day a load rewrites a game's row; earlier loads were appended.
_MERGED_SINCE = date(2026, 1, 11)


def nbac_rows(games: Sequence[SeasonGame], rng: Random) -> Iterator[Row]:
    """One row per game and date, rewritten by every load of a file with the game; two for games before loads merged.

    A load gives every row of its file a new `processed_at`, changed or not. A postponed game, or a playoff game that
    was not needed, was last in the file of its own day.
    """
    last_load = max(entry.game.day for entry in games) + timedelta(days=1)
    for entry in games:
        day_after = entry.game.day + timedelta(days=1)
        is_merged = day_after >= _MERGED_SINCE
        if entry.fate is Fate.LEFT_SCHEDULED:
            yield _nbac_row(entry, _SCHEDULED, None, None, entry.game.day if is_merged else entry.listed_on)
            continue
        if not is_merged:
            yield _nbac_row(entry, _SCHEDULED, None, None, entry.listed_on)
        if entry.fate is Fate.PLAYED:
            away_score, home_score = _scores(entry, rng)
            yield _nbac_row(entry, _FINAL, away_score, home_score, last_load if is_merged else day_after)
        else:
            yield _nbac_row(entry, _FINAL, None, None, day_after)


def rows_of_season_under_way(games: Sequence[SeasonGame], last_load: date, rng: Random) -> Iterator[Row]:
    """One row per game, as after the morning's load of a date: results up to the day before."""
    for entry in games:
        if entry.game.day < last_load:
            away_score, home_score = _scores(entry, rng)
            yield _nbac_row(entry, _FINAL, away_score, home_score, last_load)
        else:
            yield _nbac_row(entry, _SCHEDULED, None, None, last_load)


def last_load_before(now: datetime) -> date:
    """The Eastern date of the newest load at an instant (UTC)."""
    local = eastern(now)
    return local.date() if local.time() >= _LOADED_AT else local.date() - timedelta(days=1)


def _scores(entry: SeasonGame, rng: Random) -> Sequence[int]:
    """Points of the away and the home team."""
    loser = rng.randint(88, 122)
    winner = loser + rng.randint(1, 24)
    if entry.winner is None:
        return rng.sample((loser, winner), 2)
    return (winner, loser) if entry.winner == entry.game.away else (loser, winner)


def _nbac_row(entry: SeasonGame, status: int, away_score: int | None, home_score: int | None, loaded_on: date) -> Row:
    game = entry.game
    loaded_at = utc_from_eastern(loaded_on, _LOADED_AT)
    return {
        "game_id": entry.league_id,
        "game_code": f"{game.day:%Y%m%d}/{game.away}{game.home}",
        "game_date": game.day,
        "game_date_est": utc_from_eastern(game.day, entry.tip),
        "game_status": status,
        "game_status_text": _TEXTS[status],
        "home_team_tricode": game.home,
        "away_team_tricode": game.away,
        "home_team_score": home_score,
        "away_team_score": away_score,
        "is_regular_season": entry.season_type is SeasonType.REGULAR_SEASON,
        "is_playoffs": entry.season_type is SeasonType.PLAYOFFS,
        "is_all_star": entry.season_type is SeasonType.ALL_STAR,
        "processed_at": loaded_at,
        "scrape_timestamp": loaded_at - timedelta(minutes=3),
    }


# The last scraped games: the finals of June 2025. Nothing was scraped in all of 2025-26.
_LAST_SCRAPED = (
    (Game(date(2025, 6, 5), "IND", "OKC"), 111, 110),
    (Game(date(2025, 6, 8), "IND", "OKC"), 107, 123),
    (Game(date(2025, 6, 11), "OKC", "IND"), 107, 116),
    (Game(date(2025, 6, 13), "OKC", "IND"), 111, 104),
    (Game(date(2025, 6, 16), "IND", "OKC"), 109, 120),
    (Game(date(2025, 6, 19), "OKC", "IND"), 91, 108),
    (Game(date(2025, 6, 22), "IND", "OKC"), 91, 103),
)
_NAMES = {"IND": "Indiana Pacers", "OKC": "Oklahoma City Thunder"}


def espn_rows() -> Iterator[Row]:
    """The stale scoreboard, which was written after games until June 2025."""
    for number, (game, away_score, home_score) in enumerate(_LAST_SCRAPED):
        scraped_at = utc_from_eastern(game.day + timedelta(days=1), _LOADED_AT)
        yield {
            "game_id": game.id,
            "espn_game_id": f"{401766100 + number}",
            "game_date": game.day,
            "season_year": 2024,
            "home_team_abbr": game.home,
            "away_team_abbr": game.away,
            "home_team_name": _NAMES[game.home],
            "away_team_name": _NAMES[game.away],
            "home_team_espn_abbr": game.home,
            "away_team_espn_abbr": game.away,
            "game_status": "final",
            "espn_state": "post",
            "is_completed": True,
            "scheduled_start_time": utc_from_eastern(game.day, time(20, 30)),
            "home_team_score": home_score,
            "away_team_score": away_score,
            "scrape_timestamp": scraped_at,
            "processed_at": scraped_at + timedelta(minutes=3),
        }
