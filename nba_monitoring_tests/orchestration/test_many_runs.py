"""The sensor stays quick and small however many runs there were, and whatever its cursor holds."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from nba_monitoring.orchestration import runs
from nba_monitoring.orchestration.runs import ended_runs, unread_span
from nba_monitoring_tests.days import DAY, at
from nba_monitoring_tests.orchestration.ended_runs import (
    JOB,
    complete_a_run,
    days_from,
    fail_a_run,
    failing_look,
)
from nba_monitoring_tests.orchestration.sensor import Sensor
from nba_monitoring_tests.orchestration.slack import Slack

BEFORE = at(7).astimezone(UTC)


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> int:
    """Run ends are read five at a time."""
    monkeypatch.setattr(runs, "PAGE", 5)
    return 5


def end_runs(sensor: Sensor, number: int) -> None:
    """Runs over 8 past dates and today, the very first of which alone finds something live."""
    days = days_from(DAY - timedelta(days=8), 8)
    with time_machine.travel(at(8)):
        complete_a_run(sensor.instance, str(DAY), [failing_look(DAY)])
        for count in range(number - 1):
            day = days[count % len(days)]
            complete_a_run(sensor.instance, str(day), [failing_look(day, at(8))])


@pytest.mark.slow
def test_three_pages_of_runs_since_the_last_tick_are_all_read(
    quick_sensor: Sensor, webhook: Slack, small_pages: int
) -> None:
    with time_machine.travel(at(7)):
        quick_sensor.tick()
    end_runs(quick_sensor, 2 * small_pages + 1)
    with time_machine.travel(at(8, 5)):
        quick_sensor.tick()
        quick_sensor.tick()
    assert [message.alert_id[:12] for message in webhook.accepted] == ["nba-2026-01-", "nba-backfill"]
    assert "Backfill: 8 of 8 dates failed" in webhook.texts[1]


@pytest.mark.slow
def test_the_cursor_stays_under_16_kilobytes_in_days_of_failing_dates_and_runs(
    quick_sensor: Sensor, webhook: Slack
) -> None:
    for day in days_from(DAY, 8):
        with time_machine.travel(at(8, 5, day)):
            complete_a_run(quick_sensor.instance, str(day), [failing_look(day)])
            for number in range(5):
                fail_a_run(quick_sensor.instance, f"{day}...{day + timedelta(days=number)}", "error " * 200)
            quick_sensor.tick()
            assert len(quick_sensor.cursor or "") < 16_000
    assert len([text for text in webhook.texts if "Phase 4 missing" in text]) == 8


@pytest.mark.slow
@pytest.mark.parametrize("read_to", [None, -1, 10**9], ids=["nothing", "before the first run", "after the last run"])
def test_a_cursor_whose_last_run_was_edited_reports_each_finding_once(
    quick_sensor: Sensor, webhook: Slack, read_to: int | None
) -> None:
    with time_machine.travel(at(8)):
        complete_a_run(quick_sensor.instance, str(DAY), [failing_look(DAY)])
        quick_sensor.tick()
    quick_sensor.cursor = json.dumps({**json.loads(quick_sensor.cursor or ""), "read_to": read_to})
    later = DAY + timedelta(days=1)
    with time_machine.travel(at(8, 5)):
        complete_a_run(quick_sensor.instance, str(later), [failing_look(later, at(8, 4))])
        quick_sensor.tick()
        quick_sensor.tick()
    assert [message.alert_id for message in webhook.accepted] == ["nba-2026-01-18", "nba-2026-01-19"]


def test_a_run_tagged_after_its_end_is_no_news(quick_sensor: Sensor, webhook: Slack) -> None:
    with time_machine.travel(at(8)):
        run_id = fail_a_run(quick_sensor.instance, str(DAY))
        quick_sensor.tick()
    with time_machine.travel(at(8, 40)):
        quick_sensor.instance.add_run_tags(run_id, {"looked-at-by": "ann"})
        quick_sensor.tick()
    assert len(webhook.accepted) == 1


@pytest.mark.slow
def test_runs_that_ended_at_the_same_instant_are_read_across_pages(quick_sensor: Sensor, small_pages: int) -> None:
    with time_machine.travel(datetime(2026, 1, 18, 16, 0, tzinfo=UTC), tick=False):
        for number in range(small_pages - 1):
            fail_a_run(quick_sensor.instance, str(number))
    with time_machine.travel(datetime(2026, 1, 18, 16, 1, tzinfo=UTC), tick=False):
        for number in range(2):
            fail_a_run(quick_sensor.instance, str(number))
    span = unread_span(quick_sensor.instance, JOB, 0, BEFORE)
    assert len(list(ended_runs(quick_sensor.instance, JOB, span, BEFORE))) == small_pages + 1
