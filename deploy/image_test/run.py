"""Build the image, start the compose file, and test a morning, its alert, and what happens when processes die or hang.

`make image-test` runs it as root on Debian. It installs podman and buildah from Debian's packages if they are missing,
and makes a base image with debootstrap unless BASE names one. Everything it makes is in one folder.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

from engine import (
    CADDY,
    IMAGE,
    PASSWORD,
    PORT,
    POSTGRES,
    PROJECT,
    USER,
    WORK,
    base_image,
    build,
    compose,
    container,
    is_healthy,
    main_process,
    prepare,
    process_of,
    run,
    said,
    timed,
    wait_until,
)

from nba_monitoring.core.eastern import game_date
from nba_monitoring_tests.morning import FACTORS, NBAC, Platform
from nba_monitoring_tests.platform_tables import factor_rows, nbac_row

PROCESSES = ("code", "web", "daemon")
# What docs/deploy.md promises about a process that hangs.
MOST_SECONDS_TO_RESTART = 180
CHECK_EVERY_SECONDS = 30
PINS = PROJECT / "requirements" / "production.txt"
SIGN_IN = {"Authorization": "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()}
LAUNCH = """mutation($params: ExecutionParams!) { launchRun(executionParams: $params) {
  __typename ... on LaunchRunSuccess { run { id } } ... on PythonError { message } } }"""
RUN = "query($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }"


def main() -> None:
    """Run the whole test. Raises SystemExit with the reason if it fails."""
    figures: dict[str, Any] = {}
    platform = prepare()
    base = timed(figures, "base", base_image)
    # pip's configuration and the certificates with which this machine reaches the package index.
    of_pip = ("/etc/ssl/certs", "/etc/pip.conf")
    timed(figures, "build", lambda: build(base, PROJECT / "deploy" / "Dockerfile", PROJECT, IMAGE, *of_pip))
    build_the_others(base)
    figures["components"] = lists_what_is_in_it()
    size = int(said("podman", "image", "inspect", "--format", "{{.Size}}", IMAGE))
    figures["image_megabytes"] = round(size / 1_000_000)
    compose("down", "--volumes", check=False)
    try:
        timed(figures, "start", start)
        has_no_rights()
        asks_for_a_password()
        timed(figures, "morning_to_alert", alerts_in_the_morning)
        shows_the_chain()
        timed(figures, "restart", lambda: restarts_a_killed_container(platform))
        with checked_as_by_docker():
            for service in PROCESSES:
                timed(figures, f"hang_of_{service}", lambda service=service: restarts_what_hangs(service))
        nothing_was_lost_or_doubled()
        timed(figures, "stop", lambda: compose("stop", "--timeout", "60"))
    except BaseException:
        compose("logs", check=False)
        raise
    finally:
        compose("down", "--volumes", check=False)
    print(json.dumps(figures))


def build_the_others(base: str) -> None:
    """Stand-ins for the official images of Postgres and Caddy."""
    folder = WORK / "image_test"
    build(base, folder / "postgres.Dockerfile", folder, POSTGRES)
    build(base, folder / "caddy.Dockerfile", folder, CADDY)


def lists_what_is_in_it() -> int:
    """The number of packages in the image's bill of materials, with each pinned one in its pinned version."""
    run("make", "-C", str(PROJECT), "sbom", "ENGINE=podman", f"IMAGE={IMAGE}")
    path = PROJECT / "sbom.json"
    listed = {found["purl"] for found in json.loads(path.read_text())["components"]}
    path.unlink()
    for pin in ("dagster==", "duckdb==", "google-cloud-bigquery=="):
        (line,) = [line for line in PINS.read_text().splitlines() if line.startswith(pin)]
        name, version = line.split()[0].split("==")
        assert f"pkg:pypi/{name}@{version}" in listed, (name, version)
    assert any(purl.startswith("pkg:deb/debian/libc6@") for purl in listed)
    return len(listed)


def start() -> None:
    """Start the services in the compose file's order, each once the one before it is healthy."""
    compose("up", "--detach", "slack", "postgres")
    wait_until("Postgres is healthy", lambda: is_healthy("postgres"))
    for service in PROCESSES:
        compose("up", "--detach", "--no-deps", service)
        wait_until(f"{service} is healthy", lambda service=service: is_healthy(service))
    compose("up", "--detach", "--no-deps", "proxy")
    wait_until("the proxy answers", lambda: status_of("/server_info", SIGN_IN) == 200)


def has_no_rights() -> None:
    """No user is root, no root folder is writable, and the proxy alone listens, on the loopback."""
    for service in (*PROCESSES, "proxy"):
        assert said("podman", "exec", container(service), "id", "-u") == "10001"
        written = run("podman", "exec", container(service), "touch", "/opt/written", check=False)
        assert written != 0, f"{service}: the root is writable"
    ports = {service: said("podman", "port", container(service)) for service in (*PROCESSES, "proxy", "postgres")}
    assert ports == dict.fromkeys(ports, "") | {"proxy": f"3000/tcp -> 127.0.0.1:{PORT}"}, ports


def asks_for_a_password() -> None:
    """Nobody gets in without it, and no page of another site with the one that the browser knows."""
    assert status_of("/", {}) == 401
    assert status_of("/", SIGN_IN | {"Origin": "http://elsewhere.example"}) == 403
    assert status_of("/", SIGN_IN | {"Sec-Fetch-Site": "cross-site"}) == 403
    assert status_of("/graphql?query={version}", SIGN_IN) == 405


def alerts_in_the_morning() -> None:
    """A check of today, for which no schedule has a game, sends one alert at any hour."""
    assert launched_and_ended(str(today())) == "SUCCESS"
    wait_until("the alert", lambda: sent()[:1])
    assert "No schedule for" in sent()[0], sent()


def shows_the_chain() -> None:
    """`nba-monitoring health` in the daemon's container reaches the database, without the entry point's environment."""
    health = ("podman", "exec", container("daemon"), "nba-monitoring", "health")
    wait_until("the chain holds", lambda: run(*health, check=False) == 0)


def restarts_a_killed_container(platform: Platform) -> None:
    """After the code server's process is killed, the engine restarts it, and the next check sends its message."""
    name, day = container("code"), today()
    killed = process_of(name)
    run("kill", "-9", killed)
    wait_until("the restart", lambda: process_of(name) not in ("0", killed))
    wait_until("code is healthy", lambda: is_healthy("code"))
    platform.play_around(day)
    platform.add(NBAC, [nbac_row(day, "ORL", "MEM")])
    platform.add(FACTORS, factor_rows(day, f"{day:%Y%m%d}_ORL_MEM", 30))
    wait_until("a run after the restart", lambda: launched_and_ended(str(day)) == "SUCCESS")
    wait_until("the recovery", lambda: sent()[1:])
    assert len(sent()) == 2, sent()
    assert "Recovered" in sent()[1], sent()


@contextmanager
def checked_as_by_docker() -> Iterator[None]:
    """The health checks of the compose file run, which podman leaves to systemd."""
    ended = threading.Event()

    def check() -> None:
        while not ended.wait(CHECK_EVERY_SECONDS):
            for service in PROCESSES:
                threading.Thread(target=is_healthy, args=[service], daemon=True).start()

    threading.Thread(target=check, daemon=True).start()
    try:
        yield
    finally:
        ended.set()


def restarts_what_hangs(service: str) -> None:
    """A process that is stopped is ended by its health check, and started again by its container's engine."""
    hanging = wait_until(f"{service} runs", lambda: main_process(service))
    began = time.monotonic()
    os.kill(hanging, signal.SIGSTOP)
    wait_until(f"the restart of {service}", lambda: main_process(service) not in (0, hanging))
    seconds = time.monotonic() - began
    assert seconds < MOST_SECONDS_TO_RESTART, f"{service} was restarted after {seconds:.0f} s"
    print(f"image-test: {service}: started again {seconds:.0f} s after it was stopped", flush=True)
    wait_until(f"{service} is healthy again", lambda: is_healthy(service))


def nothing_was_lost_or_doubled() -> None:
    """After all restarts, the next check runs, is recorded, and has nothing new to say."""
    wait_until("a run after the restarts", lambda: launched_and_ended(str(today())) == "SUCCESS")
    time.sleep(2 * CHECK_EVERY_SECONDS)  # two ticks of the sensor
    assert len(sent()) == 2, sent()


def launched_and_ended(day: str) -> str:
    """Launch a run of the morning's job and return the status with which it ended."""
    selector = {
        "repositoryLocationName": "nba_monitoring.definitions",
        "repositoryName": "__repository__",
        "jobName": "morning_check",
    }
    tags = [{"key": "dagster/partition", "value": day}]
    answer = graphql(LAUNCH, params={"selector": selector, "executionMetadata": {"tags": tags}})["launchRun"]
    if answer["__typename"] != "LaunchRunSuccess":
        raise OSError(answer)
    run_id = answer["run"]["id"]

    def ended() -> str | None:
        status: str = graphql(RUN, id=run_id)["runOrError"]["status"]
        return status if status in ("SUCCESS", "FAILURE", "CANCELED") else None

    return wait_until("the run's end", ended)


def sent() -> list[str]:
    """The messages sent to Slack, in order."""
    lines = said("podman", "logs", container("slack")).splitlines()
    return [json.loads(line)["text"] for line in lines if line.startswith("{")]


def status_of(path: str, headers: Mapping[str, str]) -> int:
    """The status of the proxy's answer to a GET. Raises OSError if there is none."""
    try:
        with urllib.request.urlopen(requested(path, headers), timeout=60) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


def graphql(query: str, **variables: Any) -> Any:
    """The answer's data. Raises OSError if the web server does not answer."""
    body = json.dumps({"query": query, "variables": variables}).encode()
    headers = SIGN_IN | {"Content-Type": "application/json"}
    with urllib.request.urlopen(requested("/graphql", headers, body), timeout=60) as answer:
        return json.load(answer)["data"]


def requested(path: str, headers: Mapping[str, str], body: bytes | None = None) -> urllib.request.Request:
    """A request to the proxy."""
    return urllib.request.Request(f"http://127.0.0.1:{PORT}{path}", body, dict(headers))


def today() -> date:
    """The Eastern date."""
    return game_date(datetime.now(UTC))


if __name__ == "__main__":
    main()
