"""The sample's season, checked once for all tests that only read it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from nba_monitoring.core.eastern import morning_of
from nba_monitoring.reports.replayed import SeasonReplay, season_replay
from nba_monitoring.reports.season import SeasonReport
from nba_monitoring.sample import write_sample
from nba_monitoring.warehouse import open_warehouse
from nba_monitoring_tests.morning import settings_for
from nba_monitoring_tests.reports.season import (
    FIRST,
    LAST,
    MORNING,
    NOW,
    REPLAYED,
    keep_ledger,
    look_at,
    looks_until,
    report_on,
)


@pytest.fixture(scope="session")
def looked_at(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file with the history and the ledger."""
    path = tmp_path_factory.mktemp("season") / "season.duckdb"
    write_sample(path, NOW)
    look_at(settings_for(path), FIRST, LAST, NOW)
    keep_ledger(settings_for(path))
    return path


@pytest.fixture(scope="session")
def replayed(looked_at: Path, report: SeasonReport) -> SeasonReplay:
    """The replay of four of the season's dates. Read only."""
    settings = settings_for(looked_at)
    few = replace(report, season=replace(report.season, first=REPLAYED[0]), checks=looks_until(report, REPLAYED[1]))
    with open_warehouse(settings.warehouse) as warehouse:
        return season_replay(warehouse, settings, few)


@pytest.fixture(scope="session")
def morning(tmp_path_factory: pytest.TempPathFactory) -> SeasonReport:
    """The report at 11:15 AM ET of a day on which data is missing. Read only."""
    path = tmp_path_factory.mktemp("morning") / "season.duckdb"
    write_sample(path, NOW)
    look_at(settings_for(path), FIRST, MORNING, morning_of(MORNING))
    keep_ledger(settings_for(path))
    return report_on(path, morning_of(MORNING) + timedelta(minutes=15))


@pytest.fixture(scope="session")
def report(looked_at: Path) -> SeasonReport:
    """Its report. Read only."""
    return report_on(looked_at)
