"""The real records to test against, which are not part of the project."""

from __future__ import annotations

import csv
import os
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from nba_monitoring.core.eastern import EASTERN
from nba_monitoring.core.game_ids import LeagueId
from nba_monitoring.core.games import COUNTED_SEASON_TYPES, Game
from nba_monitoring_tests.platform_tables import Row, factor_rows, insert, nbac_row

FIRST_DATE, LAST_DATE = date(2024, 10, 22), date(2025, 6, 22)
EXPECTED_GAMES, DATES_WITH_GAMES = 1320, 213


def evidence_folder() -> Path:
    """The folder that NBA_MONITORING_EVIDENCE names; the calling test is skipped where it is unset."""
    named = os.environ.get("NBA_MONITORING_EVIDENCE")
    if not named:
        pytest.skip("NBA_MONITORING_EVIDENCE is not set: it names the folder of real records to test against")
    folder = Path(named)
    assert folder.is_dir(), f"NBA_MONITORING_EVIDENCE={named}: not a folder"
    return folder


def fill_from_evidence(target: Any) -> None:
    """Add the season 2024-25 to two of the platform's tables: `nbac_schedule` from the league's schedule, with
    made-up scores, and `player_composite_factors` from the rows counted on each date, spread evenly.
    """
    folder = evidence_folder()
    schedule = list(_schedule(folder / "nba_schedule_2024_25.csv"))
    insert(target, "nba_raw.nbac_schedule", schedule)
    insert(target, "nba_precompute.player_composite_factors", list(_factors(folder, schedule)))


def _schedule(path: Path) -> Iterator[Row]:
    rng = Random(2024)  # noqa: S311 made-up scores, the same every time
    for row in _read(path):
        tip = datetime.fromisoformat(row["tip_utc"]).astimezone(EASTERN)
        assert row["game_date"] == tip.date().isoformat()
        away_score, home_score = rng.sample(range(85, 140), 2)
        yield nbac_row(
            tip.date(),
            row["away"],
            row["home"],
            game_id=row["game_id"],
            status=int(row["game_status"]),
            tip=tip.time(),
            score=(away_score, home_score),
        )


def _factors(folder: Path, schedule: list[Row]) -> Iterator[Row]:
    games: defaultdict[date, list[str]] = defaultdict(list)
    for row in schedule:
        league_id = LeagueId.from_text(row["game_id"])
        if league_id is not None and league_id.season_type in COUNTED_SEASON_TYPES:
            game = Game(row["game_date"], row["away_team_tricode"], row["home_team_tricode"])
            games[game.day].append(game.id)
    for counted in _read(folder / "platform_rows_2024_25.csv"):
        day = date.fromisoformat(counted["game_date"])
        assert len(games[day]) == int(counted["scheduled_games"])
        share, more = divmod(int(counted["player_composite_factors"]), len(games[day]))
        for nth, game_id in enumerate(games[day]):
            yield from factor_rows(day, game_id, share + (nth < more))


def _read(path: Path) -> Iterator[dict[str, str]]:
    with path.open(newline="") as file:
        yield from csv.DictReader(file)
