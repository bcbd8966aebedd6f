"""Compare the time of a season's backfill of all stages with a bare graph that has as many events.

    .venv/bin/python benchmarks/season_backfill.py

Both are one run over every date of the sample's season, on Dagster's default storage, with events in batches as in
`make dev`. The bare graph has the same assets and checks and does nothing, so its time is Dagster's own. A stage
without a table in the sample gets an empty one, so that it is watched. The exit status is 1 if the ratio of the
shortest times exceeds its limit.
"""

# Without postponed annotations: Dagster reads the types of parameters when it decorates.
import logging
import os
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import dagster as dg
import duckdb

from nba_monitoring.core.stages import StageTable
from nba_monitoring.definitions import definitions
from nba_monitoring.orchestration.assets import coverage_key, data_availability_checks, scheduled_games
from nba_monitoring.orchestration.checks import CHECK_KEY, completeness_key
from nba_monitoring.orchestration.partitions import game_dates, one_run
from nba_monitoring.sample import write_sample
from nba_monitoring.settings import Settings

FIRST, LAST = date(2025, 10, 21), date(2026, 6, 20)
RUNS = 2
LIMIT = 1.5


def main() -> int:
    os.environ["DAGSTER_EVENT_BATCH_SIZE"] = "1000"
    logging.disable(logging.CRITICAL)
    with TemporaryDirectory(prefix="nba-monitoring-benchmark-") as name:
        settings = sample_settings(Path(name) / "sample.duckdb")
        graphs = {"monitor": definitions(settings), "bare": bare_graph(settings.stages)}
        took: dict[str, list[float]] = {graph: [] for graph in graphs}
        events: dict[str, int] = {}
        # In turn, so that other load on the machine affects both.
        for number in range(RUNS):
            for graph, served in graphs.items():
                seconds, events[graph] = backfill(served, Path(name) / f"{graph}-{number}", FIRST, LAST)
                took[graph].append(seconds)
    for graph, times in took.items():
        print(f"{graph:10}{min(times):8.1f} s{events[graph]:9,} events")
    ratio = min(took["monitor"]) / min(took["bare"])
    print(f"{'ratio':10}{ratio:8.2f}   (limit {LIMIT})")
    return int(ratio > LIMIT)


def sample_settings(path: Path) -> Settings:
    """Settings for a new sample with a table for every stage."""
    write_sample(path)
    settings = Settings.model_validate(
        {"NBA_MONITORING_WAREHOUSE": f"duckdb://{path}", "NBA_MONITORING_SCHEDULE_APIS": "never"}
    )
    bools = ("is_production_ready", "has_prop_line", "is_quality_ready", "is_active", "is_voided")
    numbers = ("predicted_points", "points", "actual_points")
    with duckdb.connect(path) as connection:
        for stage in settings.stages:
            columns = {stage.date_column: "DATE", stage.unit_column or "game_id": "VARCHAR", stage.key: "VARCHAR"}
            columns |= {"invalidation_reason": "VARCHAR", **dict.fromkeys(bools, "BOOL")}
            columns |= {**dict.fromkeys(numbers, "DOUBLE"), **dict.fromkeys(stage.written, "TIMESTAMP")}
            types = ", ".join(f"{column} {kind}" for column, kind in columns.items())
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {stage.table.split('.')[0]}")
            connection.execute(f"CREATE TABLE IF NOT EXISTS {stage.table} ({types})")
    return settings


def bare_graph(stages: StageTable) -> dg.Definitions:
    """The same assets and checks, in as many steps, that do nothing."""
    coverages = [coverage_key(stage.name) for stage in stages]
    others = [completeness_key(stage.name) for stage in stages if not stage.is_phase4]
    agree = dg.AssetCheckKey(scheduled_games.key, "schedule_sources_agree")
    slate, verdicts = dg.AssetSpec(scheduled_games.key), dg.AssetSpec(data_availability_checks.key)
    rest = [dg.AssetSpec(key) for key in coverages]
    verdicts = verdicts.replace_attributes(deps=[slate.key, *coverages])
    return dg.Definitions(
        assets=[_assets("slate", [slate]), _assets("coverages", rest), _assets("verdicts", [verdicts])],
        asset_checks=[_checks("agree", [agree]), _checks("phase4", [CHECK_KEY]), _checks("others", others)],
        jobs=[dg.define_asset_job("morning_check", executor_def=dg.in_process_executor)],
    )


def _assets(name: str, specs: list[dg.AssetSpec]) -> dg.AssetsDefinition:
    @dg.multi_asset(name=name, specs=specs, partitions_def=game_dates, backfill_policy=one_run)
    def assets() -> Iterator[dg.MaterializeResult[None]]:
        for spec in specs:
            yield dg.MaterializeResult(asset_key=spec.key)

    return assets


def _checks(name: str, keys: list[dg.AssetCheckKey]) -> dg.AssetChecksDefinition:
    specs = [
        dg.AssetCheckSpec(
            key.name,
            asset=key.asset_key,
            additional_deps=[data_availability_checks.key] if len(keys) > 1 else [],
            partitions_def=game_dates,
        )
        for key in keys
    ]

    @dg.multi_asset_check(name=name, specs=specs)
    def checks(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckEvaluation | dg.Output[None]]:
        for spec in specs:
            for partition in context.op_execution_context.partition_keys:
                yield dg.AssetCheckEvaluation(
                    asset_key=spec.asset_key, check_name=spec.name, passed=True, partition=partition, metadata={}
                )
            yield dg.Output(None, output_name=spec.get_python_identifier())

    return checks


def backfill(served: dg.Definitions, home: Path, first: date, last: date) -> tuple[float, int]:
    """The seconds of one run over the dates on a new instance, and the number of events it stores."""
    home.mkdir()
    tags = {"dagster/asset_partition_range_start": str(first), "dagster/asset_partition_range_end": str(last)}
    job = served.resolve_job_def("morning_check")
    with dg.instance_for_test(temp_dir=str(home)) as instance:
        started = time.perf_counter()
        result = job.execute_in_process(instance=instance, tags=tags)
        took = time.perf_counter() - started
        return took, len(instance.all_logs(result.run_id))


if __name__ == "__main__":
    sys.exit(main())
