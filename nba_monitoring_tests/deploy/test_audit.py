"""The dependency audit distinguishes no finding from a database that gave no answer."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from nba_monitoring_tests.deploy.files import DEPLOY

# What pip-audit exits with, about the canary and about our own pins.
KNOWS_ALL = 'case "$*" in *requirements/dev.txt*) exit {ours};; *) exit 1;; esac'
ANSWERS = [
    (KNOWS_ALL.format(ours=0), 0),
    (KNOWS_ALL.format(ours=1), 1),
    ("exit 0", 2),  # an empty database
    ("exit 2", 2),  # no network
]


@pytest.mark.parametrize(("answer", "status"), ANSWERS)
def test_no_finding_and_no_answer_are_two_exit_statuses(tmp_path: Path, answer: str, status: int) -> None:
    tool = tmp_path / "pip-audit"
    tool.write_text(f"#!/bin/sh\n{answer}\n")
    tool.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    done = subprocess.run([DEPLOY / "audit.sh"], env={"PATH": path}, capture_output=True, text=True, check=False)
    assert done.returncode == status
    assert ("could not check" in done.stderr) is (status == 2)


def test_without_the_tool_it_could_not_ask() -> None:
    done = subprocess.run(
        [DEPLOY / "audit.sh"], env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
