"""How fast an incident was found, reported and ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from nba_monitoring.core.eastern import PACIFIC
from nba_monitoring.core.incidents import EndedAs, Incident
from nba_monitoring.core.response_times import ResponseTimes
from nba_monitoring.core.stages import Due
from nba_monitoring.core.status import Severity, Status

DAY = date(2026, 1, 18)


def at(hour: int, minute: int = 0, day: int = 18) -> datetime:
    return datetime(2026, 1, day, hour, minute, tzinfo=PACIFIC)


FOUND = Incident("nba-2026-01-18", DAY, Due.BEFORE_TIP, "phase4", Status.MISSING_DATA, Severity.ERROR, at(8, 30))


def test_what_has_not_happened_or_is_not_known_takes_no_time() -> None:
    assert ResponseTimes.of(FOUND) == ResponseTimes(30, None, None, None, None, None, None)


def test_each_time_is_counted_from_the_step_before_and_to_the_first_tip_off() -> None:
    recovered = replace(
        FOUND,
        told_at=at(8, 32),
        acknowledged_at=at(8, 39),
        ended_at=at(10),
        ended_as=EndedAs.RECOVERED,
        first_tip_at=at(9) + timedelta(seconds=30),
    )
    assert ResponseTimes.of(recovered) == ResponseTimes(30, 2, 7, 90, 30.5, 28.5, -59.5)


@pytest.mark.parametrize("ended_as", [EndedAs.TOO_LATE, EndedAs.EXCUSED, EndedAs.CLOSED])
def test_only_a_recovery_is_one(ended_as: EndedAs) -> None:
    assert ResponseTimes.of(replace(FOUND, ended_at=at(10), ended_as=ended_as)).minutes_to_recover is None


def test_what_is_found_before_it_is_due_took_no_time() -> None:
    assert ResponseTimes.of(replace(FOUND, found_at=at(7))).minutes_to_detect == 0


def test_what_is_acknowledged_before_its_alert_took_no_time() -> None:
    known = replace(FOUND, told_at=at(8, 32), acknowledged_at=at(8, 31))
    assert ResponseTimes.of(known).minutes_to_acknowledge == 0


def test_results_are_due_the_next_morning() -> None:
    results = replace(FOUND, due=Due.MORNING_AFTER, found_at=at(8, 10, day=19))
    assert ResponseTimes.of(results).minutes_to_detect == 10


def test_the_morning_is_eight_o_clock_on_either_side_of_the_clock_change() -> None:
    for day in (date(2026, 3, 7), date(2026, 3, 8)):
        found = datetime(day.year, day.month, day.day, 8, 5, tzinfo=PACIFIC)
        assert ResponseTimes.of(replace(FOUND, check_date=day, found_at=found)).minutes_to_detect == 5
