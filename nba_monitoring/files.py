"""Files that others name: in the environment, in an option, in a setting."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path


def require_regular(path: Path) -> None:
    """Raise OSError unless the path is a regular file, or a link to one.

    To open a FIFO waits for its writer, and a device may never end: either would hang a command or a tick.
    """
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "Not a regular file", str(path))


def replace_whole(path: Path, text: str) -> None:
    """Write a file so that a reader never sees half of it, and a failure leaves the earlier one. Raises OSError."""
    # Beside it, since only within a file system a rename is atomic.
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)
    except OSError:
        with suppress(OSError):
            unfinished.unlink()
        raise
