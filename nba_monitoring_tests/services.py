"""Services that run beside the tests: the emulator of BigQuery, and Dagster's own processes."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TypeVar

import pytest

Started = TypeVar("Started")

# The longest wait, for a season's backfill, is a minute and a half on an idle machine, and was over four minutes with
# thirteen processes waiting for two cores. Nothing waits longer than it has to.
PATIENCE_SECONDS = 900


@contextmanager
def shared(name: str, service: AbstractContextManager[Started]) -> Iterator[Callable[[], Started]]:
    """Start a service that several tests use. Gives what each test calls to get it.

    If the service does not start, the first test fails with the error and its log, and the others are skipped at once.
    """
    with ExitStack() as stack:
        error: Exception | None = None
        try:
            started = stack.enter_context(service)
        except Exception as found:
            error = found
        is_reported = False

        def get() -> Started:
            nonlocal is_reported
            if error is None:
                return started
            if is_reported:
                pytest.skip(f"{name} did not start; the first test that needed it shows why")
            is_reported = True
            pytest.fail(f"{name} did not start: {error}", pytrace=False)

        yield get


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])
