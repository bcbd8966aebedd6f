"""The rows of the two schedule tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from nba_monitoring.core.games import Game, SeasonType
from nba_monitoring.sample.games import Fate, SeasonGame, utc_from_eastern

Row = dict[str, Any]

_SCHEDULED, _FINAL = 1, 3
_LOADED_AT = time(6)  # Eastern; results come the morning after


def nbac_rows(games: Iterable[SeasonGame], rng: Random) -> Iterator[Row]:
    """One row when a game was listed and, as the table is append-only, another when it was over."""
    for entry in games:
        yield _nbac_row(entry, _SCHEDULED, f"{_clock(entry.tip)} ET", None, None)
        if entry.fate is Fate.PLAYED:
            loser = rng.randint(88, 122)
            scores = rng.sample((loser, loser + rng.randint(1, 24)), 2)
            yield _nbac_row(entry, _FINAL, "Final", *scores)
        elif entry.fate is Fate.FINAL_WITHOUT_SCORE:
            yield _nbac_row(entry, _FINAL, "Final", None, None)


def _clock(tip: time) -> str:
    """As the league writes it: no game tips off before noon."""
    return f"{tip.hour % 12 or 12}:{tip.minute:02} pm"


def _nbac_row(entry: SeasonGame, status: int, status_text: str, away_score: int | None, home_score: int | None) -> Row:
    game = entry.game
    loaded_on = entry.listed_on if status == _SCHEDULED else game.day + timedelta(days=1)
    loaded_at = utc_from_eastern(loaded_on, _LOADED_AT)
    return {
        "game_id": entry.league_id,
        "game_code": f"{game.day:%Y%m%d}/{game.away}{game.home}",
        "game_date": game.day,
        "game_date_est": datetime.combine(game.day, entry.tip),
        "game_status": status,
        "game_status_text": status_text,
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


# The last that was ever scraped: the finals of June 2025. Nothing followed in all of 2025-26.
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
    """The stale scoreboard: written after games ended, until it was not any more."""
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
