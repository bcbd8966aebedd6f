"""An emulator of BigQuery, started from its own virtual environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nba_monitoring_tests.services import PATIENCE_SECONDS, free_port

VENV = Path(__file__).parents[2] / ".venv-emulator"


@contextmanager
def running_emulator(home: Path) -> Iterator[str]:
    """The address of a fresh emulator, ended with the context. `home` is a folder for its DuckDB extension."""
    # The emulator's DuckDB would download this extension; the pinned package brings the file along.
    for extension in VENV.glob("lib/*/site-packages/duckdb_extension_spatial/extensions/v*/*.duckdb_extension"):
        folder = home / ".duckdb" / "extensions" / extension.parent.name / "linux_amd64"
        folder.mkdir(parents=True)
        shutil.copy(extension, folder)
    rest, grpc = free_port(), free_port()
    log = home / "emulator.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [VENV / "bin" / "bqemulator", "start", "--rest-port", str(rest), "--grpc-port", str(grpc)],
            env={**os.environ, "HOME": str(home)},
            stdout=output,
            stderr=output,
        )
    try:
        _wait_for(f"http://127.0.0.1:{rest}", process, log)
        yield f"http://127.0.0.1:{rest}"
    finally:
        process.kill()
        process.wait()


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=1)
        except urllib.error.HTTPError:
            return  # it answers, if only that there is nothing at its root
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"the end of its log is\n{log.read_text()[-2000:]}")
