"""Move the clock of each Python process that has this folder on its path, and of its child processes.

The clock keeps running. A file has its offset in seconds and is read all the time, so that a test can move the clock of
running processes.
"""

import os
import threading
import time
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import time_machine

_OFFSET = Path(os.environ["MOVED_CLOCK"])
_LOOK_EVERY_SECONDS = 0.1


def _keep_grpc_on_the_real_clock() -> None:
    """It hands deadlines of the wall clock to its core, which is not Python's and so knows the real time."""
    real = SimpleNamespace(**vars(time) | {"time": time_machine.escape_hatch.time.time})
    for name in ("_channel", "_common", "_server", "_utilities", "aio._utils"):
        import_module(f"grpc.{name}").__dict__["time"] = real


def _follow(traveller: time_machine.Traveller, offset: float) -> None:
    while True:
        time.sleep(_LOOK_EVERY_SECONDS)
        moved = float(_OFFSET.read_text())
        if moved != offset:
            traveller.shift(moved - offset)
            offset = moved


_keep_grpc_on_the_real_clock()
_offset = float(_OFFSET.read_text())
_traveller = time_machine.travel(time.time() + _offset).start()
threading.Thread(target=_follow, args=(_traveller, _offset), daemon=True).start()
