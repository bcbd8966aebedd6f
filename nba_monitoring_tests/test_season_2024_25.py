"""The real season 2024-25, judged as a whole: the league's schedule against the rows that Phase 4 really held."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from nba_monitoring.core.eastern import dates_between
from nba_monitoring_tests.cli.outcome import NBA_MONITORING, run_process
from nba_monitoring_tests.evidence import DATES_WITH_GAMES, EXPECTED_GAMES, FIRST_DATE, LAST_DATE, fill_from_evidence
from nba_monitoring_tests.platform_tables import create_platform_tables

DATES = dates_between(FIRST_DATE, LAST_DATE)
BOOTSTRAP_DATES = {FIRST_DATE + timedelta(days=n) for n in range(14)}
THIN_DATES = {date(2025, 2, 20), date(2025, 2, 21)}

Records = Mapping[date, Mapping[str, Any]]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("season") / "season.duckdb"
    with duckdb.connect(path) as connection:
        create_platform_tables(connection)
        fill_from_evidence(connection)
    return path


@pytest.fixture(scope="module")
def records(warehouse: Path) -> Records:
    """What the command line says of each date."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("NBA_MONITORING_WAREHOUSE", f"duckdb://{warehouse}")
        done = run_process(NBA_MONITORING, "check", "--from", FIRST_DATE, "--to", LAST_DATE, "--json")
    assert (done.status, done.err) == (1, "")
    return {date.fromisoformat(record["check_date"]): record for record in done.records}


def dates_of(records: Records, status: str) -> set[date]:
    return {day for day, record in records.items() if record["status"] == status}


def test_exactly_the_games_of_the_season_are_expected(records: Records) -> None:
    counts = [record["scheduled_games"] for record in records.values()]
    assert sum(count > 0 for count in counts) == DATES_WITH_GAMES
    assert sum(counts) == EXPECTED_GAMES


def test_every_date_is_judged_as_it_was(records: Records) -> None:
    assert tuple(records) == DATES
    with_games = {day for day, record in records.items() if record["scheduled_games"]}
    assert dates_of(records, "BOOTSTRAP") == BOOTSTRAP_DATES
    assert dates_of(records, "PARTIAL_DATA") == THIN_DATES
    assert dates_of(records, "NO_GAMES") == set(DATES) - with_games
    assert dates_of(records, "AVAILABLE") == with_games - BOOTSTRAP_DATES - THIN_DATES


def test_every_day_off_rests_on_evidence(records: Records) -> None:
    assert all(records[day]["detail"]["off_day_proof"] for day in dates_of(records, "NO_GAMES"))


def test_the_cup_final_and_the_all_star_games_are_excluded_with_their_reason(records: Records) -> None:
    excluded = [game for record in records.values() for game in record["detail"]["excluded"].values()]
    assert {game["reason"] for game in excluded} == {"Cup final", "All-Star"}
