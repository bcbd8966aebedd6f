"""Show how a tick of the alerts sensor grows with the number of check evaluations in the instance.

    .venv/bin/python benchmarks/sensor_tick.py

There are two instances on Dagster's default storage. One has a hundred times the evaluations of the other, each in a
separate run, which is the worst case. It also has a hundred times the past incidents in its ledger. One incident is
open, so each tick reads from the ledger what was done by hand. CPU time is measured when nothing is new and when a run
has just finished, after 11:30 AM ET. The exit status is 1 if a ratio of medians exceeds its limit, or if ticks at rest
take more than one CPU second a minute.
"""

from __future__ import annotations

import logging
import sqlite3
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from uuid import uuid4

import dagster as dg
import duckdb
import time_machine

from nba_monitoring.core.eastern import PACIFIC
from nba_monitoring.core.games import Game
from nba_monitoring.core.incidents import EndedAs, Incident, IncidentDetail, UncoveredUnit
from nba_monitoring.core.stages import Due
from nba_monitoring.core.status import Severity, Status
from nba_monitoring.orchestration.checks import CHECK_KEY
from nba_monitoring.orchestration.resources import GuardedSlackResource
from nba_monitoring.orchestration.sensors import availability_alerts
from nba_monitoring.settings import Settings
from nba_monitoring.warehouse import open_warehouse

SIZES = (1_000, 100_000)
EVALUATIONS_PER_INCIDENT = 10
TICKS = 25
LIMIT = 1.5
TICKS_PER_MINUTE = 2
MOST_SECONDS_PER_MINUTE = 1.0
JOB = "morning_check"

# Each date has been checked many times, like a live date.
DATES = 1_500
CHANGED = {
    "run_id": "?2",
    "event": "replace(event, ?1, ?2)",
    "evaluation_event": "replace(evaluation_event, ?1, ?2)",
    "run_body": "replace(run_body, ?1, ?2)",
    "partition": "date(partition, ?3)",
}
NOW = datetime(2026, 1, 18, 9, 0, tzinfo=PACIFIC).astimezone(UTC)


def main() -> int:
    logging.disable(logging.WARNING)
    with ExitStack() as stack:
        watches = [stack.enter_context(watch(size)) for size in SIZES]
        # In turn, so that other load on the machine affects both.
        for number in range(TICKS):
            for each in watches:
                each.measure(NOW + number * timedelta(minutes=2))
    few, many = watches
    ratios = (median(many.quiet) / median(few.quiet), median(many.with_news) / median(few.with_news))
    print(f"{'evaluations':>12}{'nothing new':>14}{'a run ended':>14}")
    for each in watches:
        print(f"{each.evaluations:12,}{median(each.quiet) * 1000:11.1f} ms{median(each.with_news) * 1000:11.1f} ms")
    print(f"{'ratio':>12}{ratios[0]:14.2f}{ratios[1]:14.2f}   (limit {LIMIT})")
    at_rest = TICKS_PER_MINUTE * median(many.quiet)
    print(f"at rest {at_rest:.2f} CPU s a minute   (limit {MOST_SECONDS_PER_MINUTE:.0f})")
    return int(max(ratios) > LIMIT or at_rest > MOST_SECONDS_PER_MINUTE)


@dataclass
class Watch:
    """The sensor on one instance, and the CPU seconds its ticks took."""

    instance: dg.DagsterInstance
    evaluations: int
    settings: Settings
    cursor: str | None = None
    quiet: list[float] = field(default_factory=list)
    with_news: list[float] = field(default_factory=list)

    def measure(self, moment: datetime) -> None:
        """Two ticks. Moments are two minutes apart, so that none rereads the run of an earlier one."""
        with time_machine.travel(moment):
            self.quiet.append(self.tick())
            end_run(self.instance)
            self.with_news.append(self.tick())

    def tick(self) -> float:
        resources = {"settings": self.settings, "slack": GuardedSlackResource(settings=self.settings)}
        # Dagster takes a resource with a dependency only in a context manager.
        with dg.build_sensor_context(instance=self.instance, cursor=self.cursor, resources=resources) as context:
            start = time.process_time()
            result = availability_alerts(context)
            took = time.process_time() - start
        assert isinstance(result, dg.SensorResult)
        self.cursor = result.cursor
        return took


@contextmanager
def watch(size: int) -> Iterator[Watch]:
    """A sensor running since before 11:30 AM ET, on an instance with `size` evaluations."""
    with dg.instance_for_test() as instance, TemporaryDirectory() as folder:
        fill(instance, size)
        opened = Watch(instance, size, with_incidents(Path(folder) / "ledger.duckdb", size // EVALUATIONS_PER_INCIDENT))
        with time_machine.travel(NOW - timedelta(hours=2)):
            opened.tick()
        yield opened


def with_incidents(path: Path, number: int) -> Settings:
    """Settings for a warehouse whose ledger has `number` past incidents, and one that is open today."""
    duckdb.connect(path).close()
    settings = Settings.model_validate({"NBA_MONITORING_WAREHOUSE": f"duckdb://{path}"})
    game = UncoveredUnit(Game(NOW.date(), "ORL", "MEM").id, NOW + timedelta(hours=10), "no rows", is_missing=True)
    opened = Incident(
        incident_id=f"nba-{NOW.date()}",
        check_date=NOW.date(),
        due=Due.BEFORE_TIP,
        stage="phase4",
        status=Status.MISSING_DATA,
        severity=Severity.WARN,
        found_at=NOW - timedelta(hours=2),
        detail=IncidentDetail(uncovered=(game,), looked_at=NOW),
    )
    past = [
        replace(
            opened,
            incident_id=f"past-{n}",
            check_date=NOW.date() - timedelta(days=3 + n % DATES),
            ended_at=NOW - timedelta(days=3),
            ended_as=EndedAs.RECOVERED,
        )
        for n in range(number)
    ]
    with open_warehouse(settings.warehouse) as warehouse:
        warehouse.put_incidents([opened, *past])
    return settings


def fill(instance: dg.DagsterInstance, size: int) -> None:
    """Store one run through Dagster and copy its rows. No tick reads the logs of the copies, so they have none."""
    with time_machine.travel(NOW - timedelta(days=30)):
        pattern = end_run(instance, date(2021, 10, 19))
    history = Path(instance.root_directory) / "history"
    copies = [(pattern, str(uuid4()), f"+{number % DATES} days") for number in range(1, size)]
    copy_rows(history / "runs.db", ("runs",), copies)
    copy_rows(history / "runs" / "index.db", ("event_logs", "asset_check_executions"), copies)
    with closing(sqlite3.connect(history / "runs" / "index.db")) as index:
        (held,) = index.execute("SELECT count(*) FROM asset_check_executions").fetchone()
    assert held == size, held


def copy_rows(database: Path, tables: Sequence[str], copies: Sequence[tuple[str, str, str]]) -> None:
    """Insert the rows of the pattern's run once per copy, with another run id and later dates."""
    pattern = copies[0][0]
    with closing(sqlite3.connect(database)) as connection, connection:
        for table in tables:
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[1] != "id"]
            values = [CHANGED.get(column, column) for column in columns]
            connection.execute(f"CREATE TEMP TABLE pattern AS SELECT * FROM {table} WHERE run_id = ?", [pattern])
            connection.executemany(
                f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM pattern",
                copies,
            )
            connection.execute("DROP TABLE pattern")


def end_run(instance: dg.DagsterInstance, evaluated: date | None = None) -> str:
    run = instance.add_run(dg.DagsterRun(job_name=JOB, tags={"dagster/partition": str(NOW.date())}))
    if evaluated is not None:
        evaluation = dg.AssetCheckEvaluation(
            asset_key=CHECK_KEY.asset_key, check_name=CHECK_KEY.name, passed=True, partition=str(evaluated), metadata={}
        )
        report(instance, run, dg.DagsterEventType.ASSET_CHECK_EVALUATION, evaluation)
    report(instance, run, dg.DagsterEventType.RUN_SUCCESS)
    return run.run_id


def report(
    instance: dg.DagsterInstance,
    run: dg.DagsterRun,
    kind: dg.DagsterEventType,
    data: dg.AssetCheckEvaluation | None = None,
) -> None:
    event = dg.DagsterEvent(event_type_value=kind.value, job_name=JOB, event_specific_data=data)
    instance.report_dagster_event(event, run_id=run.run_id)


if __name__ == "__main__":
    sys.exit(main())
