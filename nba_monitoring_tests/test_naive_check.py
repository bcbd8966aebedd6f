"""What the first sketch of the check, two counts and a comparison, could not see: each on a DuckDB warehouse."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
import time_machine

from nba_monitoring.core.eastern import PACIFIC
from nba_monitoring.core.status import Status
from nba_monitoring.errors import MonitoringError
from nba_monitoring.orchestration.assets import data_availability_checks
from nba_monitoring_tests.games import game_of, ids
from nba_monitoring_tests.morning import ESPN, FACTORS, NBAC, Platform, run_check, verdict
from nba_monitoring_tests.platform_tables import espn_row, factor_rows, nbac_row

pytestmark = pytest.mark.usefixtures("held_open")

DAY = date(2026, 1, 15)
SLATE = [("ORL", "MEM"), ("BKN", "CHI"), ("CHA", "DEN"), ("NOP", "HOU"), ("POR", "SAC"), ("TOR", "LAL")]


@pytest.fixture
def platform(platform: Platform) -> Platform:
    """A warehouse whose league schedule lists six games."""
    platform.schedule(DAY, *map("@".join, SLATE))
    return platform


def cover(platform: Platform, *matchups: tuple[str, str], rows: int = 24) -> None:
    platform.add(FACTORS, [row for sides in matchups for row in factor_rows(DAY, game_id(*sides), rows)])


def game_id(away: str, home: str) -> str:
    return f"{DAY:%Y%m%d}_{away}_{home}"


def test_an_empty_scoreboard_is_not_zero_games_scheduled(platform: Platform) -> None:
    record = verdict(platform, DAY)
    assert (record.status, record.scheduled_games, record.phase4_ready) == (Status.MISSING_DATA, 6, 0)


def test_six_scheduled_and_six_other_games_covered_are_not_all_ready(platform: Platform) -> None:
    cover(platform, *SLATE[:5], ("LAC", "PHX"))
    record = verdict(platform, DAY)
    assert (record.status, record.scheduled_games, record.phase4_ready) == (Status.MISSING_DATA, 6, 5)
    assert ids(record.missing_games) == (game_id("TOR", "LAL"),)
    assert record.detail.warnings == (f"{game_id('LAC', 'PHX')}: 24 rows for a game that is not expected",)


def test_rows_of_a_postponed_game_do_not_stand_for_a_missing_one(platform: Platform) -> None:
    platform.add(ESPN, [espn_row(DAY, away, home) for away, home in SLATE])
    platform.add(ESPN, [espn_row(DAY, "LAC", "PHX", status="postponed")])
    cover(platform, *SLATE[:5], ("LAC", "PHX"))
    record = verdict(platform, DAY)
    assert ids(record.missing_games) == (game_id("TOR", "LAL"),)
    assert ids(record.excluded_games) == (game_id("LAC", "PHX"),)


def test_home_and_away_reversed_between_two_tables_is_the_same_game(platform: Platform) -> None:
    cover(platform, *((home, away) for away, home in SLATE))
    record = verdict(platform, DAY)
    assert (record.status, record.phase4_ready, record.missing_games) == (Status.AVAILABLE, 6, ())


@pytest.mark.slow
def test_a_game_that_tips_off_on_the_next_utc_date_belongs_to_its_eastern_date(platform: Platform) -> None:
    tip_at = datetime(2026, 1, 16, 3, 0, tzinfo=UTC)
    platform.add(NBAC, [nbac_row(DAY, "LAC", "PHX", tip=time(22))])
    platform.add(ESPN, [espn_row(DAY, "LAC", "PHX", tip_at=tip_at)])
    record, next_day = (verdict(platform, day) for day in (DAY, date(2026, 1, 16)))
    assert record.detail.games[game_of(game_id("LAC", "PHX"))].tip_at == tip_at
    assert (record.scheduled_games, ids(next_day.missing_games)) == (7, ("20260116_UTA_WAS",))


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "UTC", "Pacific/Honolulu"])
def test_an_evening_s_check_is_of_the_eastern_date_wherever_the_machine_stands(platform: Platform, zone: str) -> None:
    # 8:30 PM PT is 11:30 PM ET, tomorrow in UTC. The machine's zone goes with the destination's.
    with time_machine.travel(datetime(2026, 1, 15, 20, 30, tzinfo=PACIFIC).astimezone(ZoneInfo(zone))):
        record = verdict(platform, DAY)
    assert record.check_time.replace(second=0, microsecond=0) == datetime(2026, 1, 16, 4, 30, tzinfo=UTC)
    assert record.severity == "ERROR"  # a live date still; one in the past is a warning


def test_one_row_is_not_a_ready_game(platform: Platform) -> None:
    cover(platform, *SLATE[:5])
    cover(platform, SLATE[5], rows=1)
    record = verdict(platform, DAY)
    assert (record.status, record.phase4_ready) == (Status.PARTIAL_DATA, 5)
    assert record.detail.games[game_of(game_id("TOR", "LAL"))].reason == "1 player (at least 12 expected)"


def test_a_healthy_day_is_on_record_too(platform: Platform) -> None:
    cover(platform, *SLATE)
    verdict(platform, DAY)
    kept = platform.rows("SELECT status, scheduled_games, phase4_ready FROM nba_monitoring.data_availability_checks")
    assert kept == [("AVAILABLE", 6, 6)]


@pytest.mark.slow
def test_a_failed_query_fails_the_run_and_records_nothing(
    platform: Platform, quick_instance: dg.DagsterInstance
) -> None:
    cover(platform, *SLATE)
    run_check(platform.settings, quick_instance, DAY)
    before = platform.rows("SELECT * FROM nba_monitoring.data_availability_checks")
    materialized = quick_instance.get_latest_materialization_event(data_availability_checks.key)
    platform.rows(f"DROP TABLE {FACTORS}")
    with pytest.raises(MonitoringError, match=f"{FACTORS}: no such table"):
        run_check(platform.settings, quick_instance, DAY)
    assert platform.rows("SELECT * FROM nba_monitoring.data_availability_checks") == before
    assert quick_instance.get_latest_materialization_event(data_availability_checks.key) == materialized
    (run, _) = quick_instance.get_runs()
    assert run.status is dg.DagsterRunStatus.FAILURE
    assert not quick_instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
