"""`nba-monitoring report`: the page of a season."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click


@click.command()
@click.option("--season", "name", help="The season, such as 2025-26. Without it: the one that today falls in.")
@click.option(
    "--out",
    "path",
    type=click.Path(path_type=Path),
    required=True,
    help="The file to write. An earlier report there is replaced, any other file left alone.",
)
def report(name: str | None, path: Path) -> None:
    """Write the report of a season to one HTML file: a calendar of every stage, gaps, incidents, usual times.

    It is made from the history, so from the looks that were taken: the newest of each date speaks, and those under a
    moved clock (check --now, --as-of) are left out. The season is also replayed, which takes half a minute: what would
    have been told, had the monitor run all along. The page needs neither network nor JavaScript.

    \b
    Examples:
      nba-monitoring report --out report.html
      nba-monitoring report --season 2025-26 --out report.html
    """
    from nba_monitoring.cli.progress import progress
    from nba_monitoring.core.eastern import game_date
    from nba_monitoring.reports.page import require_replaceable, write_page
    from nba_monitoring.reports.season import Season
    from nba_monitoring.reports.season_replay import season_replay
    from nba_monitoring.reports.season_report import season_report
    from nba_monitoring.settings import Settings
    from nba_monitoring.warehouse import open_warehouse

    now = datetime.now(UTC)
    season = Season.of(game_date(now)) if name is None else Season.named(name)
    require_replaceable(path)
    settings = Settings.load()
    with open_warehouse(settings.warehouse) as warehouse:
        found = season_report(warehouse, season, settings.stages, now)
        replayed = season_replay(warehouse, settings, found, progress)
    for row in found.unreadable:
        click.echo(f"nba-monitoring: {row}; it is passed over", err=True)
    write_page(found, replayed, path)
    click.echo(f"{path}: {found.summary}")
