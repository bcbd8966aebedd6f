"""What the sensor says about the monitor itself: each break of the chain once, and its end; and the heartbeat."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import dagster as dg
import pytest
import time_machine

from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.core.status import Status
from nba_monitoring.orchestration.instance import EACH_MORNING, SCHEDULES
from nba_monitoring_tests.alerts.looks import COMPLETE, FULL, SLATE, look
from nba_monitoring_tests.days import DAY, at
from nba_monitoring_tests.loopback import Answer, LoopbackServer
from nba_monitoring_tests.orchestration.ended_runs import complete_a_run, fail_a_run, failing_look
from nba_monitoring_tests.orchestration.instigators import switch
from nba_monitoring_tests.orchestration.sensor import Sensor
from nba_monitoring_tests.orchestration.slack import Slack
from nba_monitoring_tests.orchestration.test_incident_life import ticks
from nba_monitoring_tests.orchestration.test_ledger_and_heartbeat import beats, watcher

__all__ = ["watcher"]

DATE = str(DAY)


def passing(moment: datetime, predictions: bool = True) -> CheckRecord:
    """A look at a date of two evening games: all is there, or all but the predictions, which are due at 2 PM ET."""
    slate = {game: tip for game, tip in SLATE.items() if tip >= time(21)}
    others = COMPLETE if predictions else {**COMPLETE, "predictions": {}}
    record = look(moment, FULL, slate=slate, others=others, trigger=Trigger.SCHEDULED)
    assert record.stages["predictions"].status is (Status.AVAILABLE if predictions else Status.NOT_DUE)
    return record


def seen(sensor: Sensor, moment: datetime, record: CheckRecord) -> None:
    with time_machine.travel(moment):
        complete_a_run(sensor.instance, DATE, [record])
        sensor.tick()


@pytest.mark.slow
def test_a_stage_that_is_due_and_not_checked_for_45_minutes_is_an_alert_once_and_its_check_the_end(
    watching: Sensor, webhook: Slack, watcher: LoopbackServer
) -> None:
    record = passing(at(8), predictions=False)
    due_at = record.stages["predictions"].due_at
    assert due_at is not None
    seen(watching, at(8), record)
    ticks(watching, *(due_at + timedelta(minutes=minutes) for minutes in (0, 30, 44)))
    assert webhook.accepted == []
    before = beats(watcher)
    ticks(watching, *(due_at + timedelta(minutes=minutes) for minutes in (45, 46, 80)))
    (alert,) = webhook.accepted
    assert "Monitor: 2026-01-18: predictions due at 2:00 PM ET, last checked at 11:00 AM ET" in alert.text
    assert "recheck_until_covered" in alert.text
    assert beats(watcher) == before
    later = due_at + timedelta(minutes=81)
    seen(watching, later, passing(later))
    assert "Monitor: 2026-01-18 is being checked again" in webhook.texts[-1]
    assert (len(webhook.accepted), beats(watcher)) == (2, before + 1)


@pytest.mark.slow
def test_a_stage_that_was_complete_before_it_was_due_needs_no_further_check(watching: Sensor, webhook: Slack) -> None:
    record = passing(at(8))
    due_at = record.stages["predictions"].due_at
    assert due_at is not None
    seen(watching, at(8), record)
    ticks(watching, due_at + timedelta(minutes=46))
    assert webhook.accepted == []


@pytest.mark.slow
def test_a_run_that_failed_in_the_night_does_not_silence_the_missing_verdict(watching: Sensor, webhook: Slack) -> None:
    with time_machine.travel(at(7, 1)):
        fail_a_run(watching.instance, DATE)
        watching.tick()
    assert len(webhook.accepted) == 1
    ticks(watching, at(8, 29))
    assert len(webhook.accepted) == 1
    ticks(watching, at(8, 31), at(8, 32))
    assert "Monitor: no verdict for Sun 2026-01-18" in webhook.texts[-1]
    assert len(webhook.accepted) == 2
    # And again, as the games come nearer.
    ticks(watching, at(10, 31))
    assert "Monitor: no verdict for Sun 2026-01-18" in webhook.texts[-1]
    assert len(webhook.accepted) == 3


@pytest.mark.slow
@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_that_is_switched_off_is_an_alert_once_and_stops_the_heartbeat_until_it_is_on(
    sensor: Sensor, webhook: Slack, watcher: LoopbackServer, name: str
) -> None:
    switch(sensor.instance, name, is_on=True)
    ticks(sensor, at(4))
    assert (len(webhook.accepted), beats(watcher)) == (0, 1)
    switch(sensor.instance, name, is_on=False)
    ticks(sensor, at(4, 30), at(5))
    (alert,) = webhook.accepted
    assert f"Monitor: {name} is switched off" in alert.text
    assert beats(watcher) == 1
    switch(sensor.instance, name, is_on=True)
    ticks(sensor, at(5, 30), at(5, 31))
    assert f"Monitor: {name} is on again" in webhook.texts[-1]
    assert (len(webhook.accepted), beats(watcher)) == (2, 2)


@pytest.mark.slow
@pytest.mark.parametrize("name", EACH_MORNING)
def test_what_fails_each_morning_is_an_alert_once_and_its_success_the_end(
    quick_sensor: Sensor, webhook: Slack, watcher: LoopbackServer, name: str
) -> None:
    for day in (DAY - timedelta(days=2), DAY - timedelta(days=1)):
        with time_machine.travel(at(8, 5, day)):
            fail_a_run(quick_sensor.instance, "", job=f"{name}_job")
            quick_sensor.tick()
    (alert,) = webhook.accepted
    assert f"Monitor: {name} has failed since 2026-01-16 11:05 AM ET" in alert.text
    assert beats(watcher) == 0
    with time_machine.travel(at(6)):
        quick_sensor.instance.report_runless_asset_event(dg.AssetMaterialization(name))
        quick_sensor.tick()
        quick_sensor.tick()
    assert f"Monitor: {name} has recovered" in webhook.texts[-1]
    assert len(webhook.accepted) == 2


@pytest.mark.slow
def test_everything_dies_at_nine_on_a_failing_date_and_the_last_heartbeat_is_not_half_an_hour_old(
    watching: Sensor, webhook: Slack, watcher: LoopbackServer
) -> None:
    seen(watching, at(8), failing_look(DAY, at(8)))
    for hour, minute in ((8, 15), (8, 30), (8, 45), (9, 0)):
        seen(watching, at(hour, minute), failing_look(DAY, at(hour, minute)))
    assert watching.state.heartbeat is not None
    assert watching.state.heartbeat.accepted_at is not None
    # A watcher with an hour's grace notices by 10:00.
    assert at(9) - watching.state.heartbeat.accepted_at < timedelta(minutes=30)


@pytest.mark.slow
def test_a_watcher_that_refuses_is_remembered_with_its_reason_and_never_its_address(
    watching: Sensor, webhook: Slack, watcher: LoopbackServer
) -> None:
    watcher.answer("/ping/secret", Answer(status=404))
    ticks(watching, at(7, 30))
    heartbeat = watching.state.heartbeat
    assert heartbeat is not None
    assert heartbeat.accepted_at is None
    assert "404" in str(heartbeat.error)
    assert "secret" not in str(watching.cursor)
    assert webhook.accepted == []
    # The watcher tells its people; if it is dead, the channels do.
    ticks(watching, at(8, 15), at(8, 16), at(8, 20))
    (alert,) = webhook.accepted
    assert "Monitor: No heartbeat was accepted since 2026-01-18 10:30 AM ET: the watcher answered 404" in alert.text
    assert "secret" not in alert.text
    watcher.answer("/ping/secret", Answer(b"ok"))
    ticks(watching, at(8, 21), at(8, 22))
    assert "Monitor: the watcher accepts the heartbeat again" in webhook.texts[-1]
    assert len(webhook.accepted) == 2


@pytest.mark.slow
def test_a_heartbeat_that_was_withheld_is_no_alert_of_its_own(
    watching: Sensor, webhook: Slack, watcher: LoopbackServer
) -> None:
    ticks(watching, at(8, 31), at(10))
    assert [message.alert_id for message in webhook.accepted] == ["nba-2026-01-18-no-verdict"]
    seen(watching, at(10, 10), passing(at(10, 10)))
    assert [text for text in webhook.texts if "eartbeat" in text] == []
