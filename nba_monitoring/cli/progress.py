"""A progress bar, for whoever waits at a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from datetime import date


def progress(dates: Sequence[date]) -> Iterable[date]:
    """The dates, with a progress bar on a range where standard error is a terminal."""
    if len(dates) < 2 or not sys.stderr.isatty():
        return dates
    # Imported here: rich takes a tenth of the time of a check of one date, which shows no bar.
    from rich.console import Console
    from rich.progress import track

    return track(dates, description="Judging", console=Console(stderr=True), transient=True)
