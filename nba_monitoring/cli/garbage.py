"""Garbage collection, put off for the short life of a command."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_garbage_collection() -> Iterator[None]:
    """Looks for no garbage while entered, nor at the exit in what was made meanwhile.

    A command keeps nearly all that it imports and makes. Looking for garbage took 6 % of a check of one date and a
    quarter of one of ten seasons, and saved no memory.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
