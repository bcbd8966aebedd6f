"""A bound on how long something may take, whatever a library makes of its own time limits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

Returned = TypeVar("Returned")


class NotBegunError(TimeoutError):
    """There was no time left to begin."""


class Deadline:
    """An instant from which on nothing is waited for.

    A socket's time limit counts from byte to byte, a name that does not resolve has none, and each library counts its
    own. So what is bounded runs in a thread, which is left behind when the time is over.
    """

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds; never negative."""
        return max(0.0, self._end - time.monotonic())

    def within(self, seconds: float) -> Deadline:
        """This deadline, or an earlier one in some seconds."""
        return Deadline(min(self.left, seconds))

    def run(self, call: Callable[[], Returned]) -> Returned:
        """What `call` returns or raises. Raises TimeoutError when it has not by then, NotBegunError if it is late."""
        if not self.left:
            raise NotBegunError
        outcome: Future[Returned] = Future()
        # A daemon: a call that hangs must not keep the process from ending.
        threading.Thread(target=_settle, args=(outcome, call), daemon=True).start()
        return outcome.result(self.left)


def _settle(outcome: Future[Returned], call: Callable[[], Returned]) -> None:
    try:
        outcome.set_result(call())
    except BaseException as error:
        outcome.set_exception(error)
