"""`nba-monitoring report`: the page of a season."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click


@click.command()
@click.option("--season", "name", help="Season, for example 2025-26. Default: the current one.")
@click.option(
    "--out",
    "path",
    type=click.Path(path_type=Path),
    required=True,
    help="File to write. Replaces an earlier report, never another file.",
)
def report(name: str | None, path: Path) -> None:
    """Write a season's report to one HTML file.

    The page has a calendar of every stage, open gaps, incidents and usual arrival times. It works offline and without
    JavaScript.

    Uses the newest recorded check of each date. Checks made with --now or --as-of are left out. Also replays the season
    to show which alerts would have been sent; this takes about half a minute.

    \b
    Examples:
      nba-monitoring report --out report.html
      nba-monitoring report --season 2025-26 --out report.html
    """
    from nba_monitoring.cli.output import configured_warehouse, progress, warn_skipped
    from nba_monitoring.core.eastern import game_date
    from nba_monitoring.reports.page import require_replaceable, write_page
    from nba_monitoring.reports.season import Season, season_replay, season_report
    from nba_monitoring.settings import Settings

    now = datetime.now(UTC)
    season = Season.of(game_date(now)) if name is None else Season.named(name)
    require_replaceable(path)
    settings = Settings.load()
    with configured_warehouse(settings) as warehouse:
        found = season_report(warehouse, season, settings.stages, now)
        replayed = season_replay(warehouse, settings, found, progress)
    warn_skipped(found.unreadable)
    write_page(found, replayed, path, settings.is_sample)
    click.echo(f"{path}: {found.summary}")
