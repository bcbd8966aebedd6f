"""Fixtures of more than one folder."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nba_monitoring_tests.warehouse.bigquery_emulator import VENV, running_emulator

if TYPE_CHECKING:
    import dagster as dg


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep tests that share an emulator or a served Dagster in one worker, so that each is started once."""
    for item in items:
        for service in ("daemon", "emulator"):
            if item.get_closest_marker(service):
                item.add_marker(pytest.mark.xdist_group(service))


@pytest.fixture
def root_log() -> Iterator[StringIO]:
    """What gets as far as a handler of the root logger, at any level. `caplog` also hears what is kept from there."""
    text = StringIO()
    root = logging.getLogger()
    handler, level = logging.StreamHandler(text), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield text
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Dagster home whose databases have their schema, which takes a second to make and no time to copy."""
    import dagster as dg  # noqa: PLC0415 two seconds that the tests of the core need not wait

    home = tmp_path_factory.mktemp("dagster-home")
    with dg.instance_for_test(temp_dir=str(home)):
        return home


@pytest.fixture
def instance(empty_home: Path, tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """A Dagster instance on disk, with an event log a run, as it is kept where nothing else is set."""
    import dagster as dg  # noqa: PLC0415

    with dg.instance_for_test(temp_dir=str(shutil.copytree(empty_home, tmp_path / "dagster"))) as opened:
        yield opened


@pytest.fixture
def quick_instance() -> Iterator[dg.DagsterInstance]:
    """A Dagster instance in memory, where a run takes a quarter of the time that it takes on disk."""
    import dagster as dg  # noqa: PLC0415

    with dg.DagsterInstance.ephemeral() as opened:
        yield opened


@pytest.fixture(scope="session")
def bigquery_emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an emulator of BigQuery, started once for all tests that ask for it."""
    if not (VENV / ".ready").exists():
        pytest.skip("no emulator of BigQuery: run 'make .venv-emulator/.ready' ('make test' does)")
    with running_emulator(tmp_path_factory.mktemp("emulator")) as address:
        yield address
