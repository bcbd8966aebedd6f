"""`nba-monitoring health`: the monitor's own health, as a probe and a check from outside see it."""

from __future__ import annotations

import json
import re
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
import time_machine
from dagster._daemon.types import DaemonHeartbeat

from nba_monitoring.alerts.debts import Debt, Trouble
from nba_monitoring.alerts.incidents.cursor import to_cursor
from nba_monitoring.alerts.incidents.state import AlertState
from nba_monitoring.core.chain import LinkName
from nba_monitoring.core.eastern import PACIFIC
from nba_monitoring.core.incidents import Notification
from nba_monitoring.orchestration.instance import EACH_MORNING, SCHEDULES
from nba_monitoring.warehouse import open_warehouse
from nba_monitoring_tests.cli.conftest import Command
from nba_monitoring_tests.cli.outcome import Outcome
from nba_monitoring_tests.days import DAY
from nba_monitoring_tests.morning import ESPN, NBAC, Platform
from nba_monitoring_tests.orchestration.ended_runs import fail_a_run
from nba_monitoring_tests.orchestration.instigators import switch, ticked
from nba_monitoring_tests.platform_tables import espn_row, nbac_row

OVERDUE = "No verdict for 2026-01-18 since 11:00 AM ET. Make sure morning_check_8am is on"


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


def broken(done: Outcome) -> list[str]:
    """The links of which `health` says that they are broken."""
    found = re.findall(r"^(\w+) +broken ", done.out, re.MULTILINE)
    assert done.out.splitlines()[-1] == (f"broken: {', '.join(found)}" if found else "healthy")
    return found


def test_after_the_morning_s_check_it_is_healthy_whatever_the_verdict(platform: Platform, command: Command) -> None:
    with time_machine.travel(at(8, 5)):
        assert command("check").status == 1
    with time_machine.travel(at(20)):
        done = command("health")
    assert (done.status, done.out.splitlines()[-1], done.err) == (0, "healthy", "")
    assert re.search(r"^checks +holds +2026-01-18 checked \(11:05 AM ET, 11 h 55 min ago\)$", done.out, re.MULTILINE)


@pytest.mark.parametrize(("clock", "status"), [(at(0), 0), (at(8, 29), 0), (at(8, 30), 1), (at(20, 59), 1)])
def test_the_verdict_is_overdue_from_half_past_eight_pacific_on(
    platform: Platform, command: Command, clock: datetime, status: int
) -> None:
    with time_machine.travel(clock, tick=False):
        done = command("health")
    assert done.status == status
    assert (OVERDUE in done.out) is bool(status)
    assert broken(done) == (["checks"] if status else [])


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
    assert (done.status, broken(done)) == (1, ["warehouse"])
    assert f"the warehouse file {platform.path} does not exist" in done.out


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
    assert (done.status, broken(done)) == (1, ["daemon", "sensor"])
    assert "No heartbeat from Dagster's daemon yet. Start it with: dagster-daemon run" in done.out


@pytest.mark.parametrize(("minutes", "status"), [(0, 0), (9, 0), (11, 1)])
def test_a_heartbeat_is_old_after_ten_minutes(
    platform: Platform, command: Command, instance: dg.DagsterInstance, minutes: int, status: int
) -> None:
    heartbeats(instance, at(7) - timedelta(minutes=minutes))
    ticked(instance, at(7))
    with time_machine.travel(at(7), tick=False):
        done = command("health")
    assert done.status == status
    assert ("No heartbeat from Dagster's daemon since 2026-01-18 9:49 AM ET" in done.out) is bool(status)


def test_the_one_part_of_the_daemon_that_is_silent_is_named(
    platform: Platform, command: Command, instance: dg.DagsterInstance
) -> None:
    heartbeats(instance, at(7), but="SENSOR")
    with time_machine.travel(at(7)):
        done = command("health")
    assert done.status == 1
    assert "No heartbeat from Dagster's daemon (SENSOR) yet" in done.out


def test_each_link_is_a_line_of_json_with_its_age_and_what_to_do(
    platform: Platform, command: Command, instance: dg.DagsterInstance
) -> None:
    heartbeats(instance, at(9))
    ticked(instance, at(8, 45))
    with time_machine.travel(at(9), tick=False):
        done = command("health", "--json")
    links = {line["link"]: line for line in map(json.loads, done.out.splitlines())}
    assert done.status == 1
    assert list(links) == list(LinkName)
    states = {link: line["state"] for link, line in links.items()}
    assert states == {
        "warehouse": "holds",
        "daemon": "holds",
        "schedules": "holds",
        "runs": "holds",
        "checks": "broken",
        "services": "not_seen",
        "sensor": "broken",
        "channels": "holds",
        "heartbeat": "not_seen",
    }
    sensor = links["sensor"]
    assert (sensor["at"], sensor["age_minutes"], sensor["since"]) == (
        "2026-01-18T16:45:00Z",
        15,
        "2026-01-18T16:45:00Z",
    )
    assert sensor["found"] == "availability_alerts has not completed a tick since 2026-01-18 11:45 AM ET."
    assert sensor["fix"]
    assert links["daemon"]["fix"] is None


@pytest.mark.parametrize(
    ("name", "link"), [*((name, "schedules") for name in SCHEDULES), ("availability_alerts", "sensor")]
)
def test_whatever_is_switched_off_is_named(
    platform: Platform, command: Command, instance: dg.DagsterInstance, name: str, link: str
) -> None:
    heartbeats(instance, at(7))
    ticked(instance, at(7))
    with time_machine.travel(at(7)):
        assert command("health").status == 0
        switch(instance, name, is_on=False)
        done = command("health")
        assert (done.status, broken(done)) == (1, [link])
        assert f"{name} is switched off. Switch it on in Dagster" in done.out
        switch(instance, name, is_on=True)
        ticked(instance, at(7))
        assert command("health").status == 0


def test_what_a_code_location_of_an_earlier_name_left_behind_does_not_count(
    platform: Platform, command: Command, instance: dg.DagsterInstance
) -> None:
    heartbeats(instance, at(7))
    ticked(instance, at(7))
    switch(instance, "morning_check_8am", is_on=False, location="of before")
    with time_machine.travel(at(7)):
        assert command("health").status == 0


@pytest.mark.parametrize("name", EACH_MORNING)
def test_what_is_refreshed_each_morning_and_fails_is_named_until_it_works(
    platform: Platform, command: Command, instance: dg.DagsterInstance, name: str
) -> None:
    heartbeats(instance, at(7))
    ticked(instance, at(7))
    with time_machine.travel(at(6)):
        fail_a_run(instance, "", job=f"{name}_job")
    with time_machine.travel(at(7)):
        done = command("health")
        assert (done.status, broken(done)) == (1, ["runs"])
        assert f"{name} has failed since 2026-01-18 9:00 AM ET" in done.out
        instance.report_runless_asset_event(dg.AssetMaterialization(name))
        assert command("health").status == 0


def test_a_channel_that_refuses_is_named_with_since_when(
    platform: Platform, command: Command, instance: dg.DagsterInstance
) -> None:
    heartbeats(instance, at(7))
    state = AlertState.begin(at(4))
    for minute, status in ((50, 0), (45, 1)):
        trouble = Trouble(since=at(6, minute + 1), error="Slack answered token_revoked")
        ticked(instance, at(7), to_cursor(state.with_debt("Slack", Debt(trouble=trouble)), at(7)))
        with time_machine.travel(at(7)):
            done = command("health")
        assert done.status == status
    assert "Slack has not accepted messages since 2026-01-18 9:46 AM ET: Slack answered token_revoked" in done.out


def test_from_another_machine_the_ledger_shows_that_nothing_is_accepted(platform: Platform, command: Command) -> None:
    def sent(minute: int, accepted: bool) -> Notification:
        error = None if accepted else "404 no_service"
        return Notification(
            f"nba-{minute}/webhook", None, at(6, minute), "webhook", "run failed", accepted, error=error
        )

    with open_warehouse(platform.settings.warehouse) as warehouse:
        warehouse.append_notifications([sent(10, accepted=True), sent(20, accepted=False), sent(30, accepted=False)])
    with time_machine.travel(at(7)):
        done = command("health")
    assert (done.status, broken(done)) == (1, ["channels"])
    assert "webhook has not accepted messages since 2026-01-18 9:20 AM ET: 404 no_service" in done.out
    with open_warehouse(platform.settings.warehouse) as warehouse:
        warehouse.append_notifications([sent(40, accepted=True)])
    with time_machine.travel(at(7)):
        assert command("health").status == 0


@pytest.mark.slow
def test_dagster_s_unreachable_database_is_a_problem_without_its_password(
    platform: Platform, command: Command, instance: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = "storage: {postgres: {postgres_url: {env: DAGSTER_POSTGRES_URL}}}\n"
    (Path(instance.root_directory) / "dagster.yaml").write_text(config)
    monkeypatch.setenv("DAGSTER_POSTGRES_URL", f"postgresql://dagster:secret@/dagster?host={tmp_path}")
    with time_machine.travel(at(7)):
        done = command("health")
    assert (done.status, broken(done)) == (1, ["daemon"])
    assert "Dagster's storage can't be reached: " in done.out
    assert "secret" not in done.out + done.err
