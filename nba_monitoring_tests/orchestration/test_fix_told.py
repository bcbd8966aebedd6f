"""A started job, as the sensor lives it: the message in the thread, one more check, and how long after it was over."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine

from nba_monitoring.warehouse import open_warehouse
from nba_monitoring_tests.cloud_scheduler import JOB
from nba_monitoring_tests.days import DAY, at
from nba_monitoring_tests.loopback import Answer
from nba_monitoring_tests.morning import FACTORS, Platform
from nba_monitoring_tests.orchestration.ended_runs import look_in_a_run
from nba_monitoring_tests.orchestration.sensor import Sensor
from nba_monitoring_tests.orchestration.slack import Slack
from nba_monitoring_tests.platform_tables import factor_rows

pytestmark = pytest.mark.slow

ID = f"nba-{DAY}"
STARTED = at(8, 12)


def look(platform: Platform, sensor: Sensor, moment: datetime) -> None:
    with time_machine.travel(moment):
        look_in_a_run(platform, sensor.instance, DAY)
        sensor.tick()


def ticks(sensor: Sensor, *moments: datetime) -> None:
    for moment in moments:
        with time_machine.travel(moment):
            sensor.tick()


def start(platform: Platform, by: str = "Ann", moment: datetime = STARTED, is_unclear: bool = False) -> None:
    """What `fix` leaves in the ledger."""
    with open_warehouse(platform.settings_with(NBA_MONITORING_ENVIRONMENT="test").warehouse) as warehouse:
        (incident,) = warehouse.incidents(open_only=True).records
        warehouse.put_incidents([incident.fix_started(by, JOB, moment, is_unclear)])


@pytest.fixture
def failing(platform: Platform, quick_sensor: Sensor, web_api: Slack) -> Sensor:
    """A sensor that has alerted about the date at 8:00 AM Pacific."""
    look(platform, quick_sensor, at(8))
    assert len(web_api.accepted) == 1
    return quick_sensor


def test_the_thread_says_once_who_started_the_job(platform: Platform, failing: Sensor, web_api: Slack) -> None:
    start(platform)
    ticks(failing, at(8, 13), at(8, 14))
    first, started = web_api.accepted
    assert f"[test] WARN Ann started {JOB}. Phase 4 missing for both games" in started.text
    assert started.thread == first.ts


def test_a_start_without_a_clear_answer_is_told_as_that(platform: Platform, failing: Sensor, web_api: Slack) -> None:
    start(platform, is_unclear=True)
    ticks(failing, at(8, 13))
    assert f"WARN Ann may have started {JOB}" in web_api.texts[-1]
    assert "Don't start it again before that check" in web_api.texts[-1]


def test_a_second_start_is_told_too(platform: Platform, failing: Sensor, web_api: Slack) -> None:
    start(platform)
    ticks(failing, at(8, 13))
    start(platform, by="Ben", moment=at(8, 40))
    ticks(failing, at(8, 41), at(8, 42))
    assert [text.partition(".")[0] for text in web_api.texts[1:]] == [
        f"🟡 [test] WARN {name} started {JOB}" for name in ("Ann", "Ben")
    ]


def test_ten_minutes_after_the_start_its_date_is_checked_once_more(platform: Platform, failing: Sensor) -> None:
    start(platform)
    ticks(failing, at(8, 13), at(8, 21))
    assert failing.requested == []
    ticks(failing, at(8, 22), at(8, 23))
    (request,) = failing.requested
    assert (request.partition_key, dict(request.tags)) == (str(DAY), {"nba_monitoring/trigger": "recheck"})


def test_a_slack_that_is_down_does_not_keep_the_check_after_a_start_from_coming(
    platform: Platform, failing: Sensor, web_api: Slack
) -> None:
    start(platform)
    web_api.answers(Answer(status=503))
    ticks(failing, at(8, 22), at(8, 23))
    assert len(web_api.accepted) == 1
    assert [request.partition_key for request in failing.requested] == [str(DAY)]


def test_the_recovery_says_how_long_after_the_start_the_data_was_complete(
    platform: Platform, failing: Sensor, web_api: Slack
) -> None:
    start(platform)
    ticks(failing, at(8, 13))
    for game_id in ("20260118_ORL_MEM", "20260118_BKN_CHI"):
        platform.add(FACTORS, factor_rows(DAY, game_id, 24, processed_at=STARTED + timedelta(minutes=28)))
    look(platform, failing, at(8, 45))
    assert "Recovered: Phase 4 complete for both games" in web_api.texts[-1]
    assert "28 min after Ann's fix" in web_api.texts[-1]


def test_an_incident_that_ended_before_the_check_after_a_start_needs_none(platform: Platform, failing: Sensor) -> None:
    start(platform)
    for game_id in ("20260118_ORL_MEM", "20260118_BKN_CHI"):
        platform.add(FACTORS, factor_rows(DAY, game_id, 24))
    look(platform, failing, at(8, 20))
    ticks(failing, at(8, 23))
    assert failing.requested == []
