"""Sentences and times that several rooms show."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from nba_monitoring.core.games import Game
from nba_monitoring.core.incidents import EndedAs, Incident
from nba_monitoring.core.stages import Due
from nba_monitoring.core.status import Severity, Status
from nba_monitoring.core.words import (
    count,
    dates,
    day_and_clock,
    day_name,
    duration,
    first_few,
    gaps,
    halted,
    hours_minutes,
    moment,
    not_due,
    not_expected,
    orphan,
)

DAY = date(2026, 1, 18)
MORNING = datetime(2026, 1, 18, 12, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minutes", "text"), [(-5, "0 min"), (45, "45 min"), (205, "3 h 25 min"), (1500, "1 day 1 h"), (3100, "2 days 3 h")]
)
def test_durations(minutes: int, text: str) -> None:
    assert duration(timedelta(minutes=minutes)) == text


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(None, "-"), (45, "0:45"), (-30.4, "-0:30"), (-0.2, "0:00"), (125, "2:05"), (4445, "3 d 2:05")],
)
def test_durations_in_a_table(minutes: float | None, text: str) -> None:
    assert hours_minutes(minutes) == text


def test_none_is_no_and_not_zero() -> None:
    assert [count(number, "row") for number in (0, 1, 1200)] == ["no rows", "1 row", "1,200 rows"]


def test_an_eastern_time_has_its_date_where_that_is_another() -> None:
    assert moment(MORNING, DAY) == "7:05 AM ET"
    assert moment(MORNING) == moment(MORNING, date(2026, 1, 19)) == "2026-01-18 7:05 AM ET"
    assert not_due(MORNING, DAY) == "not due until 7:05 AM ET"
    assert day_and_clock(MORNING) == "Jan 18 07:05"
    assert day_and_clock(None) == ""


def test_days_and_spans_of_days() -> None:
    assert day_name(DAY) == "Sun 2026-01-18"
    assert dates(DAY, DAY) == "2026-01-18"
    assert dates(DAY, date(2026, 1, 20)) == "2026-01-18 to 2026-01-20"


@pytest.mark.parametrize(
    ("missing", "partial", "total", "text"),
    [
        (6, 0, 6, "missing for all 6 games"),
        (1, 0, 1, "missing for 1 game"),
        (5, 1, 6, "missing for 5 of 6 games, incomplete for 1"),
        (0, 1, 6, "incomplete for 1 of 6 games"),
    ],
)
def test_gaps_tell_missing_from_incomplete(missing: int, partial: int, total: int, text: str) -> None:
    assert gaps(missing, partial, total, "game") == text


def test_a_long_list_says_how_much_it_leaves_out() -> None:
    assert first_few(["a", "b"], 2) == ["a", "b"]
    assert first_few(["a", "b", "c"], 2) == ["a", "b", "and 1 more"]


def test_reasons_say_what_is_known() -> None:
    game = Game(DAY, "ORL", "MEM")
    other = Game(DAY, "BKN", "CHI")
    assert not_expected({game: "postponed", other: "postponed"}) == ["Not expected (postponed): ORL@MEM, BKN@CHI"]
    assert len(not_expected({game: "postponed", other: "preseason"})) == 2
    assert halted(None, None) == "halted"
    assert halted("off", DAY) == "halted since 2026-01-18: off"
    assert orphan("Predictions", 885, "Phase 4") == "Predictions have 885 rows although Phase 4 has none"


def test_an_incident_says_how_it_stands() -> None:
    found = Incident("nba-2026-01-18", DAY, Due.BEFORE_TIP, "phase4", Status.MISSING_DATA, Severity.WARN, MORNING)
    assert found.standing == "open"
    assert found.acknowledged("Ann", "on it", MORNING).standing == "open, acknowledged by Ann: on it"
    assert found.closed("Ann", "known", MORNING).standing == "closed by Ann: known"
    ended = replace(found, ended_at=MORNING)
    assert ended.standing == "ended"
    assert [
        replace(ended, ended_as=end).standing for end in (EndedAs.RECOVERED, EndedAs.TOO_LATE, EndedAs.EXCUSED)
    ] == [
        "recovered",
        "too late",
        "no longer expected",
    ]
