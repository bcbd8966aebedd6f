"""Files that others name: in the environment, in an option, in a setting."""

from __future__ import annotations

import errno
import os
import stat
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
