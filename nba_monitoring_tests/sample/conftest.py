"""One sample for all tests of a process, as it is written on a morning in November."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from nba_monitoring.sample import write_sample

NOW = datetime(2026, 11, 25, 16, tzinfo=UTC)


@pytest.fixture(scope="session")
def sample_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample") / "sample.duckdb"
    write_sample(path, NOW)
    return path


@pytest.fixture(scope="session")
def sample(sample_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(sample_path, read_only=True) as connection:
        yield connection
