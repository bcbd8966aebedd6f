"""Output of several commands: JSON lines, progress, and warnings on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime
from threading import Event, Timer
from typing import Any

import click
from pydantic_core import to_json

from nba_monitoring.core.games import SeasonType, left_out
from nba_monitoring.core.mutes import MutedDates
from nba_monitoring.core.words import SAMPLE_DATA, not_counted
from nba_monitoring.settings import Settings
from nba_monitoring.warehouse import Warehouse, open_warehouse
from nba_monitoring.warehouse.records import UnreadableRow

# What takes longer says that it is at work. A check of one date of a file takes one second.
_PATIENCE_SECONDS = 1.5


@contextmanager
def configured_warehouse(settings: Settings, as_json: bool = False, doing: str | None = None) -> Iterator[Warehouse]:
    """The open warehouse of a command. The first line says so if it is the sample; with --json on standard error.

    `doing` is what it says while it is at work, for a command that prints nothing before the warehouse is closed.
    """
    if settings.is_sample:
        click.echo(SAMPLE_DATA, err=as_json)
    with ExitStack() as stack:
        with at_work("Preparing the sample" if settings.is_sample else None):
            warehouse = stack.enter_context(open_warehouse(settings.warehouse))
            if settings.is_sample:
                from nba_monitoring.replay.past_history import ensure_past_history

                ensure_past_history(warehouse, settings, datetime.now(UTC))
        stack.enter_context(at_work(doing))
        yield warehouse


@contextmanager
def at_work(doing: str | None) -> Iterator[None]:
    """Say what a command is doing on a line that goes away, once it takes long and standard error is a terminal."""
    if doing is None or not sys.stderr.isatty():
        yield
        return
    shown = Event()

    def show() -> None:
        shown.set()
        click.echo(f"{doing} ...", nl=False, err=True)

    timer = Timer(_PATIENCE_SECONDS, show)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        if shown.is_set():
            click.echo("\r\x1b[K", nl=False, err=True)


def print_json_lines(rows: Iterable[dict[str, Any]]) -> None:
    """Print one JSON object per line."""
    click.echo(b"".join(to_json(row) + b"\n" for row in rows), nl=False)


def progress(dates: Sequence[date]) -> Iterable[date]:
    """Iterate over the dates, with a progress bar for a range if standard error is a terminal."""
    if len(dates) < 2 or not sys.stderr.isatty():
        return dates
    # Imported here: rich takes a tenth of the time of a check of one date, which shows no bar.
    from rich.console import Console
    from rich.progress import track

    return track(dates, description="Checking", console=Console(stderr=True), transient=True)


def warn(text: str) -> None:
    """Print a warning on standard error."""
    click.echo(f"nba-monitoring: {text}", err=True)


def print_muted(muted: Iterable[MutedDates], as_json: bool = False) -> None:
    """Print one line per mute; with --json on standard error."""
    for found in muted:
        if as_json:
            warn(found.summary)
        else:
            click.echo(found.summary)


def print_not_counted(counted: frozenset[SeasonType], as_json: bool = False) -> None:
    """Print which parts of the season the settings leave out, if any; with --json on standard error."""
    if line := not_counted(left_out(counted)):
        if as_json:
            warn(line)
        else:
            click.echo(f"{line[0].upper()}{line[1:]}.")


def print_fix(stage: str, day: date, command: str | None) -> None:
    """Print the command that refills a stage for a date, if there is one, alone on the last line to be copied."""
    if command is not None:
        click.echo(f"\nTo fix {stage} for {day}:\n{command}")


def warn_skipped(rows: Iterable[UnreadableRow | str]) -> None:
    """Warn about each unreadable row."""
    for row in rows:
        warn(f"{row}; skipped")


def warn_not_watched(stages: Sequence[str]) -> None:
    """Warn about the stages that the embedded warehouse has no table for, if any."""
    if stages:
        warn(f"not watched, because the file has no such table: {', '.join(stages)}")
