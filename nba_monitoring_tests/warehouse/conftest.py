"""The warehouse on each engine, with the platform's tables empty."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from nba_monitoring.settings import BigQueryWarehouse
from nba_monitoring.warehouse import Warehouse
from nba_monitoring.warehouse.engines import Engine
from nba_monitoring.warehouse.engines.bigquery import BigQueryEngine, connect_to
from nba_monitoring.warehouse.engines.duckdb import DuckDBEngine
from nba_monitoring_tests.platform_tables import create_platform_tables


@pytest.fixture(params=["duckdb", pytest.param("bigquery", marks=pytest.mark.emulator)])
def bare_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An engine over a warehouse without a table: a file of its own, or a project of its own on the emulator."""
    if request.param == "duckdb":
        with duckdb.connect(tmp_path / "warehouse.duckdb") as connection:
            yield DuckDBEngine(connection)
    else:
        address = request.getfixturevalue("bigquery_emulator")
        project = f"project-{uuid.uuid4().hex[:12]}"
        with connect_to(BigQueryWarehouse(project=project, location="us-west2", emulator_host=address)) as client:
            yield BigQueryEngine(client)


@pytest.fixture
def engine(bare_engine: Engine) -> Engine:
    """An engine over the platform's tables, empty."""
    create_platform_tables(bare_engine)
    return bare_engine


@pytest.fixture
def warehouse(engine: Engine) -> Warehouse:
    return Warehouse(engine)
