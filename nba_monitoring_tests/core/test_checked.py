"""Which further checks a date needs after its newest one."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from nba_monitoring.core.chain import CHECK_GRACE
from nba_monitoring.core.checked import Checked
from nba_monitoring.core.eastern import EASTERN
from nba_monitoring.core.games import Game
from nba_monitoring.core.record import CheckRecord, Detail, GameSeen
from nba_monitoring.core.stage_record import StageCheck, StageDetail
from nba_monitoring.core.stages import Due
from nba_monitoring.core.status import Status

DAY = date(2026, 1, 18)
EARLY, LATE = Game(DAY, "ORL", "MEM"), Game(DAY, "TOR", "LAL")


def at(hour: int, minute: int = 0) -> datetime:
    """A US Eastern time of the date, or of the next one from 24 on."""
    return datetime.combine(DAY, time(), EASTERN) + timedelta(hours=hour, minutes=minute)


TIPS = {EARLY: at(15), LATE: at(21, 30)}


def checked(when: datetime, *stages: StageCheck, tips: dict[Game, datetime] = TIPS) -> Checked:
    games = {game: GameSeen(tip_at=tip) for game, tip in tips.items()}
    detail = Detail(games=games, stages={stage.stage: stage for stage in stages})
    first = min(tips.values(), default=None)
    return Checked.of(CheckRecord(DAY, when, 2, 0, Status.AVAILABLE, first_tip_at=first, detail=detail))


def stage(
    name: str, status: Status, due_at: datetime | None = None, missing: tuple[str, ...] = (), next_day: bool = False
) -> StageCheck:
    due = Due.MORNING_AFTER if next_day else Due.BEFORE_TIP
    return StageCheck(DAY, at(11), name, status, due_at=due_at, missing=missing, detail=StageDetail(due=due))


def overdue(known: Checked, when: datetime) -> list[str]:
    return [name for owed in known.overdue(when, CHECK_GRACE) for name in owed.stages or ("before tip-off",)]


def test_a_stage_that_was_not_due_yet_needs_a_check_by_45_minutes_after_its_due_time_while_a_game_is_ahead() -> None:
    known = checked(at(11), stage("predictions", Status.NOT_DUE, at(13)))
    assert overdue(known, at(13, 44)) == []
    assert overdue(known, at(13, 45)) == ["predictions"]
    assert "predictions" in overdue(known, at(21, 29))
    assert overdue(known, at(21, 30)) == []


def test_a_stage_that_is_complete_before_its_due_time_needs_none() -> None:
    known = checked(at(11), stage("predictions", Status.AVAILABLE, at(13)))
    assert overdue(known, at(13, 45)) == []


@pytest.mark.parametrize(("missing", "until"), [((EARLY.id,), at(15)), ((LATE.id,), at(21, 30)), ((), at(21, 30))])
def test_a_failing_stage_needs_another_check_while_it_helps(missing: tuple[str, ...], until: datetime) -> None:
    known = checked(at(11), stage("phase4", Status.MISSING_DATA, at(11), missing))
    assert overdue(known, at(11, 44)) == []
    assert overdue(known, at(11, 45)) == ["phase4"]
    assert overdue(known, until - timedelta(minutes=16)) == ["phase4"]
    assert overdue(known, until) == []


def test_a_date_that_passes_needs_one_more_check_in_the_hour_before_its_first_tip_off() -> None:
    known = checked(at(11), stage("phase4", Status.AVAILABLE, at(11)))
    assert overdue(known, at(14, 44)) == []
    assert overdue(known, at(14, 45)) == ["before tip-off"]
    assert overdue(known, at(15)) == []
    assert overdue(checked(at(14), stage("phase4", Status.AVAILABLE, at(11))), at(14, 45)) == []


def test_a_first_tip_off_at_noon_is_checked_by_the_morning_check_itself() -> None:
    noon = {EARLY: at(12)}
    assert overdue(checked(at(10), stage("phase4", Status.AVAILABLE, at(11)), tips=noon), at(11, 46)) == [
        "before tip-off"
    ]
    assert overdue(checked(at(11), stage("phase4", Status.AVAILABLE, at(11)), tips=noon), at(11, 46)) == []


def test_results_need_a_check_in_the_next_morning_until_their_deadline() -> None:
    known = checked(at(20), stage("grading", Status.NOT_DUE, at(34), next_day=True), tips={})
    assert overdue(known, at(35, 44)) == []  # due at 10:00, checked from 11:00 on
    assert overdue(known, at(35, 45)) == ["grading"]
    assert overdue(known, at(39)) == []


def test_a_day_off_needs_no_further_check() -> None:
    assert checked(at(11), stage("phase4", Status.NO_GAMES, at(11)), tips={}).owed == ()
