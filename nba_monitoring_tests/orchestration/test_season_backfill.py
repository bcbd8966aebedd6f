"""Backfills: some weeks of 2024-25 launched as the web interface launches them, and a season of every stage."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from nba_monitoring.cli.main import main
from nba_monitoring.core.eastern import dates_between
from nba_monitoring.sample import write_sample
from nba_monitoring.stages_file import load_stages
from nba_monitoring_tests.cli.outcome import NBA_MONITORING
from nba_monitoring_tests.evidence import fill_from_evidence
from nba_monitoring_tests.morning import run_check, settings_for
from nba_monitoring_tests.orchestration import one_run
from nba_monitoring_tests.orchestration.served import ServedMonitor

pytestmark = pytest.mark.slow

# With the days off around the All-Star Game, and two dates on which Phase 4 was thin.
DATES = [str(day) for day in dates_between(date(2025, 2, 8), date(2025, 3, 8))]
PASSING = {"AVAILABLE", "NO_GAMES", "BOOTSTRAP", "NOT_DUE", "HALTED"}

_VERDICTS = """query($key: AssetKeyInput!, $dates: [String!]) { assetNodeOrError(assetKey: $key) { ... on AssetNode {
  assetMaterializations(partitions: $dates) { partition metadataEntries { label ... on TextMetadataEntry { text } } }
} } }"""


_COVERAGES = tuple(f"{stage.name}_coverage" for stage in load_stages())
_ASSETS = ("scheduled_games", *_COVERAGES, "data_availability_checks")


@pytest.mark.daemon
@pytest.mark.timeout(1800)
def test_a_backfill_is_one_run_whose_verdicts_are_the_command_lines(
    served_monitor: ServedMonitor,
) -> None:
    dagster, path = served_monitor.dagster, served_monitor.platform.path
    with duckdb.connect(path) as connection:
        fill_from_evidence(connection)
    assert dagster.backfill(_ASSETS, DATES) == ["SUCCESS"]
    of_assets = {
        name: dagster.graphql(_VERDICTS, key={"path": [name]}, dates=DATES)["assetNodeOrError"] for name in _ASSETS
    }
    said = said_by_the_command_line(path)
    assert said.keys() == set(DATES)
    for name in _ASSETS:
        materialized = [entry["partition"] for entry in of_assets[name]["assetMaterializations"]]
        assert sorted(materialized) == DATES
    judged = of_assets["data_availability_checks"]
    assert {entry["partition"]: text(entry, "status") for entry in judged["assetMaterializations"]} == said
    (statuses,) = dagster.check_statuses("data_availability_checks", DATES).values()
    assert statuses == {day: "SUCCEEDED" if status in PASSING else "FAILED" for day, status in said.items()}


def said_by_the_command_line(warehouse: Path) -> dict[str, str]:
    result = subprocess.run(
        [NBA_MONITORING, "check", "--from", DATES[0], "--to", DATES[-1], "--json"],
        env={**os.environ, "NBA_MONITORING_WAREHOUSE": f"duckdb://{warehouse}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1, result.stderr
    records = [json.loads(line) for line in result.stdout.splitlines()]
    return {record["check_date"]: record["status"] for record in records}


def text(materialization: dict[str, Any], label: str) -> str:
    return next(str(entry["text"]) for entry in materialization["metadataEntries"] if entry["label"] == label)


def test_two_weeks_of_every_stage_get_the_verdicts_of_the_command_line(
    tmp_path: Path, quick_instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "sample.duckdb"
    write_sample(path)
    first, last = date(2026, 1, 14), date(2026, 1, 27)
    result = run_check(settings_for(path), quick_instance, first, last)
    monkeypatch.setenv("NBA_MONITORING_WAREHOUSE", f"duckdb://{path}")
    monkeypatch.setenv("NBA_MONITORING_SCHEDULE_APIS", "never")
    with pytest.raises(SystemExit) as ended:
        main(["check", "--from", str(first), "--to", str(last), "--json"])
    assert ended.value.code == 1
    by_dagster = looks(path, f"run_id = '{result.run_id}'")
    assert by_dagster == looks(path, f"run_id != '{result.run_id}'")
    assert len({day for day, _ in by_dagster}) == len(dates_between(first, last))
    said = {
        (found.partition, found.check_name.removesuffix("_is_complete")): found.passed
        for found in result.get_asset_check_evaluations()
    }
    for (day, stage), (status, *_) in by_dagster.items():
        check = "phase4_covers_scheduled_games" if stage == "phase4" else stage
        assert said[day, check] is (status in PASSING), (day, stage, status)


@pytest.mark.thorough
def test_a_month_s_backfill_and_the_morning_s_check_run_beside_each_other_on_one_file(
    tmp_path: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch, held_open: duckdb.DuckDBPyConnection
) -> None:
    held_open.close()
    path = tmp_path / "sample.duckdb"
    write_sample(path)
    monkeypatch.setenv("NBA_MONITORING_WAREHOUSE", f"duckdb://{path}")
    command = [sys.executable, "-W", "ignore", "-m", one_run.__name__, instance.root_directory]
    month = ("2025-12-01", "2025-12-31")
    with (tmp_path / "log").open("w") as log, subprocess.Popen([*command, *month], stderr=log) as backfill:
        while instance.get_latest_materialization_event(dg.AssetKey("scheduled_games")) is None:
            assert backfill.poll() is None, (tmp_path / "log").read_text()
            time.sleep(0.1)
        morning = subprocess.run(command, capture_output=True, text=True, check=False)
        assert backfill.poll() is None, "the morning's check waited for the backfill's end"
        assert morning.returncode == 0, morning.stderr
    assert backfill.returncode == 0, (tmp_path / "log").read_text()
    with duckdb.connect(path) as connection:
        counts = "SELECT trigger, count(*) FROM nba_monitoring.data_availability_checks GROUP BY 1 ORDER BY 1"
        assert connection.execute(counts).fetchall() == [("backfill", 31), ("scheduled", 1)]


def looks(path: Path, which: str) -> dict[tuple[str, str], tuple[object, ...]]:
    """What some checks recorded of each date and stage."""
    with duckdb.connect(path) as connection:
        rows = connection.execute(
            "SELECT CAST(check_date AS VARCHAR), stage, status, severity, expected, ready, missing, partial, due_at, "
            f"written_at, is_first_broken FROM nba_monitoring.stage_checks WHERE {which}"
        ).fetchall()
    return {(day, stage): tuple(rest) for day, stage, *rest in rows}
