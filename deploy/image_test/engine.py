"""Images and containers on Debian without Docker: podman, buildah and the shipped compose file.

Everything is made in one folder, WORK.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from nba_monitoring_tests.morning import Platform

Found = TypeVar("Found")

PROJECT = Path(__file__).parents[2]
WORK = Path(os.environ.get("NBA_MONITORING_IMAGE_TEST", "/var/tmp/nba-image-test"))
CADDY_PROGRAM = Path(sys.executable).with_name("caddy")
PORT = os.environ.get("PORT", "3900")
IMAGE, BASE = "localhost/nba_monitoring:test", "localhost/debian:test"
POSTGRES, CADDY = "localhost/postgres:test", "localhost/caddy:test"
USER, PASSWORD = "operator", "a password for the pages"
PACKAGES = ("podman", "buildah", "conmon", "runc", "netavark", "aardvark-dns", "iptables", "debootstrap", "catatonit")
PATIENCE = timedelta(minutes=8)

# Works without systemd and with cgroups v1, where crun fails.
CONTAINERS_CONF = """
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
init_path = "/usr/bin/catatonit"
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
    "CADDY_IMAGE": CADDY,
    "PORT": PORT,
}


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
    for name in ("docker-compose.yml", "Caddyfile"):
        shutil.copy(PROJECT / "deploy" / name, WORK / "deploy")
    shutil.copytree(PROJECT / "deploy" / "image_test", WORK / "image_test")
    (WORK / "deploy" / "production.env").write_text(SETTINGS)
    shutil.copy(CADDY_PROGRAM, WORK / "image_test")
    secrets = {
        "postgres_password": "a password: of the test",
        "slack_bot_token": "xoxb-of-the-test",
        "web_users": f"{USER} {said(str(CADDY_PROGRAM), 'hash-password', '--plaintext', PASSWORD)}",
    }
    for name, secret in secrets.items():
        path = WORK / "deploy" / "secrets" / name
        path.write_text(secret)
        os.chown(path, 10001, 10001)
        # The stand-in for Postgres is never root, as the official image is at first.
        path.chmod(0o444 if name == "postgres_password" else 0o400)
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


def is_healthy(service: str) -> bool:
    """Whether the container's own health check passes now."""
    return run("podman", "healthcheck", "run", container(service), check=False) == 0


def main_process(service: str) -> int:
    """The id on this machine of the process that a container is for, which its init has started; 0 if there is none."""
    init = process_of(container(service))
    try:
        first, *_ = Path(f"/proc/{init}/task/{init}/children").read_text().split()
    except (OSError, ValueError):
        return 0
    return int(first)


def container(service: str) -> str:
    """The name of a service's container."""
    return f"nba_monitoring_{service}_1"


def process_of(name: str) -> str:
    """The id on this machine of a container's first process; 0 if there is none."""
    return said("podman", "inspect", "--format", "{{.State.Pid}}", name)


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
