"""A verdict as a row of the history."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import date

import pytest

from nba_monitoring.core.coverage import cover
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.recording import record_of
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.core.stage_verdict import StageInput
from nba_monitoring.core.status import Severity, Status
from nba_monitoring.core.verdict import judge
from nba_monitoring_tests.core.slate.slates import POSTPONED, day_of, listed, morning, report, slate_of, tip
from nba_monitoring_tests.games import ids
from nba_monitoring_tests.stages import PHASE4, STAGES, held

DAY = date(2026, 1, 24)
COLUMNS = (
    "check_date check_time scheduled_games phase4_ready status severity check_id run_id trigger missing_games "
    "partial_games excluded_games first_tip_at detail first_broken"
).split()


def record(run_id: str = "run-1") -> CheckRecord:
    """Three games expected, one covered, one thin, one without rows; one postponed; rows of nobody."""
    slate = slate_of(
        DAY,
        [
            report(
                "league",
                listed("league", DAY, "BOS@CHI", tip_at=tip(DAY, "17:00")),
                listed("league", DAY, "CLE@ORL", tip_at=tip(DAY, "19:00")),
                listed("league", DAY, "NYK@PHI"),
                listed("league", DAY, "GSW@MIN", league_id="0022500643"),
                listed("league", day_of("2026-01-25"), "GSW@MIN", league_id="0022500643"),
                scraped_at=tip(DAY, "06:00"),
            ),
            report("ESPN API", listed("ESPN API", DAY, "GSW@MIN", POSTPONED), listed("ESPN API", DAY, "BOS@CHI")),
            report("BDL API", error="timed out after 10 s"),
        ],
    )
    rows = [
        held(DAY, "20260124_BOS_CHI", 33, 33, tip(DAY, "09:00")),
        held(DAY, "20260124_CLE_ORL", 30, 5, tip(DAY, "08:00")),
        held(DAY, "junk", 2, 2, None),
    ]
    verdict = judge(slate, [StageInput(PHASE4, slate, cover(PHASE4, DAY, rows, {}))], STAGES, morning(DAY))
    return record_of(verdict, run_id, Trigger.SCHEDULED)


def test_its_fields_are_the_tables_columns_in_order() -> None:
    assert [field.name for field in fields(CheckRecord)] == COLUMNS
    assert list(record().to_json_values()) == COLUMNS


def test_counts_and_game_lists_say_what_was_judged() -> None:
    row = record()
    assert (row.scheduled_games, row.phase4_ready) == (3, 1)
    assert (row.status, row.severity) == (Status.MISSING_DATA, Severity.ERROR)
    assert ids(row.missing_games) == ("20260124_NYK_PHI",)
    assert ids(row.partial_games) == ("20260124_CLE_ORL",)
    assert ids(row.excluded_games) == ("20260124_GSW_MIN",)
    assert (row.check_time, row.first_tip_at) == (morning(DAY), tip(DAY, "17:00"))


def test_the_same_date_in_the_same_run_is_the_same_check() -> None:
    assert record().check_id == record().check_id
    assert record().check_id != record("run-2").check_id


def test_detail_says_what_the_slate_rests_on() -> None:
    detail = record().to_json_values()["detail"]
    assert detail["games"]["20260124_CLE_ORL"] == {
        "rows": 30,
        "usable_rows": 5,
        "reason": "5 players (at least 12 expected)",
        "tip_at": "2026-01-25T00:00:00+00:00",
        "witnesses": ["league"],
    }
    assert detail["phase"] == {"rows": 65, "written_at": "2026-01-24T14:00:00+00:00"}
    assert detail["unmatched_rows"] == [{"game_id": "junk", "rows": 2, "reason": "not in a known format"}]
    assert detail["warnings"] == ["junk: 2 rows, not in a known format"]
    assert detail["excluded"] == {
        "20260124_GSW_MIN": {
            "reason": "postponed",
            "moved_to": "2026-01-25",
            "witnesses": ["ESPN API", "league"],
        }
    }
    assert detail["sources"]["BDL API"]["freshness"] == "failed"
    assert detail["sources"]["BDL API"]["reason"] == "timed out after 10 s"
    assert detail["sources"]["league"]["games"] == 4
    assert detail["sources"]["league"]["scraped_at"] == "2026-01-24T11:00:00+00:00"
    assert "CLE@ORL, NYK@PHI: listed by league; not by ESPN API" in detail["disagreements"]
    assert detail["season_opener"] == "2025-10-21"
    assert detail["off_day_proof"] is None
    assert detail["is_clock_real"] is True


@pytest.mark.parametrize(
    ("unreadable", "status"),
    [
        ((), Status.AVAILABLE),
        (("league: one listed game has no teams yet (game_id '0052500111')",), Status.PARTIAL_DATA),
    ],
)
def test_what_keeps_a_covered_date_from_being_available_is_among_its_problems(
    unreadable: tuple[str, ...], status: Status
) -> None:
    schedule = report("league", listed("league", DAY, "BOS@CHI"), unreadable={DAY: unreadable})
    coverage = cover(PHASE4, DAY, [held(DAY, "20260124_BOS_CHI", 33, 33, None)], {})
    slate = slate_of(DAY, [schedule])
    verdict = judge(slate, [StageInput(PHASE4, slate, coverage)], STAGES, morning(DAY))
    row = record_of(verdict, "run-1", Trigger.SCHEDULED)
    assert (row.status, row.scheduled_games, row.phase4_ready) == (status, 1, 1)
    assert (row.detail.problems, row.detail.unreadable) == (unreadable, unreadable)
    assert set(unreadable) <= set(row.detail.notes)


def test_it_survives_json() -> None:
    row = record()
    assert CheckRecord.from_values(json.loads(json.dumps(row.to_json_values()))) == row


def test_its_summary_is_one_line() -> None:
    assert record().summary == ("2026-01-24 MISSING_DATA: 1 of 3 games ready; missing NYK@PHI; partial CLE@ORL")


def test_a_stage_in_the_dates_row_does_not_repeat_the_dates_columns() -> None:
    values = record().to_json_values()
    part = values["detail"]["stages"]["phase4"]
    assert part.keys().isdisjoint({"check_date", "check_time", "stage", "check_id", "run_id", "trigger"})
    stage = CheckRecord.from_values(values).stages["phase4"]
    assert (stage.check_date, stage.check_time, stage.stage) == (DAY, morning(DAY), "phase4")
    assert (stage.check_id, stage.run_id, stage.trigger) == (record().check_id, "run-1", Trigger.SCHEDULED)


@pytest.mark.parametrize(
    ("status", "missing", "partial", "is_by_schedule"),
    [
        ("UNKNOWN_SCHEDULE", [], [], True),
        ("PARTIAL_DATA", [], [], True),
        ("PARTIAL_DATA", [], ["20260124_CLE_ORL"], False),
        ("MISSING_DATA", ["20260124_NYK_PHI"], [], False),
    ],
)
def test_a_row_before_version_4_shows_by_its_units_whether_the_schedule_failed_it(
    status: str, missing: list[str], partial: list[str], is_by_schedule: bool
) -> None:
    values = record().to_json_values()
    part = values["detail"]["stages"]["phase4"]
    del part["detail"]["is_broken_by_schedule"]
    part |= {"status": status, "missing": missing, "partial": partial}
    assert CheckRecord.from_values(values).stages["phase4"].is_broken_by_schedule is is_by_schedule
