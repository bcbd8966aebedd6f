"""When stages usually come, on the board, and in a check of a past morning."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from nba_monitoring_tests.cli.conftest import Command
from nba_monitoring_tests.days import DAY
from nba_monitoring_tests.morning import NBAC, Platform
from nba_monitoring_tests.platform_tables import nbac_row
from nba_monitoring_tests.usual_mornings import come_usually

EIGHT = "2026-01-18T08:00-08:00"
NOON = "2026-01-18T11:00-08:00"
UNREADABLE = "ALTER TABLE nba_monitoring.stage_checks ALTER check_time TYPE VARCHAR USING 'soon'"
NOT_KNOWN = "usual arrival times are unknown, so only `due` counts: nba_monitoring.stage_checks: "


@pytest.fixture
def platform(platform: Platform) -> Platform:
    """A game a day from the date on, without a row of Phase 4."""
    platform.add(NBAC, [nbac_row(DAY + timedelta(days=ahead), "ORL", "MEM") for ahead in range(2)])
    return platform


@pytest.fixture
def asks_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Phase 4 is due at 2 PM, or when it is later than usual."""
    path = tmp_path / "stages.yaml"
    path.write_text("extend: default\nstages:\n  phase4: {due: {at: 14:00}, late_after: usual}\n", encoding="utf-8")
    monkeypatch.setenv("NBA_MONITORING_STAGES", str(path))


def on_the_board(command: Command) -> tuple[object, object]:
    (row,) = command("status", "--now", EIGHT, "--json").records
    return row["usually_by"], row["nearly_always_by"]


def status(command: Command, *when: str) -> str:
    (row,) = command("check", "--date", DAY, *when, "--json").records
    return str(row["status"])


@pytest.mark.slow
def test_status_shows_when_a_stage_is_usually_complete(platform: Platform, command: Command) -> None:
    come_usually(platform, DAY - timedelta(days=1))
    printed = command("status", "--now", EIGHT).out.splitlines()
    heading = next(place for place, line in enumerate(printed) if "Usual time (ET)" in line)
    assert printed[heading].split() == "Stage Usual time (ET) 95% by (ET)".split()
    assert printed[heading + 1].split() == "phase4 Jan 18 07:42 Jan 18 07:42".split()
    assert on_the_board(command) == ("2026-01-18T12:42:00+00:00", "2026-01-18T12:42:00+00:00")


@pytest.mark.slow
def test_an_unreadable_history_does_not_stop_status_and_is_reported(platform: Platform, command: Command) -> None:
    come_usually(platform, DAY - timedelta(days=1))
    platform.rows(UNREADABLE)
    done = command("status", "--now", EIGHT)
    assert "phase4" in done.out
    assert f"nba-monitoring: {NOT_KNOWN}" in done.err


@pytest.mark.slow
@pytest.mark.usefixtures("asks_for_it")
@pytest.mark.parametrize("option", ["--now", "--as-of"])
def test_a_check_of_a_morning_finds_a_stage_late_by_what_was_usual_then(
    platform: Platform, command: Command, option: str
) -> None:
    assert status(command, option, EIGHT) == "NOT_DUE"
    come_usually(platform, DAY - timedelta(days=1))
    assert status(command, option, EIGHT) == "MISSING_DATA"
    assert status(command, option, "2026-01-18T07:41-05:00") == "NOT_DUE"
