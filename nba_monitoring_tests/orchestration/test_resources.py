"""What a run works with: its look at the warehouse, and the settings that the definitions were given."""

from __future__ import annotations

import uuid
from contextlib import ExitStack
from threading import Thread, Timer
from time import sleep

import dagster as dg
import pytest
import time_machine
from dagster._core.remote_representation.external_data import RepositorySnap
from dagster_shared.serdes import serialize_value
from dagster_slack import SlackResource

from nba_monitoring.definitions import definitions
from nba_monitoring.errors import MonitoringError
from nba_monitoring.orchestration.assets import (
    data_availability_checks,
    over_coverages,
    scheduled_games,
    stage_coverages,
)
from nba_monitoring.orchestration.resources import GuardedSlackResource, MonitorResource
from nba_monitoring.orchestration.sensors import availability_alerts
from nba_monitoring.settings import Settings
from nba_monitoring.warehouse import WarehouseError, opening
from nba_monitoring_tests.conftest import Lent
from nba_monitoring_tests.days import DAY, at
from nba_monitoring_tests.morning import Platform, run_check
from nba_monitoring_tests.orchestration.ended_runs import complete_a_run, failing_look
from nba_monitoring_tests.orchestration.sensor import Sensor
from nba_monitoring_tests.orchestration.slack import HOOK, Slack


@pytest.mark.slow
def test_a_warehouse_file_in_use_fails_the_run_in_a_sentence_that_names_the_process(
    platform: Platform, sensor: Sensor, webhook: Slack, monkeypatch: pytest.MonkeyPatch, lent: Lent
) -> None:
    monkeypatch.setattr(opening, "WAIT_FOR_FILE_SECONDS", 0.1)
    with time_machine.travel(at(8)):
        with lent() as pid, pytest.raises(WarehouseError, match="in use by process"):
            run_check(platform.settings, sensor.instance, DAY)
        sensor.tick()
    said = f"the warehouse file {platform.path} is in use by process {pid}; retry when it has finished"
    assert webhook.texts[0].startswith(f"🔴 [test] ERROR Monitor: the check of 2026-01-18 failed. {said}")


@pytest.mark.slow
def test_a_run_waits_for_a_warehouse_file_in_use(platform: Platform, instance: dg.DagsterInstance, lent: Lent) -> None:
    with ExitStack() as opened:
        opened.enter_context(lent())
        let_go = Timer(1, opened.close)
        let_go.start()
        assert run_check(platform.settings, instance, DAY).success
        let_go.join()


@pytest.mark.slow
def test_the_steps_of_a_run_share_one_look(platform: Platform, instance: dg.DagsterInstance) -> None:
    looks = []

    @dg.asset(deps=[scheduled_games])
    def early(monitor: MonitorResource) -> None:
        with monitor.for_partitions([str(DAY)]) as look:
            looks.append(look)

    @dg.asset(deps=[data_availability_checks, early])
    def late(monitor: MonitorResource) -> None:
        with monitor.for_partitions([str(DAY)]) as look:
            looks.append(look)

    stages = platform.settings.stages
    served = [scheduled_games, stage_coverages(stages), over_coverages(stages), early, late]
    with_monitor = {"monitor": MonitorResource(settings=platform.settings)}
    for _ in range(2):
        assert dg.materialize(served, instance=instance, resources=with_monitor, partition_key=str(DAY)).success
    first, again, of_another_run, _ = looks
    assert first is again
    assert first is not of_another_run


@pytest.mark.slow
def test_the_sensor_works_with_the_settings_that_the_definitions_were_given(
    platform: Platform, quick_sensor: Sensor, slack: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_WEBHOOK_URL", f"{slack.server.url}/elsewhere")
    monkeypatch.setenv("NBA_MONITORING_MEND_COMMAND", "from the environment")
    given = {"NBA_MONITORING_MEND_COMMAND": "from the definitions", **slack.webhook}
    served = definitions(platform.settings_with(**given))
    alerts = served.get_repository_def().get_sensor_def("availability_alerts")
    # Only these: a tick opens no warehouse.
    resources = {name: (served.resources or {})[name] for name in alerts.required_resource_keys}
    with time_machine.travel(at(8, 5)):
        complete_a_run(quick_sensor.instance, str(DAY), [failing_look(DAY)])
        with dg.build_sensor_context(instance=quick_sensor.instance, resources=resources) as context:
            alerts.evaluate_tick(context)
    assert set(resources) == {"settings", "slack"}
    assert [message.alert_id for message in slack.accepted] == ["nba-2026-01-18"]
    (request,) = slack.server.requests
    assert request.path == HOOK
    assert "from the definitions" in str(request.json)


@pytest.mark.slow
def test_the_sensor_s_slack_client_is_that_of_dagster_s_resource(
    platform: Platform, quick_sensor: Sensor, slack: Slack
) -> None:
    settings = platform.settings_with(**{**slack.web_api, "SLACK_API_URL": "http://127.0.0.1:9/"})
    of_the_resource = platform.settings_with(**slack.web_api)
    resources = {"settings": settings, "slack": GuardedSlackResource(settings=of_the_resource)}
    assert isinstance(resources["slack"], SlackResource)
    with time_machine.travel(at(8, 5)):
        complete_a_run(quick_sensor.instance, str(DAY), [failing_look(DAY)])
        with dg.build_sensor_context(instance=quick_sensor.instance, resources=resources) as context:
            availability_alerts(context)
    assert [message.alert_id for message in slack.accepted] == ["nba-2026-01-18"]


def test_the_resource_without_a_token_says_which_setting_is_missing() -> None:
    with pytest.raises(MonitoringError, match="SLACK_BOT_TOKEN is not set"):
        GuardedSlackResource(settings=Settings.model_validate({})).get_client()


@pytest.mark.parametrize("warehouse", ["duckdb:///warehouse.duckdb", "bigquery://project"])
def test_no_secret_is_in_what_dagster_shows(warehouse: str) -> None:
    secret = f"secret-{uuid.uuid4()}"
    secrets = {
        "SLACK_BOT_TOKEN": secret,
        "SLACK_CHANNEL": "#nba-alerts",
        "SLACK_WEBHOOK_URL": f"https://hooks.slack.com/{secret}",
        "NBA_MONITORING_HEARTBEAT_URL": f"https://hc-ping.com/{secret}",
        "BALLDONTLIE_API_KEY": secret,
    }
    served = definitions(Settings.model_validate({"NBA_MONITORING_WAREHOUSE": warehouse, **secrets}))
    shown = serialize_value(RepositorySnap.from_def(served.get_repository_def()))
    assert "MonitorResource" in shown
    assert "GuardedSlackResource" in shown
    assert secret not in shown


@pytest.mark.slow
def test_a_run_that_dagster_ends_while_it_waits_writes_nothing_when_it_goes_on(
    platform: Platform, instance: dg.DagsterInstance, lent: Lent
) -> None:
    with ExitStack() as opened:
        opened.enter_context(lent())

        def end_it() -> None:
            while not (runs := instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))):
                sleep(0.05)
            instance.report_run_failed(runs[0], "Detected run worker status NOT_FOUND.")
            opened.close()

        ending = Thread(target=end_it)
        ending.start()
        with pytest.raises(MonitoringError, match=r"ended this run \(FAILURE\)"):
            run_check(platform.settings, instance, DAY)
        ending.join()
    assert platform.rows("SELECT * FROM information_schema.tables WHERE table_schema = 'nba_monitoring'") == []
    assert [run.status for run in instance.get_runs()] == [dg.DagsterRunStatus.FAILURE]
