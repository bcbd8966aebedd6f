"""What the sensor says of real runs' verdicts."""

from __future__ import annotations

from datetime import date, timedelta

import dagster as dg
import pytest
import time_machine

from nba_monitoring_tests.days import DAY, at
from nba_monitoring_tests.morning import FACTORS, NBAC, Platform, run_check
from nba_monitoring_tests.orchestration.sensor import Sensor
from nba_monitoring_tests.orchestration.slack import Slack
from nba_monitoring_tests.platform_tables import factor_rows, nbac_row

pytestmark = pytest.mark.slow


def cover(platform: Platform) -> None:
    for game_id in ("20260118_ORL_MEM", "20260118_BKN_CHI"):
        platform.add(FACTORS, factor_rows(DAY, game_id, 24))


def look(platform: Platform, sensor: Sensor, day: date = DAY, last: date | None = None) -> dg.ExecuteInProcessResult:
    result = run_check(platform.settings, sensor.instance, day, last)
    sensor.tick()
    return result


def test_a_failing_live_date_sends_one_message_with_the_missing_games(
    platform: Platform, sensor: Sensor, either_channel: Slack
) -> None:
    with time_machine.travel(at(8)):
        look(platform, sensor)
        sensor.tick()
    assert len(either_channel.accepted) == 1
    for part in ("both games", "ORL@MEM", "BKN@CHI", "nba-2026-01-18"):
        assert part in either_channel.texts[0]


def test_the_same_finding_at_the_next_run_is_not_said_again(
    platform: Platform, quick_sensor: Sensor, webhook: Slack
) -> None:
    for minute in (0, 30):
        with time_machine.travel(at(8, minute)):
            look(platform, quick_sensor)
    assert len(webhook.accepted) == 1


def test_a_passing_date_says_nothing(platform: Platform, quick_sensor: Sensor, webhook: Slack) -> None:
    cover(platform)
    with time_machine.travel(at(8)):
        look(platform, quick_sensor)
    assert webhook.accepted == []


def test_a_run_is_never_read_twice_however_often_the_sensor_ticks(
    platform: Platform, quick_sensor: Sensor, webhook: Slack
) -> None:
    with time_machine.travel(at(8)):
        look(platform, quick_sensor)
    for minute in (1, 5, 44):
        with time_machine.travel(at(8, minute)):
            quick_sensor.tick()
    assert len(webhook.accepted) == 1


def test_recovery_is_said_once_in_the_thread_whose_first_message_then_shows_it(
    platform: Platform, quick_sensor: Sensor, web_api: Slack
) -> None:
    with time_machine.travel(at(8)):
        look(platform, quick_sensor)
    cover(platform)
    for minute in (30, 45):
        with time_machine.travel(at(9, minute)):
            look(platform, quick_sensor)
    first, recovery = web_api.accepted
    assert recovery.text.startswith("🟢 [test] Recovered: Phase 4 complete for both games")
    assert recovery.thread == first.ts
    assert web_api.edits == [(first.ts, recovery.text)]


def test_recovery_by_a_webhook_names_the_same_alert(platform: Platform, quick_sensor: Sensor, webhook: Slack) -> None:
    with time_machine.travel(at(8)):
        look(platform, quick_sensor)
    cover(platform)
    with time_machine.travel(at(9)):
        look(platform, quick_sensor)
    assert [message.alert_id for message in webhook.accepted] == ["nba-2026-01-18", "nba-2026-01-18"]


def test_a_backfill_of_failing_dates_sends_one_digest(platform: Platform, quick_sensor: Sensor, webhook: Slack) -> None:
    with time_machine.travel(at(8, day=DAY + timedelta(days=3))):
        look(platform, quick_sensor, DAY - timedelta(days=1), DAY + timedelta(days=1))
        quick_sensor.tick()
    assert len(webhook.accepted) == 1
    assert "Backfill: 3 of 3 dates failed, 2026-01-17 to 2026-01-19" in webhook.texts[0]


def test_a_backfill_of_dates_that_all_pass_says_nothing(
    platform: Platform, quick_sensor: Sensor, webhook: Slack
) -> None:
    first, last = DAY + timedelta(days=10), DAY + timedelta(days=12)
    for day in (first, last):
        platform.add(NBAC, [nbac_row(day, "SAC", "NYK")])
        platform.add(FACTORS, factor_rows(day, f"{day:%Y%m%d}_SAC_NYK", 24))
    with time_machine.travel(at(8, day=last + timedelta(days=3))):
        result = look(platform, quick_sensor, first, last)
    assert len([entry for entry in result.get_asset_check_evaluations() if entry.passed]) >= 3
    assert webhook.accepted == []


def test_a_range_that_ends_today_pages_for_today_and_sums_up_the_past(
    platform: Platform, quick_sensor: Sensor, webhook: Slack
) -> None:
    with time_machine.travel(at(8)):
        look(platform, quick_sensor, DAY - timedelta(days=1), DAY)
    assert [message.alert_id[:12] for message in webhook.accepted] == ["nba-2026-01-", "nba-backfill"]


def test_without_slack_the_message_goes_to_the_log(
    platform: Platform, quick_sensor: Sensor, capfd: pytest.CaptureFixture[str]
) -> None:
    with time_machine.travel(at(8)):
        look(platform, quick_sensor)
    assert "Phase 4 missing for both games" in capfd.readouterr().err


def test_the_message_takes_its_command_and_its_links_from_the_settings(
    platform: Platform, quick_sensor: Sensor, webhook: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NBA_MONITORING_MEND_COMMAND", "make phase4")
    monkeypatch.setenv("NBA_MONITORING_DAGSTER_URL", "https://dagster.example.com/")
    monkeypatch.setenv("NBA_MONITORING_RUNBOOK_URL", "https://wiki.example.com/{stage}#{status}")
    with time_machine.travel(at(8)):
        run = look(platform, quick_sensor)
    (posted,) = (request.json for request in webhook.server.requests)
    said = str(posted["blocks"])
    assert "make phase4" in said
    only = "type%3AASSET_CHECK_EVALUATION%7C%27phase4_covers_scheduled_games%27"
    assert f"<https://dagster.example.com/runs/{run.run_id}?logs={only}|Failed check>" in said
    partition = "https://dagster.example.com/assets/data_availability_checks?view=partitions&amp;partition=2026-01-18"
    assert partition in said
    assert "https://wiki.example.com/phase4#MISSING_DATA" in said
