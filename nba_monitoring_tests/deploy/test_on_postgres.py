"""A morning with Dagster's records in a Postgres set to Pacific time."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, timedelta
from pathlib import Path

import dagster as dg
import pytest
import sqlalchemy
import time_machine
from dagster_postgres.utils import DagsterPostgresException

from nba_monitoring.core.status import Status
from nba_monitoring.orchestration.checks import CHECK_KEY, record_of
from nba_monitoring.orchestration.internals import latest_evaluation
from nba_monitoring_tests.days import DAY, at
from nba_monitoring_tests.deploy.conftest import as_in_production
from nba_monitoring_tests.deploy.postgres import ZONE, Postgres, running_postgres
from nba_monitoring_tests.loopback import LoopbackServer
from nba_monitoring_tests.morning import FACTORS, NBAC, Platform, run_check
from nba_monitoring_tests.orchestration.sensor import Sensor
from nba_monitoring_tests.orchestration.slack import Slack
from nba_monitoring_tests.platform_tables import factor_rows, nbac_row

pytestmark = [
    pytest.mark.daemon,
    pytest.mark.xdist_group("postgres"),
    pytest.mark.timeout(900),
]  # in the worker that has the one Postgres

SCHEDULED, RECHECK = ({"nba_monitoring/trigger": trigger} for trigger in ("scheduled", "recheck"))


@pytest.fixture
def platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Platform:
    """ORL@MEM is scheduled, and Phase 4 is empty."""
    made = Platform(tmp_path / "warehouse.duckdb", stages=None)
    made.play_around(DAY)
    made.add(NBAC, [nbac_row(DAY, "ORL", "MEM")])
    monkeypatch.setenv("NBA_MONITORING_WAREHOUSE", f"duckdb://{made.path}")
    monkeypatch.setenv("NBA_MONITORING_SCHEDULE_APIS", "never")
    return made


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slack]:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    with LoopbackServer() as server:
        found = Slack(server)
        for name, value in found.web_api.items():
            monkeypatch.setenv(name, value)
        yield found


def test_the_database_s_clock_is_not_utc_and_a_session_of_the_image_s_is(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sqlalchemy.create_engine(postgres.url).connect() as connection:
        assert connection.execute(sqlalchemy.text("SHOW timezone")).scalar() == "UTC"
    monkeypatch.delenv("PGTZ")
    with sqlalchemy.create_engine(postgres.url).connect() as connection:
        assert connection.execute(sqlalchemy.text("SHOW timezone")).scalar() == ZONE


def test_a_morning_its_evaluation_and_its_alert(
    platform: Platform, slack: Slack, production_instance: dg.DagsterInstance
) -> None:
    sensor = Sensor(production_instance)
    with time_machine.travel(at(7)):
        sensor.tick()
    with time_machine.travel(at(8)):
        assert run_check(platform.settings, production_instance, DAY, tags=SCHEDULED).success
        evaluation = latest_evaluation(production_instance, CHECK_KEY, str(DAY))
        assert evaluation is not None
        assert evaluation.target_materialization_data is not None
        record = record_of(evaluation)
        assert record is not None
        assert (evaluation.passed, record.status) == (False, Status.MISSING_DATA)
        assert record.check_time.astimezone(UTC) >= at(8).astimezone(UTC)
        sensor.tick()
        sensor.tick()
    assert [message.alert_id for message in slack.accepted] == [f"nba-{DAY}"]

    platform.add(FACTORS, factor_rows(DAY, "20260118_ORL_MEM", 30))
    with time_machine.travel(at(8, 30)):
        assert run_check(platform.settings, production_instance, DAY).success
        sensor.tick()
        sensor.tick()
    assert ["Recovered" in text for text in slack.texts] == [False, True]


def test_a_restart_between_a_run_and_the_next_tick_loses_nothing_and_doubles_nothing(
    platform: Platform, slack: Slack, production_instance: dg.DagsterInstance, postgres: Postgres
) -> None:
    sensor = Sensor(production_instance)
    with time_machine.travel(at(7)):
        sensor.tick()
    with time_machine.travel(at(8)):
        postgres.restart()
        assert run_check(platform.settings, production_instance, DAY, tags=SCHEDULED).success
        postgres.restart()
        sensor.tick()
        postgres.restart()
        sensor.tick()
    assert [message.alert_id for message in slack.accepted] == [f"nba-{DAY}"]
    assert platform.rows("SELECT status FROM nba_monitoring.data_availability_checks") == [("MISSING_DATA",)]


def test_a_tick_while_the_database_is_away_fails_and_the_next_one_alerts(
    platform: Platform, slack: Slack, production_instance: dg.DagsterInstance, postgres: Postgres
) -> None:
    sensor = Sensor(production_instance)
    with time_machine.travel(at(7)):
        sensor.tick()
    with time_machine.travel(at(8)):
        run_check(platform.settings, production_instance, DAY, tags=SCHEDULED)
        postgres.stop()
        try:
            with pytest.raises(DagsterPostgresException):
                sensor.tick()
        finally:
            postgres.start()
        assert slack.accepted == []
    with time_machine.travel(at(8, 1)):
        sensor.tick()
    assert [message.alert_id for message in slack.accepted] == [f"nba-{DAY}"]


def test_a_clock_that_jumps_an_hour_ahead_and_back_tells_a_finding_once_and_its_alert_ends_by_itself(
    platform: Platform, slack: Slack, production_instance: dg.DagsterInstance
) -> None:
    sensor = Sensor(production_instance)

    def look(tags: dict[str, str]) -> None:
        sensor.tick()
        assert run_check(platform.settings, production_instance, DAY, tags=tags).success
        sensor.tick()

    with time_machine.travel(at(7)):
        sensor.tick()
    with time_machine.travel(at(8)):
        look(SCHEDULED)
    with time_machine.travel(at(9, 1)):
        look(RECHECK)
    with time_machine.travel(at(8, 2)):
        sensor.tick()
        sensor.tick()
    platform.add(FACTORS, factor_rows(DAY, "20260118_ORL_MEM", 30))
    with time_machine.travel(at(8, 30)):
        look(RECHECK)
    with time_machine.travel(at(9, 1)):
        sensor.tick()
    finding, not_checked, recovered = slack.texts
    assert "WARN Phase 4 missing for ORL@MEM" in finding
    assert "not checked since 11:00 AM ET" in not_checked  # as it is by the clock that jumped
    assert "Recovered" in recovered
    assert platform.rows("SELECT DISTINCT incident_id FROM nba_monitoring.incidents") == [(f"nba-{DAY}",)]
    statuses = "SELECT trigger, status FROM nba_monitoring.data_availability_checks"
    assert platform.rows(statuses) == [
        ("scheduled", Status.MISSING_DATA),
        ("recheck", Status.MISSING_DATA),
        ("recheck", Status.AVAILABLE),
    ]


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A disk of 128 MB."""
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        mount = ["mount", "-t", "tmpfs", "-o", "size=128m", "tmpfs", folder]
        if subprocess.run(mount, capture_output=True, check=False).returncode:
            pytest.skip("this user may not mount a small disk")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", folder], check=True)


def test_a_disk_of_the_database_that_fills_in_a_run_is_told_once_and_the_next_look_works_once_there_is_room(
    platform: Platform, slack: Slack, small_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_postgres(small_disk) as postgres:
        monkeypatch.setenv("DAGSTER_POSTGRES_URL", postgres.url)
        monkeypatch.setenv("PGTZ", "UTC")
        with as_in_production(tmp_path / "home") as instance:
            sensor = Sensor(instance)
            with time_machine.travel(at(7)):
                # The rows that a run writes first have room in the pages that this one leaves.
                assert run_check(platform.settings, instance, DAY - timedelta(days=1)).success
                sensor.tick()
            before = list(slack.accepted)
            with time_machine.travel(at(8)), full(small_disk, postgres):
                with pytest.raises(sqlalchemy.exc.OperationalError, match="No space left on device"):
                    run_check(platform.settings, instance, DAY, tags=SCHEDULED)
                sensor.tick()
            assert slack.accepted == before
            assert not platform.rows(
                f"SELECT * FROM nba_monitoring.data_availability_checks WHERE check_date = '{DAY}'"
            )
            with time_machine.travel(at(8, 31)):
                sensor.tick()
                sensor.tick()
            with time_machine.travel(at(9)):
                assert run_check(platform.settings, instance, DAY, tags=RECHECK).success
                sensor.tick()
                sensor.tick()
    # The run could not even write that it failed, so it is also reported as stuck.
    told = [text for text in slack.texts if "is stuck" not in text][len(before) :]
    assert len(told) == 3, told
    assert f"ERROR Monitor: no verdict for {DAY:%a} {DAY}" in told[0]
    assert "WARN Phase 4 missing for ORL@MEM" in told[1]
    assert f"checks of {DAY} are running again" in told[2]


@contextmanager
def full(disk: Path, postgres: Postgres) -> Iterator[None]:
    """Without room for another page. The log of what is written has its room, which is reserved by the file."""
    postgres.begin_a_new_log_file()
    padding = disk / "padding"
    with suppress(OSError), padding.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    try:
        yield
    finally:
        padding.unlink()
