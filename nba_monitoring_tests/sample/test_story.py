"""The monitor on the sample: the whole season, with each incident on its date."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from nba_monitoring.core.stage_verdict import StageVerdict
from nba_monitoring.core.status import Severity, Status
from nba_monitoring.monitor import Monitor
from nba_monitoring.settings import DuckDBWarehouse, Settings
from nba_monitoring.warehouse import Warehouse, open_warehouse

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("sample")]

OPENER, LAST_DATE = date(2025, 10, 21), date(2026, 6, 19)
RECOVERED_DATE = date(2026, 1, 18)
# Without the network, which knows other games than the sample.
SETTINGS = Settings.model_validate({"NBA_MONITORING_SCHEDULE_APIS": "never"})
AFTER_THE_SEASON = datetime(2026, 7, 1, 15, tzinfo=UTC)
EIGHT_AM_PACIFIC = datetime(2026, 1, 18, 16, tzinfo=UTC)
HALF_PAST_THREE_PM_PACIFIC = datetime(2026, 1, 18, 23, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def warehouse(sample_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    path = Path(shutil.copy(sample_path, tmp_path_factory.mktemp("story")))  # a warehouse is opened to be written to
    with open_warehouse(DuckDBWarehouse(path=path)) as opened:
        yield opened


@pytest.fixture(scope="module")
def monitor(warehouse: Warehouse) -> Monitor:
    return Monitor(warehouse, SETTINGS, OPENER, LAST_DATE, now=AFTER_THE_SEASON)


@pytest.fixture(scope="module")
def season(monitor: Monitor) -> dict[date, StageVerdict]:
    return {day: monitor.verdict(day).stages["phase4"] for day in monitor.dates}


def look(warehouse: Warehouse, instant: datetime) -> StageVerdict:
    monitor = Monitor(warehouse, SETTINGS, RECOVERED_DATE, RECOVERED_DATE, now=instant, as_of=instant)
    return monitor.verdict(RECOVERED_DATE).stages["phase4"]


def test_the_failing_dates_are_the_planted_ones(season: Mapping[date, StageVerdict]) -> None:
    assert {day: verdict.status for day, verdict in season.items() if not verdict.passes} == {
        date(2025, 12, 3): Status.PARTIAL_DATA,
        date(2026, 1, 20): Status.MISSING_DATA,
        date(2026, 1, 24): Status.MISSING_DATA,
        date(2026, 1, 25): Status.MISSING_DATA,
        date(2026, 2, 19): Status.MISSING_DATA,
        date(2026, 2, 26): Status.SUSPECT_JOIN,
    }


def test_the_first_fourteen_dates_are_bootstrap(season: Mapping[date, StageVerdict]) -> None:
    bootstrap = {day for day, verdict in season.items() if verdict.status is Status.BOOTSTRAP}
    assert bootstrap == {OPENER + timedelta(days=n) for n in range(14)}


def test_the_off_days_follow_from_the_schedule(season: Mapping[date, StageVerdict]) -> None:
    off = {day for day, verdict in season.items() if verdict.status is Status.NO_GAMES}
    assert {date(2025, 11, 27), date(2025, 12, 16), date(2025, 12, 24)} <= off
    assert {date(2026, 2, day) for day in range(13, 19)} <= off


def test_from_the_finals_to_the_next_schedule_there_are_no_games(warehouse: Warehouse) -> None:
    summer = Monitor(warehouse, SETTINGS, date(2026, 6, 20), date(2026, 10, 6), now=AFTER_THE_SEASON)
    assert {summer.verdict(day).stages["phase4"].status for day in summer.dates} == {Status.NO_GAMES}


def test_no_playoff_game_after_a_fourth_win_is_expected(monitor: Monitor) -> None:
    slates = monitor.slates.values()
    reasons = {entry.reason for slate in slates for entry in slate.excluded}
    assert {reason for reason in reasons if reason.startswith("series over")}
    assert not [slate for slate in slates if slate.problems]


def test_postponed_games_are_expected_on_their_second_date_alone(
    monitor: Monitor, season: Mapping[date, StageVerdict]
) -> None:
    for first, second, game in (
        (date(2026, 1, 8), date(2026, 1, 29), "MIA@CHI"),
        (date(2026, 1, 24), date(2026, 1, 25), "GSW@MIN"),
    ):
        (excluded,) = monitor.slates[first].excluded
        assert (excluded.game.matchup, excluded.moved_to) == (game, second)
        assert game not in {entry.entry.game.matchup for entry in season[first].units if entry.entry}
        assert game in {entry.entry.game.matchup for entry in season[second].units if entry.entry}


def test_both_orders_of_three_games_are_seven_games_and_three_warnings(season: Mapping[date, StageVerdict]) -> None:
    verdict = season[date(2026, 1, 27)]
    assert verdict.expected == 7
    assert len(verdict.warnings) == 3


def test_the_stale_scoreboard_is_flagged(monitor: Monitor) -> None:
    postponements, scoreboard, schedule = monitor.slates[RECOVERED_DATE].sources
    assert (postponements.source, postponements.games) == ("nba_orchestration.game_postponements", 0)
    assert (scoreboard.source, scoreboard.freshness) == ("nba_raw.espn_scoreboard", "stale")
    assert (schedule.source, schedule.freshness) == ("nba_raw.nbac_schedule", "fresh")


def test_on_the_morning_of_2026_01_18_six_games_are_scheduled_and_none_is_ready(warehouse: Warehouse) -> None:
    verdict = look(warehouse, EIGHT_AM_PACIFIC)
    assert (verdict.status, verdict.severity) == (Status.MISSING_DATA, Severity.ERROR)
    assert (verdict.expected, verdict.ready) == (6, 0)
    assert verdict.coverage.total_rows == 8


def test_on_the_afternoon_of_2026_01_18_all_six_are_covered(warehouse: Warehouse) -> None:
    verdict = look(warehouse, HALF_PAST_THREE_PM_PACIFIC)
    assert verdict.status is Status.AVAILABLE
    assert (verdict.expected, verdict.coverage.total_rows) == (6, 144)
