"""Whether another check of a date can still help."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time

import pytest

from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.settled import why_settled
from nba_monitoring.core.stages import Due
from nba_monitoring_tests.alerts.looks import COMPLETE, FULL, look
from nba_monitoring_tests.days import DAY, NEXT, at

COVERED = f"{DAY} is AVAILABLE"
TWO_GAMES = {"ORL@MEM": time(12), "TOR@LAL": time(21, 30)}


def covered(moment: datetime) -> CheckRecord:
    """Of two games, the first of which tips off at 7:10 PM ET."""
    slate = {"ORL@MEM": time(19, 10), "TOR@LAL": time(21, 30)}
    return look(moment, dict.fromkeys(slate, 24), slate=slate)


def results(moment: datetime, **others: Mapping[str, int]) -> CheckRecord:
    return look(moment, FULL, others={**COMPLETE, **others})


def test_a_date_without_a_verdict_is_checked_again() -> None:
    assert why_settled(None, at(8, 30)) is None


def test_a_covered_date_is_left_alone() -> None:
    assert why_settled(covered(at(8)), at(8, 30)) == COVERED


def test_a_covered_date_is_checked_once_more_in_the_hour_before_its_first_tip_off() -> None:
    assert why_settled(covered(at(8)), at(15)) == COVERED
    assert why_settled(covered(at(8)), at(15, 10)) is None
    assert why_settled(covered(at(15, 30)), at(16)) == COVERED
    assert why_settled(covered(at(8)), at(16, 10)) == COVERED


def test_a_pass_before_the_morning_settles_nothing() -> None:
    assert why_settled(covered(at(7, 59)), at(8, 30)) is None


def test_a_pass_by_a_clock_that_was_ahead_settles_nothing_once_it_is_right() -> None:
    assert why_settled(covered(at(14)), at(8, 30)) is None


@pytest.mark.parametrize("rows", [{}, {"ORL@MEM": 24}], ids=["both missing", "the last one missing"])
def test_an_uncovered_date_is_checked_until_its_last_uncovered_game_has_tipped_off(rows: Mapping[str, int]) -> None:
    record = look(at(8), rows, slate=TWO_GAMES)
    assert why_settled(record, at(18, 29)) is None
    assert why_settled(record, at(18, 30)) == f"the last uncovered game of {DAY} has tipped off"


def test_a_covered_games_later_tip_off_keeps_no_check_going() -> None:
    record = look(at(8), {"TOR@LAL": 24}, slate=TWO_GAMES)
    assert why_settled(record, at(9)) is not None


def test_a_game_without_a_tip_off_is_checked_until_the_eastern_day_ends() -> None:
    record = look(at(8), {}, slate={"ORL@MEM": None})
    assert why_settled(record, at(20, 59)) is None
    assert why_settled(record, at(21)) is not None


def test_results_are_checked_until_their_deadline() -> None:
    record = results(at(8, day=NEXT), grading={})
    assert why_settled(record, at(11, 59, NEXT), Due.MORNING_AFTER) is None
    assert why_settled(record, at(12, day=NEXT), Due.MORNING_AFTER) is not None


def test_complete_results_are_left_alone() -> None:
    assert why_settled(results(at(8, day=NEXT)), at(8, 30, NEXT), Due.MORNING_AFTER) == f"{DAY} is complete"


def test_a_check_before_results_are_due_does_not_settle_them() -> None:
    assert why_settled(results(at(8), player_summary={}, grading={}), at(8, 30, NEXT), Due.MORNING_AFTER) is None
