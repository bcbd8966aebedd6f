"""The query by which the script of before and the monitor are compared, as the docs print it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.monitor import Monitor
from nba_monitoring.warehouse import open_warehouse
from nba_monitoring_tests.morning import NBAC, Platform
from nba_monitoring_tests.orchestration.served import PROJECT
from nba_monitoring_tests.platform_tables import nbac_row

CHECKS = "nba_monitoring.data_availability_checks"
FIVE = "check_date DATE, check_time TIMESTAMP, scheduled_games BIGINT, phase4_ready BIGINT, status VARCHAR"
SHOWN = re.search(r"```sql\n(.*?)```", (PROJECT / "docs" / "moving_over.md").read_text(), re.DOTALL)


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    """ORL@MEM and nothing of Phase 4 on the 19th and 20th, beside the table as the script has made it."""
    made = Platform(tmp_path / "warehouse.duckdb", stages=None)
    made.play_around(date(2026, 11, 19))
    made.add(NBAC, [nbac_row(date(2026, 11, day), "ORL", "MEM") for day in (19, 20)])
    with duckdb.connect(made.path) as connection:
        connection.execute(f"CREATE SCHEMA nba_monitoring; CREATE TABLE {CHECKS} ({FIVE})")
        for day, hour, scheduled in ((10, 16, 9), (19, 16, 7), (19, 17, 8), (21, 16, 5)):
            said = f"'2026-11-{day}', '2026-11-{day} {hour}:00', {scheduled}, 0, 'MISSING_DATA'"
            connection.execute(f"INSERT INTO {CHECKS} VALUES ({said})")
    return made


def look(platform: Platform, day: int, hour: int, trigger: Trigger) -> None:
    on = date(2026, 11, day)
    with open_warehouse(platform.settings.warehouse) as warehouse:
        now = datetime(2026, 11, day, hour, tzinfo=UTC)
        Monitor(warehouse, platform.settings, on, on, now).record(f"run {day} {hour}", trigger)


@pytest.mark.slow
def test_the_script_s_last_row_stands_beside_the_monitor_s_first_check_of_the_morning(platform: Platform) -> None:
    assert SHOWN is not None
    look(platform, 19, 15, Trigger.MANUAL)
    look(platform, 19, 16, Trigger.SCHEDULED)
    look(platform, 19, 17, Trigger.SCHEDULED)
    look(platform, 20, 16, Trigger.SCHEDULED)
    rows = platform.rows(SHOWN[1])
    assert [(row[0].day, row[1], row[3], row[4], row[6], row[7]) for row in rows] == [
        (19, 8, "MISSING_DATA", 1, "MISSING_DATA", "20261119_ORL_MEM"),
        (20, None, None, 2, "MISSING_DATA", "20261120_ORL_MEM, 20261120_UTA_WAS"),
        (21, 5, "MISSING_DATA", None, None, None),
    ]
