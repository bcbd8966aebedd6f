"""A warehouse file and a Dagster instance to run the real assets on, as the tests of incidents do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from time import sleep
from typing import Any
from uuid import uuid4

import dagster as dg
import duckdb

from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.definitions import definitions
from nba_monitoring.monitor import Monitor
from nba_monitoring.orchestration.checks import CHECK_KEY, CHECK_NAME
from nba_monitoring.settings import Settings
from nba_monitoring.warehouse import open_warehouse
from nba_monitoring_tests.platform_tables import Row, create_platform_tables, insert, nbac_row

NBAC = "nba_raw.nbac_schedule"
ESPN = "nba_raw.espn_scoreboard"
FACTORS = "nba_precompute.player_composite_factors"

# For a warehouse without another stage's table: a run has a third of the events of the shipped stages.
PHASE4_ALONE = Path(__file__).with_name("phase4_alone.yaml")


class Platform:
    """A DuckDB warehouse with the platform's tables, and a table of stages for it: `None` is the shipped one."""

    def __init__(self, path: Path, stages: Path | None = PHASE4_ALONE) -> None:
        self.path = path
        self._stages = stages
        with _opened(path) as connection:
            create_platform_tables(connection)

    def add(self, table: str, rows: Iterable[Row]) -> None:
        with _opened(self.path) as connection:
            insert(connection, table, rows)

    def held(self) -> duckdb.DuckDBPyConnection:
        """The file, kept from every other process until this is closed."""
        return _opened(self.path)

    def play_around(self, day: date) -> None:
        """A game the day before and one the day after, so that the schedule is seen to be loaded around the date."""
        self.add(NBAC, [nbac_row(day + timedelta(days=step), "UTA", "WAS") for step in (-1, 1)])

    def schedule(self, day: date, *matchups: str, tip: time = time(19, 30)) -> None:
        """List games (AWAY@HOME) on a date in the league's schedule, which is loaded around it."""
        self.play_around(day)
        self.add(NBAC, [nbac_row(day, *matchup.split("@"), tip=tip) for matchup in matchups])

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with _opened(self.path) as connection:
            return connection.execute(sql).fetchall()

    @property
    def settings(self) -> Settings:
        return self.settings_with()

    def settings_with(self, **others: str) -> Settings:
        """The settings, some of them others than here."""
        stages = {} if self._stages is None else {"NBA_MONITORING_STAGES": str(self._stages)}
        return settings_for(self.path, **stages | others)


def _opened(path: Path) -> duckdb.DuckDBPyConnection:
    """The file, once no other process has it: the daemon's sensor opens it for some milliseconds at a tick."""
    for _ in range(100):
        try:
            return duckdb.connect(path)
        except duckdb.IOException:
            sleep(0.1)
    return duckdb.connect(path)


def settings_for(path: Path, **others: str) -> Settings:
    """Settings with a warehouse file and, by default, without the network."""
    unless_said = {"NBA_MONITORING_WAREHOUSE": f"duckdb://{path}", "NBA_MONITORING_SCHEDULE_APIS": "never"}
    return Settings.model_validate(unless_said | others)


def run_check(
    settings: Settings,
    instance: dg.DagsterInstance,
    first: date,
    last: date | None = None,
    tags: Mapping[str, str] | None = None,
) -> dg.ExecuteInProcessResult:
    """The job `morning_check` for a date, or for a range as one run."""
    job = definitions(settings).resolve_job_def("morning_check")
    if last is None:
        return job.execute_in_process(partition_key=first.isoformat(), instance=instance, tags=tags)
    span = {
        "dagster/asset_partition_range_start": first.isoformat(),
        "dagster/asset_partition_range_end": last.isoformat(),
    }
    return job.execute_in_process(instance=instance, tags={**span, **(tags or {})})


def check_alone(settings: Settings, instance: dg.DagsterInstance, day: date) -> dg.AssetCheckEvaluation:
    """The check executed for a date without its assets, as from its page of the web interface."""
    alone = dg.define_asset_job("check_alone", selection=dg.AssetSelection.checks(CHECK_KEY))
    job = dg.Definitions.merge(definitions(settings), dg.Definitions(jobs=[alone])).resolve_job_def("check_alone")
    # Not by its partition key, which Dagster takes for a job of assets alone.
    return evaluations(job.execute_in_process(instance=instance, tags={"dagster/partition": day.isoformat()}))[day]


def evaluations(result: dg.ExecuteInProcessResult) -> dict[date, dg.AssetCheckEvaluation]:
    """The check's evaluation of each date."""
    return {
        date.fromisoformat(evaluation.partition): evaluation
        for evaluation in result.get_asset_check_evaluations()
        if evaluation.check_name == CHECK_NAME and evaluation.partition
    }


def record_on(evaluation: dg.AssetCheckEvaluation) -> dict[str, Any]:
    """The record in the evaluation."""
    held = evaluation.metadata["record"].value
    assert isinstance(held, dict)
    return held


def verdict(platform: Platform, day: date, run_id: str | None = None, trigger: Trigger = Trigger.MANUAL) -> CheckRecord:
    """The verdict of a check of a date now. It records what the three assets record, in a tenth of a run's time."""
    settings = platform.settings
    with open_warehouse(settings.warehouse) as warehouse:
        monitor = Monitor(warehouse, settings, day, day, datetime.now(UTC))
        monitor.keep_slates()
        monitor.keep_coverages()
        (record,) = monitor.record(run_id or str(uuid4()), trigger)
    return record
