"""What a phase's table holds, counted on both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from nba_monitoring.core.stages import PHASE4, StageRows
from nba_monitoring.warehouse import Warehouse
from nba_monitoring.warehouse.engines import Engine
from nba_monitoring_tests.platform_tables import execute, factor_rows, insert, morning_of

DAY = date(2026, 1, 18)
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
    held = warehouse.stage_rows(PHASE4, DAY, following, None)
    assert {day: set(rows) for day, rows in held.items()} == {
        DAY: {StageRows(DAY, GAME, 24, 24, MORNING), StageRows(DAY, "0022500579", 3, 3, MORNING)},
        following: {StageRows(following, "20260119_TOR_LAL", 5, 5, morning_of(following))},
    }


def test_a_row_that_is_not_ready_is_not_usable_and_one_that_does_not_say_is(
    engine: Engine, warehouse: Warehouse
) -> None:
    insert(
        engine,
        PHASE4.table,
        factor_rows(DAY, GAME, 5, ready=False) + factor_rows(DAY, GAME, 3, ready=None) + factor_rows(DAY, GAME, 2),
    )
    assert warehouse.stage_rows(PHASE4, DAY, DAY)[DAY] == [StageRows(DAY, GAME, 10, 5, MORNING)]


def test_rows_without_a_game_id_are_counted_too(engine: Engine, warehouse: Warehouse) -> None:
    insert(engine, PHASE4.table, factor_rows(DAY, None, 4))
    assert warehouse.stage_rows(PHASE4, DAY, DAY)[DAY] == [StageRows(DAY, None, 4, 4, MORNING)]


def test_as_of_hides_rows_written_later_and_no_others(engine: Engine, warehouse: Warehouse) -> None:
    eight_pacific = datetime(2026, 1, 18, 16, tzinfo=UTC)
    afternoon = eight_pacific + timedelta(hours=5)
    unsaid = [row | {"processed_at": None} for row in factor_rows(DAY, GAME, 1)]
    insert(
        engine,
        PHASE4.table,
        factor_rows(DAY, GAME, 8, processed_at=eight_pacific)
        + factor_rows(DAY, GAME, 16, processed_at=afternoon)
        + unsaid,
    )
    assert warehouse.stage_rows(PHASE4, DAY, DAY, eight_pacific)[DAY] == [StageRows(DAY, GAME, 9, 9, eight_pacific)]
    assert warehouse.stage_rows(PHASE4, DAY, DAY, None)[DAY] == [StageRows(DAY, GAME, 25, 25, afternoon)]


def test_another_phase_is_only_another_table_and_ready_column(engine: Engine, warehouse: Warehouse) -> None:
    features = replace(PHASE4, table="nba_precompute.features", ready_column="is_quality_ready")
    columns = "game_date DATE, game_id STRING, is_quality_ready BOOL, processed_at TIMESTAMP"
    execute(engine, f"CREATE TABLE nba_precompute.features ({columns})")
    execute(
        engine,
        "INSERT INTO nba_precompute.features VALUES ('2026-01-18', '20260118_ORL_MEM', FALSE, '2026-01-18 10:00:00')",
    )
    assert warehouse.stage_rows(features, DAY, DAY)[DAY] == [StageRows(DAY, GAME, 1, 0, MORNING)]
