"""Dagster's records in a real Postgres, by the configuration that is shipped for production."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import pytest

from nba_monitoring.orchestration.internals import keep_value
from nba_monitoring.orchestration.tick import KEY
from nba_monitoring_tests.deploy.postgres import Postgres, running_postgres
from nba_monitoring_tests.loopback import LoopbackServer
from nba_monitoring_tests.morning import PHASE4_ALONE, Platform
from nba_monitoring_tests.orchestration.served import PROJECT, Served, ServedMonitor
from nba_monitoring_tests.orchestration.slack import Slack

PRODUCTION = PROJECT / "deploy" / "production" / "dagster.yaml"
OURS = ("NBA_MONITORING_", "SLACK_", "BALLDONTLIE_", "BIGQUERY_")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Started once for all tests of the worker, which share its database."""
    with running_postgres() as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_POSTGRES_URL", server.url)
        patch.setenv("PGTZ", "UTC")  # as the image has it
        yield server


@contextmanager
def as_in_production(home: Path) -> Iterator[dg.DagsterInstance]:
    """The instance on the Postgres that is set, with a new `DAGSTER_HOME`."""
    home.mkdir()
    shutil.copy(PRODUCTION, home)
    with dg.DagsterInstance.from_config(str(home)) as opened:
        yield opened


@pytest.fixture
def production_instance(postgres: Postgres, tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """The instance as production has it, empty."""
    with as_in_production(tmp_path / "home") as opened:
        _forget_everything(opened)
        yield opened


@pytest.fixture(scope="module")
def production(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedMonitor]:
    """Dagster's own processes as production has them, started once, on an empty database."""
    folder = tmp_path_factory.mktemp("production")
    with as_in_production(folder / "before") as opened:
        _forget_everything(opened)
    with LoopbackServer() as server:
        slack = Slack(server)
        platform = Platform(folder / "warehouse.duckdb")
        settings = {
            "NBA_MONITORING_WAREHOUSE": f"duckdb://{platform.path}",
            "DAGSTER_POSTGRES_URL": postgres.url,
            "PGTZ": "UTC",
            "NBA_MONITORING_STAGES": str(PHASE4_ALONE),
            **slack.web_api,
        }
        dagster = Served(folder / "home", settings, PRODUCTION)
        try:
            dagster.start()
            yield ServedMonitor(dagster, platform, slack)
        finally:
            dagster.stop()


def _forget_everything(instance: dg.DagsterInstance) -> None:
    """What earlier tests left in the database. An incident that they were told of would not be told of again."""
    instance.wipe()
    # Which wiping leaves: the sensor's cursor, and the newer one that a tick may have kept.
    assert instance.schedule_storage is not None
    instance.schedule_storage.wipe()
    keep_value(instance, KEY, "")
