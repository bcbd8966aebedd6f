"""The command line on a warehouse of its own, with nothing of the machine's settings."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from nba_monitoring.cli.main import main
from nba_monitoring_tests.cli.outcome import Outcome
from nba_monitoring_tests.morning import Platform

Command = Callable[..., Outcome]

OURS = ("NBA_MONITORING_", "SLACK_", "BALLDONTLIE_", "BIGQUERY_", "GOOGLE_")


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting but that no schedule service is asked."""
    for name in list(os.environ):
        if name.startswith(OURS) and name != "NBA_MONITORING_EVIDENCE":
            monkeypatch.delenv(name)
    monkeypatch.setenv("NBA_MONITORING_SCHEDULE_APIS", "never")


@pytest.fixture
def platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held_open: duckdb.DuckDBPyConnection) -> Platform:
    """The platform's tables, empty, in the warehouse that is set."""
    made = Platform(tmp_path / "warehouse.duckdb", stages=None)
    monkeypatch.setenv("NBA_MONITORING_WAREHOUSE", f"duckdb://{made.path}")
    return made


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs `nba-monitoring` with arguments, in this process."""

    def run(*arguments: object) -> Outcome:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        return Outcome(int(ended.value.code or 0), *capsys.readouterr())

    return run
