"""`nba-monitoring report`: the morning page."""

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
    """Write the morning page to one HTML file.

    Today first: ready or not, each game with its stages, open incidents, mutes and the monitor's health. Then what is
    open of the last two weeks, the season's calendar, incidents, usual arrival times and the newest replay. It works
    offline and without JavaScript.

    Uses the newest recorded check of each date. Checks made with --now or --as-of are left out. Dagster's asset
    season_report stores the replay, once a day.

    \b
    Examples:
      nba-monitoring report --out report.html
      nba-monitoring report --season 2025-26 --out report.html
    """
    from nba_monitoring.cli.chain import visible_chain
    from nba_monitoring.cli.output import configured_warehouse, warn_skipped
    from nba_monitoring.core.eastern import game_date
    from nba_monitoring.reports.page import page, require_replaceable, write_page
    from nba_monitoring.reports.replayed import stored_replay
    from nba_monitoring.reports.season import Season, season_report
    from nba_monitoring.settings import Settings

    now = datetime.now(UTC)
    season = Season.of(game_date(now)) if name is None else Season.named(name)
    require_replaceable(path)
    settings = Settings.load()
    with configured_warehouse(settings, doing="Reading the season") as warehouse:
        found = season_report(warehouse, season, settings.stages, now)
        replayed = stored_replay(warehouse, season)
    warn_skipped(found.unreadable)
    write_page(page(found, replayed, visible_chain(settings, now), settings), path)
    click.echo(f"{path}: {found.summary}")
