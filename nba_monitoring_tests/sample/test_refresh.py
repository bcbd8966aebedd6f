"""A sample that stands around for weeks: its tables are brought up to today, and the monitor's own stay."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from nba_monitoring.sample import refresh_sample, write_sample
from nba_monitoring.sample.platform_tables import ALL_TABLES

pytestmark = pytest.mark.slow

WRITTEN = datetime(2026, 11, 25, 16, tzinfo=UTC)


def last_day(connection: duckdb.DuckDBPyConnection) -> object:
    return connection.execute("SELECT MAX(game_date) FROM nba_precompute.player_composite_factors").fetchall()[0][0]


def test_a_sample_of_another_day_is_rewritten_around_today(tmp_path: Path) -> None:
    path = tmp_path / "sample.duckdb"
    write_sample(path, WRITTEN)
    later = WRITTEN + timedelta(days=30)
    with duckdb.connect(path) as connection:
        connection.execute("CREATE SCHEMA nba_monitoring")
        connection.execute("CREATE TABLE nba_monitoring.data_availability_checks AS SELECT 'kept' AS check_id")
        assert not refresh_sample(connection, path, WRITTEN + timedelta(hours=5))
        assert refresh_sample(connection, path, later)
        assert last_day(connection) == later.date() - timedelta(days=1)
        assert connection.execute("SELECT check_id FROM nba_monitoring.data_availability_checks").fetchall() == [
            ("kept",)
        ]
    assert [file.name for file in tmp_path.iterdir()] == ["sample.duckdb"]


def test_a_sample_of_before_there_were_stages_gets_their_tables(tmp_path: Path) -> None:
    path = tmp_path / "sample.duckdb"
    write_sample(path, WRITTEN)
    with duckdb.connect(path) as connection:
        connection.execute("DROP TABLE nba_predictions.prediction_accuracy")
        assert refresh_sample(connection, path, WRITTEN)
        tables = "SELECT table_name FROM duckdb_tables() WHERE schema_name <> 'sample_later'"
        there = {name for (name,) in connection.execute(tables).fetchall()}
        assert there == {table.partition(".")[2] for table in ALL_TABLES}
