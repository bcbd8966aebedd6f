"""The command that refills a stage: bound to its dates, and shown only where it would fill them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from nba_monitoring.core.fix_command import fix_command, fix_of_date
from nba_monitoring.core.stages import Stage
from nba_monitoring_tests.alerts.looks import BEFORE_TIP, FULL, STAGES, look
from nba_monitoring_tests.days import DAY, EVE, NEXT, eastern

TODAY_ONLY = STAGES.phase4.fix


def stage(fix: str, fix_past: str | None = None, name: str = "phase4") -> Stage:
    return STAGES[name].model_copy(update={"fix": fix, "fix_past": fix_past})


@pytest.mark.parametrize(
    ("template", "bound"),
    [
        ("fill.sh {first} {last}", "fill.sh 2026-01-18 2026-01-18"),
        ("fill.sh --date={date}", "fill.sh --date=2026-01-18"),
        (
            """curl -d '{"date": "{date}"}' "${URL}" """.strip(),
            """curl -d '{"date": "2026-01-18"}' "${URL}" """.strip(),
        ),
        ("awk '{ print $1 }'", "awk '{ print $1 }'"),
    ],
)
def test_placeholders_become_the_date_and_nothing_else_changes(template: str, bound: str) -> None:
    assert fix_command(stage(template), [DAY], eastern(11)) == bound


def test_a_gap_of_several_dates_is_filled_by_its_first_and_last_one() -> None:
    days = [date(2025, 12, 3), date(2025, 12, 5)]
    assert fix_command(stage("fill.sh {first} {last}"), days, eastern(11)) == "fill.sh 2025-12-03 2025-12-05"


def test_a_command_for_one_date_is_repeated_for_each_failing_date_of_a_gap() -> None:
    days = [date(2025, 12, 3), date(2025, 12, 5)]
    assert fix_command(stage("run {date}"), days, eastern(11)) == "run 2025-12-03 && run 2025-12-05"


def test_a_job_that_fills_only_its_own_day_is_not_shown_for_any_other_date() -> None:
    assert fix_command(STAGES.phase4, [DAY], eastern(11)) == TODAY_ONLY
    assert fix_command(STAGES.phase4, [DAY], eastern(23, 59)) == TODAY_ONLY
    assert fix_command(STAGES.phase4, [DAY], eastern(0, day=NEXT)) is None
    assert fix_command(STAGES.phase4, [EVE, DAY], eastern(11)) is None


def test_a_job_for_results_is_shown_on_the_day_after_the_games() -> None:
    summary = STAGES["player_summary"]
    assert fix_command(summary, [DAY], eastern(10, day=NEXT)) == summary.fix
    assert fix_command(summary, [DAY], eastern(0, day=NEXT + timedelta(days=1))) is None


def test_a_date_that_is_over_has_a_command_of_its_own() -> None:
    both = stage("run today", fix_past="backfill {first} {last}")
    assert fix_command(both, [DAY], eastern(11)) == "run today"
    assert fix_command(both, [DAY], eastern(11, day=NEXT)) == "backfill 2026-01-18 2026-01-18"


def test_a_date_has_the_command_of_its_first_broken_stage() -> None:
    broken = look(eastern(11), {}, others={**BEFORE_TIP, "player_context": {}})
    assert fix_of_date(broken, STAGES, eastern(11)) == STAGES["player_context"].fix
    assert fix_of_date(look(eastern(11), FULL, others=BEFORE_TIP), STAGES, eastern(11)) is None


@pytest.mark.parametrize("what", ["ids that match nothing", "an unreadable table", "no schedule"])
def test_no_command_is_shown_where_new_rows_would_fix_nothing(what: str) -> None:
    wrong = {
        "ids that match nothing": look(eastern(11), stage_ids={"0042500001": 30}, others=BEFORE_TIP),
        "an unreadable table": look(eastern(11), {}, others=BEFORE_TIP, not_read={"player_context": "no access"}),
        "no schedule": look(eastern(11), {}, slate={}, others=BEFORE_TIP),
    }[what]
    assert not wrong.status.passes
    assert fix_of_date(wrong, STAGES, eastern(11)) is None
