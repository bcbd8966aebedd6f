"""A morning with Dagster's records in a Postgres set to Pacific time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
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
from nba_monitoring_tests.deploy.postgres import ZONE, Postgres
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

SCHEDULED = {"nba_monitoring/trigger": "scheduled"}


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
