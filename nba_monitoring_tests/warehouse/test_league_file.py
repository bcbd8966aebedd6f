"""The league's own schedule file, written as the platform writes it, without preseason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import duckdb

from nba_monitoring.core.games import GameState, SeasonType
from nba_monitoring.core.slate.exclusions import Reason
from nba_monitoring.core.slate.slate import build_slates
from nba_monitoring.warehouse import Warehouse
from nba_monitoring.warehouse.engines.duckdb import DuckDBEngine
from nba_monitoring_tests.evidence import evidence_folder
from nba_monitoring_tests.platform_tables import create_platform_tables, insert, nbac_row


def league_file() -> Iterator[dict[str, Any]]:
    """The games of the file: ten dates of preseason, all still to come."""
    text = (evidence_folder() / "nba_schedule_v2_2025_26_excerpt.json").read_text(encoding="utf-8")
    for day in json.loads(text)["leagueSchedule"]["gameDates"]:
        yield from day["games"]


def as_row(game: dict[str, Any]) -> dict[str, Any]:
    day = datetime.strptime(game["gameDateEst"], "%Y-%m-%dT%H:%M:%S%z").date()
    return nbac_row(
        day,
        game["awayTeam"]["teamTricode"],
        game["homeTeam"]["teamTricode"],
        game_id=game["gameId"],
        status=game["gameStatus"],
        game_code=game["gameCode"],
        game_date_est=datetime.fromisoformat(game["gameDateTimeUTC"]),
    )


def test_the_leagues_file_is_read_whole_with_tip_offs_as_true_instants() -> None:
    games = list(league_file())
    with duckdb.connect() as connection:
        create_platform_tables(connection)
        insert(connection, "nba_raw.nbac_schedule", map(as_row, games))
        days = sorted({as_row(game)["game_date"] for game in games})
        league = Warehouse(DuckDBEngine(connection)).schedule_reports(days[0], days[-1])[1]
    listed = {entry.league_id: entry for entry in league.listed}
    assert len(listed) == len(games)
    assert {entry.state for entry in league.listed} == {GameState.SCHEDULED}
    assert {entry.season_type for entry in league.listed} == {SeasonType.PRESEASON}
    for game in games:
        # The file's "Est" fields carry a false Z; the platform's writer takes its UTC fields, which are true.
        assert listed[game["gameId"]].tip_at == datetime.fromisoformat(game["gameDateTimeUTC"]), game["gameCode"]
    slates = build_slates(days, [league], datetime.fromisoformat("2025-10-01T12:00:00Z"))
    assert not any(slate.expected for slate in slates.values())
    excluded = [entry for slate in slates.values() for entry in slate.excluded]
    assert len(excluded) == len(games)
    assert {entry.reason for entry in excluded} == {Reason.PRESEASON}
