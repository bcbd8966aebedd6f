"""`nba-monitoring metrics`: the newest checks as gauges, for node_exporter's textfile collector."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click

from nba_monitoring.cli.output import configured_warehouse, warn_skipped
from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.metrics import as_text, gauges
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.stage_record import StageCheck
from nba_monitoring.core.stages import Due
from nba_monitoring.errors import MonitoringError
from nba_monitoring.files import replace_whole
from nba_monitoring.settings import Settings

# Over a weekend without a monitor, the newest check is still shown, with its time.
_LOOK_BACK = timedelta(days=7)


class MetricsFileError(MonitoringError):
    """The file can't be written; the message says what to do."""


@click.command()
@click.option(
    "--out", "path", type=click.Path(path_type=Path), help="File to write, replaced whole. Default: standard output."
)
def metrics(path: Path | None) -> None:
    """Write metrics for Prometheus.

    OpenMetrics text, gauges only: each stage's status and counts at its newest check, today's games, and open
    incidents. For stages due the next morning, the check is that of yesterday's games. It reads only the history.

    With --out, run it every minute or so, into the folder of node_exporter's textfile collector; a name that ends in
    .prom is needed there. If it fails, the file stays as it was.

    \b
    Exit status: 0  written
                 2  could not read the history or write the file
    """
    now = datetime.now(UTC)
    today = game_date(now)
    settings = Settings.load()
    with configured_warehouse(settings, as_json=True) as warehouse:
        history = warehouse.history(today - _LOOK_BACK, today)
        incidents = warehouse.incidents(open_only=True)
    warn_skipped((*history.unreadable, *incidents.unreadable))
    standing = [record for record in history.records if record.stands_at(now)]
    found = gauges(
        next((record for record in reversed(standing) if record.check_date == today), None),
        _newest(standing, today),
        [incident for incident in incidents.records if not incident.detail.is_drill],
    )
    text = as_text(found, {"environment": settings.environment} if settings.environment else {})
    if path is None:
        click.echo(text, nl=False)
    else:
        _replace(path, text)


def _newest(records: Sequence[CheckRecord], today: date) -> Iterator[StageCheck]:
    """The newest check of each stage: for today, or for yesterday if that is when it is due."""
    for due, last in ((Due.BEFORE_TIP, today), (Due.MORNING_AFTER, today - timedelta(days=1))):
        known = [record for record in records if record.check_date <= last and record.stages_due(due)]
        if known:
            yield from known[-1].stages_due(due).values()


def _replace(path: Path, text: str) -> None:
    """Write a file whole: a reader never sees half of it. Raises MetricsFileError."""
    try:
        # Meanwhile its name does not end in .prom, or the collector would read it.
        replace_whole(path, text)
    except OSError as error:
        raise MetricsFileError(
            f"{path}: can't be written ({error.strerror}); choose a file in an existing folder"
        ) from error
