"""`make dev`: what a person reads while Dagster starts."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from nba_monitoring_tests.morning import Platform

pytestmark = [pytest.mark.daemon, pytest.mark.timeout(180)]

CHECKOUT = Path(__file__).parents[2]
# With a folder of its own, not the one of this checkout.
DEV = (
    "import pathlib, sys; from nba_monitoring import settings; "
    "settings.local_folder = lambda: pathlib.Path(sys.argv[2]); from nba_monitoring.cli.dev import main; main()"
)


def test_the_page_to_open_comes_last_and_nothing_warns(platform: Platform, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with subprocess.Popen(
        [sys.executable, "-c", DEV, str(port), str(tmp_path / "local")],
        cwd=CHECKOUT,
        env={**os.environ, "NBA_MONITORING_WAREHOUSE": f"duckdb://{platform.path}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        lines: list[str] = []
        while not any("Open http" in line for line in lines):
            lines.append(process.stdout.readline())
            assert lines[-1], "".join(lines)
        process.send_signal(signal.SIGTERM)
        process.communicate()
    assert lines[-1].startswith(f"Open http://localhost:{port} ")
    assert not [line for line in lines if "Warning:" in line]
    assert any("INFO" in line for line in lines)
