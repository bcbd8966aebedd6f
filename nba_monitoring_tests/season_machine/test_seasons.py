"""Compare the alerts of whole seasons with the faults that were planted in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from nba_monitoring_tests.season_machine.comparing import Compared
from nba_monitoring_tests.season_machine.machine import make
from nba_monitoring_tests.season_machine.trying import tried_by_replay, tried_live


def assert_all_right(compared: Compared) -> None:
    assert [(fault.kind, str(fault.day), why) for fault, why in compared.wrong] == []
    assert list(compared.others) == []


@pytest.mark.slow
def test_a_few_planted_faults_of_two_weeks_are_reported(tmp_path: Path) -> None:
    made = make(seed=1, faults=4, days=14)
    assert len(made.planted) == 4
    assert_all_right(tried_by_replay(made, tmp_path / "season.duckdb", checks=1))


@pytest.mark.thorough
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", range(1, 5))
def test_fifty_planted_faults_are_reported_and_nothing_else(seed: int, tmp_path: Path) -> None:
    made = make(seed, faults=50)
    assert len(made.planted) == 50
    assert_all_right(tried_by_replay(made, tmp_path / "season.duckdb", checks=10))


@pytest.mark.thorough
@pytest.mark.timeout(1800)
def test_the_sensor_reports_planted_faults_and_nothing_else(tmp_path: Path) -> None:
    made = make(seed=2, faults=5, days=5)
    assert len(made.planted) == 5
    assert_all_right(tried_live(made, tmp_path))
