"""Compare each command on five years of history with the same command on a week's.

    .venv/bin/python benchmarks/five_years.py

Both warehouses are the sample's, with 30 checks per date of ten stages each, and 10,000 incidents in five years: a
real check's rows, moved to the other dates. The commands are fresh processes, in turn. It also prints what BigQuery
would bill for the monitor's own tables, by Google's sizes of types. The exit status is 1 if a command takes more than
twice as long. A tick's growth is in sensor_tick.py.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import duckdb

from nba_monitoring.core.incidents import EndedAs, Incident, IncidentDetail
from nba_monitoring.core.stages import Due
from nba_monitoring.core.status import Severity, Status
from nba_monitoring.sample import write_sample
from nba_monitoring.settings import DuckDBWarehouse
from nba_monitoring.warehouse import open_warehouse

PROGRAM = Path(sys.executable).with_name("nba-monitoring")
RUNS = 5
LIMIT = 2.0
CHECKS_PER_DATE = 30
INCIDENTS = 10_000
DAY = date(2026, 1, 18)
HISTORIES = {"a week": 7, "five years": 5 * 365}
COMMANDS = (
    ("check", "--date", str(DAY)),
    ("status",),
    ("history", "--from", str(DAY - timedelta(days=3)), "--to", str(DAY)),
    ("incidents", "--open"),
    ("mutes",),
    ("health",),
)
TABLES = {"data_availability_checks": "check_id", "stage_checks": "check_id"}
# Google's documentation: an INT64, DATE or TIMESTAMP is 8 bytes, a BOOL 1, a STRING 2 and its UTF-8.
SIZES = {
    "VARCHAR": "2 + strlen({0})",
    "VARCHAR[]": "list_sum(list_transform({0}, lambda s: 2 + strlen(s)))",
    "BOOLEAN": "1",
}


def main() -> int:
    with TemporaryDirectory(prefix="nba-monitoring-benchmark-") as name:
        files = {history: made(Path(name), days) for history, days in HISTORIES.items()}
        print_bytes(files["five years"])
        times = {history: dict[tuple[str, ...], list[float]]() for history in files}
        for _ in range(RUNS):
            for history, file in files.items():
                for command in COMMANDS:
                    times[history].setdefault(command, []).append(seconds(file, command))
    ratios = {}
    print(f"\n{'':12}" + "".join(f"{history:>12}" for history in times) + f"{'ratio':>8}")
    for command in COMMANDS:
        week, years = (median(times[history][command]) for history in HISTORIES)
        ratios[command] = years / week
        print(f"{command[0]:12}{week:11.2f}s{years:11.2f}s{ratios[command]:8.2f}")
    return int(max(ratios.values()) > LIMIT)


def made(folder: Path, days: int) -> Path:
    """A warehouse with checks of so many days."""
    path = folder / f"{days}.duckdb"
    write_sample(path)
    run(path, ("check", "--date", str(DAY)))
    with open_warehouse(DuckDBWarehouse(path=path)) as warehouse:
        warehouse.put_incidents([incident(number, days) for number in range(INCIDENTS * days // (5 * 365))])
    with duckdb.connect(path) as connection:
        connection.execute(f"CREATE TEMP TABLE past AS SELECT CAST(range AS INTEGER) AS days FROM range(1, {days})")
        connection.execute(
            f"CREATE TEMP TABLE of_date AS SELECT CAST(range AS INTEGER) AS n FROM range({CHECKS_PER_DATE})"
        )
        for table in TABLES:
            connection.execute(
                f"INSERT INTO nba_monitoring.{table} BY NAME SELECT c.* REPLACE ("
                "c.check_date - past.days AS check_date, "
                "c.check_time - to_days(past.days) + to_minutes(of_date.n) AS check_time, "
                "concat(c.check_id, '-', past.days, '-', of_date.n) AS check_id) "
                f"FROM nba_monitoring.{table} AS c, past, of_date "
                f"WHERE c.check_date = DATE '{DAY}' AND c.check_id IS NOT NULL"
            )
        connection.execute("CHECKPOINT")
    return path


def incident(number: int, days: int) -> Incident:
    """One that has ended, on one of the dates before the last."""
    day = DAY - timedelta(days=1 + number % (days - 1))
    found = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=13)
    return Incident(
        incident_id=f"past-{number}",
        check_date=day,
        due=Due.BEFORE_TIP,
        stage="phase4",
        status=Status.MISSING_DATA,
        severity=Severity.WARN,
        found_at=found,
        ended_at=found + timedelta(hours=1),
        ended_as=EndedAs.RECOVERED,
        detail=IncidentDetail(uncovered=(), looked_at=found, end_told=True),
    )


def print_bytes(path: Path) -> None:
    """Bytes that BigQuery would store, and so bill for all columns: per row, per date, and in all."""
    print(f"{'':28}{'bytes/row':>10}{'rows':>11}{'MB/date':>9}{'GB in all':>11}")
    with duckdb.connect(path) as connection:
        for table in TABLES:
            columns = connection.execute(
                f"SELECT name, type FROM pragma_table_info('nba_monitoring.{table}')"
            ).fetchall()
            size = " + ".join(f"coalesce({SIZES.get(kind, '8').format(name)}, 0)" for name, kind in columns)
            sql = f"SELECT avg({size}), count(*), count(DISTINCT check_date) FROM nba_monitoring.{table}"
            each, rows, dates = connection.execute(sql).fetchall()[0]
            print(f"{table:28}{each:10.0f}{rows:11,}{each * rows / dates / 1e6:9.2f}{each * rows / 1e9:11.3f}")


def run(path: Path, command: tuple[str, ...]) -> None:
    environment = os.environ | {"NBA_MONITORING_WAREHOUSE": f"duckdb://{path}", "NBA_MONITORING_SCHEDULE_APIS": "never"}
    done = subprocess.run([PROGRAM, *command], env=environment, capture_output=True, text=True, check=False)
    # 1: something is missing, or a link is broken.
    assert done.returncode in (0, 1), done.stderr


def seconds(path: Path, command: tuple[str, ...]) -> float:
    began = time.perf_counter()
    run(path, command)
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
