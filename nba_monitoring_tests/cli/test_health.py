"""`nba-monitoring health`: the monitor's own health, as a probe and a check from outside see it."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
import time_machine
from dagster._daemon.types import DaemonHeartbeat

from nba_monitoring.core.eastern import PACIFIC
from nba_monitoring_tests.cli.conftest import Command
from nba_monitoring_tests.days import DAY
from nba_monitoring_tests.morning import ESPN, NBAC, Platform
from nba_monitoring_tests.platform_tables import espn_row, nbac_row

OVERDUE = "nba-monitoring: no verdict for 2026-01-18 since 11:00 AM ET; make sure morning_check_8am is on"


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 1, 18, hour, minute, tzinfo=PACIFIC)


@pytest.fixture(autouse=True)
def _no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DAGSTER_HOME", raising=False)


@pytest.fixture
def platform(platform: Platform) -> Platform:
    platform.add(NBAC, [nbac_row(DAY, "ORL", "MEM")])
    platform.add(ESPN, [espn_row(DAY, "ORL", "MEM")])
    return platform


@pytest.fixture
def instance(empty_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dg.DagsterInstance:
    """The instance that DAGSTER_HOME names."""
    home = shutil.copytree(empty_home, tmp_path / "dagster")
    (home / "dagster.yaml").touch()
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    return dg.DagsterInstance.from_config(str(home))


def heartbeats(instance: dg.DagsterInstance, when: datetime, but: str | None = None) -> None:
    for kind in instance.get_required_daemon_types():
        if kind != but:
            instance.add_daemon_heartbeat(DaemonHeartbeat(when.timestamp(), kind, "daemon", []))


def test_after_the_morning_s_check_it_is_healthy_whatever_the_verdict(platform: Platform, command: Command) -> None:
    with time_machine.travel(at(8, 5)):
        assert command("check").status == 1
    with time_machine.travel(at(20)):
        done = command("health")
    assert (done.status, done.out, done.err) == (0, "healthy\n", "")


@pytest.mark.parametrize(("clock", "status"), [(at(0), 0), (at(8, 30), 0), (at(8, 31), 1), (at(20, 59), 1)])
def test_the_verdict_is_overdue_after_half_past_eight_pacific(
    platform: Platform, command: Command, clock: datetime, status: int
) -> None:
    with time_machine.travel(clock, tick=False):
        done = command("health")
    assert done.status == status
    assert done.err.startswith(OVERDUE) is bool(status)
    assert len(done.err.splitlines()) == status


def test_a_check_before_eight_does_not_count_for_the_morning(platform: Platform, command: Command) -> None:
    with time_machine.travel(at(7, 59)):
        command("check")
    with time_machine.travel(at(8, 31)):
        assert command("health").status == 1


@pytest.mark.parametrize("moved", [("--now", "2026-01-18T08:10-08:00"), ("--date", "2026-01-17")])
def test_a_check_under_a_moved_clock_or_of_another_date_does_not_count(
    platform: Platform, command: Command, moved: tuple[str, str]
) -> None:
    with time_machine.travel(at(8, 20)):
        command("check", *moved)
    with time_machine.travel(at(8, 31)):
        assert command("health").status == 1


def test_the_day_is_the_eastern_one(platform: Platform, command: Command) -> None:
    with time_machine.travel(at(8, 5)):
        command("check")
    # 9:30 PM PT is already the 19th, whose check is due in the morning.
    with time_machine.travel(at(21, 30)):
        assert command("health").status == 0


def test_a_warehouse_out_of_reach_is_one_line(platform: Platform, command: Command) -> None:
    platform.path.unlink()
    with time_machine.travel(at(9)):
        done = command("health")
    assert (done.status, done.out) == (1, "")
    (line,) = done.err.splitlines()
    assert line.startswith(f"nba-monitoring: the warehouse file {platform.path} does not exist")


def test_a_wrong_setting_is_not_unhealthy(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NBA_MONITORING_WAREHOUSE", "postgres://host/db")
    done = command("health")
    assert done.status == 2
    assert "NBA_MONITORING_WAREHOUSE" in done.err


def test_a_wrong_option_is_not_unhealthy(command: Command) -> None:
    assert command("health", "--quick").status == 2


@pytest.mark.parametrize("home", ["dagster", "/no/such/folder"])
def test_a_home_that_is_not_a_folder_is_a_wrong_setting(
    platform: Platform, command: Command, monkeypatch: pytest.MonkeyPatch, home: str
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", home)
    done = command("health")
    assert done.status == 2
    assert f"DAGSTER_HOME must be the absolute path of a folder, not {home}" in done.err


@pytest.mark.slow
def test_a_configuration_that_dagster_refuses_is_a_wrong_setting(
    platform: Platform, command: Command, instance: dg.DagsterInstance
) -> None:
    (Path(instance.root_directory) / "dagster.yaml").write_text("run_monitorin: {enabled: true}\n")
    done = command("health")
    assert done.status == 2
    assert "dagster.yaml" in done.err
    assert "Traceback" not in done.err


@pytest.mark.slow
def test_a_daemon_that_never_ran_is_a_problem(
    platform: Platform, command: Command, instance: dg.DagsterInstance
) -> None:
    with time_machine.travel(at(7)):
        done = command("health")
    assert (done.status, done.out) == (1, "")
    assert done.err.startswith("nba-monitoring: no heartbeat from Dagster's daemon yet; start it")


@pytest.mark.parametrize(("minutes", "status"), [(0, 0), (9, 0), (11, 1)])
def test_a_heartbeat_is_old_after_ten_minutes(
    platform: Platform, command: Command, instance: dg.DagsterInstance, minutes: int, status: int
) -> None:
    heartbeats(instance, at(7) - timedelta(minutes=minutes))
    with time_machine.travel(at(7)):
        done = command("health")
    assert done.status == status
    assert ("no heartbeat from Dagster's daemon since 2026-01-18 9:49 AM ET" in done.err) is bool(status)


def test_the_one_part_of_the_daemon_that_is_silent_is_named(
    platform: Platform, command: Command, instance: dg.DagsterInstance
) -> None:
    heartbeats(instance, at(7), but="SENSOR")
    with time_machine.travel(at(7)):
        done = command("health")
    assert done.status == 1
    assert "no heartbeat from Dagster's daemon (SENSOR) yet" in done.err


def test_each_problem_is_a_line(platform: Platform, command: Command, instance: dg.DagsterInstance) -> None:
    with time_machine.travel(at(9)):
        done = command("health")
    assert done.status == 1
    assert len(done.err.splitlines()) == 2


@pytest.mark.slow
def test_dagster_s_unreachable_database_is_a_problem_without_its_password(
    platform: Platform, command: Command, instance: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = "storage: {postgres: {postgres_url: {env: DAGSTER_POSTGRES_URL}}}\n"
    (Path(instance.root_directory) / "dagster.yaml").write_text(config)
    monkeypatch.setenv("DAGSTER_POSTGRES_URL", f"postgresql://dagster:secret@/dagster?host={tmp_path}")
    with time_machine.travel(at(7)):
        done = command("health")
    assert done.status == 1
    (line,) = done.err.splitlines()
    assert line.startswith("nba-monitoring: Dagster's storage can't be reached: ")
    assert "secret" not in line
