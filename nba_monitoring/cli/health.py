"""`nba-monitoring health`: whether the monitor itself works, for a container's probe and for a check from outside."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime
from shutil import get_terminal_size
from typing import Any

import click

from nba_monitoring.cli.chain import visible_chain
from nba_monitoring.cli.output import at_work, print_json_lines, print_muted, print_not_counted
from nba_monitoring.core.chain import Link, LinkState
from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.words import SAMPLE_DATA, duration, moment
from nba_monitoring.settings import Settings


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line, one for each link.")
def health(as_json: bool) -> None:
    """Check the monitor's own health.

    Shows each link of the chain from the schedules to the heartbeat: what was due by now, and whether it happened.
    Dagster's links need DAGSTER_HOME; a link that can't be seen is not a failure. Muted dates and parts of the season
    that don't count are listed first, and are not failures either. The sample is never healthy, because nothing is
    watched.

    \b
    Keys of --json:
      link     warehouse, daemon, schedules, runs, checks, services, sensor,
               channels, heartbeat
      state    holds, broken, not_seen
      at       when it last held; age_minutes
      since    when it broke
      found    its state, or what is wrong
      fix      what to do; null unless it is broken

    \b
    Exit status: 0  the whole chain holds
                 1  a link is broken
                 2  wrong usage, or an invalid setting
    """
    now = datetime.now(UTC)
    settings = Settings.load()
    with at_work("Checking the chain"):
        found = visible_chain(settings, now)
    if settings.is_sample:
        click.echo(SAMPLE_DATA, err=as_json)
    print_muted(found.muted, as_json)
    print_not_counted(settings.counted_season_types, as_json)
    if as_json:
        print_json_lines(_values(link, now) for link in found.links)
    else:
        for line in _lines(found.links, now):
            click.echo(_folded(line))
    sys.exit(0 if found.holds else 1)


def _values(link: Link, now: datetime) -> dict[str, Any]:
    since = min((known.since for known in link.breaks if known.since is not None), default=None)
    return {
        "link": link.name,
        "state": link.state,
        "at": link.at,
        "age_minutes": None if link.at is None else max(0, int((now - link.at).total_seconds() // 60)),
        "since": since,
        "found": " ".join(known.what for known in link.breaks) or link.note,
        "fix": " ".join(dict.fromkeys(known.fix for known in link.breaks)) or None,
    }


def _folded(line: str) -> str:
    """A line as wide as the terminal, which would break it within words."""
    if not sys.stdout.isatty():
        return line
    return textwrap.fill(line, get_terminal_size().columns, subsequent_indent=" " * 21, break_on_hyphens=False)


def _lines(links: tuple[Link, ...], now: datetime) -> Iterator[str]:
    for link in links:
        found = " ".join(f"{known.what} {known.fix}" for known in link.breaks) or link.note
        age = "" if link.at is None else f" ({moment(link.at, game_date(now))}, {duration(now - link.at)} ago)"
        yield f"{link.name:<10} {link.state.replace('_', ' '):<9} {found}{'' if link.breaks else age}"
    broken = [link.name for link in links if link.state is LinkState.BROKEN]
    yield f"broken: {', '.join(broken)}" if broken else "healthy"
