"""Fixtures of more than one folder."""

from __future__ import annotations

import functools
import gc
import logging
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from nba_monitoring_tests.services import PATIENCE_SECONDS, shared
from nba_monitoring_tests.warehouse.bigquery_emulator import VENV, running_emulator

if TYPE_CHECKING:
    import dagster as dg
    import duckdb

    from nba_monitoring_tests.morning import Platform


# Importing and collecting make a million objects and free hardly one: without the collector they take a fifth less.
gc.disable()


def pytest_collection_finish() -> None:
    """Collect only the tests' own objects. Scanning all others too takes half a second, Slack's whole time here."""
    gc.freeze()
    gc.enable()


# The number of examples per property. A slow machine does not fail one.
settings.register_profile("fast", max_examples=10, deadline=None)
settings.register_profile("thorough", max_examples=100, deadline=None)
settings.load_profile("fast")

# A whole day on the built wheel, which takes minutes: only `make e2e` runs it, by name.
collect_ignore = ["e2e"]

Lent = Callable[[], AbstractContextManager[int]]


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep tests that share an emulator, or a file's served Dagster, in one worker, so that each is started once.

    The files with a served Dagster mostly wait for it, and so run beside each other.
    """
    for item in items:
        if item.get_closest_marker("emulator"):
            item.add_marker(pytest.mark.xdist_group("emulator"))
            item.add_marker(pytest.mark.timeout(PATIENCE_SECONDS + 100))  # the first one waits for it to start
        elif item.get_closest_marker("daemon") and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(f"daemon {item.path.name}"))


@pytest.fixture
def root_log() -> Iterator[StringIO]:
    """What reaches a handler of the root logger, at any level. `caplog` also gets what does not reach it."""
    text = StringIO()
    root = logging.getLogger()
    handler, level = logging.StreamHandler(text), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield text
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    """The platform's tables, empty, in a DuckDB file."""
    from nba_monitoring_tests.morning import Platform  # noqa: PLC0415 it imports Dagster

    return Platform(tmp_path / "warehouse.duckdb")


@pytest.fixture
def held_open(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Keeps the test's warehouse file open in this process: DuckDB takes 17 ms to open a file that is not, and 0.1 ms
    to open one that is. A test that lends the file to another process closes this first.
    """
    import duckdb  # noqa: PLC0415 as for Dagster

    with duckdb.connect(tmp_path / "warehouse.duckdb") as connection:
        yield connection


@pytest.fixture
def lent(held_open: duckdb.DuckDBPyConnection, tmp_path: Path) -> Lent:
    """Lends the test's warehouse file to another process, whose id is given, as long as the context lasts."""
    script = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); input()"
    command = [sys.executable, "-c", script, str(tmp_path / "warehouse.duckdb")]

    @contextmanager
    def lent() -> Iterator[int]:
        held_open.close()
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
            assert holder.stdout is not None
            holder.stdout.readline()
            yield holder.pid
            holder.communicate(b"\n")

    return lent


@pytest.fixture(scope="session")
def migrations() -> Iterator[None]:
    """Dagster's migrations, read once: it reads a hundred files for every database that it makes, one for each run."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ScriptDirectory, "from_config", functools.cache(ScriptDirectory.from_config))
        yield


@pytest.fixture(scope="session")
def empty_home(migrations: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Dagster home whose databases have their schema, which takes a second to make and no time to copy."""
    import dagster as dg  # noqa: PLC0415 two seconds that the tests of the core need not wait

    home = tmp_path_factory.mktemp("dagster-home")
    with dg.instance_for_test(temp_dir=str(home)):
        return home


@pytest.fixture
def instance(empty_home: Path, tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """A Dagster instance on disk, with one event log per run, as by default."""
    import dagster as dg  # noqa: PLC0415

    with dg.instance_for_test(temp_dir=str(shutil.copytree(empty_home, tmp_path / "dagster"))) as opened:
        yield opened


@pytest.fixture
def quick_instance(migrations: None) -> Iterator[dg.DagsterInstance]:
    """A Dagster instance in memory; a run takes a quarter of the time that it takes on disk."""
    import dagster as dg  # noqa: PLC0415

    with dg.DagsterInstance.ephemeral() as opened:
        yield opened


@pytest.fixture(scope="session")
def shared_emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], str]]:
    """An emulator of BigQuery, started once for all tests that need it."""
    if not (VENV / ".ready").exists():
        pytest.skip("no emulator of BigQuery: run 'make .venv-emulator/.ready' ('make test-all' does)")
    with shared("the BigQuery emulator", running_emulator(tmp_path_factory.mktemp("emulator"))) as get:
        yield get


@pytest.fixture
def bigquery_emulator(shared_emulator: Callable[[], str]) -> str:
    """The emulator's address."""
    return shared_emulator()
