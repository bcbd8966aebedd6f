"""`nba-monitoring sample`: a warehouse to try the monitor on."""

from __future__ import annotations

from pathlib import Path

import click

from nba_monitoring.sample import write_sample


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
def sample(path: Path) -> None:
    """Write a sample warehouse to PATH: a DuckDB file with the platform's tables.

    The season 2025-26 in it is made up, but for what really went wrong, as on 2026-01-18, when Phase 4 held 8 rows at
    8:00 AM Pacific and 144 by the afternoon. A second season, in which all is well, reaches two weeks beyond today. An
    existing file is left alone.
    """
    click.echo(write_sample(path))
