"""A game's players are counted, not its rows; checked on a DuckDB warehouse."""

from __future__ import annotations

from datetime import date, timedelta

import dagster as dg
import pytest

from nba_monitoring.core.games import Game
from nba_monitoring.core.status import Status
from nba_monitoring_tests.games import ids
from nba_monitoring_tests.morning import FACTORS, NBAC, Platform, evaluations, record_on, run_check, verdict
from nba_monitoring_tests.platform_tables import Row, factor_rows, league_id, nbac_row
from nba_monitoring_tests.stages import VALUE_COLUMNS

pytestmark = pytest.mark.usefixtures("held_open")

DAY = date(2026, 1, 27)
GAME = Game(DAY, "ORL", "MEM")
OTHER_ORDER = "20260127_MEM_ORL"


@pytest.fixture
def platform(platform: Platform) -> Platform:
    """A warehouse whose league schedule lists one game on the date."""
    platform.schedule(DAY, GAME.matchup)
    return platform


def placeholders(day: date, game_id: str, n: int, first_player: int = 0) -> list[Row]:
    """Rows as the platform writes them while the season is young: flagged, with neither values nor readiness."""
    return factor_rows(day, game_id, n, ready=None, early_season=True, has_values=False, first_player=first_player)


def test_eight_players_each_written_twice_are_eight_of_at_least_twelve_and_a_warning(platform: Platform) -> None:
    platform.add(FACTORS, 2 * factor_rows(DAY, GAME.id, 8))
    record = verdict(platform, DAY)
    assert (record.status, record.phase4_ready, ids(record.partial_games)) == (Status.PARTIAL_DATA, 0, (GAME.id,))
    seen = record.detail.games[GAME]
    assert (seen.rows, seen.usable_rows, seen.reason) == (16, 8, "8 players (at least 12 expected)")
    assert record.detail.warnings == (f"{GAME.id}: 16 rows for 8 players; each counts once",)
    kept = platform.rows("SELECT row_count, usable_row_count FROM nba_monitoring.phase4_coverage")
    assert kept == [(16, 8)]


def test_sixteen_players_each_written_once_are_enough_and_no_warning(platform: Platform) -> None:
    platform.add(FACTORS, factor_rows(DAY, GAME.id, 16))
    record = verdict(platform, DAY)
    assert (record.status, record.detail.games[GAME].usable_rows) == (Status.AVAILABLE, 16)
    assert record.detail.warnings == ()


def test_a_player_whose_first_row_was_not_ready_counts_by_his_second(platform: Platform) -> None:
    platform.add(FACTORS, factor_rows(DAY, GAME.id, 16, ready=False) + factor_rows(DAY, GAME.id, 16))
    record = verdict(platform, DAY)
    assert (record.status, record.detail.games[GAME].usable_rows) == (Status.AVAILABLE, 16)
    assert record.detail.warnings == (f"{GAME.id}: 32 rows for 16 players; each counts once",)


@pytest.mark.parametrize("second_id", [OTHER_ORDER, league_id(DAY, "ORL", "MEM")])
def test_nine_players_under_each_of_two_ids_are_eighteen(platform: Platform, second_id: str) -> None:
    platform.add(FACTORS, factor_rows(DAY, GAME.id, 9) + factor_rows(DAY, second_id, 9, first_player=9))
    record = verdict(platform, DAY)
    assert (record.status, record.phase4_ready) == (Status.AVAILABLE, 1)
    seen = record.detail.games[GAME]
    assert (seen.rows, seen.usable_rows, record.detail.stage.rows) == (18, 18, 18)
    first, second = sorted((GAME.id, second_id))
    (warning,) = record.detail.warnings
    assert warning.endswith(f": rows under 2 ids ({first}, {second}), 18 players in all")


def test_the_same_24_players_under_both_orders_are_24(platform: Platform) -> None:
    platform.add(FACTORS, factor_rows(DAY, GAME.id, 24) + factor_rows(DAY, OTHER_ORDER, 24))
    record = verdict(platform, DAY)
    assert (record.status, record.detail.games[GAME].usable_rows) == (Status.AVAILABLE, 24)
    assert record.detail.stage.rows == 24
    assert platform.rows("SELECT row_count, usable_row_count FROM nba_monitoring.phase4_coverage") == [(24, 24)]


def test_the_same_nine_players_under_both_orders_are_nine(platform: Platform) -> None:
    platform.add(FACTORS, factor_rows(DAY, GAME.id, 9) + factor_rows(DAY, OTHER_ORDER, 9))
    record = verdict(platform, DAY)
    assert (record.status, record.detail.games[GAME].reason) == (
        Status.PARTIAL_DATA,
        "9 players (at least 12 expected)",
    )


@pytest.mark.slow
def test_each_date_of_a_range_has_its_own_players(platform: Platform, quick_instance: dg.DagsterInstance) -> None:
    following = DAY + timedelta(days=1)  # UTA@WAS, listed by the fixture
    platform.add(FACTORS, factor_rows(DAY, GAME.id, 9) + factor_rows(DAY, OTHER_ORDER, 9, first_player=9))
    for game_id in ("20260128_UTA_WAS", "20260128_WAS_UTA"):
        platform.add(FACTORS, factor_rows(following, game_id, 9))
    found = evaluations(run_check(platform.settings, quick_instance, DAY, following))
    statuses = {day: record_on(evaluation)["status"] for day, evaluation in found.items()}
    assert statuses == {DAY: "AVAILABLE", following: "PARTIAL_DATA"}


def test_early_season_placeholders_are_not_usable_and_reported_as_such(platform: Platform) -> None:
    platform.add(FACTORS, placeholders(DAY, GAME.id, 24))
    record = verdict(platform, DAY)
    assert (record.status, ids(record.missing_games)) == (Status.MISSING_DATA, (GAME.id,))
    seen = record.detail.games[GAME]
    assert (seen.rows, seen.usable_rows, seen.reason) == (24, 0, "24 early-season placeholder rows")


def test_placeholders_beside_a_thin_game_are_reported(platform: Platform) -> None:
    platform.add(FACTORS, factor_rows(DAY, GAME.id, 8) + placeholders(DAY, GAME.id, 16, first_player=8))
    record = verdict(platform, DAY)
    assert record.status is Status.PARTIAL_DATA
    assert record.detail.games[GAME].reason == "8 players (at least 12 expected), and 16 early-season placeholder rows"


def test_a_placeholder_that_was_filled_in_later_counts(platform: Platform) -> None:
    platform.add(FACTORS, placeholders(DAY, GAME.id, 24) + factor_rows(DAY, GAME.id, 24))
    assert verdict(platform, DAY).status is Status.AVAILABLE


@pytest.mark.parametrize("early_season", [True, False])
def test_rows_with_values_and_no_readiness_are_usable(platform: Platform, early_season: bool) -> None:
    platform.add(FACTORS, factor_rows(DAY, GAME.id, 24, ready=None, early_season=early_season))
    assert verdict(platform, DAY).status is Status.AVAILABLE


def test_rows_without_values_that_nobody_calls_early_are_usable(platform: Platform) -> None:
    platform.add(FACTORS, factor_rows(DAY, GAME.id, 24, ready=None, has_values=False))
    assert verdict(platform, DAY).status is Status.AVAILABLE


def test_placeholders_on_a_seasons_first_days_are_by_design(platform: Platform) -> None:
    first_day = date(2025, 10, 21)
    platform.add(NBAC, [nbac_row(first_day, "ORL", "MEM")])
    platform.add(FACTORS, placeholders(first_day, "20251021_ORL_MEM", 24))
    assert verdict(platform, first_day).status is Status.BOOTSTRAP


@pytest.mark.slow
def test_a_table_without_the_factors_is_checked_by_its_readiness_column(platform: Platform) -> None:
    platform.add(FACTORS, factor_rows(DAY, GAME.id, 24, early_season=True))
    for column in VALUE_COLUMNS:
        platform.rows(f"ALTER TABLE {FACTORS} DROP COLUMN {column}")
    assert verdict(platform, DAY).status is Status.AVAILABLE
    platform.rows(f"UPDATE {FACTORS} SET is_production_ready = NULL")
    assert verdict(platform, DAY).status is Status.MISSING_DATA
    platform.rows(f"ALTER TABLE {FACTORS} DROP COLUMN early_season_flag")
    assert verdict(platform, DAY).status is Status.AVAILABLE
