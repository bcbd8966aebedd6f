"""Build the image, start the compose file, and test a morning, its alert, and the restart of a killed container.

`make image-test` runs it as root on Debian. It installs podman and buildah from Debian's packages if they are missing,
and makes a base image with debootstrap unless BASE names one. Everything it makes is in one folder.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from nba_monitoring.core.eastern import game_date
from nba_monitoring_tests.morning import FACTORS, NBAC, Platform
from nba_monitoring_tests.platform_tables import factor_rows, nbac_row

Found = TypeVar("Found")

PROJECT = Path(__file__).parents[2]
WORK = Path(os.environ.get("NBA_MONITORING_IMAGE_TEST", "/var/tmp/nba-image-test"))
PORT = os.environ.get("PORT", "3900")
IMAGE, POSTGRES, BASE = "localhost/nba_monitoring:test", "localhost/postgres:test", "localhost/debian:test"
PACKAGES = ("podman", "buildah", "conmon", "runc", "netavark", "aardvark-dns", "iptables", "debootstrap")
PATIENCE = timedelta(minutes=8)

# Works without systemd and with cgroups v1, where crun fails.
CONTAINERS_CONF = """
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[network]
network_backend = "netavark"
"""
STORAGE_CONF = f"""
[storage]
driver = "overlay"
graphroot = "{WORK}/storage"
runroot = "{WORK}/run"
"""
SETTINGS = """NBA_MONITORING_WAREHOUSE=duckdb:///warehouse/warehouse.duckdb
NBA_MONITORING_SCHEDULE_APIS=never
NBA_MONITORING_ENVIRONMENT=image-test
SLACK_CHANNEL=#nba-alerts
SLACK_API_URL=http://slack:8080/api/
"""
ENVIRONMENT = os.environ | {
    "CONTAINERS_CONF": f"{WORK}/containers.conf",
    "CONTAINERS_STORAGE_CONF": f"{WORK}/storage.conf",
    "DISABLE_HC_SYSTEMD": "true",  # this script runs the health checks
    "NBA_MONITORING_IMAGE": IMAGE,
    "POSTGRES_IMAGE": POSTGRES,
    "PORT": PORT,
}
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
    folder = PROJECT / "deploy" / "image_test"
    timed(figures, "postgres_image", lambda: build(base, folder / "postgres.Dockerfile", folder, POSTGRES))
    size = int(said("podman", "image", "inspect", "--format", "{{.Size}}", IMAGE))
    figures["image_megabytes"] = round(size / 1_000_000)
    compose("down", "--volumes", check=False)
    try:
        timed(figures, "start", start)
        has_no_rights()
        timed(figures, "morning_to_alert", alerts_in_the_morning)
        timed(figures, "restart", lambda: restarts_a_killed_container(platform))
        timed(figures, "stop", lambda: compose("stop", "--timeout", "60"))
    except BaseException:
        compose("logs", check=False)
        raise
    finally:
        compose("down", "--volumes", check=False)
    print(json.dumps(figures))


def prepare() -> Platform:
    """Install the engine, and make its configuration and an operator's folder: settings, secrets and a warehouse."""
    if subprocess.run(["dpkg", "--status", *PACKAGES], capture_output=True, check=False).returncode:
        run("apt-get", "update", "--quiet")
        run("apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *PACKAGES)
    WORK.mkdir(parents=True, exist_ok=True)
    for name, text in (("containers.conf", CONTAINERS_CONF), ("storage.conf", STORAGE_CONF)):
        (WORK / name).write_text(text)
    for name in ("deploy", "image_test", "warehouse"):
        shutil.rmtree(WORK / name, ignore_errors=True)
    (WORK / "deploy" / "secrets").mkdir(parents=True)
    shutil.copy(PROJECT / "deploy" / "docker-compose.yml", WORK / "deploy")
    shutil.copytree(PROJECT / "deploy" / "image_test", WORK / "image_test")
    (WORK / "deploy" / "production.env").write_text(SETTINGS)
    for name, secret in (("postgres_password", "a password of the test"), ("slack_bot_token", "xoxb-of-the-test")):
        (WORK / "deploy" / "secrets" / name).write_text(secret)
    (WORK / "warehouse").mkdir()
    platform = Platform(WORK / "warehouse" / "warehouse.duckdb")
    for path in (WORK / "warehouse", platform.path):
        os.chown(path, 10001, 10001)
    return platform


def base_image() -> str:
    """The base image: BASE, or one made of Debian's packages."""
    if named := os.environ.get("BASE"):
        return named
    if run("podman", "image", "exists", BASE, check=False):
        root = WORK / "base"
        include = "--include=ca-certificates,python3,python3-venv"
        run("debootstrap", "--variant=minbase", include, "bookworm", str(root), "http://deb.debian.org/debian")
        run("tar", "-C", str(root), "-cf", f"{root}.tar", ".")
        run("podman", "import", "--quiet", f"{root}.tar", BASE)
        Path(f"{root}.tar").unlink()
        shutil.rmtree(root)
    return BASE


def build(base: str, dockerfile: Path, context: Path, image: str, *mounted: str) -> None:
    """Build an image, with those of the `mounted` files of this machine that exist."""
    volumes = [f"--volume={path}:{path}:ro" for path in mounted if Path(path).exists()]
    run(
        *("buildah", "build", "--isolation", "chroot", "--format", "docker", "--layers"),
        *("--build-arg", f"BASE={base}", *volumes, "--file", str(dockerfile), "--tag", image, str(context)),
    )


def start() -> None:
    """Start the services in the compose file's order, each once the one before it is healthy."""
    compose("up", "--detach", "slack", "postgres")
    wait_until("Postgres is healthy", lambda: is_healthy("postgres"))
    for service in ("code", "web"):
        compose("up", "--detach", "--no-deps", service)
        wait_until(f"{service} is healthy", lambda service=service: is_healthy(service))
    # It is healthy only after today was checked.
    compose("up", "--detach", "--no-deps", "daemon")


def has_no_rights() -> None:
    """No user is root, no root folder is writable, and the web server listens on the loopback only."""
    for service in ("code", "web", "daemon"):
        assert said("podman", "exec", container(service), "id", "-u") == "10001"
        written = run("podman", "exec", container(service), "touch", "/opt/dagster/written", check=False)
        assert written != 0, f"{service}: the root is writable"
    ports = said("podman", "port", container("web"))
    assert ports == f"3000/tcp -> 127.0.0.1:{PORT}", ports


def alerts_in_the_morning() -> None:
    """A check of today, for which no schedule has a game, sends one alert at any hour."""
    assert launched_and_ended(str(today())) == "SUCCESS"
    wait_until("the alert", lambda: sent()[:1])
    assert "No schedule to check against" in sent()[0], sent()
    wait_until("daemon is healthy", lambda: is_healthy("daemon"))


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


def process_of(name: str) -> str:
    """The id on this machine of a container's first process; 0 if there is none."""
    return said("podman", "inspect", "--format", "{{.State.Pid}}", name)


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


def graphql(query: str, **variables: Any) -> Any:
    """The answer's data. Raises OSError if the web server does not answer."""
    body = json.dumps({"query": query, "variables": variables}).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{PORT}/graphql", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["data"]


def is_healthy(service: str) -> bool:
    """Whether the container's own health check passes now."""
    return run("podman", "healthcheck", "run", container(service), check=False) == 0


def container(service: str) -> str:
    """The name of a service's container."""
    return f"nba_monitoring_{service}_1"


def today() -> date:
    """The Eastern date."""
    return game_date(datetime.now(UTC))


def wait_until(what: str, answer: Callable[[], Found | None]) -> Found:
    """The first truthy answer. Raises SystemExit after PATIENCE."""
    deadline = time.monotonic() + PATIENCE.total_seconds()
    while time.monotonic() < deadline:
        try:
            found = answer()
        except OSError:
            found = None
        if found:
            return found
        time.sleep(2)
    raise SystemExit(f"image-test: {what}: not seen within {PATIENCE}")


def timed(figures: dict[str, Any], name: str, step: Callable[[], Found]) -> Found:
    """The step's answer; adds its seconds to the figures."""
    began = time.monotonic()
    answer = step()
    figures[f"{name}_seconds"] = round(time.monotonic() - began, 1)
    print(f"image-test: {name}: {figures[f'{name}_seconds']} s", flush=True)
    return answer


def compose(*arguments: str, check: bool = True) -> int:
    """Run podman-compose with the shipped file and the test's additions."""
    files = ["-f", str(WORK / "deploy" / "docker-compose.yml"), "-f", str(WORK / "image_test" / "compose.yml")]
    command = [sys.executable, "-m", "podman_compose", "--in-pod", "false", *files, *arguments]
    return run(*command, check=check)


def run(*command: str, check: bool = True) -> int:
    """The exit status. With `check`, raises SystemExit unless it is 0."""
    done = subprocess.run(command, env=ENVIRONMENT, cwd=WORK if WORK.exists() else None, check=False)
    if check and done.returncode:
        raise SystemExit(f"image-test: {' '.join(command)[:200]} ended with {done.returncode}")
    return done.returncode


def said(*command: str) -> str:
    """A command's output."""
    return subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    main()
