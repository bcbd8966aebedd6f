"""An instance on disk, a warehouse with a failing date, and a Slack on the loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import dagster as dg
import duckdb
import pytest
import time_machine

from nba_monitoring.alerts.channels import configured
from nba_monitoring.alerts.channels.slack_api import GuardedClient
from nba_monitoring_tests.days import DAY, at
from nba_monitoring_tests.loopback import Answer, LoopbackServer
from nba_monitoring_tests.morning import Platform
from nba_monitoring_tests.orchestration import served
from nba_monitoring_tests.orchestration.pager import Pager
from nba_monitoring_tests.orchestration.sensor import Sensor
from nba_monitoring_tests.orchestration.slack import AT_ONCE, HastyWebhook, Slack
from nba_monitoring_tests.services import shared


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, held_open: duckdb.DuckDBPyConnection) -> None:
    # The sensor's ledger is kept in the warehouse that is set.
    monkeypatch.setenv("NBA_MONITORING_WAREHOUSE", f"duckdb://{tmp_path / 'warehouse.duckdb'}")
    monkeypatch.setenv("NBA_MONITORING_SCHEDULE_APIS", "never")
    monkeypatch.setenv("NBA_MONITORING_ENVIRONMENT", "test")
    # A proxy would be used even for this machine's own addresses.
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in (
        "SLACK_BOT_TOKEN",
        "SLACK_CHANNEL",
        "SLACK_WEBHOOK_URL",
        "SLACK_API_URL",
        "NBA_MONITORING_NOTIFY_URLS",
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def platform(platform: Platform) -> Platform:
    """A warehouse where ORL@MEM and BKN@CHI are scheduled on 2026-01-18 and Phase 4 is empty."""
    platform.schedule(DAY, "ORL@MEM", "BKN@CHI")
    return platform


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slack]:
    """Slack on the loopback, which is tried a second time at once instead of after half a second."""
    monkeypatch.setattr(configured, "GuardedClient", partial(GuardedClient, policy=AT_ONCE))
    monkeypatch.setattr(configured, "SlackWebhook", HastyWebhook)
    with LoopbackServer() as server:
        yield Slack(server)


@pytest.fixture
def webhook(slack: Slack, monkeypatch: pytest.MonkeyPatch) -> Slack:
    """Slack, with its webhook set."""
    for name, value in slack.webhook.items():
        monkeypatch.setenv(name, value)
    return slack


@pytest.fixture
def web_api(slack: Slack, monkeypatch: pytest.MonkeyPatch) -> Slack:
    """Slack, with a bot's token set."""
    for name, value in slack.web_api.items():
        monkeypatch.setenv(name, value)
    return slack


@pytest.fixture(params=["webhook", "web_api"])
def either_channel(request: pytest.FixtureRequest) -> Slack:
    found: Slack = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def pager(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pager]:
    """A second channel that is set."""
    with LoopbackServer() as server:
        made = Pager(server)
        monkeypatch.setenv("NBA_MONITORING_NOTIFY_URLS", made.address())
        yield made


@pytest.fixture
def heart(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackServer]:
    """The outside watcher, which expects the heartbeat."""
    with LoopbackServer() as server:
        server.default = Answer(b"ok")
        monkeypatch.setenv("NBA_MONITORING_HEARTBEAT_URL", f"{server.url}/beat")
        yield server


@pytest.fixture
def sensor(instance: dg.DagsterInstance) -> Sensor:
    return Sensor(instance)


@pytest.fixture
def quick_sensor(quick_instance: dg.DagsterInstance) -> Sensor:
    """The sensor on an instance in memory, where a run is put in a few milliseconds instead of a third of a second."""
    return Sensor(quick_instance)


@pytest.fixture
def watching(quick_sensor: Sensor) -> Sensor:
    """A sensor that has ticked before."""
    with time_machine.travel(at(7)):
        quick_sensor.tick()
    return quick_sensor


@pytest.fixture(scope="module")
def shared_monitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], served.ServedMonitor]]:
    """Dagster's own processes, started once for the tests of a file, and ended with it: idle, they take a share too.

    They share a warehouse, so each adds dates of its own; and the daemon may tell Slack of any of them at any time.
    """
    with shared("Dagster", served.served_monitor(tmp_path_factory.mktemp("served"))) as get:
        yield get


@pytest.fixture
def served_monitor(shared_monitor: Callable[[], served.ServedMonitor]) -> served.ServedMonitor:
    """Dagster's processes, its warehouse and Slack."""
    return shared_monitor()
