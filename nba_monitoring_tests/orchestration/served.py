"""Dagster's own processes over the real definitions: the web server, and the daemon that runs, ticks and backfills."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

Found = TypeVar("Found")

PROJECT = Path(__file__).parents[2]
# A loaded machine takes several times the seconds that an idle one does; nothing waits longer than it has to.
PATIENCE_SECONDS = 240

_READY = "{ workspaceOrError { ... on Workspace { locationEntries { locationOrLoadError { __typename } } } } }"
_LAUNCH = """mutation($params: ExecutionParams!) { launchRun(executionParams: $params) {
  __typename ... on LaunchRunSuccess { run { id } } ... on PythonError { message } } }"""
_RUN = "query($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }"


class Served:
    """One `DAGSTER_HOME`, made of the project's own `dagster.yaml`, and the processes that share it."""

    def __init__(self, home: Path, settings: Mapping[str, str]) -> None:
        home.mkdir()
        shutil.copy(PROJECT / "deploy" / "dagster.yaml", home)
        self.home = home
        others = {name: value for name, value in os.environ.items() if not name.startswith(("NBA_", "SLACK_"))}
        never = {"NBA_MONITORING_SCHEDULE_APIS": "never", "DAGSTER_HOME": str(home), "PYTHONPATH": str(PROJECT)}
        self._environment = {**others, **never, **settings, "PYTHONWARNINGS": "ignore"}
        self._port = _free_port()
        self._web: subprocess.Popen[bytes] | None = None
        self._daemon: subprocess.Popen[bytes] | None = None

    def start_web_server(self) -> None:
        self._web = self._start("dagster_webserver", "-h", "127.0.0.1", "-p", str(self._port))

    def start_daemon(self) -> None:
        self._daemon = self._start("dagster._daemon", "run")

    def kill_daemon(self) -> None:
        """SIGKILL to the daemon and all that it started."""
        _kill(self._daemon)

    def stop(self) -> None:
        _kill(self._web)
        _kill(self._daemon)

    def wait_until_it_serves(self) -> None:
        def loaded() -> bool:
            entries = self.graphql(_READY)["workspaceOrError"]["locationEntries"]
            return [entry["locationOrLoadError"]["__typename"] for entry in entries] == ["RepositoryLocation"]

        self.wait_for("the web server", loaded)

    def graphql(self, query: str, **variables: Any) -> Any:
        """The answer's data. Raises OSError while the server is not there, AssertionError for an error in GraphQL."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._port}/graphql",
            json.dumps({"query": query, "variables": variables}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            said = json.load(answer)
        assert "errors" not in said, said["errors"]
        return said["data"]

    def run_job(self, partition: str) -> None:
        """The job `morning_check` for one date, launched as by hand, to its end."""
        selector = {
            "repositoryLocationName": "nba_monitoring.definitions",
            "repositoryName": "__repository__",
            "jobName": "morning_check",
        }
        tags = [{"key": "dagster/partition", "value": partition}]
        launched = self.graphql(_LAUNCH, params={"selector": selector, "executionMetadata": {"tags": tags}})
        assert launched["launchRun"]["__typename"] == "LaunchRunSuccess", launched
        run_id = launched["launchRun"]["run"]["id"]

        def ended() -> str | None:
            status: str = self.graphql(_RUN, id=run_id)["runOrError"]["status"]
            return status if status in ("SUCCESS", "FAILURE", "CANCELED") else None

        assert self.wait_for("the run's end", ended) == "SUCCESS"

    def wait_for(self, what: str, look: Callable[[], Found | None]) -> Found:
        """The first truthy answer of `look`. A process that died meanwhile fails the test with its log."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            for process in (self._web, self._daemon):
                assert process is None or process.poll() is None, f"a process of Dagster died:\n{self._logs()}"
            try:
                found = look()
            except OSError:
                found = None
            if found:
                return found
            time.sleep(0.2)
        raise AssertionError(f"{what}: not seen within {PATIENCE_SECONDS} seconds\n{self._logs()}")

    def _start(self, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.home / f"{module}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", module, *arguments, "-m", "nba_monitoring.definitions"],
                cwd=PROJECT,
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _logs(self) -> str:
        return "\n".join(f"{path.name}:\n{path.read_text()[-3000:]}" for path in sorted(self.home.glob("*.log")))


@contextmanager
def served(home: Path, settings: Mapping[str, str]) -> Iterator[Served]:
    """Web server and daemon, ready to be asked, and ended with the context."""
    dagster = Served(home, settings)
    try:
        dagster.start_web_server()
        dagster.start_daemon()
        dagster.wait_until_it_serves()
        yield dagster
    finally:
        dagster.stop()


def _kill(process: subprocess.Popen[bytes] | None) -> None:
    if process is not None and process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])
