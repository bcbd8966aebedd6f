"""`nba-monitoring replay`: past mornings looked at again, and what would have been told."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click

from nba_monitoring.cli.json_lines import as_json_lines, print_json_lines
from nba_monitoring.cli.parameters import GameDate, span_of
from nba_monitoring.cli.progress import progress
from nba_monitoring.core.codec import Instant, to_json_values
from nba_monitoring.core.stage_fields import parse_span
from nba_monitoring.replay.replay import Replay
from nba_monitoring.settings import Settings
from nba_monitoring.warehouse import open_warehouse


class Span(click.ParamType[timedelta]):
    """A length of time as 30m, 2h or 1h30m."""

    name = "span"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Raises BadParameter for anything else, and for less than five minutes."""
        span = parse_span(str(value))
        if span is None:
            self.fail(f"{value!r} is no span of time; write it as 30m, 2h or 1h30m", param, ctx)
        if not timedelta(minutes=5) <= span <= timedelta(hours=12):
            self.fail(f"{value!r} is not between 5m and 12h", param, ctx)
        return span


@dataclass(frozen=True, slots=True)
class MessageLine:
    """A message that would have been sent, as `--json` prints it. `stages` says by which table: in force, or tried."""

    kind: str
    stages: str
    at: Instant
    incident_id: str
    reason: str
    stage: str
    status: str
    severity: str


@click.command()
@click.option("--from", "first", type=GameDate(), required=True, help="First of a range of game dates.")
@click.option("--to", "last", type=GameDate(), required=True, help="Last of the range, included.")
@click.option("--every", type=Span(), default="30m", show_default=True, help="The time between two looks of a morning.")
@click.option(
    "--stages-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A second table of stages to try: its alerts are held to the table in force.",
)
@as_json_lines
def replay(first: date, last: date, every: timedelta, stages_file: Path | None, as_json: bool) -> None:
    """Replay past mornings: what would have been told when, and how well that would have served.

    Every look that the schedules would have taken is taken as of its instant, through the same verdicts and the same
    incidents as the sensor. Nothing is sent, and nothing is kept.

    A false alarm was told, and everything was there before the first tip-off, each stage by its own due time. A blind
    morning is one with something missing at the first tip-off that was not told an hour before. A table that rewrites
    its rows loses their first writing times: then the replay shows the least that was there. The schedule is taken as
    it stands now.

    \b
    Exit status: 0  no morning was blind
                 1  at least one was, by the table in force or the one that is tried
                 2  could not replay; a message on standard error says why

    \b
    Examples:
      nba-monitoring replay --from 2026-01-15 --to 2026-01-27
      nba-monitoring replay --from 2025-10-21 --to 2026-04-12 --stages-file stricter.yaml
    """
    from nba_monitoring.replay.replay import replay as replayed
    from nba_monitoring.stages_file import load_stages

    span = span_of(None, first, last) or (first, last)
    settings = Settings.load()
    tried = None if stages_file is None else load_stages(stages_file)
    with open_warehouse(settings.warehouse) as warehouse:
        in_force, other = replayed(warehouse, settings, span, every, datetime.now(UTC), tried, progress)
    found = {"in force": in_force} | ({} if other is None else {"tried": other})
    if as_json:
        print_json_lines(to_json_values(line) for name, each in found.items() for line in _lines(name, each))
        print_json_lines(
            {"kind": "score", "stages": name, **to_json_values(each.score), "rewritten": list(each.rewritten)}
            for name, each in found.items()
        )
    else:
        from nba_monitoring.cli.replay_tables import print_replay

        print_replay(found)
    sys.exit(1 if any(each.score.blind_mornings for each in found.values()) else 0)


def _lines(name: str, found: Replay) -> list[MessageLine]:
    return [
        MessageLine(
            kind="message",
            stages=name,
            at=told.at,
            incident_id=told.incident.incident_id,
            reason=told.reason.value,
            stage=told.incident.stage,
            status=told.incident.status.value,
            severity=told.incident.severity.value,
        )
        for course in found.courses
        for told in course.told
    ]
