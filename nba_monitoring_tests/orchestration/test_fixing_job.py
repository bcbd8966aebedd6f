"""What the job did that fills the first broken stage: in the alert and on Dagster's pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine

from nba_monitoring_tests.cloud_scheduler import DEADLINE_EXCEEDED, JOB, Scheduler
from nba_monitoring_tests.days import DAY, at, eastern
from nba_monitoring_tests.loopback import Answer, LoopbackServer
from nba_monitoring_tests.morning import Platform, evaluations, run_check
from nba_monitoring_tests.orchestration.sensor import Sensor
from nba_monitoring_tests.orchestration.slack import POST, Slack

pytestmark = pytest.mark.slow

FAILED = f"{JOB} last ran 7:00 AM ET and failed (DEADLINE_EXCEEDED)"


@pytest.fixture
def scheduler(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scheduler]:
    with LoopbackServer() as server:
        found = Scheduler(server)
        for name, value in found.environment.items():
            monkeypatch.setenv(name, value)
        found.has(ran_at=eastern(7), code=DEADLINE_EXCEEDED)
        yield found


def test_the_alert_says_what_the_job_did_and_no_tick_asks_for_it(
    platform: Platform, scheduler: Scheduler, quick_sensor: Sensor, web_api: Slack
) -> None:
    with time_machine.travel(at(8)):
        run_check(platform.settings_with(**scheduler.environment), quick_sensor.instance, DAY)
        assert scheduler.asked == [JOB]
        quick_sensor.tick()
        quick_sensor.tick()
    (alert,) = web_api.server.requests_to(POST)
    assert FAILED in str(alert.json["blocks"])
    assert FAILED in alert.json["text"]
    assert scheduler.asked == [JOB]


def test_an_unreadable_job_is_part_of_the_alert_and_delays_none(
    platform: Platform, scheduler: Scheduler, quick_sensor: Sensor, web_api: Slack
) -> None:
    scheduler.answers(Answer.json({}, 403))
    with time_machine.travel(at(8)):
        run_check(platform.settings_with(**scheduler.environment), quick_sensor.instance, DAY)
        quick_sensor.tick()
    (alert,) = web_api.server.requests_to(POST)
    why = "Cloud Scheduler refuses this account (403); grant it roles/cloudscheduler.viewer"
    assert f"{JOB}: the job could not be read ({why})" in str(alert.json["blocks"])


def test_dagsters_pages_say_what_the_job_did(platform: Platform, scheduler: Scheduler, quick_sensor: Sensor) -> None:
    with time_machine.travel(at(8)):
        result = run_check(platform.settings_with(**scheduler.environment), quick_sensor.instance, DAY)
    found = evaluations(result)[DAY]
    assert found.metadata["job"].value == FAILED
    assert f"{FAILED}." in (found.description or "")
