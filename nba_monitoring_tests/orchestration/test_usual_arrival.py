"""When a stage is usually complete, in its alert; and a stage that is due at that time."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from nba_monitoring_tests.days import DAY, at
from nba_monitoring_tests.morning import FACTORS, Platform, run_check
from nba_monitoring_tests.orchestration.sensor import Sensor
from nba_monitoring_tests.orchestration.slack import Slack
from nba_monitoring_tests.platform_tables import factor_rows
from nba_monitoring_tests.usual_mornings import come_usually

pytestmark = pytest.mark.slow

# Play around the date leaves the day before it with a game and no rows.
LAST = DAY - timedelta(days=2)
SAID = "Phase 4: usually complete by 7:42 AM ET (95% of the time by 7:42 AM ET)"
DUE_AT_TWO = "due: {at: 14:00}"


@pytest.fixture
def stages_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The table of stages that runs and sensor load."""
    path = tmp_path / "stages.yaml"
    monkeypatch.setenv("NBA_MONITORING_STAGES", str(path))
    return path


def phase4(path: Path, *fields: str) -> None:
    path.write_text("\n".join(["extend: default", "stages:", "  phase4:", *(f"    {field}" for field in fields)]))


def look(platform: Platform, sensor: Sensor, moment: datetime, stages_file: Path | None = None) -> None:
    stages = {} if stages_file is None else {"NBA_MONITORING_STAGES": str(stages_file)}
    with time_machine.travel(moment):
        run_check(platform.settings_with(**stages), sensor.instance, DAY)
        sensor.tick()


def posted(slack: Slack) -> list[str]:
    return [json.dumps(request.json) for request in slack.server.requests]


def test_an_alert_shows_when_the_stage_is_usually_complete(
    platform: Platform, quick_sensor: Sensor, webhook: Slack
) -> None:
    come_usually(platform, LAST)
    look(platform, quick_sensor, at(8))
    (message,) = posted(webhook)
    assert SAID in message


def test_an_alert_shows_no_usual_time_after_only_nine_mornings(
    platform: Platform, quick_sensor: Sensor, webhook: Slack
) -> None:
    come_usually(platform, LAST, mornings=9)
    look(platform, quick_sensor, at(8))
    (message,) = posted(webhook)
    assert "Phase 4 missing" in message
    assert "usually" not in message


def test_an_unreadable_history_stops_no_check_and_is_reported(
    platform: Platform, quick_sensor: Sensor, webhook: Slack
) -> None:
    come_usually(platform, LAST)
    platform.rows("ALTER TABLE nba_monitoring.stage_checks ALTER check_time TYPE VARCHAR USING 'soon'")
    look(platform, quick_sensor, at(8))
    (message,) = posted(webhook)
    assert "Phase 4 missing for both games" in message
    assert "usual arrival times are unknown, so only `due` counts: nba_monitoring.stage_checks: " in message


def test_an_unreadable_row_of_the_history_is_reported(platform: Platform, quick_sensor: Sensor, webhook: Slack) -> None:
    come_usually(platform, LAST, mornings=13)
    platform.rows(f"UPDATE nba_monitoring.stage_checks SET status = 'FINE' WHERE check_date = '{LAST}'")
    look(platform, quick_sensor, at(8))
    (message,) = posted(webhook)
    assert SAID in message
    assert f"usual arrival times: nba_monitoring.stage_checks: can't read the row with check_id '{LAST}_" in message


def test_a_stage_with_late_after_usual_is_reported_before_it_is_due(
    platform: Platform, quick_sensor: Sensor, webhook: Slack, stages_file: Path
) -> None:
    phase4(stages_file, DUE_AT_TWO, "late_after: usual")
    come_usually(platform, LAST)
    look(platform, quick_sensor, at(8), stages_file)
    assert [message.alert_id for message in webhook.accepted] == ["nba-2026-01-18"]
    assert SAID in posted(webhook)[0]


def test_a_stage_without_late_after_is_reported_when_it_is_due(
    platform: Platform, quick_sensor: Sensor, webhook: Slack, stages_file: Path
) -> None:
    phase4(stages_file, DUE_AT_TWO)
    come_usually(platform, LAST)
    look(platform, quick_sensor, at(8), stages_file)
    assert webhook.accepted == []
    look(platform, quick_sensor, at(11), stages_file)
    assert [message.alert_id for message in webhook.accepted] == ["nba-2026-01-18"]


def test_nine_mornings_leave_a_stage_that_asks_for_it_to_its_due_time(
    platform: Platform, quick_sensor: Sensor, webhook: Slack, stages_file: Path
) -> None:
    phase4(stages_file, DUE_AT_TWO, "late_after: usual")
    come_usually(platform, LAST, mornings=9)
    look(platform, quick_sensor, at(8), stages_file)
    assert webhook.accepted == []
    look(platform, quick_sensor, at(11), stages_file)
    assert [message.alert_id for message in webhook.accepted] == ["nba-2026-01-18"]


def test_a_stage_with_late_after_usual_that_is_complete_is_not_reported(
    platform: Platform, quick_sensor: Sensor, webhook: Slack, stages_file: Path
) -> None:
    phase4(stages_file, DUE_AT_TWO, "late_after: usual")
    come_usually(platform, LAST)
    for game in ("ORL_MEM", "BKN_CHI"):
        platform.add(FACTORS, factor_rows(DAY, f"20260118_{game}", 24))
    look(platform, quick_sensor, at(8), stages_file)
    assert webhook.accepted == []
