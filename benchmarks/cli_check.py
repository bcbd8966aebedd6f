"""Compare the time of `nba-monitoring check` with a bare script that runs the same queries.

    .venv/bin/python benchmarks/cli_check.py

Both run as fresh processes, in turn, each time on a fresh copy of the warehouse. The script runs the recorded
statements of a check: one per stage of the sample, those of the schedule, and those of the histories. A second script
only reads; it has no limit. The exit status is 1 if a ratio of medians exceeds its limit.

The floor is a third script, with one statement and a row of four columns per date, against a check of Phase 4 alone.
Its ratios have goals, which are printed and not enforced.
"""

from __future__ import annotations

import os
import pickle
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
from ten_seasons import SEASONS, write_ten_seasons

from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.monitor import Monitor
from nba_monitoring.sample import write_sample
from nba_monitoring.settings import Settings
from nba_monitoring.warehouse import Warehouse
from nba_monitoring.warehouse.engines.duckdb import DuckDBEngine
from nba_monitoring_tests.morning import PHASE4_ALONE

RUNS = 7
COULD_NOT_CHECK = 2
CHECK = Path(sys.executable).with_name("nba-monitoring")
OFFLINE = {"NBA_MONITORING_SCHEDULE_APIS": "never"}
BARE_CHECK = Path(__file__).with_name("bare_check.py")
FLOOR = Path(__file__).with_name("floor_script.py")


@dataclass(frozen=True)
class Case:
    """A range of dates in a warehouse, and the largest ratio of the check's time to the bare script's."""

    name: str
    warehouse: Path
    first: date
    last: date
    limit: float


@dataclass(frozen=True)
class Outcome:
    """Medians in seconds."""

    case: Case
    check: float
    bare: float
    reads: float

    @property
    def ratio(self) -> float:
        return self.check / self.bare


def main() -> int:
    with TemporaryDirectory(prefix="nba-monitoring-benchmark-") as name:
        folder = Path(name)
        outcomes = [measure(case, folder / "copy.duckdb") for case in cases(folder)]
    print(f"{'':14}{'check':>9}{'bare':>9}{'ratio':>8}{'limit':>8}{'reads only':>13}{'ratio':>8}")
    for outcome in outcomes:
        print(
            f"{outcome.case.name:14}{outcome.check:8.2f}s{outcome.bare:8.2f}s{outcome.ratio:8.2f}{outcome.case.limit:8.1f}"
            f"{outcome.reads:12.2f}s{outcome.check / outcome.reads:8.2f}"
        )
    print(f"\n{'Phase 4 alone':14}{'check':>9}{'floor':>9}{'ratio':>8}{'goal':>8}")
    with TemporaryDirectory(prefix="nba-monitoring-benchmark-") as name:
        for case in floor_cases(Path(name)):
            check, floor = measure_floor(case, Path(name) / "copy.duckdb")
            print(f"{case.name:14}{check:8.2f}s{floor:8.2f}s{check / floor:8.2f}{case.limit:8.1f}")
    return int(any(outcome.ratio > outcome.case.limit for outcome in outcomes))


def cases(folder: Path) -> list[Case]:
    sample, ten_seasons = folder / "sample.duckdb", folder / "ten_seasons.duckdb"
    write_sample(sample)
    first, last = write_ten_seasons(ten_seasons)
    day = date(2026, 1, 18)
    return [Case("one date", sample, day, day, 3), Case(f"{SEASONS} seasons", ten_seasons, first, last, 5)]


def floor_cases(folder: Path) -> list[Case]:
    """The cases against the floor, whose limits are goals."""
    one, ten = cases(folder)
    season = Case("a season", one.warehouse, date(2025, 10, 21), date(2026, 4, 12), 3.2)
    return [replace(one, limit=2.4), season, replace(ten, limit=10)]


def measure_floor(case: Case, copy: Path) -> tuple[float, float]:
    """Medians of alternating runs of a check of Phase 4 alone and of the floor."""
    check = [CHECK, "check", "--from", f"{case.first}", "--to", f"{case.last}", "--json"]
    floor = [sys.executable, FLOOR, copy, f"{case.first}", f"{case.last}"]
    took: list[list[float]] = []
    for _ in range(RUNS):
        turn = []
        for command in (check, floor):
            shutil.copyfile(case.warehouse, copy)
            turn.append(
                seconds(command, copy, (case.last - case.first).days + 1, NBA_MONITORING_STAGES=str(PHASE4_ALONE))
            )
        took.append(turn)
    checks, floors = zip(*took, strict=True)
    return median(checks), median(floors)


class Recorder:
    """A connection that records what it executes, with plain Python values."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.statements: list[tuple[str, Any]] = []

    def execute(self, sql: str, parameters: Any = None) -> duckdb.DuckDBPyConnection:
        # Queries about the file itself: a script written for it would not need them.
        if not any(name in sql for name in ("duckdb_columns", "current_database", "SET TimeZone")):
            self.statements.append((sql, plain(parameters)))
        return self.connection.execute(sql, parameters)


def plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list | tuple) else value


def write_statements(case: Case, copy: Path, path: Path) -> None:
    """Record the statements of a check of the case, and print their number."""
    shutil.copyfile(case.warehouse, copy)
    settings = Settings.model_validate({"NBA_MONITORING_WAREHOUSE": f"duckdb://{copy}", **OFFLINE})
    with duckdb.connect(copy) as connection:
        recorder = Recorder(connection)
        warehouse = Warehouse(DuckDBEngine(recorder))  # type: ignore[arg-type]
        (record, *_) = Monitor(warehouse, settings, case.first, case.last, datetime.now(UTC)).record(
            "benchmark", Trigger.MANUAL
        )
    path.write_bytes(pickle.dumps(recorder.statements))
    print(f"{case.name}: {len(record.stages)} stages, {len(recorder.statements)} statements")


def measure(case: Case, copy: Path) -> Outcome:
    """Medians of alternating runs, so that other load on the machine affects both sides."""
    statements = copy.with_suffix(".pickle")
    write_statements(case, copy, statements)
    dates = (
        ["--date", f"{case.first}"] if case.first == case.last else ["--from", f"{case.first}", "--to", f"{case.last}"]
    )
    check = [CHECK, "check", *dates, "--json"]
    bare = [sys.executable, BARE_CHECK, copy, statements, f"{case.first}", f"{case.last}"]
    took: list[list[float]] = []
    for _ in range(RUNS):
        turn = []
        for command in (check, bare, [*bare, "reads"]):
            shutil.copyfile(case.warehouse, copy)
            turn.append(seconds(command, copy, (case.last - case.first).days + 1))
        took.append(turn)
    return Outcome(case, *(median(times) for times in zip(*took, strict=True)))


def seconds(command: Sequence[str | Path], warehouse: Path, lines: int, **settings: str) -> float:
    """The seconds that a fresh process takes; it must print one line per date."""
    # Without the bytecode switch: compiling modules at each start would be most of the time.
    unwanted = ("NBA_", "SLACK_", "PYTHONDONTWRITEBYTECODE")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    started = time.perf_counter()
    done = subprocess.run(
        command,
        env={**environment, **OFFLINE, **settings, "NBA_MONITORING_WAREHOUSE": f"duckdb://{warehouse}"},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    took = time.perf_counter() - started
    # 1 means that a date fails, as some of the sample do.
    if done.returncode not in (0, 1) or done.stdout.count("\n") != lines:
        sys.exit(f"{command[0]} ended with {done.returncode} and {done.stdout.count(chr(10))} of {lines} lines")
    return took


if __name__ == "__main__":
    sys.exit(main())
