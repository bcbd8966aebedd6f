"""Records that an older version wrote, or none of ours: read, or told and passed over; never a dead sensor."""

from __future__ import annotations

import copy
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest
import time_machine

from nba_monitoring.orchestration.schedules import recheck_until_covered
from nba_monitoring_tests.days import DAY, at
from nba_monitoring_tests.evidence import evidence_folder
from nba_monitoring_tests.morning import FACTORS, evaluations, run_check, settings_for
from nba_monitoring_tests.orchestration.ended_runs import (
    complete_a_run,
    complete_a_run_that_left,
    fail_a_run,
    failing_look,
)
from nba_monitoring_tests.orchestration.sensor import Sensor
from nba_monitoring_tests.orchestration.slack import Slack
from nba_monitoring_tests.platform_tables import create_table, factor_rows, insert


def without(values: dict[str, Any], *path: str) -> dict[str, Any]:
    left = copy.deepcopy(values)
    inner = left
    for name in path[:-1]:
        inner = inner[name]
    del inner[path[-1]]
    return left


def edited(values: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {**copy.deepcopy(values), **fields}


READ: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "a field is missing": lambda row: without(row, "trigger"),
    "an older record without a severity": lambda row: without(row, "severity"),
    "a detail key is missing": lambda row: without(row, "detail", "mute"),
    "the games are missing": lambda row: without(row, "detail", "games"),
    "of a version with more fields": lambda row: edited(row, weather="fine"),
}
NOT_READ: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "a first column is missing": (lambda row: without(row, "status"), "status: Field required"),
    "an unknown status": (lambda row: edited(row, status="GREEN"), "status: Input should be"),
    "an unknown trigger": (lambda row: edited(row, trigger="cron"), "trigger: Input should be"),
    "a naive instant": (lambda row: edited(row, check_time="2026-01-18T08:00:00"), "check_time: Input should have"),
    "a newer version": (
        lambda row: edited(row, status="HAUNTED", detail={"version": 99}),
        "written by a newer version of the monitor (record version 99",
    ),
    "no object": (lambda row: ["row"], "the record is not a JSON object"),
}


def a_record() -> dict[str, Any]:
    return failing_look(DAY).to_json_values()


@pytest.mark.parametrize("change", READ.values(), ids=READ.keys())
def test_an_incomplete_record_is_reported_like_any_other(
    change: Callable[[dict[str, Any]], dict[str, Any]], quick_sensor: Sensor, webhook: Slack
) -> None:
    with time_machine.travel(at(8, 1), tick=False):
        complete_a_run_that_left(quick_sensor.instance, DAY, change(a_record()))
        quick_sensor.tick()
        quick_sensor.tick()
    assert [message.alert_id for message in webhook.accepted] == ["nba-2026-01-18"]


@pytest.mark.slow
@pytest.mark.parametrize(("change", "why"), NOT_READ.values(), ids=NOT_READ.keys())
def test_an_unreadable_record_is_reported_once_and_stops_nothing(
    change: Callable[[dict[str, Any]], Any], why: str, quick_sensor: Sensor, webhook: Slack
) -> None:
    with time_machine.travel(at(8, 1), tick=False):
        run_id = complete_a_run_that_left(quick_sensor.instance, DAY, change(a_record()))
        quick_sensor.tick()
        quick_sensor.tick()
    assert len(webhook.texts) == 1
    assert f"Monitor: a verdict of run {run_id[:8]} can't be read" in webhook.texts[0]
    assert why in webhook.texts[0]
    with time_machine.travel(at(8, 2), tick=False):
        fail_a_run(quick_sensor.instance, str(DAY))
        quick_sensor.tick()
    assert "the warehouse is out of reach" in webhook.texts[1]
    with time_machine.travel(at(8, 3), tick=False):
        complete_a_run(quick_sensor.instance, str(DAY), [failing_look(DAY)])
        quick_sensor.tick()
    assert [message.alert_id for message in webhook.accepted][2:] == ["nba-2026-01-18", f"nba-works-{DAY}"]


@pytest.mark.slow
@pytest.mark.parametrize("change", [case[0] for case in NOT_READ.values()], ids=NOT_READ.keys())
def test_a_date_whose_latest_verdict_cant_be_read_is_checked_again(
    change: Callable[[dict[str, Any]], Any], instance: dg.DagsterInstance
) -> None:
    complete_a_run_that_left(instance, DAY, change(a_record()))
    context = dg.build_schedule_context(instance=instance, scheduled_execution_time=at(9))
    requests = recheck_until_covered(context)
    assert isinstance(requests, list)
    assert [request.partition_key for request in requests] == [str(DAY)]


NOW = "2026-01-18T16:00:00+00:00"
CURSOR: dict[str, Any] = {"watching_since": NOW, "last_tick_at": NOW}
CURSORS = {
    "no JSON": ("yesterday", "no JSON"),
    "nested without end": ("[" * 100_000, "recursion limit exceeded"),
    "a list": ("[]", "should be a dictionary"),
    "a field is missing": (json.dumps({"watching_since": NOW}), "last_tick_at: Field required"),
    "a naive instant": (json.dumps({**CURSOR, "last_tick_at": NOW[:19]}), "last_tick_at: Input should have"),
    "an instant that is a list": (json.dumps({**CURSOR, "watching_since": []}), "watching_since: Input should be"),
    "incidents that are words": (json.dumps({**CURSOR, "incidents": {"nba-2026-01-18": "open"}}), "incidents.nba"),
    "of release 0.1": (json.dumps({"version": 1, "watching_since": "2026-01-08T15:00:00+00:00", "said": []}), "last_"),
    "of a newer version": (json.dumps({**CURSOR, "version": 99}), "version 99 is of a newer monitor"),
}


@pytest.mark.parametrize(("cursor", "why"), CURSORS.values(), ids=CURSORS.keys())
def test_a_cursor_that_cant_be_read_is_rebuilt_and_silences_nothing(
    cursor: str, why: str, quick_sensor: Sensor, webhook: Slack, capfd: pytest.CaptureFixture[str]
) -> None:
    with time_machine.travel(at(8, 1), tick=False):
        complete_a_run(quick_sensor.instance, str(DAY), [failing_look(DAY)])
        quick_sensor.cursor = cursor
        quick_sensor.tick()
        quick_sensor.tick()
    assert [message.alert_id for message in webhook.accepted] == ["nba-2026-01-18"]
    (line,) = (line for line in capfd.readouterr().err.splitlines() if "Can't read the cursor" in line)
    assert why in line


def test_a_cursor_ahead_of_the_clock_silences_nothing(quick_sensor: Sensor, webhook: Slack) -> None:
    ahead = "2027-01-18T16:00:00+00:00"
    with time_machine.travel(at(8, 1), tick=False):
        complete_a_run(quick_sensor.instance, str(DAY), [failing_look(DAY)])
        quick_sensor.cursor = json.dumps({"watching_since": ahead, "last_tick_at": ahead, "looks": {str(DAY): ahead}})
        quick_sensor.tick()
        quick_sensor.tick()
    assert [message.alert_id for message in webhook.accepted] == ["nba-2026-01-18"]


@pytest.mark.slow
def test_the_runs_of_release_0_1_are_read_and_its_open_finding_is_reported_to_its_end(
    tmp_path: Path, web_api: Slack
) -> None:
    with tarfile.open(evidence_folder() / "release_0_1.tgz") as left_behind:
        left_behind.extractall(tmp_path, filter="data")
    warehouse = tmp_path / "w.duckdb"
    with dg.DagsterInstance.from_config(str(tmp_path / "home")) as instance:
        sensor = Sensor(instance)
        sensor.cursor = (tmp_path / "cursor.txt").read_text()
        with time_machine.travel(at(8, 30), tick=False):
            sensor.tick()
        with time_machine.travel(at(9), tick=False):
            cover_both_games(warehouse)
            found = evaluations(run_check(settings_for(warehouse), instance, DAY))[DAY]
            assert found.passed
            sensor.tick()
    finding, end = web_api.accepted
    assert "Phase 4 missing for both games" in finding.text
    assert "Recovered: Phase 4 complete for both games" in end.text
    assert end.thread == finding.ts


def cover_both_games(path: Path) -> None:
    with duckdb.connect(path) as connection:
        # The table as that release's tests had it lacks columns that the platform's has.
        connection.execute(f"DROP TABLE {FACTORS}")
        create_table(connection, FACTORS)
        for game_id in ("20260118_ORL_MEM", "20260118_BKN_CHI"):
            insert(connection, FACTORS, factor_rows(DAY, game_id, 24))
