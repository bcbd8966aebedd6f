"""The newest check of each stage and date, and the gaps among them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from nba_monitoring.core.counting import WHOLE_DATE
from nba_monitoring.core.record import CheckRecord, Detail
from nba_monitoring.core.rules.base import Finding, Level
from nba_monitoring.core.stage_record import StageCheck
from nba_monitoring.core.status import Status
from nba_monitoring.reports.checks import Gap, newest_checks, open_gaps, ranges_without
from nba_monitoring.reports.failures import failing_since
from nba_monitoring_tests.alerts.looks import COMPLETE, FULL, look
from nba_monitoring_tests.days import DAY, eastern

OPENER = date(2026, 1, 1)
A, M, P, N = Status.AVAILABLE, Status.MISSING_DATA, Status.PARTIAL_DATA, Status.NO_GAMES


def record(day: int, hour: int = 12, **stages: Status) -> CheckRecord:
    at = datetime(2026, 1, day, hour, tzinfo=UTC)
    checks = {name: StageCheck(at.date(), at, name, status, expected=6, ready=2) for name, status in stages.items()}
    return CheckRecord(at.date(), at, 6, 2, A, detail=Detail(stages=checks))


def gaps(*statuses: Status) -> list[tuple[Status, int, int, int]]:
    """Status, first and last day of January, and dates of the gaps of one stage that has these, a day each."""
    records = [record(day, phase4=status) for day, status in enumerate(statuses, 1)]
    found = open_gaps(newest_checks(records))
    return [(gap.newest.status, gap.first.day, gap.last.day, len(gap.rows)) for gap in found]


def test_each_date_has_its_newest_check() -> None:
    checks = newest_checks(
        [record(1, 8, phase4=M), record(1, 9, phase4=A), record(2, 8, phase4=A), record(2, 9, phase4=M)]
    )
    assert [row.status for row in checks["phase4"].values()] == [A, M]


def test_a_stage_that_is_no_longer_watched_keeps_its_last_check() -> None:
    checks = newest_checks([record(1, 8, phase4=A, grading=M), record(1, 9, phase4=A)])
    assert checks["grading"][OPENER].check_time == datetime(2026, 1, 1, 8, tzinfo=UTC)


def test_a_record_of_before_there_were_other_stages_is_phase_4_s() -> None:
    old = CheckRecord(OPENER, datetime(2026, 1, 1, 16, tzinfo=UTC), 6, 2, M)
    assert newest_checks([old])["phase4"][OPENER].ready == 2


def test_a_gap_goes_on_over_days_off_and_ends_where_the_stage_passes() -> None:
    assert gaps(M, M, A, M) == [(M, 1, 2, 2), (M, 4, 4, 1)]
    assert gaps(M, N, N, M, A) == [(M, 1, 4, 2)]
    assert gaps(M, Status.HALTED, M) == [(M, 1, 1, 1), (M, 3, 3, 1)]
    assert gaps(A, N, Status.BOOTSTRAP, Status.NOT_DUE) == []


def test_another_status_is_another_gap() -> None:
    assert gaps(M, P, N, P) == [(M, 1, 1, 1), (P, 2, 4, 2)]


def test_a_gap_that_was_filled_is_closed() -> None:
    checks = newest_checks([record(1, 8, phase4=M), record(1, 20, phase4=A)])
    assert open_gaps(checks) == ()


def test_gaps_come_by_first_date_and_then_in_the_order_of_the_stages() -> None:
    checks = newest_checks(
        [record(1, phase4=A, grading=M), record(2, phase4=M, grading=A), record(3, phase4=A, grading=M)]
    )
    assert [(gap.newest.stage, gap.first.day) for gap in open_gaps(checks)] == [
        ("grading", 1),
        ("phase4", 2),
        ("grading", 3),
    ]
    same_day = newest_checks([record(1, phase4=M, grading=M)])
    assert [gap.newest.stage for gap in open_gaps(same_day)] == ["phase4", "grading"]


def test_dates_without_a_check_are_listed_as_ranges() -> None:
    seen = [OPENER + timedelta(days=n) for n in (1, 4)]
    assert ranges_without(seen, OPENER, OPENER + timedelta(days=4)) == [
        (date(2026, 1, 1), date(2026, 1, 1)),
        (date(2026, 1, 3), date(2026, 1, 4)),
    ]
    assert ranges_without(seen[:1], seen[0], seen[0]) == []


def gap_of(found: CheckRecord, stage: str = "phase4") -> Gap:
    """The one open gap of a stage in a real check's record."""
    (gap,) = [gap for gap in open_gaps(newest_checks([found])) if gap.newest.stage == stage]
    return gap


def test_a_gap_of_a_stage_counted_by_date_shows_what_is_there_and_what_is_the_least() -> None:
    morning_after = eastern(11, day=DAY + timedelta(days=1))
    few = Finding("graded", Level.FAIL, "72 of 144 gradable predictions are graded")
    bad = look(morning_after, FULL, others={**COMPLETE, "grading": {WHOLE_DATE: 72}}, findings={"grading": (few,)})
    gap = gap_of(bad, "grading")
    assert (gap.newest.status, gap.ready, gap.reason) == (Status.BAD_DATA, "72 (at least 1)", few.text)
    assert "grading BAD_DATA: 72 ready (at least 1)" in gap.newest.summary
    none = gap_of(look(morning_after, FULL, others={**COMPLETE, "grading": {}}), "grading")
    assert (none.ready, none.reason) == ("0 (at least 1)", "no rows")


def test_a_gap_of_a_stage_counted_by_game_shows_how_many_of_how_many_lack_what() -> None:
    gap = gap_of(look(eastern(11), {**FULL, "ORL@MEM": 3, "TOR@LAL": 0}))
    assert (gap.ready, gap.reason) == ("4 of 6", "3 players (at least 12 expected): ORL@MEM; no rows: TOR@LAL")


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (
            look(eastern(11), stage_ids={"0022599998": 200, "0022599999": 232}),
            "432 rows under ids that match no expected game",
        ),
        (look(eastern(11), slate={}), "no source lists a game, and nothing proves a day off"),
        (look(eastern(11), FULL, unreadable=["a row without teams"]), "a listed game can't be read"),
        (
            look(eastern(11), FULL, others={"shot_zones": {}}, not_read={"shot_zones": "may not read it"}),
            "may not read it",
        ),
    ],
    ids=["suspect join", "unknown schedule", "listing that can't be read", "table that can't be read"],
)
def test_a_gap_has_its_true_reason(found: CheckRecord, reason: str) -> None:
    failing = next(name for name, check in found.stages.items() if not check.status.passes)
    assert gap_of(found, failing).reason == reason


def test_a_stage_fails_since_the_first_failing_check_after_it_last_passed() -> None:
    records = [
        record(1, 12, phase4=M, grading=M),
        record(1, 13, phase4=A, grading=P),
        record(1, 14, phase4=P, grading=M),
        record(1, 15, phase4=M, grading=A),
        record(2, 12, phase4=M),
    ]
    assert failing_since(records) == {
        ("phase4", date(2026, 1, 1)): datetime(2026, 1, 1, 14, tzinfo=UTC),
        ("phase4", date(2026, 1, 2)): datetime(2026, 1, 2, 12, tzinfo=UTC),
    }
