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


class Emulator:
    """One process at one address. `home` is a folder for its DuckDB extension, and for its data if they are to last."""

    def __init__(self, home: Path, *, keeps_data: bool = False) -> None:
        # The emulator's DuckDB would download this extension; the pinned package brings the file along.
        for extension in VENV.glob("lib/*/site-packages/duckdb_extension_spatial/extensions/v*/*.duckdb_extension"):
            folder = home / ".duckdb" / "extensions" / extension.parent.name / "linux_amd64"
            folder.mkdir(parents=True)
            shutil.copy(extension, folder)
        self._home = home
        self._ports = free_port(), free_port()
        self._data = ["--persistent", "--data-dir", str(home / "data")] if keeps_data else []
        self.url = f"http://127.0.0.1:{self._ports[0]}"
        self.start()

    def start(self) -> None:
        """Until it answers."""
        rest, grpc = map(str, self._ports)
        log = self._home / "emulator.log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [VENV / "bin" / "bqemulator", "start", "--rest-port", rest, "--grpc-port", grpc, *self._data],
                env={**os.environ, "HOME": str(self._home)},
                stdout=output,
                stderr=output,
            )
        try:
            _wait_for(self.url, self._process, log)
        except RuntimeError:
            self.kill()
            raise

    def kill(self) -> None:
        """SIGKILL."""
        self._process.kill()
        self._process.wait()


@contextmanager
def running_emulator(home: Path) -> Iterator[str]:
    """The address of a fresh emulator, ended with the context."""
    emulator = Emulator(home)
    try:
        yield emulator.url
    finally:
        emulator.kill()


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
