"""Files and folders that the user may not read or write: a message, whichever command it is."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from nba_monitoring_tests.cli.outcome import NBA_MONITORING, Outcome
from nba_monitoring_tests.morning import Platform

pytestmark = pytest.mark.slow

# Root ignores the modes of files through two capabilities. Without them the modes of its own files apply.
_AS_ANY_USER = """
import ctypes, os, sys
if os.geteuid() == 0:
    PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2
    for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
        if ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, capability, 0, 0, 0):
            sys.exit("can't give up a capability")
os.execv(sys.argv[1], sys.argv[1:])
"""


def as_any_user(*command: object) -> Outcome:
    """Run a command as a user for whom the modes of files count."""
    wrapped = [sys.executable, "-c", _AS_ANY_USER, *map(str, command)]
    done = subprocess.run(wrapped, capture_output=True, text=True, check=False, timeout=60)
    if "can't give up a capability" in done.stderr:
        pytest.skip("this process may read everything, and can't give that up")
    return Outcome(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def folder(platform: Platform, held_open: duckdb.DuckDBPyConnection) -> Iterator[Path]:
    """The folder of the warehouse that is set, which can be removed again however its mode was changed."""
    held_open.close()
    yield platform.path.parent
    platform.path.parent.chmod(0o755)


@pytest.mark.parametrize(
    ("file_mode", "folder_mode", "said"),
    [
        (0o000, 0o755, "warehouse.duckdb can't be read: permission denied; run as a user with access"),
        (0o444, 0o755, "can't be opened for writing: permission denied; run as a user who may write it"),
        (0o644, 0o555, "can't be written: the warehouse file or its folder is read-only; run as a user"),
        (0o644, 0o644, "warehouse.duckdb can't be read: permission denied; run as a user with access"),
        (0o644, 0o000, "warehouse.duckdb can't be read: permission denied; run as a user with access"),
    ],
    ids=["unreadable file", "read-only file", "read-only folder", "folder not to be entered", "unreadable folder"],
)
def test_a_warehouse_without_permission_is_reported_as_such(
    platform: Platform, folder: Path, file_mode: int, folder_mode: int, said: str
) -> None:
    platform.path.chmod(file_mode)
    folder.chmod(folder_mode)
    outcome = as_any_user(NBA_MONITORING, "check", "--date", "2026-01-18")
    assert outcome.status == 2
    assert said in outcome.err
    assert "internal error" not in outcome.err


@pytest.mark.parametrize("mode", [0o555, 0o000], ids=["read-only", "unreadable"])
def test_a_sample_is_not_written_into_a_folder_that_the_user_may_not_use(folder: Path, mode: int) -> None:
    folder.chmod(mode)
    outcome = as_any_user(NBA_MONITORING, "sample", folder / "sample.duckdb")
    assert outcome.status == 2
    assert f"{folder}/sample.duckdb: can't be written" in outcome.err
    assert "internal error" not in outcome.err


def test_the_embedded_sample_is_not_searched_for_without_permission(folder: Path) -> None:
    folder.chmod(0o000)
    script = "import pathlib, sys, nba_monitoring.sample as s; s.ensure_sample(pathlib.Path(sys.argv[1]))"
    outcome = as_any_user(sys.executable, "-c", script, folder / "sample.duckdb")
    assert "SampleError" in outcome.err
    assert f"{folder}/sample.duckdb: can't be written" in outcome.err
