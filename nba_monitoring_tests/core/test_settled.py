"""Whether another check of a date can still help."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from nba_monitoring.core.eastern import EASTERN, eastern_instant
from nba_monitoring.core.games import Game
from nba_monitoring.core.record import CheckRecord, Detail, GameSeen
from nba_monitoring.core.settled import last_check, why_settled
from nba_monitoring.core.stage_record import StageCheck, StageDetail
from nba_monitoring.core.stages import Due
from nba_monitoring.core.status import Status

DAY = date(2026, 1, 18)
EARLY, LATE = Game(DAY, "ORL", "MEM"), Game(DAY, "TOR", "LAL")
TIPS = {EARLY: eastern_instant(DAY, time(15)), LATE: eastern_instant(DAY, time(21, 30))}
AVAILABLE, MISSING, NOT_DUE = Status.AVAILABLE, Status.MISSING_DATA, Status.NOT_DUE


def at(hour: int, minute: int = 0) -> datetime:
    """A US Eastern time of the date, or of the next one from 24 on."""
    return datetime.combine(DAY, time(), EASTERN) + timedelta(hours=hour, minutes=minute)


MORNING = at(11)


def record(
    status: Status,
    checked: datetime = MORNING,
    missing: tuple[str, ...] = (),
    tips: dict[Game, datetime | None] | None = None,
    due: Due = Due.BEFORE_TIP,
    is_clock_real: bool = True,
) -> CheckRecord:
    stage = "phase4" if due is Due.BEFORE_TIP else "player_summary"
    check = StageCheck(DAY, checked, stage, status, missing=missing, detail=StageDetail(due=due))
    games = {game: GameSeen(tip_at=tip) for game, tip in (tips or TIPS).items()}
    detail = Detail(games=games, stages={stage: check}, is_clock_real=is_clock_real)
    first = min((tip for tip in (tips or TIPS).values() if tip), default=None)
    return CheckRecord(DAY, checked, 2, 0, status, first_tip_at=first, detail=detail)


def test_a_date_that_was_never_checked_is_not_settled() -> None:
    assert why_settled(None, at(11, 30)) is None


def test_a_failing_date_is_settled_when_its_last_affected_game_has_tipped_off() -> None:
    both, early = ((EARLY.id, LATE.id), (EARLY.id,))
    assert [why_settled(record(MISSING, missing=both), at(hour, 29)) for hour in (11, 15, 21)] == [None] * 3
    assert "tipped off" in (why_settled(record(MISSING, at(21, 30), both), at(22)) or "")
    assert "tipped off" in (why_settled(record(MISSING, at(15), early), at(15, 30)) or "")


def test_a_failing_date_is_checked_once_more_when_its_last_affected_game_has_tipped_off() -> None:
    before = record(MISSING, at(14, 30), missing=(EARLY.id,))
    assert [why_settled(before, at(15, minute)) for minute in (0, 30)] == [None, None]
    assert "tipped off" in (why_settled(record(MISSING, at(15), (EARLY.id,)), at(15)) or "")


def test_a_team_or_a_whole_date_concerns_every_game() -> None:
    for unit in ("ORL", "_all"):
        assert why_settled(record(MISSING, missing=(unit,)), at(21, 30)) is None
        assert why_settled(record(MISSING, at(21, 30), (unit,)), at(22)) is not None


def test_a_game_without_a_tip_off_may_be_played_until_the_eastern_day_ends() -> None:
    failing = record(MISSING, missing=(EARLY.id,), tips={EARLY: None})
    assert why_settled(failing, at(23, 59)) is None
    assert why_settled(failing, at(24)) is not None


def test_an_unknown_schedule_is_checked_until_the_eastern_day_ends() -> None:
    unknown = record(Status.UNKNOWN_SCHEDULE, tips={})
    assert why_settled(unknown, at(23, 30)) is None
    assert why_settled(unknown, at(24)) == "2026-01-18 is over"


def test_a_passing_date_needs_one_more_check_in_the_hour_before_its_first_tip_off() -> None:
    morning, last = record(AVAILABLE), record(AVAILABLE, at(14))
    assert why_settled(morning, at(13, 59)) == "2026-01-18 is AVAILABLE"
    assert why_settled(morning, at(14)) is None
    assert why_settled(last, at(14, 30)) == "2026-01-18 is AVAILABLE"
    assert why_settled(morning, at(15)) == "2026-01-18 is AVAILABLE"


@pytest.mark.parametrize(
    "passing",
    [
        record(AVAILABLE, at(10, 59)),
        record(NOT_DUE),
        record(AVAILABLE, is_clock_real=False),
        record(AVAILABLE, at(12)),
    ],
    ids=["before the morning", "not due yet", "moved clock", "a clock that was ahead"],
)
def test_such_a_pass_settles_nothing(passing: CheckRecord) -> None:
    assert why_settled(passing, at(11, 30)) is None


def test_results_are_settled_once_complete_or_at_their_deadline() -> None:
    complete = record(AVAILABLE, at(24 + 11), due=Due.MORNING_AFTER)
    assert why_settled(complete, at(24 + 12), Due.MORNING_AFTER) == "2026-01-18 is complete"
    before, after = (record(MISSING, at(24 + hour), missing=(EARLY.id,), due=Due.MORNING_AFTER) for hour in (11, 15))
    assert why_settled(before, at(24 + 14, 59), Due.MORNING_AFTER) is None
    assert why_settled(before, at(24 + 15), Due.MORNING_AFTER) is None
    assert why_settled(after, at(24 + 15, 30), Due.MORNING_AFTER) == "the results deadline of 2026-01-18 has passed"


@pytest.mark.parametrize(
    ("deadline", "decided"),
    [
        ((19, 0), (19, 0)),
        ((19, 1), (19, 30)),
        ((19, 30), (19, 30)),
        ((23, 30), (23, 30)),
        ((23, 31), None),
        ((24, 0), None),
        ((24 + 15, 0), (24 + 15, 0)),
    ],
)
def test_a_deadline_is_decided_by_the_first_recheck_at_or_after_it(
    deadline: tuple[int, int], decided: tuple[int, int] | None
) -> None:
    assert last_check(at(*deadline)) == (None if decided is None else at(*decided))


def test_results_that_were_not_due_yet_are_not_settled() -> None:
    early = record(NOT_DUE, at(11), due=Due.MORNING_AFTER)
    assert why_settled(early, at(24 + 11, 30), Due.MORNING_AFTER) is None


def test_a_stage_that_is_not_due_yet_is_checked_though_the_game_that_another_stage_lacks_has_begun() -> None:
    failing = record(MISSING, missing=(EARLY.id,))
    predictions = StageCheck(DAY, MORNING, "predictions", NOT_DUE, detail=StageDetail(due=Due.BEFORE_TIP))
    both = replace(
        failing, detail=replace(failing.detail, stages={**failing.detail.stages, "predictions": predictions})
    )
    assert why_settled(both, at(20)) is None
