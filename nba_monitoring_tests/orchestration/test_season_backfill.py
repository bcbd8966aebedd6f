"""The season 2024-25 as one backfill, launched as the web interface launches it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import duckdb
import pytest

from nba_monitoring.core.eastern import dates_between
from nba_monitoring_tests.cli.outcome import NBA_MONITORING
from nba_monitoring_tests.evidence import FIRST_DATE, LAST_DATE, fill_from_evidence
from nba_monitoring_tests.orchestration.served import Served, ServedMonitor

DATES = [str(day) for day in dates_between(FIRST_DATE, LAST_DATE)]
PASSING = {"AVAILABLE", "NO_GAMES", "BOOTSTRAP"}

_LAUNCH = """mutation($params: LaunchBackfillParams!) { launchPartitionBackfill(backfillParams: $params) {
  __typename ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message } } }"""
_BACKFILL = "query($id: String!) { partitionBackfillOrError(backfillId: $id) { ... on PartitionBackfill { status } } }"
_RUNS = "query($filter: RunsFilter!) { runsOrError(filter: $filter) { ... on Runs { results { status } } } }"
_VERDICTS = """query($key: AssetKeyInput!, $dates: [String!]) { assetNodeOrError(assetKey: $key) { ... on AssetNode {
  assetMaterializations(partitions: $dates) { partition metadataEntries { label ... on TextMetadataEntry { text } } }
  assetChecksOrError { ... on AssetChecks { checks { name
    partitionStatuses { ... on AssetCheckTimePartitionStatuses { ranges { startKey endKey status } } } } } } } } }"""


_ASSETS = ("scheduled_games", "phase4_coverage", "data_availability_checks")


@pytest.mark.daemon
@pytest.mark.timeout(1800)
def test_the_season_as_one_backfill_is_one_run_whose_verdicts_are_the_command_lines(
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
