"""Tables that are not as the platform has them: one sentence that names table and column, on both engines."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from nba_monitoring.warehouse import Warehouse, WarehouseError
from nba_monitoring.warehouse.engines import Engine
from nba_monitoring.warehouse.engines.duckdb import DuckDBEngine
from nba_monitoring_tests.days import DAY
from nba_monitoring_tests.platform_tables import (
    create_platform_tables,
    create_table,
    espn_row,
    execute,
    insert,
    nbac_row,
)
from nba_monitoring_tests.stages import PHASE4, read

ESPN, NBAC = "nba_raw.espn_scoreboard", "nba_raw.nbac_schedule"


def read_everything(engine: Engine) -> None:
    warehouse = Warehouse(engine)
    warehouse.schedule_reports(DAY, DAY)
    read(warehouse, DAY, DAY)


def problem(engine: Engine) -> str:
    with pytest.raises(WarehouseError) as caught:
        read_everything(engine)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_an_empty_warehouse_names_the_first_table_that_is_missing(bare_engine: Engine) -> None:
    assert problem(bare_engine).startswith(f"{ESPN}: ")


@pytest.mark.parametrize("table", [ESPN, NBAC, PHASE4.table])
def test_a_missing_table_is_named(engine: Engine, table: str) -> None:
    execute(engine, f"DROP TABLE {table}")
    message = problem(engine)
    assert message.startswith(f"{table}: ")
    assert "no such table" in message or "was not found" in message
    assert "NBA_MONITORING_WAREHOUSE" in message


@pytest.mark.parametrize(
    ("table", "column"),
    [
        (ESPN, "home_team_abbr"),
        (ESPN, "game_date"),
        (NBAC, "game_status_text"),
        (NBAC, "processed_at"),
        (PHASE4.table, "is_production_ready"),
        (PHASE4.table, "game_id"),
        (PHASE4.table, "player_lookup"),
    ],
)
def test_a_missing_column_is_named(bare_engine: Engine, table: str, column: str) -> None:
    create_platform_tables(bare_engine)
    execute(bare_engine, f"DROP TABLE {table}")
    create_table(bare_engine, table, **{column: None})
    assert problem(bare_engine) == f"{table}: has no column {column}, which the monitor needs"


@pytest.mark.parametrize("table", [ESPN, NBAC, PHASE4.table])
def test_a_game_date_that_is_text_is_named(engine: Engine, table: str) -> None:
    execute(engine, f"DROP TABLE {table}")
    create_table(engine, table, game_date="STRING")
    message = problem(engine)
    assert message.startswith(f"{table}: ")
    assert "type" in message
    if isinstance(engine, DuckDBEngine):  # BigQuery names the types only
        assert "game_date" in message


def test_a_status_that_is_not_a_number_is_named(engine: Engine) -> None:
    execute(engine, f"DROP TABLE {NBAC}")
    create_table(engine, NBAC, game_status="STRING")
    execute(engine, "INSERT INTO nba_raw.nbac_schedule (game_date, game_status) VALUES ('2026-01-18', 'Final')")
    message = problem(engine)
    assert message.startswith(f"{NBAC}: ")
    assert "type" in message


def test_columns_that_nothing_needs_may_be_missing(bare_engine: Engine) -> None:
    create_table(bare_engine, ESPN, espn_game_id=None, season_year=None, home_team_name=None, scrape_timestamp=None)
    create_table(bare_engine, NBAC, scrape_timestamp=None)
    create_table(bare_engine, PHASE4.table, early_season_flag=None, fatigue_score=None, pace_score=None)
    read_everything(bare_engine)


def test_instants_with_and_without_a_zone_read_the_same(engine: Engine) -> None:
    execute(engine, f"DROP TABLE {NBAC}")
    aware_type = "TIMESTAMPTZ" if isinstance(engine, DuckDBEngine) else "TIMESTAMP"
    create_table(engine, NBAC, game_date_est=aware_type, processed_at=aware_type)
    insert(engine, ESPN, [espn_row(DAY, "ORL", "MEM")])
    insert(engine, NBAC, [nbac_row(DAY, "ORL", "MEM")])
    espn, league = Warehouse(engine).schedule_reports(DAY, DAY)
    assert espn.scraped_at == league.scraped_at
    assert league.listed[0].tip_at == datetime(2026, 1, 19, 0, 30, tzinfo=UTC)
