"""`make dev`: Dagster's web interface and daemon on this machine, on the sample if no warehouse is set."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path

from nba_monitoring.cli.main import explained
from nba_monitoring.cli.output import configured_warehouse
from nba_monitoring.settings import Settings, local_folder

# Dagster's advice about its own interfaces, which nobody who tries the monitor can follow; by how they begin.
_NO_NEWS = (
    "Function `dev_command` is superseded",
    "Parameter `backfill_policy` of function",
    "Specifying a partitions_def on an AssetCheckSpec",
)
_DAGSTER_CONFIG = Path(__file__).parents[2] / "deploy" / "dagster.yaml"


def main() -> None:
    """Serve until Ctrl-C, and print the page to open once it answers. The port is the only argument."""
    port = int(sys.argv[1])
    home = local_folder() / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    shutil.copy(_DAGSTER_CONFIG, home)
    settings = Settings.load()
    if settings.is_sample:
        # Brings it up to today; the code server would find it old, or write one without a history.
        with configured_warehouse(settings):
            pass
    environment = {
        **os.environ,
        "DAGSTER_HOME": str(home),
        "DAGSTER_EVENT_BATCH_SIZE": "1000",  # deploy/dagster.yaml says why
        "PYTHONWARNINGS": ",".join(f"ignore:{text}" for text in _NO_NEWS),
    }
    dagster = [sys.executable, "-m", "dagster", "dev", "--log-level", "info", "--port", str(port)]
    with subprocess.Popen([*dagster, "--workspace", "workspace.yaml"], env=environment) as process:  # noqa: S603 our own arguments
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        try:
            _announce(process, port)
            process.wait()
        except KeyboardInterrupt:
            process.wait()  # it got the same signal
    sys.exit(process.returncode)


def _announce(process: subprocess.Popen[bytes], port: int) -> None:
    while process.poll() is None:
        if _answers(port):
            print(f"\nOpen http://localhost:{port}   (Ctrl-C ends it)\n", flush=True)
            return
        time.sleep(1)


def _answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/server_info")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    explained(main)
