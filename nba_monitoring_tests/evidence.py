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
    """The folder named by NBA_MONITORING_EVIDENCE; the calling test is skipped if it is unset."""
    named = os.environ.get("NBA_MONITORING_EVIDENCE")
    if not named:
        pytest.skip("NBA_MONITORING_EVIDENCE is not set: it names the folder of real records to test against")
    folder = Path(named)
    assert folder.is_dir(), f"NBA_MONITORING_EVIDENCE={named}: not a folder"
    return folder


def fill_from_evidence(target: Any) -> None:
    """Fill two of the platform's tables with the season 2024-25 as it stood after it: `nbac_schedule` as the
    platform's own writer writes it, and `player_composite_factors` from the rows counted on each date, spread evenly.
    """
    schedule = season_as_written()
    insert(target, "nba_raw.nbac_schedule", schedule)
    insert(target, "nba_precompute.player_composite_factors", factors_of(schedule))


def season_as_written() -> list[Row]:
    """The rows of `nbac_schedule`, all games final; made-up scores, each series won in its last game."""
    rng = Random(2024)  # noqa: S311 made-up scores, the same every time
    written = list(_read(evidence_folder() / "nbac_schedule_as_written_2024_25.csv"))
    winners = _series_winners(written)
    rows = []
    for row in written:
        tip = datetime.fromisoformat(row["game_date_est"])
        away, home = row["away_team_tricode"], row["home_team_tricode"]
        scores = rng.sample(range(85, 140), 2)
        if (winner := winners.get(row["game_id"])) is not None:
            scores.sort(reverse=winner == away)
        game = nbac_row(
            date.fromisoformat(row["game_date"]),
            away,
            home,
            game_id=row["game_id"],
            status=3,
            tip=tip.astimezone(EASTERN).time(),
            score=(scores[0], scores[1]),
        )
        assert game["game_date_est"] == tip
        rows.append(game)
    return rows


def _series_winners(written: list[dict[str, str]]) -> dict[str, str]:
    """Who won each playoff game: the winner of the last game its last four, the other side those before."""
    series: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    for row in written:
        if row["game_id"].startswith("004"):
            series[row["game_id"][:9]].append(row)
    winners: dict[str, str] = {}
    for games in series.values():
        sides = games[0]["home_team_tricode"], games[0]["away_team_tricode"]
        for nth, row in enumerate(sorted(games, key=lambda row: row["game_id"])):
            winners[row["game_id"]] = sides[nth < len(games) - 4]
    return winners


def factors_of(schedule: list[Row]) -> list[Row]:
    """The rows of `player_composite_factors` of 2024-25."""
    return list(_factors(evidence_folder(), schedule))


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
