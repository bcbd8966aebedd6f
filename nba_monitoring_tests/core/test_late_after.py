"""A stage that is late once it is later than usual, where its entry says so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nba_monitoring.core.coverage import StageRows, cover
from nba_monitoring.core.eastern import eastern_instant
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.recording import record_of
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.core.stage_verdict import StageInput
from nba_monitoring.core.stages import DueTime, LateAfter, Stage
from nba_monitoring.core.status import Status
from nba_monitoring.core.usual_arrival import UsualArrival
from nba_monitoring.core.verdict import DateVerdict, judge
from nba_monitoring_tests.core.test_verdict import DAY, rows_of, slate
from nba_monitoring_tests.stages import PHASE4, STAGES

TWO_PM = DueTime(at=time(14))
GAMES = slate("ORL@MEM")


def clock(hour: int, minute: int = 0, day: date = DAY) -> datetime:
    return eastern_instant(day, time(hour, minute))


def usual(minutes: int) -> UsualArrival:
    arrival = timedelta(minutes=minutes)
    return UsualArrival("phase4", {DAY - timedelta(days=back): arrival for back in range(30, 0, -1)}, 30)


def judged(
    now: datetime,
    known: UsualArrival | None,
    late_after: LateAfter | None = LateAfter.USUAL,
    due: DueTime = TWO_PM,
    rows: Sequence[StageRows] = (),
) -> DateVerdict:
    stage: Stage = PHASE4.model_copy(update={"due": due, "late_after": late_after})
    return judge(GAMES, [StageInput(stage, GAMES, cover(stage, DAY, rows, {}), usual=known)], STAGES, now)


def test_it_is_due_when_it_usually_is_complete_if_that_is_earlier() -> None:
    known = usual(7 * 60 + 42)
    for moment, status in ((clock(7, 41), Status.NOT_DUE), (clock(7, 42), Status.MISSING_DATA)):
        found = judged(moment, known).stages["phase4"]
        assert (found.status, found.due_at) == (status, clock(7, 42))


def test_its_due_time_holds_where_that_is_earlier() -> None:
    found = judged(clock(14), usual(16 * 60)).stages["phase4"]
    assert (found.status, found.due_at) == (Status.MISSING_DATA, clock(14))


def test_its_due_time_holds_alone_while_too_little_is_known() -> None:
    assert judged(clock(13, 59), None).stages["phase4"].status is Status.NOT_DUE


def test_a_stage_that_comes_in_time_is_not_late() -> None:
    assert judged(clock(13), usual(7 * 60), rows=[rows_of("ORL@MEM", 24)]).stages["phase4"].status is Status.AVAILABLE


def test_what_games_leave_behind_is_due_the_next_day() -> None:
    ten = DueTime(at=time(10), next_day=True)
    found = judged(clock(9), usual(31 * 60 + 5), due=ten).stages["phase4"]
    assert (found.status, found.due_at) == (Status.NOT_DUE, clock(7, 5, DAY + timedelta(days=1)))


@given(st.integers(0, 36 * 60), st.integers(0, 48 * 60), st.booleans())
def test_a_stage_whose_entry_does_not_ask_for_it_is_never_late_by_it(usually: int, now: int, has_rows: bool) -> None:
    moment = datetime(DAY.year, DAY.month, DAY.day, 5, tzinfo=UTC) + timedelta(minutes=now)
    rows = [rows_of("ORL@MEM", 24)] if has_rows else []
    without, known = (judged(moment, each, None, rows=rows).stages["phase4"] for each in (None, usual(usually)))
    assert (known.status, known.due_at, known.severity) == (without.status, without.due_at, without.severity)


@given(st.integers(0, 36 * 60), st.integers(0, 48 * 60))
def test_one_whose_entry_asks_for_it_is_late_from_the_earlier_time_on(usually: int, now: int) -> None:
    moment = datetime(DAY.year, DAY.month, DAY.day, 5, tzinfo=UTC) + timedelta(minutes=now)
    found = judged(moment, usual(usually)).stages["phase4"]
    assert found.due_at == min(clock(14), usual(usually).nearly_always_by(DAY))
    assert (found.status is Status.NOT_DUE) == (moment < found.due_at)


def test_the_record_says_by_when_it_usually_comes_and_an_older_one_that_it_is_not_known() -> None:
    record = record_of(judged(clock(11), usual(7 * 60 + 42)), "run", Trigger.SCHEDULED)
    detail = record.stages["phase4"].detail
    assert (detail.usually_by, detail.nearly_always_by) == (clock(7, 42), clock(7, 42))
    values = record.to_json_values()
    assert CheckRecord.from_values(values) == record
    of_stage = values["detail"]["stages"]["phase4"]["detail"]
    for name in ("usually_by", "nearly_always_by", "is_clock_real"):
        del of_stage[name]
    older = CheckRecord.from_values(values).stages["phase4"].detail
    assert (older.usually_by, older.nearly_always_by, older.is_clock_real) == (None, None, True)


@pytest.mark.parametrize("is_clock_real", [True, False])
def test_a_stages_row_says_whether_its_time_was_real(is_clock_real: bool) -> None:
    record = record_of(judged(clock(11), None), "run", Trigger.MANUAL, is_clock_real=is_clock_real)
    assert record.detail.is_clock_real is is_clock_real
    assert [row.detail.is_clock_real for row in record.stages.values()] == [is_clock_real]
