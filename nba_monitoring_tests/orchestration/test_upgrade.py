"""A cursor and a ledger of the version before incidents knew their stage, which this version goes on with.

`older_ledger.json` was written by it: ORL@MEM and BKN@CHI of 2026-01-18 reported missing at 8:00 AM Pacific and
acknowledged at 8:05, and 2026-01-19 muted.
"""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
import time_machine

from nba_monitoring_tests.days import DAY, NEXT, at
from nba_monitoring_tests.morning import FACTORS, NBAC, Platform
from nba_monitoring_tests.orchestration.ended_runs import look_in_a_run
from nba_monitoring_tests.orchestration.sensor import Sensor
from nba_monitoring_tests.orchestration.slack import POST, Slack
from nba_monitoring_tests.platform_tables import factor_rows, nbac_row

LEFT_BEHIND = json.loads((Path(__file__).parent / "older_ledger.json").read_text())
SCHEDULED = {"nba_monitoring/trigger": "scheduled"}


@pytest.fixture(autouse=True)
def ledger(platform: Platform) -> None:
    with duckdb.connect(platform.path) as connection:
        connection.execute("CREATE SCHEMA IF NOT EXISTS nba_monitoring")
        for name, table in LEFT_BEHIND["tables"].items():
            connection.execute(table["sql"])
            for row in table["rows"]:
                marks = ", ".join("?" for _ in row)
                columns = ", ".join(row)
                connection.execute(
                    f"INSERT INTO nba_monitoring.{name} ({columns}) VALUES ({marks})", list(row.values())
                )


@pytest.mark.parametrize("cursor", [LEFT_BEHIND["cursor"], None], ids=["its cursor", "its ledger alone"])
def test_an_open_incident_goes_on_in_its_thread_and_is_reported_once(
    cursor: str | None, platform: Platform, quick_sensor: Sensor, web_api: Slack
) -> None:
    quick_sensor.cursor = cursor
    for hour, minute in ((8, 7), (8, 30), (9, 0)):
        with time_machine.travel(at(hour, minute)):
            look_in_a_run(platform, quick_sensor.instance, DAY, tags=SCHEDULED)
            quick_sensor.tick()
    assert web_api.accepted == []
    for matchup in ("ORL_MEM", "BKN_CHI"):
        platform.add(FACTORS, factor_rows(DAY, f"20260118_{matchup}", 24))
    with time_machine.travel(at(9, 30)):
        look_in_a_run(platform, quick_sensor.instance, DAY, tags=SCHEDULED)
        quick_sensor.tick()
        quick_sensor.tick()
    (message,) = web_api.accepted
    assert "Recovered: Phase 4 complete for both games" in message.text
    assert message.thread == "1.0001"
    assert web_api.edits == [("1.0001", message.text)]


def test_an_alert_before_the_next_check_has_the_stages_title_and_command(quick_sensor: Sensor, web_api: Slack) -> None:
    quick_sensor.cursor = LEFT_BEHIND["cursor"]
    with time_machine.travel(at(16, 46)):
        quick_sensor.tick()
    assert "Too late: 2 games tipped off without complete Phase 4 data" in web_api.accepted[0].text
    (request, *_) = web_api.server.requests_to(POST)
    assert "player-composite-factors-upcoming" in json.dumps(request.json)


def test_a_mute_goes_on(platform: Platform, quick_sensor: Sensor, web_api: Slack) -> None:
    platform.add(NBAC, [nbac_row(NEXT, "CHA", "DEN")])
    quick_sensor.cursor = LEFT_BEHIND["cursor"]
    with time_machine.travel(at(8, 7)):
        quick_sensor.tick()
    with time_machine.travel(at(8, 5, NEXT)):
        record = look_in_a_run(platform, quick_sensor.instance, NEXT, tags=SCHEDULED)
        quick_sensor.tick()
    assert not record.status.passes
    assert not [message for message in web_api.accepted if message.alert_id == f"nba-{NEXT}"]
