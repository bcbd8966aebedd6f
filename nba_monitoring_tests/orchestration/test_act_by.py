"""What to run, and by when: as the history knows how long it takes, or as the stage's entry says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time, timedelta
from pathlib import Path

import pytest
import time_machine

from nba_monitoring_tests.cloud_scheduler import Scheduler
from nba_monitoring_tests.days import DAY, NEXT, at, eastern
from nba_monitoring_tests.loopback import LoopbackServer
from nba_monitoring_tests.morning import FACTORS, PHASE4_ALONE, Platform, evaluations, run_check
from nba_monitoring_tests.orchestration.sensor import Sensor
from nba_monitoring_tests.orchestration.slack import POST, Slack
from nba_monitoring_tests.platform_tables import factor_rows
from nba_monitoring_tests.reports.season import look_at
from nba_monitoring_tests.stages import STAGES

pytestmark = pytest.mark.slow


@pytest.fixture
def scheduler(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scheduler]:
    with LoopbackServer() as server:
        found = Scheduler(server)
        for name, value in found.environment.items():
            monkeypatch.setenv(name, value)
        yield found


def rerun_on(platform: Platform, scheduler: Scheduler, days_ago: int) -> None:
    """A date on which someone ran the job at 11:05 AM ET, and which was complete 35 minutes later."""
    day = DAY - timedelta(days=days_ago)
    platform.schedule(day, "ORL@MEM", tip=time(19))
    settings = platform.settings_with(**scheduler.environment)
    for checked, ran_at in ((eastern(11, 0, day), eastern(7, 0, day)), (eastern(11, 30, day), eastern(11, 5, day))):
        scheduler.has(ran_at=ran_at)
        with time_machine.travel(checked):
            look_at(settings, day, day, checked)
    platform.add(FACTORS, factor_rows(day, f"{day:%Y%m%d}_ORL_MEM", 33, processed_at=eastern(11, 40, day)))
    with time_machine.travel(eastern(12, 0, day)):
        look_at(settings, day, day, eastern(12, 0, day))


def alert_text(platform: Platform, sensor: Sensor, slack: Slack, **settings: str) -> str:
    with time_machine.travel(at(8)):
        run_check(platform.settings_with(**settings), sensor.instance, DAY)
        sensor.tick()
    return str(slack.server.requests_to(POST)[-1].json["blocks"])


def test_the_history_says_by_when_to_start(
    platform: Platform, scheduler: Scheduler, quick_sensor: Sensor, web_api: Slack
) -> None:
    for days_ago in (5, 7, 9):
        rerun_on(platform, scheduler, days_ago)
    scheduler.has(ran_at=eastern(7))
    said = alert_text(platform, quick_sensor, web_api, **scheduler.environment)
    assert "(7:30 PM ET). Start it by 6:55 PM ET" in said


def test_the_entry_of_the_stage_says_by_when_to_start_and_whom_to_call(
    platform: Platform, quick_sensor: Sensor, web_api: Slack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "stages.yaml"
    file.write_text(PHASE4_ALONE.read_text() + "\nstages: {phase4: {takes: 25m, owner: U024BE7LH}}\n")
    monkeypatch.setenv("NBA_MONITORING_STAGES", str(file))
    said = alert_text(platform, quick_sensor, web_api, NBA_MONITORING_STAGES=str(file))
    assert "(7:30 PM ET). Start it by 7:05 PM ET" in said
    assert "<@U024BE7LH>" in said


def test_the_failing_checks_page_has_the_command_as_long_as_its_job_fills_the_date(
    platform: Platform, quick_sensor: Sensor
) -> None:
    shown = []
    for day in (DAY, NEXT):
        with time_machine.travel(at(8, day=day)):
            result = run_check(platform.settings, quick_sensor.instance, DAY)
        command = evaluations(result)[DAY].metadata.get("3 fix")
        shown.append(None if command is None else command.value)
    assert shown == [STAGES.phase4.fix, None]
