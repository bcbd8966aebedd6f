from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from nba_monitoring_tests.loopback import LoopbackServer


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as running:
        yield running


@pytest.fixture
def evidence() -> Path:
    folder = os.environ.get("NBA_MONITORING_EVIDENCE")
    if not folder:
        pytest.skip("NBA_MONITORING_EVIDENCE is not set: no folder with recorded answers to test against")
    return Path(folder)
