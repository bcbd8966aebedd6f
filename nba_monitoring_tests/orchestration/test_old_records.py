"""Records that an older version wrote, or none of ours: read, or told and passed over; never a dead sensor."""

from __future__ import annotations

import copy
import tarfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest
import time_machine

from nba_monitoring.orchestration.schedules import recheck_until_covered
from nba_monitoring_tests.evidence import evidence_folder
from nba_monitoring_tests.morning import FACTORS, evaluations, run_check, settings_for
from nba_monitoring_tests.orchestration.conftest import at
from nba_monitoring_tests.orchestration.ended_runs import (
    complete_a_run,
    complete_a_run_that_left,
    fail_a_run,
    failing_look,
)
from nba_monitoring_tests.orchestration.sensor import Sensor
from nba_monitoring_tests.orchestration.slack import Slack
from nba_monitoring_tests.platform_tables import create_table, factor_rows, insert

DAY = date(2026, 1, 18)


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
    "no object": (lambda row: ["row"], "the record is no JSON object"),
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


CURSORS = {
    "no JSON": "yesterday",
    "no object": "[]",
    "a word": '"2026-01-18"',
    "a naive instant": '{"watermark": "2026-01-18T08:00:00", "watching_since": "2026-01-18T07:00:00+00:00"}',
    "an instant that is a list": '{"watermark": [], "watching_since": "2026-01-18T07:00:00+00:00"}',
    "an old one whose dates are words": '{"watermark": "2026-01-18T08:00:00+00:00", "watching_since": '
    '"2026-01-18T08:00:00+00:00", "said": ["2026-01-18"], "failing": {}, "recent": []}',
    "an old one without its failures": '{"said": []}',
    "a newer version": '{"watermark": "2026-01-18T08:00:00+00:00", "watching_since": "2026-01-18T08:00:00+00:00", '
    '"version": 99}',
    "ahead of the clock": '{"watermark": "2027-01-18T08:00:00+00:00", "watching_since": "2026-01-18T08:00:00+00:00"}',
}


@pytest.mark.parametrize("cursor", CURSORS.values(), ids=CURSORS.keys())
def test_a_cursor_edited_by_hand_silences_nothing(cursor: str, quick_sensor: Sensor, webhook: Slack) -> None:
    with time_machine.travel(at(8, 1), tick=False):
        complete_a_run(quick_sensor.instance, str(DAY), [failing_look(DAY)])
        quick_sensor.cursor = cursor
        quick_sensor.tick()
        quick_sensor.tick()
    assert [message.alert_id for message in webhook.accepted] == ["nba-2026-01-18"]


@pytest.mark.slow
def test_an_upgrade_from_release_0_1_takes_up_its_open_finding(tmp_path: Path, web_api: Slack) -> None:
    with tarfile.open(evidence_folder() / "release_0_1.tgz") as left_behind:
        left_behind.extractall(tmp_path, filter="data")
    warehouse = tmp_path / "w.duckdb"
    with dg.DagsterInstance.from_config(str(tmp_path / "home")) as instance:
        sensor = Sensor(instance)
        sensor.cursor = (tmp_path / "cursor.txt").read_text()
        with time_machine.travel(at(8, 30), tick=False):
            sensor.tick()
            assert web_api.accepted == []
        with time_machine.travel(at(9), tick=False):
            cover_both_games(warehouse)
            found = evaluations(run_check(settings_for(warehouse), instance, DAY))[DAY]
            assert found.passed
            sensor.tick()
    (message,) = web_api.accepted
    assert message.thread == "1.0001"
    assert "Recovered: Phase 4 complete for both games" in message.text
    assert web_api.edits[0][0] == "1.0001"


def cover_both_games(path: Path) -> None:
    with duckdb.connect(path) as connection:
        # The table as that release's tests had it lacks columns that the platform's has.
        connection.execute(f"DROP TABLE {FACTORS}")
        create_table(connection, FACTORS)
        for game_id in ("20260118_ORL_MEM", "20260118_BKN_CHI"):
            insert(connection, FACTORS, factor_rows(DAY, game_id, 24))
