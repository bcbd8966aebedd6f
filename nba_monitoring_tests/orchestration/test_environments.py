"""Staging and production on one warehouse: each has its own incidents, mutes and messages."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime

import dagster as dg
import duckdb
import pytest
import time_machine

from nba_monitoring.cli.main import main
from nba_monitoring_tests.days import DAY, at
from nba_monitoring_tests.morning import FACTORS, Platform
from nba_monitoring_tests.orchestration.ended_runs import look_in_a_run
from nba_monitoring_tests.orchestration.sensor import Sensor
from nba_monitoring_tests.orchestration.slack import Slack
from nba_monitoring_tests.platform_tables import factor_rows

pytestmark = pytest.mark.slow

ID = "nba-2026-01-18"
SCHEDULED = {"nba_monitoring/trigger": "scheduled"}


class Deployment:
    """One monitor of several on the same warehouse, with a Dagster instance of its own."""

    def __init__(self, name: str | None, platform: Platform, instance: dg.DagsterInstance, slack: Slack) -> None:
        self.name, self._platform, self._slack = name, platform, slack
        self._sensor = Sensor(instance)

    def look(self, moment: datetime) -> list[str]:
        """Check the date, tick, and return what was sent."""
        with self._at(moment):
            look_in_a_run(self._platform, self._sensor.instance, DAY, tags=SCHEDULED)
            return self._tick()

    def tick(self, moment: datetime) -> list[str]:
        with self._at(moment):
            return self._tick()

    def command(self, moment: datetime, *arguments: str) -> None:
        with self._at(moment), pytest.raises(SystemExit) as ended:
            main(arguments)
        assert not ended.value.code

    def forget(self) -> None:
        """Lose the sensor's cursor."""
        self._sensor.cursor = None

    def _tick(self) -> list[str]:
        before = len(self._slack.accepted)
        self._sensor.tick()
        return [message.text for message in self._slack.accepted[before:]]

    def _at(self, moment: datetime) -> Patched:
        return Patched(self.name, moment)


class Patched:
    """A moment in an environment."""

    def __init__(self, name: str | None, moment: datetime) -> None:
        self._patch, self._name, self._travel = pytest.MonkeyPatch(), name, time_machine.travel(moment)

    def __enter__(self) -> None:
        if self._name is None:
            self._patch.delenv("NBA_MONITORING_ENVIRONMENT", raising=False)
        else:
            self._patch.setenv("NBA_MONITORING_ENVIRONMENT", self._name)
        self._travel.start()

    def __exit__(self, *_: object) -> None:
        self._travel.stop()
        self._patch.undo()


@pytest.fixture
def instances(migrations: None) -> Iterator[list[dg.DagsterInstance]]:
    with dg.DagsterInstance.ephemeral() as one, dg.DagsterInstance.ephemeral() as other:
        yield [one, other]


@pytest.fixture(params=["production", None], ids=["named", "unnamed"])
def production(
    request: pytest.FixtureRequest, platform: Platform, instances: list[dg.DagsterInstance], web_api: Slack
) -> Deployment:
    made = Deployment(request.param, platform, instances[0], web_api)
    made.tick(at(7))
    return made


@pytest.fixture
def staging(platform: Platform, instances: list[dg.DagsterInstance], web_api: Slack) -> Deployment:
    made = Deployment("staging", platform, instances[1], web_api)
    made.tick(at(7))
    return made


def cover(platform: Platform) -> None:
    for matchup in ("ORL_MEM", "BKN_CHI"):
        platform.add(FACTORS, factor_rows(DAY, f"20260118_{matchup}", 24))


def test_each_reports_the_same_gap_and_its_end(platform: Platform, production: Deployment, staging: Deployment) -> None:
    (found_in_staging,) = staging.look(at(8))
    (found,) = production.look(at(8))
    assert "[staging] " in found_in_staging
    assert "[staging] " not in found
    assert found.endswith(f"[{ID}]")
    cover(platform)
    (recovered,) = production.look(at(8, 30))
    assert "Recovered" in recovered
    assert platform.rows("SELECT environment, ended_as FROM nba_monitoring.incidents ORDER BY ended_as") == [
        (production.name or "", "recovered"),
        ("staging", None),
    ]
    assert len(staging.look(at(8, 31))) == 1
    assert platform.rows("SELECT count(*), count(DISTINCT environment) FROM nba_monitoring.notifications") == [(4, 2)]


def test_a_close_in_staging_ends_staging_s_alert_alone(
    platform: Platform, production: Deployment, staging: Deployment
) -> None:
    for each in (staging, production):
        each.look(at(8))
    staging.command(at(8, 5), "close", ID, "--by", "Ann", "--note", "a try")
    assert production.tick(at(8, 6)) == []
    (closed,) = staging.tick(at(8, 6))
    assert "Closed by Ann" in closed
    cover(platform)
    (recovered,) = production.look(at(8, 30))
    assert "Recovered" in recovered


def test_a_mute_and_an_acknowledgement_in_staging_leave_production_alone(
    production: Deployment, staging: Deployment
) -> None:
    staging.command(at(7, 30), "mute", "--date", str(DAY), "--reason", "a try")
    assert staging.look(at(8)) == []
    assert len(production.look(at(8))) == 1
    production.command(at(8, 5), "ack", ID, "--by", "Kim")
    assert len(production.tick(at(8, 6))) == 1
    staging.command(at(8, 10), "unmute", "--date", str(DAY))
    (found,) = staging.look(at(8, 30))
    assert "Kim" not in found


def test_a_lost_cursor_is_rebuilt_from_the_own_incidents(production: Deployment, staging: Deployment) -> None:
    production.look(at(8))
    staging.forget()
    (found,) = staging.look(at(8, 5))
    assert "Still" not in found
    production.forget()
    assert production.look(at(8, 6)) == []


def test_rows_of_an_earlier_release_belong_to_whoever_reads_them_first_and_that_is_logged_once(
    platform: Platform, production: Deployment, staging: Deployment, caplog: pytest.LogCaptureFixture
) -> None:
    production.look(at(8))
    production.command(at(8, 1), "mute", "--date", "2026-01-19", "--reason", "rebuilt")
    with duckdb.connect(platform.path) as connection:
        for table in ("incidents", "notifications", "mutes"):
            connection.execute(f"ALTER TABLE nba_monitoring.{table} DROP COLUMN environment")
    with caplog.at_level(logging.WARNING, "nba_monitoring.warehouse"):
        production.tick(at(8, 5))
        production.tick(at(8, 6))
        assert staging.look(at(8, 10)) != []
    said = [record.getMessage() for record in caplog.records if "nba_monitoring.incidents" in record.getMessage()]
    assert len(said) == 1
    assert "1 row of an earlier release given to " in said[0]
    assert len(platform.rows("SELECT * FROM nba_monitoring.incidents")) == 2
