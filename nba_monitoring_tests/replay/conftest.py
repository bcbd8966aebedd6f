"""The sample season, to be replayed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nba_monitoring.settings import DuckDBWarehouse, Settings
from nba_monitoring.warehouse import Warehouse, open_warehouse
from nba_monitoring_tests.cli.conftest import command
from nba_monitoring_tests.morning import settings_for
from nba_monitoring_tests.sample.conftest import sample_path

__all__ = ["command", "sample_path"]


@pytest.fixture(scope="session")
def settings(sample_path: Path) -> Settings:
    return settings_for(sample_path, NBA_MONITORING_SCHEDULE_APIS="never")


@pytest.fixture(scope="session")
def warehouse(settings: Settings) -> Iterator[Warehouse]:
    assert isinstance(settings.warehouse, DuckDBWarehouse)
    with open_warehouse(settings.warehouse) as opened:
        yield opened
