"""Which date the 8:00 tick takes, on every kind of day and whenever it is evaluated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from time import tzset

import dagster as dg
import pytest
import time_machine
from dagster._utils.schedules import schedule_execution_time_iterator

from nba_monitoring.core.eastern import PACIFIC
from nba_monitoring.orchestration.partitions import game_dates
from nba_monitoring.orchestration.schedules import morning_check_8am, results_check_8am

# The days on which clocks change in the US, each with its neighbours.
CLOCK_CHANGES = [date(2025, 11, 2) + timedelta(days=step) for step in (-1, 0, 1)] + [
    date(2026, 3, 8) + timedelta(days=step) for step in (-1, 0, 1)
]


def at_eight(day: date) -> datetime:
    return datetime.combine(day, time(8), PACIFIC)


def ticks_from(day: date, number: int) -> list[datetime]:
    """The schedule's ticks from midnight PT of a date on, by its own cron and zone, as the daemon finds them."""
    cron, zone = morning_check_8am.cron_schedule, morning_check_8am.execution_timezone
    start = datetime.combine(day, time(0), PACIFIC).timestamp()
    return list(islice(schedule_execution_time_iterator(start, cron, zone), number))


def requested(tick: datetime) -> dg.RunRequest:
    request = morning_check_8am(dg.build_schedule_context(scheduled_execution_time=tick))
    assert isinstance(request, dg.RunRequest)
    return request


@pytest.mark.parametrize("day", CLOCK_CHANGES, ids=str)
def test_the_tick_comes_at_eight_and_takes_its_own_date(day: date) -> None:
    tick = ticks_from(day, 1)[0]
    assert tick == at_eight(day)
    assert requested(tick).partition_key == str(day)


def test_the_clock_changes_move_the_tick_by_an_hour_of_utc() -> None:
    ticks = [ticks_from(day, 1)[0].astimezone(UTC).hour for day in CLOCK_CHANGES]
    assert ticks == [15, 16, 16, 16, 15, 15]


def test_a_year_has_a_tick_for_every_date() -> None:
    first = date(2025, 10, 21)
    dates = [requested(tick).partition_key for tick in ticks_from(first, 365)]
    assert dates == [str(first + timedelta(days=step)) for step in range(365)]


@pytest.mark.parametrize("late", [time(8, 5), time(21, 30), time(23, 30)], ids=str)
@pytest.mark.parametrize("day", [date(2026, 1, 18), *CLOCK_CHANGES], ids=str)
def test_a_tick_evaluated_late_still_takes_the_ticks_date(day: date, late: time) -> None:
    # From 9:00 PM PT on, the latest partition is tomorrow's.
    with time_machine.travel(datetime.combine(day, late, PACIFIC)):
        assert requested(at_eight(day)).partition_key == str(day)


def test_half_past_eleven_at_night_pacific_is_the_next_days_game_date() -> None:
    assert requested(datetime(2026, 1, 18, 23, 30, tzinfo=PACIFIC)).partition_key == "2026-01-19"


@pytest.mark.parametrize("day", CLOCK_CHANGES, ids=str)
def test_the_ticks_date_is_a_partition_when_it_comes(day: date) -> None:
    with time_machine.travel(at_eight(day)):
        assert game_dates.get_last_partition_key() == str(day)


def test_a_run_is_marked_as_scheduled_and_can_be_launched_again_when_it_failed() -> None:
    request = requested(at_eight(date(2026, 1, 18)))
    assert request.tags["nba_monitoring/trigger"] == "scheduled"
    assert request.run_key is None


@pytest.fixture
def machine_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Moves this process to a time zone until the test's end."""

    def move(zone: str) -> None:
        monkeypatch.setenv("TZ", zone)
        tzset()

    yield move
    monkeypatch.undo()
    tzset()


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/New_York"])
def test_the_machines_zone_does_not_move_the_date(zone: str, machine_in: Callable[[str], None]) -> None:
    machine_in(zone)
    assert [requested(at_eight(day)).partition_key for day in CLOCK_CHANGES] == [str(day) for day in CLOCK_CHANGES]


@pytest.mark.parametrize("day", [date(2026, 1, 18), *CLOCK_CHANGES], ids=str)
def test_the_results_check_takes_the_day_before_at_the_same_hour(day: date) -> None:
    assert (results_check_8am.cron_schedule, results_check_8am.execution_timezone) == (
        morning_check_8am.cron_schedule,
        morning_check_8am.execution_timezone,
    )
    # Evaluated late in the evening, when the newest partition is tomorrow's.
    with time_machine.travel(datetime.combine(day, time(23, 30), PACIFIC)):
        request = results_check_8am(dg.build_schedule_context(scheduled_execution_time=at_eight(day)))
    assert isinstance(request, dg.RunRequest)
    assert request.partition_key == str(day - timedelta(days=1))
    assert (request.tags["nba_monitoring/trigger"], request.run_key) == ("scheduled", None)
