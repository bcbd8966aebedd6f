"""The real season 2024-25 as a whole: the league's schedule against the real rows of Phase 4."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from nba_monitoring.core.eastern import PACIFIC, dates_between
from nba_monitoring.core.status import Status
from nba_monitoring.core.verdict import DateVerdict
from nba_monitoring.monitor import Monitor
from nba_monitoring.settings import Settings
from nba_monitoring.warehouse import Warehouse
from nba_monitoring.warehouse.engines.duckdb import DuckDBEngine
from nba_monitoring_tests.cli.outcome import NBA_MONITORING, run_process
from nba_monitoring_tests.evidence import (
    DATES_WITH_GAMES,
    EXPECTED_GAMES,
    FIRST_DATE,
    LAST_DATE,
    factors_of,
    fill_from_evidence,
    season_as_written,
)
from nba_monitoring_tests.morning import FACTORS, NBAC
from nba_monitoring_tests.platform_tables import create_platform_tables, insert

# In one worker: the season is checked once for all of them.
pytestmark = [pytest.mark.thorough, pytest.mark.xdist_group("season_2024_25"), pytest.mark.timeout(600)]

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
    """The command line's row for each date."""
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


def test_every_date_gets_the_right_verdict(records: Records) -> None:
    assert tuple(records) == DATES
    with_games = {day for day, record in records.items() if record["scheduled_games"]}
    assert dates_of(records, "BOOTSTRAP") == BOOTSTRAP_DATES
    assert dates_of(records, "PARTIAL_DATA") == THIN_DATES
    assert dates_of(records, "NO_GAMES") == set(DATES) - with_games
    assert dates_of(records, "AVAILABLE") == with_games - BOOTSTRAP_DATES - THIN_DATES


def test_every_day_off_has_evidence(records: Records) -> None:
    assert all(records[day]["detail"]["off_day_proof"] for day in dates_of(records, "NO_GAMES"))


def test_the_cup_final_alone_is_excluded_with_its_reason(records: Records) -> None:
    excluded = [game for record in records.values() for game in record["detail"]["excluded"].items()]
    assert [(game_id, game["reason"]) for game_id, game in excluded] == [("20241217_MIL_OKC", "Cup final")]


# Each morning as it was: the schedule has yesterday's results, and nothing later. In the summer, in which
# nothing happens, the day after the Finals and then one a week.
SUMMER = dates_between(LAST_DATE + timedelta(days=1), date(2025, 9, 30))[::7]
MORNINGS = (*DATES, *SUMMER)


@pytest.fixture(scope="module")
def mornings() -> Mapping[date, DateVerdict]:
    """The verdict at 11 AM ET of each date of the season, and of some until the end of September."""
    played = season_as_written()
    with duckdb.connect() as connection:
        create_platform_tables(connection)
        insert(connection, FACTORS, factors_of(played))
        insert(connection, NBAC, [row | NOT_PLAYED for row in played])
        insert(connection, NBAC, [row | {"game_date": NEVER} for row in played])
        settings = Settings.load()
        return {day: _look(connection, settings, day) for day in MORNINGS}


NOT_PLAYED = {"game_status": 1, "game_status_text": "Scheduled", "home_team_score": None, "away_team_score": None}
# Where the results wait until they are known: too far off to be read.
NEVER = date(2000, 1, 1)


def _look(connection: duckdb.DuckDBPyConnection, settings: Settings, day: date) -> DateVerdict:
    """A load rewrites the rows of all games, those of the evening before with their results."""
    now = datetime.combine(day, time(8), PACIFIC).astimezone(UTC)
    connection.execute(
        f"UPDATE {NBAC} AS s SET game_status = r.game_status, game_status_text = r.game_status_text, "
        f"home_team_score = r.home_team_score, away_team_score = r.away_team_score FROM {NBAC} AS r "
        "WHERE r.game_id = s.game_id AND r.game_date = $never AND s.game_date = $yesterday",
        {"never": NEVER, "yesterday": day - timedelta(days=1)},
    )
    loaded_at = (now - timedelta(hours=5)).replace(tzinfo=None)
    connection.execute(f"UPDATE {NBAC} SET processed_at = $loaded_at", {"loaded_at": loaded_at})
    return Monitor(Warehouse(DuckDBEngine(connection)), settings, day, day, now, is_clock_real=False).verdict(day)


def test_every_morning_gets_the_right_verdict(mornings: Mapping[date, DateVerdict], records: Records) -> None:
    in_season = {day: verdict for day, verdict in mornings.items() if day <= LAST_DATE}
    assert {day: str(verdict.stages["phase4"].status) for day, verdict in in_season.items()} == {
        day: record["status"] for day, record in records.items()
    }
    assert sum(verdict.stages["phase4"].expected for verdict in mornings.values()) == EXPECTED_GAMES


def test_no_morning_finds_anything_odd_but_the_empty_scoreboard(mornings: Mapping[date, DateVerdict]) -> None:
    slates = [verdict.slate for verdict in mornings.values()]
    assert not any(slate.disagreements or slate.problems or slate.unreadable for slate in slates)
    assert {source.reason for slate in slates for source in slate.sources if source.source == NBAC} == {None}


def test_from_the_day_after_the_finals_on_nobody_is_paged(mornings: Mapping[date, DateVerdict]) -> None:
    summer = {day: verdict for day, verdict in mornings.items() if day > LAST_DATE}
    assert tuple(summer) == SUMMER
    assert {verdict.stages["phase4"].status for verdict in summer.values()} == {Status.NO_GAMES}
    assert summer[date(2025, 8, 4)].slate.off_day_proof == (
        f"{NBAC}: the Finals were decided 4-3 on 2025-06-22, with the fourth win of series 40"
    )


def test_tip_offs_are_those_that_were_written(mornings: Mapping[date, DateVerdict]) -> None:
    written = {row["game_id"]: row["game_date_est"] for row in season_as_written()}
    with duckdb.connect() as connection:
        create_platform_tables(connection)
        insert(connection, NBAC, season_as_written())
        report = Warehouse(DuckDBEngine(connection)).schedule_reports(FIRST_DATE, LAST_DATE)[1]
    assert {entry.league_id: entry.tip_at for entry in report.listed} == written
    assert len(written) == 1321
    expected = [entry.tip_at for verdict in mornings.values() for entry in verdict.slate.expected]
    assert sorted(filter(None, expected)) == sorted(
        tip for game_id, tip in written.items() if not game_id.startswith("006")
    )
