"""A warehouse file that is held by another process, or on a disk that fills: told once, and made up for."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

import dagster as dg
import duckdb
import pytest
import time_machine

from nba_monitoring.core.status import Status
from nba_monitoring.orchestration.schedules import recheck_until_covered
from nba_monitoring.warehouse import WarehouseError, opening
from nba_monitoring_tests.conftest import Lent
from nba_monitoring_tests.days import DAY, at
from nba_monitoring_tests.morning import Platform, run_check
from nba_monitoring_tests.orchestration import one_run
from nba_monitoring_tests.orchestration.sensor import Sensor
from nba_monitoring_tests.orchestration.slack import Slack

pytestmark = pytest.mark.slow

SCHEDULED, RECHECK = ({"nba_monitoring/trigger": trigger} for trigger in ("scheduled", "recheck"))
FINDING = "WARN Phase 4 missing for both games"
VERDICTS = "SELECT trigger, status FROM nba_monitoring.data_availability_checks ORDER BY check_time"

TOLD = "SELECT reason FROM nba_monitoring.notifications ORDER BY sent_at, reason"


def look(platform: Platform, sensor: Sensor, tags: dict[str, str]) -> None:
    """A run, which may fail, and two ticks of the sensor after it."""
    with suppress(dg.DagsterError, WarehouseError):
        run_check(platform.settings, sensor.instance, DAY, tags=tags)
    sensor.tick()
    sensor.tick()


def is_looked_at_again(sensor: Sensor, moment: datetime) -> bool:
    tick = dg.build_schedule_context(instance=sensor.instance, scheduled_execution_time=moment)
    answer = recheck_until_covered(tick)
    return isinstance(answer, list) and str(DAY) in {request.partition_key for request in answer}


@pytest.mark.thorough
def test_a_file_held_at_eight_and_free_at_8_20_is_looked_at_at_8_30_and_told_once(
    platform: Platform, sensor: Sensor, webhook: Slack, lent: Lent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "WAIT_FOR_FILE_SECONDS", 0.1)
    with time_machine.travel(at(7)):
        sensor.tick()
    with lent() as pid, time_machine.travel(at(8)):
        look(platform, sensor, SCHEDULED)
        (failure,) = webhook.texts
        assert f"the warehouse file {platform.path} is in use by process {pid}" in failure
    with time_machine.travel(at(8, 20)):
        sensor.tick()
    assert is_looked_at_again(sensor, at(8, 30))
    with time_machine.travel(at(8, 30)):
        look(platform, sensor, RECHECK)
    _, finding, works_again = webhook.texts
    assert FINDING in finding
    assert f"checks of {DAY} are running again" in works_again
    assert platform.rows(VERDICTS) == [("recheck", Status.MISSING_DATA)]
    assert platform.rows(TOLD) == [("run failed",), ("first finding",), ("running again",)]
    assert is_looked_at_again(sensor, at(9))


@contextmanager
def full_disk(platform: Platform, held_open: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """What is appended to the warehouse has no room. It has grown so far that every other file of the process has."""
    held_open.execute("CREATE TABLE padding AS SELECT repeat('x', 1000) AS x FROM range(5000)")
    log = platform.path.with_name(f"{platform.path.name}.wal")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_fills_is_told_once_and_the_next_look_works_once_there_is_room(
    platform: Platform, quick_sensor: Sensor, webhook: Slack, held_open: duckdb.DuckDBPyConnection
) -> None:
    with time_machine.travel(at(7)):
        quick_sensor.tick()
    with full_disk(platform, held_open), time_machine.travel(at(8)):
        look(platform, quick_sensor, SCHEDULED)
    (failure,) = webhook.texts
    assert "failed. nba_monitoring.scheduled_games: can't be written: " in failure
    with time_machine.travel(at(8, 30)):
        look(platform, quick_sensor, RECHECK)
    _, finding, works_again = webhook.texts
    assert FINDING in finding
    assert f"checks of {DAY} are running again" in works_again
    assert platform.rows(VERDICTS) == [("recheck", Status.MISSING_DATA)]
    assert platform.rows("SELECT count(*), count(DISTINCT game_id) FROM nba_monitoring.scheduled_games") == [(2, 2)]
    assert platform.rows(TOLD) == [("run failed",), ("first finding",), ("running again",)]


def test_a_disk_that_fills_after_the_finding_holds_no_alert_back_and_the_ledger_catches_up(
    platform: Platform, quick_sensor: Sensor, webhook: Slack, held_open: duckdb.DuckDBPyConnection
) -> None:
    with time_machine.travel(at(7)):
        quick_sensor.tick()
    with time_machine.travel(at(8)):
        assert run_check(platform.settings, quick_sensor.instance, DAY, tags=SCHEDULED).success
        with full_disk(platform, held_open):
            quick_sensor.tick()
            quick_sensor.tick()
        (finding,) = webhook.texts
        assert FINDING in finding
        quick_sensor.tick()
    assert webhook.texts == [finding]
    assert platform.rows(TOLD) == [("first finding",)]
    assert platform.rows("SELECT incident_id FROM nba_monitoring.incidents") == [(f"nba-{DAY}",)]


def test_dagster_s_own_disk_that_fills_is_told_by_the_verdict_that_does_not_come(
    platform: Platform, sensor: Sensor, webhook: Slack, held_open: duckdb.DuckDBPyConnection
) -> None:
    with time_machine.travel(at(7)):
        sensor.tick()
    held_open.close()
    command = [sys.executable, "-m", one_run.__name__, sensor.instance.root_directory, "--without-room"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "disk I/O error" in run.stderr
    assert list(sensor.instance.get_runs()) == []
    with time_machine.travel(at(8, 31)):
        sensor.tick()
        sensor.tick()
    (no_verdict,) = webhook.texts
    assert f"ERROR Monitor: no verdict for {DAY:%a} {DAY}" in no_verdict
    assert is_looked_at_again(sensor, at(9))
    with time_machine.travel(at(9)):
        look(platform, sensor, RECHECK)
    _, finding, works_again = webhook.texts
    assert FINDING in finding
    assert f"checks of {DAY} are running again" in works_again
    assert platform.rows(VERDICTS) == [("recheck", Status.MISSING_DATA)]
