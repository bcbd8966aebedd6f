"""`nba-monitoring services`: each incident that the platform's services have had, at the check that shows it."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import time_machine
from googleapiclient.discovery_cache import get_static_doc
from jsonschema import Draft202012Validator

from nba_monitoring.core.service_verdict import CHANGING, FAILED, SUCCEEDED
from nba_monitoring.google_apis import cloud_run as api
from nba_monitoring.http import HttpPolicy
from nba_monitoring_tests.cli.conftest import Command
from nba_monitoring_tests.cli.outcome import run_process
from nba_monitoring_tests.cloud_run import LIST, NEW, OLD, PROJECT, FakeCloudRun, write_services
from nba_monitoring_tests.days import eastern
from nba_monitoring_tests.loopback import Answer, LoopbackServer
from nba_monitoring_tests.morning import Platform

WORKER, COORDINATOR = "prediction-worker", "prediction-coordinator"
ENTRIES = {
    "worker": f"service: {WORKER}, feeds: [predictions], health: /health, fix: ./bin/deploy-service.sh {WORKER}",
    "coordinator": f"service: {COORDINATOR}, feeds: [predictions]",
}


@pytest.fixture
def services_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: Platform) -> Path:
    path = write_services(tmp_path / "services.yaml", ENTRIES)
    monkeypatch.setenv("NBA_MONITORING_SERVICES", str(path))
    return path


@pytest.fixture
def cloud_run(services_file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeCloudRun]:
    """Both services, ready."""
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    with LoopbackServer() as server:
        monkeypatch.setenv("NBA_MONITORING_RUN_API", server.url)
        made = FakeCloudRun(server)
        made.deploy(WORKER)
        made.deploy(COORDINATOR)
        yield made


def checked(command: Command, when: datetime | None = None) -> dict[str, dict[str, Any]]:
    """The rows of a check, by service."""
    with time_machine.travel(when or eastern(13), tick=False):
        done = command("services", "--json")
    assert done.status in (0, 1), done.err
    rows = {row["service"]: row for row in done.records}
    assert done.status == (0 if all(row["severity"] is None for row in rows.values()) else 1)
    return rows


def worker(command: Command, when: datetime | None = None) -> tuple[str, str | None, str]:
    row = checked(command, when)["worker"]
    return row["status"], row["severity"], row["detail"]["what"]


def test_services_that_serve_their_newest_revision_are_ready(
    command: Command, cloud_run: FakeCloudRun, platform: Platform
) -> None:
    rows = checked(command)
    assert {name: row["status"] for name, row in rows.items()} == {"worker": "READY", "coordinator": "READY"}
    assert rows["worker"] | {"detail": ..., "check_id": ..., "run_id": ...} == {
        "check_time": "2026-01-18T18:00:00+00:00",
        "service": "worker",
        "status": "READY",
        "severity": None,
        "serving": [f"{WORKER}-{NEW}"],
        "latest": f"{WORKER}-{NEW}",
        "commit": "c0ffee1",
        "since": "2026-01-18T18:00:00+00:00",
        "detail": ...,
        "check_id": ...,
        "run_id": ...,
        "trigger": "manual",
    }
    assert len(cloud_run.lists) == 1
    assert platform.rows("SELECT service, status FROM nba_monitoring.service_checks ORDER BY 1") == [
        ("coordinator", "READY"),
        ("worker", "READY"),
    ]


def test_a_service_whose_health_check_raises_is_unhealthy(command: Command, cloud_run: FakeCloudRun) -> None:
    cloud_run.health(WORKER, Answer(b"TypeError", 500))
    assert worker(command) == ("UNHEALTHY", "ERROR", "answers /health with 500")
    assert cloud_run.asked_for_health(WORKER) == 2


def test_one_bad_answer_is_no_finding(command: Command, cloud_run: FakeCloudRun) -> None:
    cloud_run.health(WORKER, Answer(b"", 503), Answer.json({}))
    assert worker(command)[0] == "READY"


def test_a_service_that_runs_the_image_of_another_is_seen_by_the_name_it_gives(
    command: Command, cloud_run: FakeCloudRun
) -> None:
    cloud_run.health(WORKER, Answer.json({"service": "analytics_processors", "status": "healthy"}))
    assert worker(command) == ("WRONG_SERVICE", "ERROR", "says at /health that it is analytics_processors")


@pytest.mark.parametrize("named", ["prediction_worker", "Prediction Worker", "worker", "predictions", "", 7, None])
def test_a_service_may_write_its_own_name_as_it_likes(command: Command, cloud_run: FakeCloudRun, named: object) -> None:
    cloud_run.health(WORKER, Answer.json({"service": named}))
    assert worker(command)[0] == "READY"


def test_a_newest_revision_that_never_became_ready_is_seen(command: Command, cloud_run: FakeCloudRun) -> None:
    cloud_run.deploy(WORKER, OLD)
    cloud_run.fail_newest(WORKER, "No module named 'distributed_lock'")
    row = checked(command)["worker"]
    assert (row["status"], row["severity"]) == ("NEWEST_FAILED", "WARN")
    assert row["detail"]["what"] == (
        f"serves {WORKER}-{OLD}: its newest revision {WORKER}-{NEW} failed: No module named 'distributed_lock'"
    )
    assert row["since"] == "2026-01-18T17:00:00+00:00"


def test_a_newest_revision_without_an_error_is_seen_too(command: Command, cloud_run: FakeCloudRun) -> None:
    cloud_run.change(WORKER, latestReadyRevision=f"x/{WORKER}-{OLD}")
    assert worker(command)[:2] == ("NEWEST_FAILED", "WARN")


def test_a_service_that_never_started_is_not_ready(command: Command, cloud_run: FakeCloudRun) -> None:
    cloud_run.fail_newest(WORKER, "No module named 'distributed_lock'")
    cloud_run.change(WORKER, latestReadyRevision=None, trafficStatuses=None)
    assert worker(command) == ("NOT_READY", "ERROR", "is not ready: No module named 'distributed_lock'")


def test_an_old_image_under_a_new_label_fails_after_a_day(command: Command, cloud_run: FakeCloudRun) -> None:
    checked(command, eastern(9))
    cloud_run.deploy(WORKER, commit="deadbee")
    status, severity, what = worker(command, eastern(10))
    assert (status, severity) == ("READY", None)
    assert what.startswith("runs the image of commit c0ffee1 under the label of deadbee, which fails from 2026-01-19")
    for hours in (12, 24):
        worker(command, eastern(10) + timedelta(hours=hours) - timedelta(minutes=1))
    behind = "runs the image of commit c0ffee1 under the label of deadbee"
    assert worker(command, eastern(10) + timedelta(hours=24)) == ("BEHIND", "WARN", behind)
    cloud_run.deploy(WORKER, commit="deadbee", image="2")
    assert worker(command, eastern(10) + timedelta(hours=25))[0] == "READY"


def test_traffic_that_stays_on_an_old_revision_is_seen(command: Command, cloud_run: FakeCloudRun) -> None:
    cloud_run.send_traffic(WORKER, {OLD: 90, NEW: 10})
    what = f"sends 90% of its traffic to {WORKER}-{OLD}, not to its newest revision {WORKER}-{NEW}"
    assert worker(command) == ("OLD_REVISION", "WARN", what)


def test_a_canary_may_split_the_traffic(command: Command, cloud_run: FakeCloudRun, services_file: Path) -> None:
    write_services(services_file, {"worker": f"service: {WORKER}, traffic: split"})
    cloud_run.send_traffic(WORKER, {OLD: 90, NEW: 10})
    assert worker(command)[0] == "READY"
    cloud_run.send_traffic(WORKER, {OLD: 100})
    assert worker(command)[0] == "OLD_REVISION"


def test_a_tag_without_traffic_is_no_finding(command: Command, cloud_run: FakeCloudRun) -> None:
    statuses = [*cloud_run.services[WORKER]["trafficStatuses"], {"revision": f"{WORKER}-{OLD}", "tag": "before"}]
    cloud_run.change(WORKER, trafficStatuses=statuses)
    assert worker(command)[0] == "READY"


def test_a_deployment_may_take_ten_minutes(command: Command, cloud_run: FakeCloudRun) -> None:
    cloud_run.change(
        WORKER,
        reconciling=True,
        updateTime="2026-01-18T18:00:00Z",
        latestReadyRevision=f"x/{WORKER}-{OLD}",
        terminalCondition={"state": "CONDITION_RECONCILING", "lastTransitionTime": "2026-01-18T18:00:01Z"},
    )
    assert worker(command, eastern(13, 9)) == ("DEPLOYING", None, f"is deploying {WORKER}-{NEW}")
    assert cloud_run.asked_for_health(WORKER) == 0
    assert worker(command, eastern(13, 11))[:2] == ("NEWEST_FAILED", "WARN")


def test_a_service_that_is_not_listed_is_gone(command: Command, cloud_run: FakeCloudRun) -> None:
    del cloud_run.services[WORKER]
    assert worker(command) == ("GONE", "ERROR", "does not exist")


def test_a_service_of_the_second_page_is_found(command: Command, cloud_run: FakeCloudRun) -> None:
    cloud_run.page_size = 1
    assert {row["status"] for row in checked(command).values()} == {"READY"}
    assert [request.query.get("pageToken") for request in cloud_run.lists] == [None, ["1"]]


@pytest.mark.parametrize("fields", [{"nextPageToken": "again"}, {"unreachable": ["us-west2"]}])
def test_nobody_is_gone_of_a_list_that_is_not_whole(
    command: Command, cloud_run: FakeCloudRun, fields: dict[str, Any]
) -> None:
    cloud_run.answers(Answer.json({"services": [cloud_run.services[COORDINATOR]], **fields}))
    rows = checked(command)
    assert (rows["worker"]["status"], rows["coordinator"]["status"]) == ("UNKNOWN", "READY")
    assert len(cloud_run.lists) <= 2


MISSING = {
    "no condition": {"terminalCondition": None},
    "no state": {"terminalCondition": {"type": "Ready"}},
    "a state of the future": {"terminalCondition": {"state": "CONDITION_DREAMING"}},
    "no newest revision": {"latestCreatedRevision": None, "latestReadyRevision": None},
    "no ready revision": {"latestReadyRevision": None, "latestCreatedRevision": None, "trafficStatuses": None},
    "no traffic": {"trafficStatuses": None},
    "no percent": {"trafficStatuses": [{"revision": "x"}]},
    "a list that is none": {"trafficStatuses": "100%"},
    "a time that is none": {"updateTime": "yesterday"},
}


@pytest.mark.parametrize("fields", MISSING.values(), ids=MISSING)
def test_what_cloud_run_leaves_out_is_never_ready(
    command: Command, cloud_run: FakeCloudRun, fields: dict[str, Any]
) -> None:
    cloud_run.change(WORKER, **fields)
    rows = checked(command)
    assert (rows["worker"]["status"], rows["worker"]["severity"]) == ("UNKNOWN", "ERROR")
    assert rows["worker"]["detail"]["what"].startswith("could not be read: Cloud Run")
    assert rows["coordinator"]["status"] == "READY"


REFUSALS = {
    "401": (Answer.json({}, 401), "roles/run.viewer"),
    "403": (Answer.json({}, 403), "roles/run.viewer"),
    "404": (Answer.json({}, 404), PROJECT),
    "429": (Answer.json({}, 429), "429"),
    "503": (Answer.json({}, 503), "503"),
    "a proxy's page": (Answer(b"<html>sign in</html>"), "no valid JSON"),
    "a list that is none": (Answer.json({"services": {}}), "unexpected answer"),
}


@pytest.mark.parametrize(("answer", "why"), REFUSALS.values(), ids=REFUSALS)
def test_an_api_that_refuses_leaves_every_service_unknown(
    command: Command, cloud_run: FakeCloudRun, answer: Answer, why: str
) -> None:
    cloud_run.answers(answer)
    rows = checked(command)
    assert {(row["status"], row["severity"]) for row in rows.values()} == {("UNKNOWN", "ERROR")}
    (what,) = {row["detail"]["what"] for row in rows.values()}
    assert what.startswith("could not be read: ")
    assert why in what
    assert "127.0.0.1" not in what


def test_an_api_that_is_overloaded_is_asked_again(command: Command, cloud_run: FakeCloudRun) -> None:
    cloud_run.answers(Answer.json({}, 429), Answer.json({}, 500), Answer.json({"services": []}))
    assert worker(command)[0] == "GONE"


def test_an_api_that_hangs_is_given_up(
    command: Command, cloud_run: FakeCloudRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = HttpPolicy(timeout=0.2, budget=0.4, retries=1)
    monkeypatch.setattr(api.list_services, "__defaults__", (quick,))
    cloud_run.answers(Answer.json({}, delay=30))
    began = time.monotonic()
    assert worker(command)[0] == "UNKNOWN"
    assert time.monotonic() - began < 5


def test_what_lasts_keeps_its_beginning_though_the_api_was_down(command: Command, cloud_run: FakeCloudRun) -> None:
    cloud_run.health(WORKER, Answer(b"", 503))
    assert checked(command, eastern(12, 47))["worker"]["detail"]["failing_since"] == "2026-01-18T17:47:00+00:00"
    cloud_run.answers(Answer.json({}, 403))
    assert checked(command, eastern(13))["worker"]["since"] == "2026-01-18T18:00:00+00:00"
    cloud_run.works()
    row = checked(command, eastern(13, 30))["worker"]
    assert row["since"] == row["detail"]["failing_since"] == "2026-01-18T17:47:00+00:00"
    cloud_run.health(WORKER, Answer.json({}))
    assert checked(command, eastern(14))["worker"]["detail"]["failing_since"] is None


def test_a_service_that_is_not_open_to_the_monitor_names_the_role(command: Command, cloud_run: FakeCloudRun) -> None:
    cloud_run.health(WORKER, Answer(b"", 403))
    assert worker(command)[2] == "answers /health with 403: grant the monitor roles/run.invoker"


def test_the_table_shows_what_was_found_and_what_deploys_it(command: Command, cloud_run: FakeCloudRun) -> None:
    cloud_run.health(WORKER, Answer(b"", 503))
    with time_machine.travel(eastern(13), tick=False):
        done = command("services")
    assert done.status == 1
    assert [" ".join(line.split()) for line in done.out.splitlines()] == [
        "Service Status Found Since (ET)",
        "worker UNHEALTHY (ERROR) answers /health with 503 2026-01-18 13:00",
        f"coordinator READY serves {COORDINATOR}-{NEW} 2026-01-18 13:00",
        f"To deploy again: ./bin/deploy-service.sh {WORKER}",
    ]


BAD = {
    "no file": (None, "services.yaml: does not exist; check NBA_MONITORING_SERVICES"),
    "empty": ("", "services.yaml: has no fields; start with `services:`"),
    "no services": ("cloud_run: {project: p, region: us-west2}\n", "services.yaml: services: required, but missing"),
    "no project": (
        "services:\n  a: {service: a}\n",
        "services.yaml: cloud_run: required, but missing; write `cloud_run: {project: PROJECT, region: us-west2}`",
    ),
    "no region": (
        "cloud_run: {project: p}\nservices:\n  a: {service: a}\n",
        "services.yaml:1: cloud_run.region: required, but missing",
    ),
    "every region": (
        "cloud_run: {project: p, region: '-'}\nservices:\n  a: {service: a}\n",
        "services.yaml:1: cloud_run.region: '-' is not a region, such as us-west2",
    ),
    "unknown stage": (
        "cloud_run: {project: p, region: us-west2}\nservices:\n  a:\n    service: a\n    feeds: [prediction]\n",
        "services.yaml:5: services.a.feeds[0]: no stage 'prediction'; did you mean 'predictions'?",
    ),
    "twice": (
        "cloud_run: {project: p, region: us-west2}\nservices:\n  a: {service: x}\n  b: {service: x}\n",
        "services.yaml:4: services.b.service: x is also the service of a; keep one",
    ),
    "one key twice": (
        "services:\n  a: {service: x}\n  a: {service: y}\n",
        "services.yaml:3: services.a: appears twice",
    ),
    "an address": (
        "cloud_run: {project: p, region: us-west2}\nservices:\n  a: {service: a, health: https://b/}\n",
        "services.yaml:3: services.a.health: 'https://b/' is not a path",
    ),
    "a name": (
        "cloud_run: {project: p, region: us-west2}\nservices:\n  A-b: {service: a}\n",
        "services.yaml:3: services.A-b: 'A-b' is not a name; use lowercase letters",
    ),
    "images alone": (
        "services:\n  a: {image: {dockerfile: x}}\n",
        "services.yaml:1: services: has no service to watch; add `service: NAME` to one",
    ),
}


@pytest.mark.parametrize(("text", "error"), BAD.values(), ids=BAD)
def test_a_wrong_file_is_an_error_at_its_line(
    command: Command, services_file: Path, text: str | None, error: str
) -> None:
    services_file.unlink()
    if text is not None:
        services_file.write_text(text)
    done = command("services")
    assert (done.status, done.out) == (2, "")
    assert error in done.err


def test_without_a_file_the_command_says_which_variable_names_one(command: Command, platform: Platform) -> None:
    done = command("services")
    assert (done.status, done.out) == (2, "")
    assert done.err == (
        "nba-monitoring: NBA_MONITORING_SERVICES: names no file; services are not watched. docs/services.md shows one\n"
    )


def test_status_and_health_say_that_services_are_not_watched(command: Command, platform: Platform) -> None:
    assert "Services are not watched (NBA_MONITORING_SERVICES is not set)." in command("status").out.splitlines()
    (line,) = [line for line in command("health").out.splitlines() if line.startswith("services")]
    assert " ".join(line.split()) == "services not seen not watched, because NBA_MONITORING_SERVICES is not set"


def test_status_and_health_say_how_the_services_are(command: Command, cloud_run: FakeCloudRun) -> None:
    cloud_run.health(WORKER, Answer(b"", 503))
    checked(command, eastern(13))
    with time_machine.travel(eastern(13, 10), tick=False):
        said = f"Services: 1 of 2 ready. {WORKER} answers /health with 503 since 1:00 PM ET"
        assert said in command("status").out.splitlines()
        assert "checked (1:00 PM ET, 10 min ago)" in command("health").out
    with time_machine.travel(eastern(15), tick=False):
        assert "Services were not checked since 1:00 PM ET." in " ".join(command("health").out.split()).replace(
            "2026-01-18 ", ""
        )


def test_the_morning_page_shows_each_service(command: Command, cloud_run: FakeCloudRun, tmp_path: Path) -> None:
    cloud_run.health(WORKER, Answer(b"", 503))
    with time_machine.travel(eastern(13), tick=False):
        command("services")
        command("check")
        assert command("report", "--out", tmp_path / "report.html").status == 0
    page = (tmp_path / "report.html").read_text()
    assert "answers /health with 503 since 1:00 PM ET" in page
    assert COORDINATOR in page


@pytest.mark.slow
def test_a_check_of_a_date_imports_nothing_that_asks_cloud_run(
    cloud_run: FakeCloudRun, held_open: duckdb.DuckDBPyConnection
) -> None:
    held_open.close()
    script = (
        "import atexit, sys; from nba_monitoring.cli.main import main; "
        "names = 'google', 'nba_monitoring.google_apis', 'nba_monitoring.services_check'; "
        "atexit.register(lambda: print('loaded:', [name for name in sys.modules if name.startswith(names)])); "
        "main(['check', '--date', '2026-01-18'])"
    )
    done = run_process(sys.executable, "-c", script)
    assert done.out.splitlines()[-1] == "loaded: []"
    assert cloud_run.lists == []


def test_without_a_file_a_check_reads_no_service_and_says_nothing_of_any(
    command: Command, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    with time_machine.travel(eastern(13), tick=False):
        before = command("check", "--date", "2026-01-18", "--stages", "--json")
        platform.rows("CREATE TABLE nba_monitoring.service_checks (check_time TIMESTAMPTZ, service VARCHAR)")
        after = command("check", "--date", "2026-01-18", "--stages", "--json")
    assert [without_ids(row) for row in before.records] == [without_ids(row) for row in after.records]
    assert "cause" not in before.records[0]["detail"]


def without_ids(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("check_id", "run_id")}


def test_the_schema_of_a_services_file_takes_what_the_monitor_takes(command: Command) -> None:
    done = command("services", "--schema")
    schema = json.loads(done.out)
    Draft202012Validator.check_schema(schema)
    takes = Draft202012Validator(schema).is_valid
    entry: dict[str, Any] = {
        "service": WORKER,
        "feeds": ["predictions"],
        "health": "/health",
        "traffic": "split",
        "fix": "x",
    }
    place = {"project": PROJECT, "region": "us-west2"}
    assert takes({"cloud_run": place, "services": {"a": entry, "b": {"image": {"dockerfile": "x"}}}})
    bad: dict[str, Any]
    for bad in ({"feeds": []}, entry | {"trafic": "split"}, entry | {"health": "http://x"}):
        assert not takes({"cloud_run": place, "services": {"a": bad}})
    assert not takes({"cloud_run": place, "services": {"A": entry}})


def test_the_api_is_as_google_describes_it(cloud_run: FakeCloudRun) -> None:
    described = json.loads(get_static_doc("run", "v2"))
    listing = described["resources"]["projects"]["resources"]["locations"]["resources"]["services"]["methods"]["list"]
    parent = f"projects/{PROJECT}/locations/us-west2"
    assert (listing["httpMethod"], "/" + listing["path"].replace("{+parent}", parent)) == ("GET", LIST)
    assert {"pageSize", "pageToken"} <= listing["parameters"].keys()
    _used(described, api.Page, listing["response"]["$ref"])
    _used(described, api.CloudRunService, "GoogleCloudRunV2Service")
    states = described["schemas"]["GoogleCloudRunV2Condition"]["properties"]["state"]["enum"]
    assert set(states) - {"STATE_UNSPECIFIED"} == {SUCCEEDED, FAILED, *CHANGING}
    kinds = described["schemas"]["GoogleCloudRunV2TrafficTargetStatus"]["properties"]["type"]["enum"]
    assert api.TO_LATEST in kinds
    cloud_run.fail_newest(WORKER, "no")
    for service in cloud_run.services.values():
        _documented(described, service, "GoogleCloudRunV2Service")


def _used(described: dict[str, Any], model: Any, name: str) -> None:
    """Each field of a model is in Google's description, with its kind."""
    fields = described["schemas"][name]["properties"]
    for field in model.model_fields.values():
        assert field.alias in fields, f"{name}.{field.alias}"


def _documented(described: dict[str, Any], value: Any, name: str) -> None:
    """A value of the fake has only fields of Google's description, each of its kind."""
    fields = described["schemas"][name]["properties"]
    kinds = {"string": str, "boolean": bool, "integer": int, "array": list, "object": dict}
    for key, part in value.items():
        field = fields[key]
        if "$ref" in field:
            _documented(described, part, field["$ref"])
            continue
        assert isinstance(part, kinds[field["type"]]), f"{name}.{key}"
        if "enum" in field:
            assert part in field["enum"]
        for item in part if isinstance(part, list) else ():
            if "$ref" in field["items"]:
                _documented(described, item, field["items"]["$ref"])
