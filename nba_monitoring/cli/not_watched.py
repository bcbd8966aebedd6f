"""What is said of the stages that the embedded warehouse has no table of."""

from __future__ import annotations

from collections.abc import Sequence

import click


def say_not_watched(stages: Sequence[str]) -> None:
    """Name the stages on standard error, where there are any."""
    if stages:
        click.echo(f"nba-monitoring: not watched: {', '.join(stages)} (no such table in the file)", err=True)
