"""Run the command line in this process: the alerts of a replay, and the verdicts of a check."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

OURS = ("NBA_MONITORING_", "SLACK_", "BALLDONTLIE_", "BIGQUERY_", "GOOGLE_")
EVIDENCE = "NBA_MONITORING_EVIDENCE"


@dataclass(frozen=True)
class Alert:
    """An alert about an incident."""

    at: datetime  # UTC
    incident_id: str
    reason: str
    stage: str
    status: str
    severity: str
    cause: str | None = None  # the service that explains it, if the alert names one


@contextmanager
def on(path: Path, others: Mapping[str, str] | None = None) -> Iterator[None]:
    """The product's settings: a warehouse file, no schedule service, and some others."""
    before = dict(os.environ)
    for name in before:
        if name.startswith(OURS) and name != EVIDENCE:
            del os.environ[name]
    own = {"NBA_MONITORING_WAREHOUSE": f"duckdb://{path}", "NBA_MONITORING_SCHEDULE_APIS": "never"}
    os.environ.update(own | dict(others or {}))
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def command(*arguments: object) -> str:
    """What `nba-monitoring` prints. Raises AssertionError where it could not do it."""
    from nba_monitoring.cli.main import main  # noqa: PLC0415 only who drives it knows the product

    out, err = (TextIOWrapper(BytesIO(), "utf-8", write_through=True) for _ in range(2))
    status = 0
    with redirect_stdout(out), redirect_stderr(err):
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as ended:
            status = int(ended.code or 0)
    assert status in (0, 1), _text(err)
    return _text(out)


def records(*arguments: object) -> list[dict[str, Any]]:
    """What `nba-monitoring ... --json` prints, an object a line."""
    return [json.loads(line) for line in command(*arguments, "--json").splitlines()]


def _text(stream: TextIOWrapper[BytesIO]) -> str:
    return stream.buffer.getvalue().decode()


def replayed(path: Path, first: date, last: date) -> list[Alert]:
    """The alerts that `replay` reports for a range of dates."""
    services = path.with_name("services.yaml")
    place = "cloud_run: {project: nba-props-platform, region: us-west2}"
    services.write_text(f"{place}\nservices:\n  worker: {{service: prediction-worker}}\n", encoding="utf-8")
    with on(path, {"NBA_MONITORING_SERVICES": str(services)}):
        lines = records("replay", "--from", first, "--to", last, "--every", "30m")
    return [
        Alert(
            at=datetime.fromisoformat(line["at"]),
            cause=line.get("cause"),
            **{name: line[name] for name in _OF_AN_ALERT},
        )
        for line in lines
        if line["kind"] == "message"
    ]


_OF_AN_ALERT = ("incident_id", "reason", "stage", "status", "severity")


def verdicts(path: Path, day: date, as_of: datetime) -> dict[str, dict[str, Any]]:
    """The verdict of `check --as-of` on a date, by stage."""
    with on(path):
        lines = records("check", "--date", day, "--as-of", as_of.isoformat(), "--stages")
    return {line["stage"]: line for line in lines}


def problems(path: Path, day: date, as_of: datetime) -> list[str]:
    """The problems with the schedule's tables that `check --as-of` reports."""
    with on(path):
        (record,) = records("check", "--date", day, "--as-of", as_of.isoformat())
    found: list[str] = record["detail"]["problems"]
    return found
