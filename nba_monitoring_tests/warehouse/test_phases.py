"""The rows of a stage's table, counted on both engines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from nba_monitoring.core.coverage import Keys
from nba_monitoring.core.games import Game
from nba_monitoring.warehouse import Warehouse
from nba_monitoring.warehouse.engines import Engine
from nba_monitoring_tests.days import DAY
from nba_monitoring_tests.platform_tables import create_table, execute, factor_rows, insert, morning_of
from nba_monitoring_tests.stages import PHASE4, VALUE_COLUMNS, held, read

GAME = "20260118_ORL_MEM"
MORNING = morning_of(DAY)


def test_rows_are_counted_per_date_and_game(engine: Engine, warehouse: Warehouse) -> None:
    following = DAY + timedelta(days=1)
    insert(
        engine,
        PHASE4.table,
        factor_rows(DAY, GAME, 24)
        + factor_rows(DAY, "0022500579", 3)
        + factor_rows(following, "20260119_TOR_LAL", 5)
        + factor_rows(following + timedelta(days=1), "20260120_TOR_LAL", 5),
    )
    found = read(warehouse, DAY, following)
    assert {day: set(rows) for day, rows in found.items()} == {
        DAY: {held(DAY, GAME, 24, 24, MORNING), held(DAY, "0022500579", 3, 3, MORNING)},
        following: {held(following, "20260119_TOR_LAL", 5, 5, morning_of(following))},
    }


def test_a_row_that_is_not_ready_is_not_usable_and_one_without_readiness_is(
    engine: Engine, warehouse: Warehouse
) -> None:
    insert(
        engine,
        PHASE4.table,
        factor_rows(DAY, GAME, 5, ready=False)
        + factor_rows(DAY, GAME, 3, ready=None, first_player=5)
        + factor_rows(DAY, GAME, 2, first_player=8),
    )
    assert read(warehouse, DAY, DAY)[DAY] == [held(DAY, GAME, 10, 5, MORNING)]


def test_rows_without_a_game_id_are_counted_too(engine: Engine, warehouse: Warehouse) -> None:
    insert(engine, PHASE4.table, factor_rows(DAY, None, 4))
    assert read(warehouse, DAY, DAY)[DAY] == [held(DAY, None, 4, 4, MORNING)]


def test_as_of_hides_rows_written_later_and_no_others(engine: Engine, warehouse: Warehouse) -> None:
    eight_pacific = datetime(2026, 1, 18, 16, tzinfo=UTC)
    afternoon = eight_pacific + timedelta(hours=5)
    unsaid = [row | {"processed_at": None} for row in factor_rows(DAY, GAME, 1, first_player=24)]
    insert(
        engine,
        PHASE4.table,
        factor_rows(DAY, GAME, 8, processed_at=eight_pacific)
        + factor_rows(DAY, GAME, 16, processed_at=afternoon, first_player=8)
        + unsaid,
    )
    assert read(warehouse, DAY, DAY, eight_pacific)[DAY] == [held(DAY, GAME, 9, 9, eight_pacific)]
    assert read(warehouse, DAY, DAY, None)[DAY] == [held(DAY, GAME, 25, 25, afternoon)]


def test_a_player_written_twice_counts_once(engine: Engine, warehouse: Warehouse) -> None:
    insert(engine, PHASE4.table, 2 * factor_rows(DAY, GAME, 8))
    insert(engine, PHASE4.table, factor_rows(DAY, GAME, 12, ready=False))
    assert read(warehouse, DAY, DAY)[DAY] == [held(DAY, GAME, 28, 8, MORNING, repeats=16)]


def test_rows_that_name_no_player_are_rows_and_no_players(engine: Engine, warehouse: Warehouse) -> None:
    insert(engine, PHASE4.table, [row | {"player_lookup": None} for row in factor_rows(DAY, GAME, 3)])
    assert read(warehouse, DAY, DAY)[DAY] == [held(DAY, GAME, 3, 0, MORNING, repeats=3)]


def test_flagged_rows_without_a_value_are_placeholders_and_one_value_makes_a_row_usable(
    engine: Engine, warehouse: Warehouse
) -> None:
    bare = factor_rows(DAY, GAME, 5, ready=None, early_season=True, has_values=False)
    one_value = factor_rows(DAY, GAME, 3, ready=None, early_season=True, has_values=False, first_player=5)
    whole = factor_rows(DAY, GAME, 2, early_season=True, first_player=8)
    unflagged = factor_rows(DAY, GAME, 1, ready=None, has_values=False, first_player=10)
    insert(engine, PHASE4.table, [*bare, *(row | {"pace_score": 0} for row in one_value), *whole, *unflagged])
    assert read(warehouse, DAY, DAY)[DAY] == [held(DAY, GAME, 11, 6, MORNING, placeholders=5)]


def test_in_a_table_without_values_a_flagged_row_without_readiness_is_a_placeholder(
    bare_engine: Engine,
) -> None:
    create_table(bare_engine, PHASE4.table, **dict.fromkeys(VALUE_COLUMNS))
    execute(
        bare_engine,
        f"INSERT INTO {PHASE4.table} (player_lookup, game_date, game_id, early_season_flag, is_production_ready) "
        f"VALUES ('a', '2026-01-18', '{GAME}', TRUE, NULL), ('b', '2026-01-18', '{GAME}', TRUE, TRUE), "
        f"('c', '2026-01-18', '{GAME}', FALSE, NULL), ('d', '2026-01-18', '{GAME}', NULL, NULL)",
    )
    found = read(Warehouse(bare_engine), DAY, DAY)[DAY]
    assert found == [held(DAY, GAME, 4, 3, None, placeholders=1)]


def test_the_players_of_a_game_are_counted_over_its_ids(engine: Engine, warehouse: Warehouse) -> None:
    both_orders, two_halves, other_day = Game(DAY, "ORL", "MEM"), Game(DAY, "TOR", "LAL"), DAY + timedelta(days=1)
    afternoon = MORNING + timedelta(hours=8)
    insert(
        engine,
        PHASE4.table,
        factor_rows(DAY, GAME, 24)
        + factor_rows(DAY, "20260118_MEM_ORL", 24, ready=False)
        + factor_rows(DAY, "20260118_TOR_LAL", 9)
        + factor_rows(DAY, "0022500579", 9, first_player=9)
        + factor_rows(DAY, "0022500579", 5, first_player=18, processed_at=afternoon)
        + factor_rows(other_day, "0022500579", 30, first_player=100),
    )
    ids = {
        both_orders.key: (GAME, "20260118_MEM_ORL"),
        two_halves.key: ("20260118_TOR_LAL", "0022500579"),
        Game(other_day, "UTA", "WAS").key: ("20260119_UTA_WAS", "20260119_WAS_UTA"),
    }
    assert warehouse.keys_over_ids(PHASE4, ids, MORNING) == {
        both_orders.key: Keys(24, 24),
        two_halves.key: Keys(18, 18),
    }
    assert warehouse.keys_over_ids(PHASE4, ids)[two_halves.key] == Keys(23, 23)
    assert warehouse.keys_over_ids(PHASE4, {}) == {}
