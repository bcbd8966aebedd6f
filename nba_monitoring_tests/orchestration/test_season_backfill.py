"""Backfills: some weeks of 2024-25 launched as the web interface launches them, and a season of every stage."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from nba_monitoring.cli.main import main
from nba_monitoring.core.eastern import dates_between
from nba_monitoring.sample import write_sample
from nba_monitoring.stage_table import load_stages
from nba_monitoring_tests.cli.outcome import NBA_MONITORING
from nba_monitoring_tests.evidence import fill_from_evidence
from nba_monitoring_tests.morning import run_check, settings_for
from nba_monitoring_tests.orchestration.served import Served, ServedMonitor

# With the days off around the All-Star Game, and two dates on which Phase 4 was thin.
DATES = [str(day) for day in dates_between(date(2025, 2, 8), date(2025, 3, 8))]
PASSING = {"AVAILABLE", "NO_GAMES", "BOOTSTRAP", "NOT_DUE", "HALTED"}

_LAUNCH = """mutation($params: LaunchBackfillParams!) { launchPartitionBackfill(backfillParams: $params) {
  __typename ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message } } }"""
_BACKFILL = "query($id: String!) { partitionBackfillOrError(backfillId: $id) { ... on PartitionBackfill { status } } }"
_RUNS = "query($filter: RunsFilter!) { runsOrError(filter: $filter) { ... on Runs { results { status } } } }"
_VERDICTS = """query($key: AssetKeyInput!, $dates: [String!]) { assetNodeOrError(assetKey: $key) { ... on AssetNode {
  assetMaterializations(partitions: $dates) { partition metadataEntries { label ... on TextMetadataEntry { text } } }
  assetChecksOrError { ... on AssetChecks { checks { name
    partitionStatuses { ... on AssetCheckTimePartitionStatuses { ranges { startKey endKey status } } } } } } } } }"""


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
    assert backfill(dagster) == ["SUCCESS"]
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
    assert check_statuses(judged) == {
        day: "SUCCEEDED" if status in PASSING else "FAILED" for day, status in said.items()
    }


def backfill(dagster: Served) -> list[str]:
    """The whole range, by the dialog's own mutation; the statuses of the runs that it became."""
    selection = [{"path": [name]} for name in _ASSETS]
    launched = dagster.graphql(_LAUNCH, params={"assetSelection": selection, "partitionNames": DATES})
    assert launched["launchPartitionBackfill"]["__typename"] == "LaunchBackfillSuccess", launched
    backfill_id = launched["launchPartitionBackfill"]["backfillId"]

    def ended() -> bool:
        status = dagster.graphql(_BACKFILL, id=backfill_id)["partitionBackfillOrError"]["status"]
        return status not in ("REQUESTED", "CANCELING", "FAILING")

    dagster.wait_for("the backfill's end", ended)
    tags = {"tags": [{"key": "dagster/backfill", "value": backfill_id}]}
    return [run["status"] for run in dagster.graphql(_RUNS, filter=tags)["runsOrError"]["results"]]


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


def check_statuses(asset: dict[str, Any]) -> dict[str, str]:
    """The colour of each date of the check, as the web interface has it."""
    (check,) = asset["assetChecksOrError"]["checks"]
    return {
        day: spell["status"]
        for spell in check["partitionStatuses"]["ranges"]
        for day in DATES
        if spell["startKey"] <= day <= spell["endKey"]
    }


def text(materialization: dict[str, Any], label: str) -> str:
    return next(str(entry["text"]) for entry in materialization["metadataEntries"] if entry["label"] == label)


def test_a_month_of_every_stage_is_judged_as_the_command_line_judges_it(
    tmp_path: Path, quick_instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "sample.duckdb"
    write_sample(path)
    first, last = date(2026, 1, 6), date(2026, 2, 6)
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


def looks(path: Path, which: str) -> dict[tuple[str, str], tuple[object, ...]]:
    """What some looks have kept of each date and stage."""
    with duckdb.connect(path) as connection:
        rows = connection.execute(
            "SELECT CAST(check_date AS VARCHAR), stage, status, severity, expected, ready, missing, partial, due_at, "
            f"written_at, is_first_broken FROM nba_monitoring.stage_checks WHERE {which}"
        ).fetchall()
    return {(day, stage): tuple(rest) for day, stage, *rest in rows}
