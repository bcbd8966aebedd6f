"""The product driven by its command line, in this process: what it tells of a season, and what it says of a look."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

OURS = ("NBA_MONITORING_", "SLACK_", "BALLDONTLIE_", "BIGQUERY_", "GOOGLE_")
EVIDENCE = "NBA_MONITORING_EVIDENCE"


@dataclass(frozen=True)
class Message:
    """What the product tells of an incident."""

    at: datetime  # UTC
    incident_id: str
    reason: str
    stage: str
    status: str
    severity: str


@contextmanager
def on(path: Path) -> Iterator[None]:
    """The product's settings: a warehouse file, and no schedule service."""
    before = dict(os.environ)
    for name in before:
        if name.startswith(OURS) and name != EVIDENCE:
            del os.environ[name]
    os.environ |= {"NBA_MONITORING_WAREHOUSE": f"duckdb://{path}", "NBA_MONITORING_SCHEDULE_APIS": "never"}
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def command(*arguments: object) -> list[dict[str, Any]]:
    """What `nba-monitoring` prints, an object a line. Raises AssertionError where it could not do it."""
    from nba_monitoring.cli.main import main  # noqa: PLC0415 only who drives it knows the product

    out, err = (TextIOWrapper(BytesIO(), "utf-8", write_through=True) for _ in range(2))
    status = 0
    with redirect_stdout(out), redirect_stderr(err):
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as ended:
            status = int(ended.code or 0)
    assert status in (0, 1), _text(err)
    return [json.loads(line) for line in _text(out).splitlines()]


def _text(stream: TextIOWrapper[BytesIO]) -> str:
    return stream.buffer.getvalue().decode()


def replayed(path: Path, first: date, last: date) -> list[Message]:
    """What `replay` says would have been told of a range of dates."""
    with on(path):
        lines = command("replay", "--from", first, "--to", last, "--every", "30m", "--json")
    return [
        Message(datetime.fromisoformat(line["at"]), *(line[name] for name in _OF_A_MESSAGE))
        for line in lines
        if line["kind"] == "message"
    ]


_OF_A_MESSAGE = ("incident_id", "reason", "stage", "status", "severity")


def looked_at(path: Path, day: date, as_of: datetime) -> dict[str, dict[str, Any]]:
    """What `check --as-of` says of a date, by stage."""
    with on(path):
        lines = command("check", "--date", day, "--as-of", as_of.isoformat(), "--stages", "--json")
    return {line["stage"]: line for line in lines}
