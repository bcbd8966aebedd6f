"""Alerts on the monitor: runs that fail, and a verdict that does not come."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from nba_monitoring.definitions import definitions
from nba_monitoring.orchestration.assets import scheduled_games
from nba_monitoring_tests.alerts.looks import FULL, look
from nba_monitoring_tests.days import DAY, at
from nba_monitoring_tests.morning import Platform, run_check
from nba_monitoring_tests.orchestration.ended_runs import (
    cancel_a_run,
    complete_a_run,
    complete_a_run_that_left,
    days_from,
    fail_a_run,
    failing_look,
    look_in_a_run,
)
from nba_monitoring_tests.orchestration.sensor import Sensor
from nba_monitoring_tests.orchestration.slack import Slack

DATE = str(DAY)


@pytest.mark.slow
def test_a_query_that_fails_fails_the_run_records_nothing_and_alerts_with_its_error(
    platform: Platform, sensor: Sensor, webhook: Slack
) -> None:
    platform.rows("ALTER TABLE nba_precompute.player_composite_factors DROP COLUMN is_production_ready")
    with time_machine.travel(at(8)):
        with pytest.raises(Exception, match="is_production_ready"):
            run_check(platform.settings, sensor.instance, DAY)
        sensor.tick()
        sensor.tick()
    tables = platform.rows("SELECT table_name FROM information_schema.tables WHERE table_schema = 'nba_monitoring'")
    assert ("data_availability_checks",) not in tables
    assert len(webhook.accepted) == 1
    first_words = "🔴 [test] ERROR Monitor: the check of 2026-01-18 failed. nba_precompute.player_composite_factors"
    assert webhook.texts[0].startswith(first_words)
    assert "is_production_ready" in webhook.texts[0]


@pytest.mark.slow
def test_the_same_error_is_said_again_after_two_hours_and_another_one_at_once(
    quick_sensor: Sensor, webhook: Slack
) -> None:
    for hour, minute, error in ((8, 0, "no disk"), (8, 30, "no disk"), (9, 0, "no table"), (11, 5, "no table")):
        with time_machine.travel(at(hour, minute)):
            fail_a_run(quick_sensor.instance, DATE, error)
            quick_sensor.tick()
    assert [text.partition("failed. ")[2].partition(".")[0] for text in webhook.texts] == [
        "no disk",
        "no table",
        "no table",
    ]


def test_an_error_that_differs_only_in_its_job_id_is_the_same_error(quick_sensor: Sensor, webhook: Slack) -> None:
    for minute, job in ((0, "4f0c81ab"), (30, "77ab02de")):
        with time_machine.travel(at(8, minute)):
            fail_a_run(quick_sensor.instance, DATE, f"BigQuery job {job}: quota")
            quick_sensor.tick()
    assert len(webhook.accepted) == 1


@pytest.mark.slow
def test_the_check_that_works_again_is_told_once_with_its_verdict(quick_sensor: Sensor, webhook: Slack) -> None:
    with time_machine.travel(at(8)):
        fail_a_run(quick_sensor.instance, DATE)
        quick_sensor.tick()
    for minute in (30, 45):
        with time_machine.travel(at(8, minute)):
            complete_a_run(quick_sensor.instance, DATE, [failing_look(DAY)])
            quick_sensor.tick()
    again = [text for text in webhook.texts if "running again" in text]
    assert len(again) == 1
    assert "2026-01-18 MISSING_DATA" in again[0]


@pytest.mark.slow
@pytest.mark.parametrize("is_told_before", [True, False], ids=["told before", "in one tick"])
def test_an_asset_materialized_alone_is_no_check_that_works_again(
    platform: Platform, sensor: Sensor, webhook: Slack, is_told_before: bool
) -> None:
    with time_machine.travel(at(8)):
        fail_a_run(sensor.instance, DATE)
        if is_told_before:
            sensor.tick()
    with time_machine.travel(at(8, 5)):
        everything = definitions(platform.settings).resolve_implicit_global_asset_job_def()
        alone = everything.execute_in_process(
            asset_selection=[scheduled_games.key], partition_key=DATE, instance=sensor.instance
        )
        assert alone.success
        sensor.tick()
    (failed,) = webhook.texts
    assert "the check of 2026-01-18 failed" in failed
    with time_machine.travel(at(8, 10)):
        look_in_a_run(platform, sensor.instance, DAY)
        sensor.tick()
    assert "checks of 2026-01-18 are running again" in webhook.texts[-1]


@pytest.mark.slow
def test_a_check_that_evaluates_an_earlier_verdict_is_no_check_that_works_again(
    quick_sensor: Sensor, webhook: Slack
) -> None:
    with time_machine.travel(at(8)):
        before = failing_look(DAY, at(8))
        complete_a_run(quick_sensor.instance, DATE, [before])
        quick_sensor.tick()
    with time_machine.travel(at(8, 30)):
        fail_a_run(quick_sensor.instance, DATE)
        quick_sensor.tick()
    with time_machine.travel(at(8, 40)):
        complete_a_run_that_left(quick_sensor.instance, DAY, before.to_json_values())
        quick_sensor.tick()
    assert not any("running again" in text for text in webhook.texts)


@pytest.mark.slow
def test_a_run_executed_again_from_its_failed_check_brings_the_verdict_of_the_run_before(
    quick_sensor: Sensor, webhook: Slack
) -> None:
    with time_machine.travel(at(8)):
        failed = fail_a_run(quick_sensor.instance, DATE)
        quick_sensor.tick()
    with time_machine.travel(at(8, 10)):
        complete_a_run(quick_sensor.instance, DATE, [failing_look(DAY, at(8))], again=failed)
        quick_sensor.tick()
    assert any("running again" in text for text in webhook.texts)


def test_a_cancelled_run_is_told_as_cancelled(quick_sensor: Sensor, webhook: Slack) -> None:
    with time_machine.travel(at(8)):
        cancel_a_run(quick_sensor.instance, DATE)
        quick_sensor.tick()
        quick_sensor.tick()
    assert len(webhook.accepted) == 1
    assert "the check of 2026-01-18 was canceled" in webhook.texts[0]


def test_a_run_that_failed_and_was_repeated_with_success_before_the_tick_says_nothing(
    quick_sensor: Sensor, webhook: Slack
) -> None:
    with time_machine.travel(at(8)):
        fail_a_run(quick_sensor.instance, DATE)
        complete_a_run(quick_sensor.instance, DATE, [look(at(8), FULL)])
        quick_sensor.tick()
    assert webhook.accepted == []


@pytest.mark.slow
@pytest.mark.parametrize(("failing", "messages"), [(3, 3), (12, 1)])
def test_many_runs_that_fail_at_once_make_one_message(
    quick_sensor: Sensor, webhook: Slack, failing: int, messages: int
) -> None:
    days = days_from(DAY - timedelta(days=failing), failing)
    with time_machine.travel(at(8)):
        for day in days:
            fail_a_run(quick_sensor.instance, str(day))
        quick_sensor.tick()
        quick_sensor.tick()
        assert len(webhook.accepted) == messages
        for day in days:
            complete_a_run(quick_sensor.instance, str(day), [look(at(8), FULL, day=day)])
        quick_sensor.tick()
        quick_sensor.tick()
    assert len(webhook.accepted) == 2 * messages


def test_a_job_that_is_not_the_monitors_is_not_its_business(quick_sensor: Sensor, webhook: Slack) -> None:
    with time_machine.travel(at(8)):
        fail_a_run(quick_sensor.instance, DATE, job="somebody_elses")
        quick_sensor.tick()
    assert webhook.accepted == []


@pytest.mark.slow
def test_a_morning_without_a_verdict_alerts_once_from_half_past_eight(quick_sensor: Sensor, webhook: Slack) -> None:
    for hour, minute in ((7, 0), (8, 29), (8, 30), (8, 31), (9, 30)):
        with time_machine.travel(at(hour, minute)):
            quick_sensor.tick()
            assert len(webhook.accepted) == int((hour, minute) >= (8, 30))
    assert webhook.accepted[0].alert_id == "nba-2026-01-18-no-verdict"


@pytest.mark.slow
def test_a_morning_with_a_verdict_does_not(platform: Platform, quick_sensor: Sensor, webhook: Slack) -> None:
    with time_machine.travel(at(7)):
        quick_sensor.tick()
    with time_machine.travel(at(8)):
        look_in_a_run(platform, quick_sensor.instance, DAY)
    with time_machine.travel(at(8, 31)):
        quick_sensor.tick()
    assert [message.alert_id for message in webhook.accepted] == ["nba-2026-01-18"]


def test_a_monitor_first_started_at_noon_has_not_missed_the_morning(quick_sensor: Sensor, webhook: Slack) -> None:
    with time_machine.travel(at(12)):
        quick_sensor.tick()
        quick_sensor.tick()
    assert webhook.accepted == []


@pytest.mark.slow
def test_a_run_that_failed_in_the_morning_is_not_told_again_as_a_missing_verdict(
    quick_sensor: Sensor, webhook: Slack
) -> None:
    with time_machine.travel(at(7)):
        quick_sensor.tick()
    with time_machine.travel(at(8)):
        fail_a_run(quick_sensor.instance, DATE)
        quick_sensor.tick()
    with time_machine.travel(at(8, 31)):
        quick_sensor.tick()
    assert len(webhook.accepted) == 1
