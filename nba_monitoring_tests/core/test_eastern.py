"""Game dates."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from nba_monitoring.core.eastern import dates_between, earliest_tip, eastern_clock, game_date
from nba_monitoring_tests.evidence import evidence_folder


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_west_coast_game_belongs_to_the_eastern_day_although_it_is_tomorrow_in_utc() -> None:
    assert game_date(utc("2026-01-19T03:30")) == date(2026, 1, 18)


def test_the_eastern_day_ends_at_midnight_eastern_in_winter_and_in_summer() -> None:
    assert game_date(utc("2026-01-19T04:59")) == date(2026, 1, 18)
    assert game_date(utc("2026-01-19T05:00")) == date(2026, 1, 19)
    assert game_date(utc("2025-06-06T03:59")) == date(2025, 6, 5)
    assert game_date(utc("2025-06-06T04:00")) == date(2025, 6, 6)


@pytest.mark.parametrize(
    ("sunday", "last_minute", "next_day"),
    [
        # Clocks go forward: the day lasts 23 hours, from 05:00Z to 04:00Z.
        (date(2026, 3, 8), "2026-03-09T03:59", "2026-03-09T04:00"),
        # Clocks go back: the day lasts 25 hours, from 04:00Z to 05:00Z.
        (date(2025, 11, 2), "2025-11-03T04:59", "2025-11-03T05:00"),
    ],
)
def test_the_sundays_on_which_clocks_change_end_at_the_right_minute(
    sunday: date, last_minute: str, next_day: str
) -> None:
    assert game_date(utc(last_minute)) == sunday
    assert game_date(utc(next_day)) == sunday + timedelta(days=1)
    assert game_date(earliest_tip(sunday)) == sunday


def test_noon_eastern_is_an_hour_earlier_in_utc_once_clocks_have_gone_forward() -> None:
    assert earliest_tip(date(2026, 3, 7)) == utc("2026-03-07T17:00")
    assert earliest_tip(date(2026, 3, 8)) == utc("2026-03-08T16:00")


@pytest.mark.parametrize(
    ("instant", "clock"),
    [("2026-01-18T17:00", "12:00 PM ET"), ("2026-01-19T03:30", "10:30 PM ET"), ("2025-06-06T00:30", "8:30 PM ET")],
)
def test_a_tip_off_is_written_as_fans_write_it(instant: str, clock: str) -> None:
    assert eastern_clock(utc(instant)) == clock


@pytest.mark.parametrize("tell", [game_date, eastern_clock])
def test_a_time_without_a_zone_is_refused_rather_than_read_as_local_time(
    tell: Callable[[datetime], object],
) -> None:
    with pytest.raises(ValueError, match="2026-01-18T12:00:00 has no time zone"):
        tell(datetime(2026, 1, 18, 12))  # noqa: DTZ001 the point


def test_a_range_of_dates_includes_both_ends() -> None:
    assert dates_between(date(2026, 2, 27), date(2026, 3, 1)) == (
        date(2026, 2, 27),
        date(2026, 2, 28),
        date(2026, 3, 1),
    )
    assert dates_between(date(2026, 3, 1), date(2026, 2, 27)) == ()


def test_the_tip_offs_of_a_real_season_fall_on_their_eastern_game_dates() -> None:
    with (evidence_folder() / "nba_schedule_2024_25.csv").open(newline="") as file:
        regular = [row for row in csv.DictReader(file) if row["season_stage"] == "regular"]
    tips = [(date.fromisoformat(row["game_date"]), datetime.fromisoformat(row["tip_utc"])) for row in regular]
    assert len(tips) == 1230
    assert sum(tip.date() != day for day, tip in tips) == 938, "UTC dates would be wrong for these"
    assert all(game_date(tip) == day for day, tip in tips)


def test_a_machine_without_time_zone_data_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tzdata.py").write_text("raise ModuleNotFoundError('hidden', name='tzdata')")
    started = subprocess.run(
        [sys.executable, "-c", "import nba_monitoring.core.eastern"],
        env={**os.environ, "PYTHONTZPATH": "", "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert started.returncode != 0
    assert "no time-zone data for America/New_York on this machine" in started.stderr
    assert "pip install tzdata" in started.stderr
