"""The sample's season, looked at once for all tests that only read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from nba_monitoring.reports.season_report import SeasonReport
from nba_monitoring.sample import write_sample
from nba_monitoring_tests.morning import settings_for
from nba_monitoring_tests.reports.season import FIRST, LAST, NOW, keep_ledger, look_at, report_on


@pytest.fixture(scope="session")
def looked_at(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file with the history and the ledger."""
    path = tmp_path_factory.mktemp("season") / "season.duckdb"
    write_sample(path, NOW)
    look_at(settings_for(path), FIRST, LAST, NOW)
    keep_ledger(settings_for(path))
    return path


@pytest.fixture(scope="session")
def report(looked_at: Path) -> SeasonReport:
    """Its report. Read only."""
    return report_on(looked_at)
