"""Dagster's own processes over the real definitions: code server, web server, and the daemon that ticks and queues."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import dagster as dg

from nba_monitoring.orchestration.checks import CHECK_KEY
from nba_monitoring_tests.loopback import LoopbackServer
from nba_monitoring_tests.morning import Platform
from nba_monitoring_tests.orchestration.slack import Slack
from nba_monitoring_tests.services import PATIENCE_SECONDS, free_port

Found = TypeVar("Found")

PROJECT = Path(__file__).parents[2]
LOCATION = "nba_monitoring.definitions"
# The processes, by their modules.
CODE_SERVER, WEB_SERVER, DAEMON = "dagster", "dagster_webserver", "dagster._daemon"

# Waiting for the daemon's next round took most of a test's time.
_DEPLOYED_POLL, _EAGER_POLL = "poll_interval_seconds: 10", "poll_interval_seconds: 1"
_EAGER_QUEUE = "\nrun_queue:\n  dequeue_interval_seconds: 1\n"
_EAGER_RETRIES = {"DAGSTER_EVENT_LOG_CONSUMER_DAEMON_INTERVAL_SECONDS": "1"}

_READY = "{ workspaceOrError { ... on Workspace { locationEntries { locationOrLoadError { __typename } } } } }"
_RELOAD = "mutation($name: String!) { reloadRepositoryLocation(repositoryLocationName: $name) { __typename } }"
_LAUNCH = """mutation($params: ExecutionParams!) { launchRun(executionParams: $params) {
  __typename ... on LaunchRunSuccess { run { id } } ... on PythonError { message } } }"""
_RUN = "query($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }"
_LAUNCH_BACKFILL = """mutation($params: LaunchBackfillParams!) { launchPartitionBackfill(backfillParams: $params) {
  __typename ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message } } }"""
_BACKFILL = "query($id: String!) { partitionBackfillOrError(backfillId: $id) { ... on PartitionBackfill { status } } }"
_RUNS = "query($filter: RunsFilter!) { runsOrError(filter: $filter) { ... on Runs { results { id status } } } }"
_CHECKS = """query($key: AssetKeyInput!) { assetNodeOrError(assetKey: $key) { ... on AssetNode {
  assetChecksOrError { ... on AssetChecks { checks { name
    partitionStatuses { ... on AssetCheckTimePartitionStatuses { ranges { startKey endKey status } } } } } } } } }"""


@dataclass(frozen=True)
class Installation:
    """Which Python runs Dagster's processes, in which folder, and what they load: a module, with a folder to import
    from that comes before what is installed. If `is_eager`, they poll more often than in production.
    """

    python: Path = Path(sys.executable)
    folder: Path = PROJECT
    module: str = "nba_monitoring_tests.orchestration.served_definitions"
    imports: Path = PROJECT
    is_eager: bool = True


CHECKOUT = Installation()


class Served:
    """One `DAGSTER_HOME`, made of one of the project's own `dagster.yaml`s, and the processes that share it. They are
    the real ones, except that those of the checkout poll more often.
    """

    def __init__(
        self,
        home: Path,
        settings: Mapping[str, str],
        config: Path = PROJECT / "deploy" / "dagster.yaml",
        installation: Installation = CHECKOUT,
    ) -> None:
        home.mkdir()
        deployed = config.read_text()
        assert _DEPLOYED_POLL in deployed
        eager = deployed.replace(_DEPLOYED_POLL, _EAGER_POLL) + _EAGER_QUEUE
        (home / "dagster.yaml").write_text(eager if installation.is_eager else deployed)
        # Processes that start at once on an empty home would each make the schema, and leave it with two heads.
        with dg.DagsterInstance.from_config(str(home)):
            pass
        self.home = home
        others = {name: value for name, value in os.environ.items() if not _is_setting(name)}
        never = {"NBA_MONITORING_SCHEDULE_APIS": "never", "DAGSTER_HOME": str(home)}
        python = {"PYTHONPATH": str(installation.imports), "PYTHONWARNINGS": "ignore"}
        retries = _EAGER_RETRIES if installation.is_eager else {}
        self.environment = {**others, **never, **settings, **python, **retries}
        self._installation = installation
        self.code_port, self._web_port = free_port(), free_port()
        self._workspace = home / "workspace.yaml"
        server = {"host": "127.0.0.1", "port": self.code_port, "location_name": LOCATION}
        self._workspace.write_text(json.dumps({"load_from": [{"grpc_server": server}]}))
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def url(self) -> str:
        """The web server's address."""
        return f"http://127.0.0.1:{self._web_port}"

    def start(self) -> None:
        """All three, ready to be asked."""
        self.start_code_server()
        self._start_web_server()
        self.start_daemon()
        self.wait_for("the web server", self.has_loaded)

    def start_code_server(self, name: str = CODE_SERVER) -> None:
        """Under another name it is one more at the same address: each connection leads to any of them."""
        module = self._installation.module
        arguments = ["api", "grpc", "-h", "127.0.0.1", "-p", str(self.code_port), "-m", module]
        self._start(CODE_SERVER, *arguments, name=name)
        self.wait_for("the code server", lambda: _listens(self.code_port))

    def restart_code_server(self) -> None:
        """SIGKILL to the code server and the runs that it started, as when their machine is gone; then a new one."""
        self.kill(CODE_SERVER)
        self.start_code_server()
        self.graphql(_RELOAD, name=LOCATION)
        self.wait_for("the code location", self.has_loaded)

    def _start_web_server(self) -> None:
        web_address = ["-h", "127.0.0.1", "-p", str(self._web_port)]
        self._start(WEB_SERVER, *web_address, "-w", str(self._workspace))

    def restart_web_server(self) -> None:
        """SIGKILL to the web server; then a new one."""
        self.kill(WEB_SERVER)
        self._start_web_server()
        self.wait_for("the web server", self.has_loaded)

    def start_daemon(self) -> None:
        self._start(DAEMON, "run", "-w", str(self._workspace))

    def kill(self, name: str) -> None:
        """SIGKILL to a process and all that it started."""
        _kill(self.processes.pop(name))

    def stop(self) -> None:
        for process in self.processes.values():
            _kill(process)

    def graphql(self, query: str, **variables: Any) -> Any:
        """The answer's data. Raises OSError while the server is down, AssertionError for an error in GraphQL."""
        request = urllib.request.Request(
            f"{self.url}/graphql",
            json.dumps({"query": query, "variables": variables}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            said = json.load(answer)
        assert "errors" not in said, said["errors"]
        return said["data"]

    def run_job(self, partition: str) -> None:
        """The job `morning_check` for one date, launched as by hand, to its end."""
        run_id = self.launch(partition)
        assert self.wait_for("the run's end", lambda: self.end_of(run_id)) == "SUCCESS"

    def launch(self, partition: str, **tags: str) -> str:
        """Launch the job `morning_check` for one date as by hand, with Dagster's tags. Gives the run's id."""
        return self._launch({"jobName": "morning_check"}, {"partition": partition, **tags})

    def launch_check(self, partition: str) -> str:
        """Launch the check of the verdict alone, without the assets. Gives the run's id."""
        check = {"assetKey": {"path": CHECK_KEY.asset_key.path}, "name": CHECK_KEY.name}
        selected = {"jobName": "__ASSET_JOB", "assetSelection": [], "assetCheckSelection": [check]}
        return self._launch(selected, {"partition": partition})

    def _launch(self, selected: Mapping[str, Any], tags: Mapping[str, str]) -> str:
        selector = {"repositoryLocationName": LOCATION, "repositoryName": "__repository__", **selected}
        metadata = [{"key": name if "/" in name else f"dagster/{name}", "value": value} for name, value in tags.items()]
        launched = self.graphql(_LAUNCH, params={"selector": selector, "executionMetadata": {"tags": metadata}})
        assert launched["launchRun"]["__typename"] == "LaunchRunSuccess", launched
        run_id: str = launched["launchRun"]["run"]["id"]
        return run_id

    def launch_backfill(self, assets: Iterable[str], dates: Sequence[str]) -> str:
        """Launch all the dates, by the mutation of the web interface's own dialog. Gives the backfill's id."""
        params = {"assetSelection": [{"path": [name]} for name in assets], "partitionNames": dates}
        launched = self.graphql(_LAUNCH_BACKFILL, params=params)["launchPartitionBackfill"]
        assert launched["__typename"] == "LaunchBackfillSuccess", launched
        backfill_id: str = launched["backfillId"]
        return backfill_id

    def runs_of(self, backfill_id: str) -> Mapping[str, str]:
        """The statuses of a backfill's runs, by id."""
        return self._runs_with("dagster/backfill", backfill_id)

    def retry_of(self, run_id: str) -> str | None:
        """The id of the run that Dagster started since this one failed, None if there is none yet."""
        return next(iter(self._runs_with("dagster/parent_run_id", run_id)), None)

    def _runs_with(self, tag: str, value: str) -> Mapping[str, str]:
        tags = {"tags": [{"key": tag, "value": value}]}
        return {run["id"]: run["status"] for run in self.graphql(_RUNS, filter=tags)["runsOrError"]["results"]}

    def backfill(self, assets: Iterable[str], dates: Sequence[str]) -> list[str]:
        """A backfill to its end; the statuses of the runs it became."""
        backfill_id = self.launch_backfill(assets, dates)

        def has_ended() -> bool:
            status = self.graphql(_BACKFILL, id=backfill_id)["partitionBackfillOrError"]["status"]
            return status not in ("REQUESTED", "CANCELING", "FAILING")

        self.wait_for("the backfill's end", has_ended)
        return list(self.runs_of(backfill_id).values())

    def check_statuses(self, asset: str, dates: Sequence[str]) -> dict[str, dict[str, str]]:
        """The color of each date of each of an asset's checks, as the web interface shows it."""
        checks = self.graphql(_CHECKS, key={"path": [asset]})["assetNodeOrError"]["assetChecksOrError"]["checks"]
        return {
            check["name"]: {
                day: spell["status"]
                for spell in check["partitionStatuses"]["ranges"]
                for day in dates
                if spell["startKey"] <= day <= spell["endKey"]
            }
            for check in checks
        }

    def status_of(self, run_id: str) -> str:
        """A run's status, as Dagster names it."""
        status: str = self.graphql(_RUN, id=run_id)["runOrError"]["status"]
        return status

    def has_started(self, run_id: str) -> bool:
        """Whether a run is under way."""
        return self.status_of(run_id) == "STARTED"

    def wait_for_start(self, run_id: str) -> None:
        """Until a run is under way."""
        self.wait_for("the run's start", lambda: self.has_started(run_id))

    def end_of(self, run_id: str) -> str | None:
        """The status with which a run has ended, None while it has not."""
        status = self.status_of(run_id)
        return status if status in ("SUCCESS", "FAILURE", "CANCELED") else None

    def wait_for(self, what: str, look: Callable[[], Found | None]) -> Found:
        """The first truthy answer of `look`. A process that died meanwhile fails the test with its log."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            for name, process in self.processes.items():
                assert process.poll() is None, f"{name} died:\n{self._logs()}"
            try:
                found = look()
            except OSError:
                found = None
            if found:
                return found
            time.sleep(0.2)
        raise AssertionError(f"{what}: not seen within {PATIENCE_SECONDS} seconds\n{self._logs()}")

    def has_loaded(self) -> bool:
        entries = self.graphql(_READY)["workspaceOrError"]["locationEntries"]
        return [entry["locationOrLoadError"]["__typename"] for entry in entries] == ["RepositoryLocation"]

    def _start(self, module: str, *arguments: str, name: str | None = None) -> None:
        with (self.home / f"{name or module}.log").open("ab") as log:
            self.processes[name or module] = subprocess.Popen(
                [self._installation.python, "-m", module, *arguments],
                cwd=self._installation.folder,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _logs(self) -> str:
        return "\n".join(f"{path.name}:\n{path.read_text()[-3000:]}" for path in sorted(self.home.glob("*.log")))


@dataclass(frozen=True)
class ServedMonitor:
    """Dagster's processes over a warehouse of the platform's tables, and their Slack."""

    dagster: Served
    platform: Platform
    slack: Slack


@contextmanager
def served_monitor(folder: Path) -> Iterator[ServedMonitor]:
    """All of it, ready to be asked, and ended with the context. The warehouse is empty, and Slack is up.

    Phase 4 is due two days before the first tip-off, so that tomorrow's absence is a finding at any hour.
    """
    with LoopbackServer() as server:
        slack = Slack(server)
        platform = Platform(folder / "warehouse.duckdb")
        stages = folder / "stages.yaml"
        stages.write_text("extend: default\nstages: {phase4: {due: {at: 00:00, before_first_tip: 48h}}}\n")
        settings = {
            "NBA_MONITORING_WAREHOUSE": f"duckdb://{platform.path}",
            "NBA_MONITORING_STAGES": str(stages),
            **slack.web_api,
        }
        dagster = Served(folder / "home", settings)
        dagster.environment["NBA_MONITORING_DAGSTER_URL"] = dagster.url
        dagster.environment["NBA_MONITORING_RUNBOOK_URL"] = "https://wiki.example.com/{stage}"
        try:
            dagster.start()
            yield ServedMonitor(dagster, platform, slack)
        finally:
            dagster.stop()


def _is_setting(name: str) -> bool:
    # slack_sdk takes a proxy of the environment even for this machine's own addresses.
    return name.startswith(("NBA_", "SLACK_", "BALLDONTLIE_", "BIGQUERY_")) or name.lower().endswith("_proxy")


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _listens(port: int) -> bool:
    with socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
