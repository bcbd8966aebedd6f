"""What went wrong on the platform, date by date: each through the real assets on a DuckDB warehouse."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import dagster as dg
import pytest

from nba_monitoring.core.verdict import Status
from nba_monitoring_tests.morning import FACTORS, NBAC, Platform, dagster_instance, verdict
from nba_monitoring_tests.platform_tables import factor_rows, nbac_row


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    return Platform(tmp_path / "warehouse.duckdb")


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dg.DagsterInstance]:
    with dagster_instance(tmp_path_factory.mktemp("dagster")) as opened:
        yield opened


def test_a_first_run(platform: Platform, instance: dg.DagsterInstance) -> None:
    day = date(2026, 1, 18)
    platform.play_around(day)
    platform.add(NBAC, [nbac_row(day, "ORL", "MEM"), nbac_row(day, "BKN", "CHI")])
    platform.add(FACTORS, factor_rows(day, "20260118_ORL_MEM", 8))
    record = verdict(platform, instance, day)
    print(record)
    assert record.status is Status.MISSING_DATA
