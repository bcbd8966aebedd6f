"""The image's recipe, short of building it."""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from nba_monitoring_tests.deploy.files import DEPLOY
from nba_monitoring_tests.orchestration.served import PROJECT

HADOLINT = Path(sys.executable).with_name("hadolint")
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
CONNECT = "import sys, psycopg2; psycopg2.connect(sys.argv[1])"
ENTRYPOINT = DEPLOY / "entrypoint.sh"


def lint(dockerfile: str) -> str:
    done = subprocess.run([HADOLINT, "-"], input=dockerfile, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_the_dockerfile_is_clean_and_a_bad_one_would_not_be() -> None:
    assert lint(DOCKERFILE) == ""
    assert "DL3002" in lint(DOCKERFILE.replace("USER 10001:10001", "USER root"))


def test_what_is_copied_exists_and_is_not_ignored() -> None:
    ignored = (PROJECT / ".dockerignore").read_text().splitlines()
    assert ignored[0] == "*"
    for line in DOCKERFILE.splitlines():
        if line.startswith("COPY") and "--from" not in line:
            for source in [word for word in line.split()[1:-1] if not word.startswith("--")]:
                assert (PROJECT / source).exists()
                assert f"!{source.removeprefix('./')}" in ignored


def test_the_image_runs_without_rights_and_has_a_health_check() -> None:
    last_stage = DOCKERFILE.rpartition("\nFROM ")[2]
    assert "\nUSER 10001:10001\n" in last_stage
    assert 'CMD ["nba-monitoring", "health"]' in last_stage


def entrypoint(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    path = {"PATH": "/usr/bin:/bin"}
    return subprocess.run([ENTRYPOINT, *command], env=path | environment, capture_output=True, text=True, check=False)


def test_the_database_s_password_reaches_what_is_started_later_too(tmp_path: Path) -> None:
    """libpq's own parser reads the file, with the characters that mean something in it."""
    password, passfile = tmp_path / "password", tmp_path / "pgpass"
    password.write_text("pa:ss\\ word\n")
    done = entrypoint("true", PGPASSWORD_FILE=str(password), PGPASSFILE=str(passfile))
    assert (done.returncode, done.stderr) == (0, "")
    assert passfile.stat().st_mode & 0o777 == 0o600
    with closing(socket.create_server(("127.0.0.1", 0))) as server, ThreadPoolExecutor(1) as pool:
        address = f"host=127.0.0.1 port={server.getsockname()[1]} user=dagster dbname=dagster sslmode=disable"
        asked = pool.submit(subprocess.run, [sys.executable, "-c", CONNECT, address], env={"PGPASSFILE": str(passfile)})
        connection, _ = server.accept()
        with connection:
            connection.recv(1000)
            connection.sendall(b"R" + struct.pack("!ii", 8, 3))  # a clear-text password, please
            answer = connection.recv(1000)
        asked.result()
    assert answer[5:] == b"pa:ss\\ word\0"


ALIVE = DEPLOY / "alive.sh"


def alive(well: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """The health check, which would end every process of the user: it runs in a namespace of processes of its own."""
    script = well.with_name("alive.sh")
    script.write_text(ALIVE.read_text().replace("well=/tmp/alive", f"well={well}"))
    script.chmod(0o755)
    isolated = ["unshare", "--pid", "--fork", "--mount-proc", "sh", "-c", 'sleep 60 & "$@"; sleep 0.2; jobs', "sh"]
    return subprocess.run([*isolated, script, *command], capture_output=True, text=True, check=True)


def aged(well: Path, seconds: float) -> Path:
    well.touch()
    os.utime(well, (time.time() - seconds,) * 2)
    return well


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a namespace of processes")
def test_a_health_check_ends_all_only_after_a_minute_without_a_good_answer(tmp_path: Path) -> None:
    well = tmp_path / "alive"
    # Not yet well: three minutes to start.
    assert "Running" in alive(well, "false").stdout
    assert well.stat().st_mtime > time.time() + 150
    assert "Running" in alive(aged(well, 30), "false").stdout
    assert "Running" not in alive(aged(well, 60), "false").stdout
    assert "Running" in alive(aged(well, 600), "true").stdout
    assert well.stat().st_mtime > time.time() - 30


def test_a_command_keeps_its_exit_status_and_runs_without_a_file() -> None:
    assert entrypoint("sh", "-c", "exit 7").returncode == 7


@pytest.mark.parametrize("given", ["none", "empty", "fifo", "folder"])
@pytest.mark.parametrize("doubled", [{}, {"PGPASSWORD": "secret"}])
def test_a_password_file_that_can_t_be_read_or_is_doubled_is_named(
    tmp_path: Path, given: str, doubled: dict[str, str]
) -> None:
    (tmp_path / "empty").touch()
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    done = entrypoint("true", PGPASSWORD_FILE=str(tmp_path / given), PGPASSFILE=str(tmp_path / "pgpass"), **doubled)
    assert done.returncode == 2
    assert "PGPASSWORD_FILE" in done.stderr
    assert "secret" not in done.stderr
