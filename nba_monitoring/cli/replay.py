"""`nba-monitoring replay`: the alerts that past mornings would have sent, and their score."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import click
from pydantic import Field

from nba_monitoring.cli.output import configured_warehouse, print_json_lines, progress
from nba_monitoring.cli.parameters import Duration, GameDate, require_order
from nba_monitoring.core.codec import Instant, to_json_values
from nba_monitoring.core.eastern import eastern_stamp
from nba_monitoring.replay.replay import Replay
from nba_monitoring.replay.score import lower_bound, score_lines
from nba_monitoring.settings import Settings

_NO_ALERTS = "No alerts would have been sent."


@dataclass(frozen=True, slots=True)
class MessageLine:
    """One message of a replay, as `--json` prints it. `stages` is "in force" or "tried"."""

    kind: str
    stages: str
    at: Instant
    incident_id: str
    reason: str
    stage: str
    status: str
    severity: str
    # Left out unless a failing service explains the alert.
    cause: Annotated[str | None, Field(exclude_if=lambda cause: cause is None)] = None


@click.command()
@click.option("--from", "first", type=GameDate(), required=True, help="First game date of a range.")
@click.option("--to", "last", type=GameDate(), required=True, help="Last game date of the range, inclusive.")
@click.option("--every", type=Duration(), default="30m", show_default=True, help="Time between two checks.")
@click.option(
    "--stages-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Trial stages file, to compare with the alerts of the current one.",
)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="One JSON object per line: each message, then the score of each stages file.",
)
def replay(first: date, last: date, every: timedelta, stages_file: Path | None, as_json: bool) -> None:
    """Replay past mornings and score the alerts.

    Repeats every check that the schedules would have made, each as of its own time, with the same verdicts and
    incidents as in production. Sends and stores nothing.

    A false alarm is an alert for a date on which every stage was complete by its due time and before the first tip-off.
    A blind morning is a date with data missing at the first tip-off and no alert at least an hour before.

    Where a table rewrites its rows, the replay shows a lower bound, which does not count in the score. The schedule is
    read as it is now.

    \b
    Exit status: 0  no blind mornings
                 1  at least one, with the current or the trial stages
                 2  could not replay; a message on standard error says why

    \b
    Examples:
      nba-monitoring replay --from 2026-01-15 --to 2026-01-27
      nba-monitoring replay --from 2025-10-21 --to 2026-04-12 \\
          --stages-file stricter.yaml
    """
    from nba_monitoring.replay.replay import replay as replayed
    from nba_monitoring.stages_file import load_stages

    require_order(first, last)
    settings = Settings.load()
    trial = None if stages_file is None else load_stages(stages_file)
    with configured_warehouse(settings, as_json) as warehouse:
        current, other = replayed(warehouse, settings, (first, last), every, datetime.now(UTC), trial, progress)
    found = {"in force": current} | ({} if other is None else {"tried": other})
    if as_json:
        print_json_lines(to_json_values(line) for name, each in found.items() for line in _lines(name, each))
        print_json_lines(
            {"kind": "score", "stages": name, **to_json_values(each.score), "rewritten": list(each.rewritten)}
            for name, each in found.items()
        )
    else:
        _print({"current": current} | ({} if other is None else {"trial": other}))
    sys.exit(1 if any(each.score.blind_mornings for each in found.values()) else 0)


def _lines(name: str, found: Replay) -> Iterator[MessageLine]:
    for replayed in found.dates:
        for alert in replayed.alerts:
            yield MessageLine(
                kind="message",
                stages=name,
                at=alert.at,
                incident_id=alert.incident.incident_id,
                reason=alert.reason.value,
                stage=alert.incident.stage,
                status=alert.incident.status.value,
                severity=alert.incident.severity.value,
                cause=alert.incident.detail.cause,
            )


def _print(found: Mapping[str, Replay]) -> None:
    """Print the alerts with each stages file, those that only one of them sends, and the scores side by side."""
    # Imported here: `--json` prints no table.
    from rich.markup import escape

    from nba_monitoring.cli.tables import console, print_table, status_markup

    out = console()
    for name, replay in found.items():
        if len(found) > 1:
            out.print(f"[bold]With the {name} stages[/]")
        rows = [
            (
                eastern_stamp(alert.at),
                escape(alert.incident.incident_id),
                alert.reason.label,
                f"{escape(alert.incident.stage)} {status_markup(alert.incident.status, alert.incident.severity)}"
                f"{escape(f'. {alert.incident.detail.cause}' if alert.incident.detail.cause else '')}",
            )
            for replayed in replay.dates
            for alert in replayed.alerts
        ]
        if rows:
            print_table(out, ["Sent (ET)", "Incident", "Reason", "Stage, status"], rows, folded={"Stage, status"})
        else:
            out.print(_NO_ALERTS)
        out.print()
    if len(found) > 1:
        ids = {
            name: {incident.incident_id for each in replay.dates for incident in each.alerted}
            for name, replay in found.items()
        }
        for name, mine in ids.items():
            others = set().union(*(theirs for other, theirs in ids.items() if other != name))
            out.print(f"Alerts with the {name} stages only: {escape(', '.join(sorted(mine - others))) or 'none'}")
        out.print()
    scores = zip(*(score_lines(replay.score) for replay in found.values()), strict=True)
    headings = ["Score", *(found if len(found) > 1 else [""])]
    numbers = set(headings[1:])
    print_table(
        out, headings, ([row[0][0], *(escape(value) for _, value in row)] for row in scores), numbers, {"Score"}
    )
    for name, replay in found.items():
        if replay.rewritten:
            prefix = f"With the {name} stages: " if len(found) > 1 else ""
            out.print(escape(f"{prefix}{lower_bound(replay.rewritten)}"), soft_wrap=True)
