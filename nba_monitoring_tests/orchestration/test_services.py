"""Cloud Run services as Dagster and the alerts have them: assets, checks, incidents of their own, and the cause."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
import time_machine

from nba_monitoring.cli.main import main
from nba_monitoring.definitions import definitions
from nba_monitoring.settings import Settings
from nba_monitoring.warehouse import WarehouseError
from nba_monitoring_tests.cloud_run import NEW, OLD, FakeCloudRun, write_services
from nba_monitoring_tests.days import DAY, eastern
from nba_monitoring_tests.loopback import Answer, LoopbackServer
from nba_monitoring_tests.morning import Platform, run_check
from nba_monitoring_tests.orchestration.sensor import Sensor
from nba_monitoring_tests.orchestration.slack import Slack

pytestmark = pytest.mark.slow

NAMES = ["prediction-worker", "prediction-coordinator"]
ID = "svc-prediction-worker-2026-01-18"
UNHEALTHY = f"ERROR prediction-worker is unhealthy. prediction-worker answers /health with 503 since 12:30 PM ET [{ID}]"
DOWN, UP = Answer(b"", 503), Answer.json({"status": "healthy"})


@pytest.fixture
def cloud_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeCloudRun]:
    """Two services that fill Phase 4, ready."""
    with LoopbackServer() as server:
        fake = FakeCloudRun(server)
        watch(fake, tmp_path, NAMES)
        monkeypatch.setenv("NBA_MONITORING_SERVICES", str(tmp_path / "services.yaml"))
        monkeypatch.setenv("NBA_MONITORING_RUN_API", server.url)
        yield fake


def watch(fake: FakeCloudRun, folder: Path, names: list[str]) -> None:
    for name in names:
        fake.deploy(name)
    entries = {
        name.replace(
            "-", "_"
        ): f"service: {name}, feeds: [phase4], health: /health, fix: ./bin/deploy-service.sh {name}"
        for name in names
    }
    write_services(folder / "services.yaml", entries)


@pytest.fixture
def services(platform: Platform, cloud_run: FakeCloudRun, quick_sensor: Sensor, webhook: Slack) -> Services:
    return Services(platform, cloud_run, quick_sensor, webhook)


class Services:
    """The job and the sensor at one instant after another."""

    def __init__(self, platform: Platform, cloud_run: FakeCloudRun, sensor: Sensor, slack: Slack) -> None:
        self.platform, self.cloud_run, self.sensor, self.slack = platform, cloud_run, sensor, slack

    def check(self, moment: datetime) -> dg.ExecuteInProcessResult:
        """A run of the job and the tick after it."""
        with time_machine.travel(moment, tick=False):
            result = run_services(self.sensor.instance)
            self.sensor.tick()
        return result

    def check_every_half_hour(self, first: datetime, checks: int) -> None:
        for number in range(checks):
            self.check(first + number * timedelta(minutes=30))

    @property
    def texts(self) -> list[str]:
        """The alerts, but for those about the dates that these tests don't check."""
        return [text.partition("[test] ")[2] for text in self.slack.texts if "Monitor: " not in text]


def run_services(instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    return definitions(Settings.load()).resolve_job_def("services_check").execute_in_process(instance=instance)


def test_each_service_is_an_asset_upstream_of_what_it_fills(cloud_run: FakeCloudRun) -> None:
    loaded = definitions(Settings.load())
    keys = {dg.AssetKey(f"service_{name.replace('-', '_')}") for name in NAMES}
    graph = loaded.resolve_asset_graph()
    assert {key for key in graph.get_all_asset_keys() if key.to_user_string().startswith("service_")} == keys
    assert {graph.get(key).group_name for key in keys} == {"services"}
    assert not any(graph.get(key).is_materializable for key in keys)
    table = dg.AssetKey(["nba_precompute", "player_composite_factors"])
    assert keys <= graph.get(table).parent_keys
    schedule = loaded.get_schedule_def("services_check_half_hourly")
    assert (schedule.cron_schedule, schedule.execution_timezone) == (
        ["*/30 * * * *", "50 7 * * *"],
        "America/Los_Angeles",
    )


def test_the_job_asks_once_for_all_services_and_each_check_says_what_it_found(
    services: Services, cloud_run: FakeCloudRun
) -> None:
    cloud_run.send_traffic(NAMES[0], {OLD: 100})
    result = services.check(eastern(12, 30))
    found = {each.asset_key.to_user_string(): each for each in result.get_asset_check_evaluations()}
    assert {each.check_name for each in found.values()} == {"service_is_ready"}
    bad, good = found["service_prediction_worker"], found["service_prediction_coordinator"]
    assert (bad.passed, bad.severity, good.passed) == (False, dg.AssetCheckSeverity.WARN, True)
    assert bad.description == (
        f"OLD_REVISION: prediction-worker sends 100% of its traffic to prediction-worker-{OLD}, not to its newest "
        f"revision prediction-worker-{NEW} since 12:30 PM ET"
    )
    assert bad.metadata["fix"].value == "./bin/deploy-service.sh prediction-worker"
    assert len(cloud_run.lists) == 1
    rows = services.platform.rows("SELECT service, status, trigger FROM nba_monitoring.service_checks ORDER BY service")
    assert rows == [("prediction_coordinator", "READY", "manual"), ("prediction_worker", "OLD_REVISION", "manual")]


def test_one_check_alone_leaves_the_other_services_as_they_were(services: Services, cloud_run: FakeCloudRun) -> None:
    cloud_run.health(NAMES[0], DOWN)
    services.check_every_half_hour(eastern(12, 30), 2)
    key = dg.AssetCheckKey(dg.AssetKey("service_prediction_coordinator"), "service_is_ready")
    alone = dg.define_asset_job("alone", selection=dg.AssetSelection.checks(key))
    with time_machine.travel(eastern(13, 30), tick=False):
        loaded = dg.Definitions.merge(definitions(Settings.load()), dg.Definitions(jobs=[alone]))
        result = loaded.resolve_job_def("alone").execute_in_process(instance=services.sensor.instance)
        services.sensor.tick()
    assert [each.asset_check_key for each in result.get_asset_check_evaluations()] == [key]
    assert services.texts == [UNHEALTHY]


def test_a_service_that_fails_twice_is_reported_once_and_its_end_once(
    services: Services, cloud_run: FakeCloudRun
) -> None:
    services.check(eastern(12))
    cloud_run.health(NAMES[0], DOWN)
    services.check(eastern(12, 30))
    assert services.texts == []
    services.check_every_half_hour(eastern(13), 4)
    assert services.texts == [UNHEALTHY]
    cloud_run.health(NAMES[0], UP)
    services.check_every_half_hour(eastern(15), 2)
    assert services.texts[1:] == [
        f"Recovered: prediction-worker is ready. UNHEALTHY for 2 h 30 min, 12:30 PM to 3:00 PM ET [{ID}]"
    ]
    row = "incident_id, check_date, due, stage, status, severity, ended_as"
    assert services.platform.rows(f"SELECT {row} FROM nba_monitoring.incidents") == [
        (ID, DAY, None, "prediction_worker", "UNHEALTHY", "ERROR", "recovered")
    ]


def all_on_old_revisions(fake: FakeCloudRun) -> None:
    for name in NAMES:
        fake.send_traffic(name, {OLD: 100})


def never_started(fake: FakeCloudRun) -> None:
    fake.fail_newest(NAMES[0], "No module named 'distributed_lock'")
    fake.change(NAMES[0], latestReadyRevision=None, trafficStatuses=None)


def deployed_well(fake: FakeCloudRun) -> None:
    for name in NAMES:
        fake.deploy(name, commit="900d", image="9")


# What happened on the platform, and the status that shows it.
HAPPENED: dict[str, tuple[Callable[[FakeCloudRun], object], str]] = {
    "its health check raised a TypeError": (lambda fake: fake.health(NAMES[0], Answer(b"", 500)), "UNHEALTHY"),
    "it ran another service's image": (
        lambda fake: fake.health(NAMES[0], Answer.json({"service": "analytics_processors"})),
        "WRONG_SERVICE",
    ),
    "its newest revision never became healthy": (
        lambda fake: fake.change(NAMES[0], latestReadyRevision=f"x/{NAMES[0]}-{OLD}"),
        "NEWEST_FAILED",
    ),
    "it had a new label on an old image": (lambda fake: fake.deploy(NAMES[0], commit="deadbee"), "BEHIND"),
    "all were on old revisions": (all_on_old_revisions, "OLD_REVISION"),
    "it did not start at all": (never_started, "NOT_READY"),
    "it was deleted": (lambda fake: fake.services.pop(NAMES[0]), "GONE"),
}


@pytest.mark.parametrize(("happen", "status"), HAPPENED.values(), ids=HAPPENED)
def test_what_happened_is_seen_at_the_next_check_reported_once_and_ended_once(
    services: Services, cloud_run: FakeCloudRun, happen: Callable[[FakeCloudRun], object], status: str
) -> None:
    services.check(eastern(12))
    happen(cloud_run)
    services.check(eastern(12, 30))
    seen = eastern(12, 30)
    if status == "BEHIND":
        seen += timedelta(days=1)
        services.check(seen)
    assert services.platform.rows(
        "SELECT status FROM nba_monitoring.service_checks WHERE service = 'prediction_worker' ORDER BY check_time"
    )[-1:] == [(status,)]
    services.check_every_half_hour(seen + timedelta(minutes=30), 3)
    (alert,) = services.texts
    assert "svc-" in alert
    deployed_well(cloud_run)
    services.check_every_half_hour(seen + timedelta(hours=2), 2)
    (end,) = services.texts[1:]
    assert end.startswith("Recovered: ")
    assert end.rpartition("[")[2] == alert.rpartition("[")[2]


def test_a_service_that_fails_once_is_not_reported(services: Services, cloud_run: FakeCloudRun) -> None:
    for hour in (9, 10, 11):
        cloud_run.health(NAMES[0], DOWN)
        services.check(eastern(hour))
        cloud_run.health(NAMES[0], UP)
        services.check(eastern(hour, 30))
    assert services.texts == []


def test_21_services_on_old_revisions_are_one_incident(
    services: Services, cloud_run: FakeCloudRun, tmp_path: Path
) -> None:
    names = [f"service-{number}" for number in range(21)]
    watch(cloud_run, tmp_path, names)
    services.check(eastern(9))
    for name in names:
        cloud_run.send_traffic(name, {OLD: 100})
    services.check_every_half_hour(eastern(9, 30), 6)
    (text,) = services.texts
    assert text.startswith("WARN All 21 services send traffic to old revisions. ")
    assert text.endswith("[svc-services-2026-01-18]")
    for number, name in enumerate(names):
        cloud_run.deploy(name)
        if number in (10, 20):
            services.check(eastern(13, number))
    assert [text.partition(".")[0] for text in services.texts[1:]] == ["Recovered: All 21 services are ready"]


def test_services_that_fail_differently_are_incidents_of_their_own(services: Services, cloud_run: FakeCloudRun) -> None:
    cloud_run.health(NAMES[0], DOWN)
    cloud_run.send_traffic(NAMES[1], {OLD: 100})
    services.check_every_half_hour(eastern(12, 30), 3)
    assert [text.rpartition("[")[2] for text in services.texts] == [
        f"{ID}]",
        "svc-prediction-coordinator-2026-01-18]",
    ]


def test_an_api_that_is_down_is_one_finding_and_delays_no_data_alert(
    services: Services, cloud_run: FakeCloudRun
) -> None:
    cloud_run.answers(Answer.json({}, 403))
    services.check_every_half_hour(eastern(10), 3)
    why = "Cloud Run refuses this account (403); grant it roles/run.viewer"
    (text,) = services.texts
    assert text == (
        "ERROR Both services could not be read from Cloud Run. "
        f"Each could not be read since 10:00 AM ET: {why} [svc-services-2026-01-18]"
    )
    with time_machine.travel(eastern(11)):
        run_check(settings_of(services.platform), services.sensor.instance, DAY)
        services.sensor.tick()
    assert services.texts[1].startswith("WARN Phase 4 missing for both games")
    assert why not in services.texts[1]
    cloud_run.works()
    services.check(eastern(11, 30))
    assert services.texts[2].startswith("Recovered: Both services are ready. UNKNOWN for 1 h 30 min")


def settings_of(platform: Platform) -> Settings:
    loaded = Settings.load()
    return platform.settings_with(
        NBA_MONITORING_SERVICES=str(loaded.services_file), NBA_MONITORING_RUN_API=loaded.run_url
    )


def test_a_missing_stage_names_the_service_that_fails_and_no_second_incident_is_opened(
    services: Services, cloud_run: FakeCloudRun
) -> None:
    cloud_run.health(NAMES[1], DOWN)
    with time_machine.travel(eastern(10, 50), tick=False):
        run_services(services.sensor.instance)
    asked = len(cloud_run.lists)
    with time_machine.travel(eastern(11)):
        run_check(settings_of(services.platform), services.sensor.instance, DAY)
        services.sensor.tick()
    cause = "Its service prediction-coordinator answers /health with 503 since 10:50 AM ET"
    (text,) = services.texts
    assert text.startswith("WARN Phase 4 missing for both games")
    assert cause in text
    assert len(cloud_run.lists) == asked
    services.check_every_half_hour(eastern(11, 30), 3)
    assert len(services.texts) == 1
    ((detail,),) = services.platform.rows("SELECT detail FROM nba_monitoring.stage_checks")
    assert json.loads(detail)["cause"] == cause


def test_an_old_check_of_a_service_explains_nothing(services: Services, cloud_run: FakeCloudRun) -> None:
    cloud_run.health(NAMES[1], DOWN)
    with time_machine.travel(eastern(10), tick=False):
        run_services(services.sensor.instance)
    with time_machine.travel(eastern(11)):
        run_check(settings_of(services.platform), services.sensor.instance, DAY)
        services.sensor.tick()
    (text,) = services.texts
    assert "Its service" not in text


@pytest.fixture
def failing(services: Services, cloud_run: FakeCloudRun) -> Services:
    """A service that was reported."""
    cloud_run.health(NAMES[0], DOWN)
    services.check_every_half_hour(eastern(12, 30), 2)
    assert services.texts == [UNHEALTHY]
    return services


def run_command(*arguments: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 0


def test_an_acknowledged_service_is_not_brought_to_mind(failing: Services, cloud_run: FakeCloudRun) -> None:
    with time_machine.travel(eastern(13, 15)):
        run_command("ack", ID, "--by", "Ann", "--note", "rolling back")
    failing.check(eastern(13, 30))
    said = "ERROR Acknowledged by Ann at 1:15 PM ET: prediction-worker is unhealthy"
    assert failing.texts[1:] == [f'{said}. "rolling back" [{ID}]']
    failing.check(eastern(13) + timedelta(days=2))
    assert len(failing.texts) == 2


def test_an_unattended_service_is_brought_to_mind_once_a_day(failing: Services) -> None:
    for hours in (2, 12, 23, 24, 30, 48):
        failing.check(eastern(13) + timedelta(hours=hours))
    assert [text.partition(":")[0] for text in failing.texts[1:]] == ["ERROR Still", "ERROR Still"]


def test_a_closed_service_is_not_reported_again_until_it_was_ready(failing: Services, cloud_run: FakeCloudRun) -> None:
    run_command("close", ID, "--by", "Ann", "--note", "known")
    failing.check(eastern(13, 30))
    assert failing.texts[1].startswith('Closed by Ann: prediction-worker is unhealthy. "known"')
    for days in range(1, 6):
        failing.check(eastern(13) + timedelta(days=days))
    assert len(failing.texts) == 2
    cloud_run.health(NAMES[0], UP)
    failing.check(eastern(13) + timedelta(days=6))
    assert failing.texts[2:] == [f"Ready after closing: prediction-worker [{ID}]"]
    cloud_run.health(NAMES[0], DOWN)
    failing.check_every_half_hour(eastern(14) + timedelta(days=6), 2)
    assert failing.texts[3].endswith("[svc-prediction-worker-2026-01-24]")


def test_a_muted_date_reports_no_service(services: Services, cloud_run: FakeCloudRun) -> None:
    with time_machine.travel(eastern(12)):
        run_command("mute", "--date", str(DAY), "--reason", "maintenance")
    cloud_run.health(NAMES[0], DOWN)
    services.check_every_half_hour(eastern(12, 30), 4)
    assert services.texts == []


def test_the_commands_and_the_morning_page_show_its_incident(
    failing: Services, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with time_machine.travel(eastern(14)):
        run_check(settings_of(failing.platform), failing.sensor.instance, DAY)
        run_command("incidents", "--open")
        run_command("report", "--out", str(tmp_path / "report.html"))
    assert ID in capsys.readouterr().out
    page = (tmp_path / "report.html").read_text()
    assert ID in page
    assert "9999" not in page


def test_a_service_that_fails_in_another_way_is_a_change(failing: Services, cloud_run: FakeCloudRun) -> None:
    del cloud_run.services[NAMES[0]]
    failing.check(eastern(13, 30))
    (text,) = failing.texts[1:]
    assert text.startswith("ERROR Changed: prediction-worker does not exist")


def test_an_incident_goes_on_while_cloud_run_is_silent_and_while_it_is_deployed_again(
    failing: Services, cloud_run: FakeCloudRun
) -> None:
    cloud_run.answers(Answer.json({}, 503))
    failing.check(eastern(13, 30))
    cloud_run.works()
    cloud_run.change(NAMES[0], reconciling=True, updateTime="2026-01-18T18:59:00Z")
    failing.check(eastern(14))
    cloud_run.change(NAMES[0], reconciling=False)
    failing.check(eastern(14, 30))
    assert failing.texts == [UNHEALTHY]


def test_a_check_that_is_older_than_the_last_one_changes_nothing(failing: Services, cloud_run: FakeCloudRun) -> None:
    failing.check(eastern(13, 30))
    cloud_run.health(NAMES[0], UP)
    failing.check(eastern(13, 20))
    assert failing.texts == [UNHEALTHY]


def test_a_lost_cursor_does_not_report_a_service_again_however_old(failing: Services) -> None:
    failing.sensor.cursor = None
    failing.check(eastern(13) + timedelta(days=5))
    assert [text.partition(":")[0] for text in failing.texts[1:]] == ["ERROR Still"]


def test_a_service_that_nobody_watches_anymore_is_over(
    failing: Services, cloud_run: FakeCloudRun, tmp_path: Path
) -> None:
    watch(cloud_run, tmp_path, NAMES[1:])
    failing.check(eastern(13, 30))
    assert failing.texts[1].startswith("No longer watched: prediction-worker.")


def test_a_failed_run_of_the_services_is_no_failed_check_of_a_date(services: Services, cloud_run: FakeCloudRun) -> None:
    services.platform.rows("CREATE SCHEMA nba_monitoring; CREATE TABLE nba_monitoring.service_checks (check_time INT)")
    with time_machine.travel(eastern(12)), pytest.raises(WarehouseError):
        run_services(services.sensor.instance)
    with time_machine.travel(eastern(12, 1)):
        services.sensor.tick()
    assert not [text for text in services.slack.texts if "check of" in text]


def test_without_a_file_nothing_of_dagster_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = definitions(Settings.load())
    assert not [key for key in loaded.resolve_asset_graph().get_all_asset_keys() if "service" in key.to_user_string()]
    assert "services_check" not in {job.name for job in loaded.resolve_all_job_defs()}
