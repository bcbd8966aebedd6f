"""Where the pipeline broke first, what is behind it, and what holds rows that it can't have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nba_monitoring.core.counting import WHOLE_DATE, Unit
from nba_monitoring.core.coverage import Coverage, StageRows, cover
from nba_monitoring.core.recording import record_of
from nba_monitoring.core.rules.base import Halt
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.core.stage_verdict import StageInput
from nba_monitoring.core.stages import SCHEDULE, Due, Stage
from nba_monitoring.core.status import Severity, Status
from nba_monitoring.core.teams import TRICODES
from nba_monitoring.core.verdict import DateVerdict, judge
from nba_monitoring_tests.core.slate.slates import morning, tip
from nba_monitoring_tests.core.test_verdict import DAY, slate
from nba_monitoring_tests.stages import STAGES, held

NAMES = [stage.name for stage in STAGES]
NEXT_DAY = DAY + timedelta(days=1)
EVENING = tip(DAY, "18:30")
SLATE = slate("ORL@MEM", "BKN@CHI")
GAMES = ("20260118_ORL_MEM", "20260118_BKN_CHI")


def whole(stage: Stage) -> list[StageRows]:
    """What a healthy date of two games holds."""
    if stage.unit is Unit.GAME:
        return [held(DAY, game, 33, 33, None) for game in GAMES]
    if stage.unit is Unit.TEAM:
        return [held(DAY, team, 1, 1, None) for team in sorted(TRICODES)]
    return [held(DAY, None, 400, 400, None)]


def look(
    now: datetime, held_by: Mapping[str, Sequence[StageRows]], halted: Sequence[str] = (), day: date = DAY
) -> DateVerdict:
    """A look at a date of which each stage holds everything, but for those given."""
    seen = [
        StageInput(
            stage,
            SLATE,
            cover(stage, DAY, held_by.get(stage.name, whole(stage)), {}),
            halt=Halt("edge_collapse", date(2026, 1, 1)) if stage.name in halted else None,
        )
        for stage in STAGES
    ]
    return judge(SLATE, seen, STAGES, now)


def without(*names: str, now: datetime = EVENING) -> DateVerdict:
    return look(now, {name: [] for name in names})


def failing(found: DateVerdict) -> list[str]:
    return [name for name, verdict in found.stages.items() if not verdict.passes]


def test_where_every_stage_is_complete_none_is_broken() -> None:
    found = without(now=tip(NEXT_DAY, "11:00"))
    assert {verdict.status for verdict in found.stages.values()} <= {Status.AVAILABLE}
    assert (found.first_broken, found.causes, found.downstream, found.orphans) == (None, (), (), ())


def test_what_fails_behind_a_broken_stage_is_a_consequence() -> None:
    found = without("phase4", "feature_store", "predictions")
    assert found.first_broken == "phase4"
    assert [verdict.stage.name for verdict in found.causes] == ["phase4"]
    assert [verdict.stage.name for verdict in found.downstream] == ["feature_store", "predictions"]


def test_composite_factors_missing_with_their_context_are_not_the_cause() -> None:
    assert without("player_context", "phase4").first_broken == "player_context"
    assert without("shot_zones", "phase4").first_broken == "shot_zones"


def test_of_two_causes_the_earlier_is_first_broken_and_the_other_is_none_of_its_consequences() -> None:
    found = without("team_context", "shot_zones", "phase4")
    assert found.first_broken == "team_context"
    assert [verdict.stage.name for verdict in found.causes] == ["team_context", "shot_zones"]
    assert [verdict.stage.name for verdict in found.downstream] == ["phase4"]


def test_rows_behind_a_stage_without_rows_are_orphans() -> None:
    found = look(EVENING, {"phase4": [], "feature_store": [], "grading": []})
    (orphan,) = found.orphans
    assert (orphan.stage, orphan.upstream, orphan.rows) == ("predictions", "phase4", 66)
    thin = [held(DAY, game, 3, 3, None) for game in GAMES]
    assert look(EVENING, {"phase4": thin}).orphans == ()


def test_at_8_am_pacific_predictions_are_not_due_and_features_are() -> None:
    found = without("phase4", "feature_store", "predictions", "player_summary", "grading", now=morning(DAY))
    assert failing(found) == ["phase4"]
    later = ("feature_store", "predictions", "player_summary", "grading")
    assert {found.stages[name].status for name in later} == {Status.NOT_DUE}


def test_predictions_are_due_two_hours_before_an_early_first_tip_off() -> None:
    noon = slate("ORL@MEM", tips=[tip(DAY, "12:00")])
    predictions = STAGES["predictions"]
    assert predictions.due.on(DAY, noon.first_tip_at) == tip(DAY, "10:00")
    assert predictions.due.on(DAY, tip(DAY, "19:00")) == tip(DAY, "14:00")
    assert STAGES["feature_store"].due.on(DAY, tip(DAY, "11:00")) == tip(DAY, "11:00")


def test_what_a_game_left_behind_is_due_the_next_day_and_urgent_until_noon_pacific() -> None:
    empty: dict[str, list[StageRows]] = {"player_summary": [], "grading": []}
    assert failing(look(tip(NEXT_DAY, "06:59"), empty)) == []
    found = look(tip(NEXT_DAY, "11:00"), empty)
    assert failing(found) == ["player_summary", "grading"]
    assert found.first_broken_of(Due.MORNING_AFTER) == "player_summary"
    assert found.first_broken_of(Due.BEFORE_TIP) is None
    summary = found.stages["player_summary"]
    assert (summary.is_live, summary.severity) == (True, Severity.ERROR)
    assert not found.is_live
    over = look(tip(NEXT_DAY, "15:00"), empty).stages["player_summary"]
    assert (over.is_live, over.severity) == (False, Severity.WARN)


def test_grading_without_predictions_is_a_consequence_of_theirs() -> None:
    found = without("predictions", "grading", now=tip(NEXT_DAY, "11:00"))
    assert found.first_broken == "predictions"
    assert found.first_broken_of(Due.MORNING_AFTER) is None


def test_a_stage_that_the_platform_stopped_is_halted_and_not_missing() -> None:
    found = look(EVENING, {"predictions": []}, halted=["predictions"])
    assert found.stages["predictions"].status is Status.HALTED
    assert found.stages["predictions"].halt == Halt("edge_collapse", date(2026, 1, 1))
    assert found.first_broken is None
    some = look(EVENING, {"predictions": [held(DAY, GAMES[0], 30, 30, None)]}, halted=["predictions"])
    assert some.stages["predictions"].status is Status.MISSING_DATA


def test_an_unknown_schedule_is_one_finding_and_no_stages() -> None:
    unknown = slate()
    seen = [StageInput(stage, unknown, cover(stage, DAY, [], {})) for stage in STAGES]
    found = judge(unknown, seen, STAGES, morning(DAY))
    assert {verdict.status for verdict in found.stages.values()} == {Status.UNKNOWN_SCHEDULE}
    assert found.first_broken == SCHEDULE


def test_a_listing_that_may_hide_a_game_is_the_schedules_fault_unless_a_stage_fails_by_itself() -> None:
    hidden = replace(SLATE, unreadable=("league: one listed game has no teams yet",))
    seen = [StageInput(stage, hidden, cover(stage, DAY, whole(stage), {})) for stage in STAGES]
    found = judge(hidden, seen, STAGES, EVENING)
    assert found.stages["phase4"].status is Status.PARTIAL_DATA
    assert found.first_broken == SCHEDULE
    seen = [
        StageInput(stage, hidden, cover(stage, DAY, [] if stage.name == "shot_zones" else whole(stage), {}))
        for stage in STAGES
    ]
    assert judge(hidden, seen, STAGES, EVENING).first_broken == "shot_zones"


def test_a_table_that_can_t_be_read_is_a_finding_with_its_reason() -> None:
    seen = [
        StageInput(
            stage,
            SLATE,
            Coverage.not_read(DAY, "permission denied")
            if stage.name == "predictions"
            else cover(stage, DAY, whole(stage), {}),
        )
        for stage in STAGES
    ]
    found = judge(SLATE, seen, STAGES, EVENING)
    predictions = found.stages["predictions"]
    assert (found.first_broken, predictions.status) == ("predictions", Status.MISSING_DATA)
    assert {unit.reason for unit in predictions.units} == {"permission denied"}
    assert found.orphans == ()


@pytest.mark.parametrize(
    ("day", "teams", "status"),
    [(25, 0, "BOOTSTRAP"), (25, 1, "AVAILABLE"), (26, 0, "MISSING_DATA"), (26, 1, "AVAILABLE"),
     (30, 19, "MISSING_DATA"), (30, 20, "AVAILABLE"), (36, 29, "MISSING_DATA"), (36, 30, "AVAILABLE")],
)  # fmt: skip
def test_team_defense_ramps_up(day: int, teams: int, status: str) -> None:
    early = slate("ORL@MEM", opener=DAY - timedelta(days=day))
    stage = STAGES["team_defense"]
    rows = [held(DAY, team, 1, 1, None) for team in sorted(TRICODES)[:teams]]
    verdict = judge(early, [StageInput(stage, early, cover(stage, DAY, rows, {}))], STAGES, morning(DAY)).stages[
        stage.name
    ]
    assert verdict.status == status
    if status == "MISSING_DATA":
        assert {unit.name for unit in verdict.missing} == TRICODES - set(sorted(TRICODES)[:teams])


def test_a_stage_counted_by_date_names_the_whole_date() -> None:
    stage = STAGES["shot_zones"]
    cases = ((0, "MISSING_DATA", "missing"), (299, "PARTIAL_DATA", "partial"), (300, "AVAILABLE", ""))
    for rows, status, unit in cases:
        there = [held(DAY, None, rows, rows, None)] if rows else []
        verdict = look(EVENING, {"shot_zones": there}).stages["shot_zones"]
        assert (verdict.status, verdict.expected, verdict.ready) == (status, 300, rows)
        if unit:
            assert [found.name for found in getattr(verdict, unit)] == [WHOLE_DATE]
    assert stage.least.on(None, 5) == 300


def test_the_cache_needs_eight_players_a_game() -> None:
    thin = look(EVENING, {"daily_cache": [held(DAY, None, 15, 15, None)]}).stages["daily_cache"]
    assert [unit.reason for unit in thin.partial] == ["15 players (at least 16 expected)"]
    assert look(EVENING, {"daily_cache": [held(DAY, None, 16, 16, None)]}).stages["daily_cache"].passes


@given(st.sets(st.sampled_from(NAMES)), st.datetimes(datetime(2026, 1, 17), datetime(2026, 1, 21)))  # noqa: DTZ001
def test_every_failing_stage_is_a_cause_or_a_consequence_of_one(empty: set[str], at: datetime) -> None:
    found = without(*empty, now=at.replace(tzinfo=UTC))
    causes = {verdict.stage.name for verdict in found.causes}
    consequences = {verdict.stage.name for verdict in found.downstream}
    assert causes | consequences == set(failing(found))
    assert not causes & consequences
    for name in consequences:
        assert STAGES.upstreams[name] & causes
    for name in causes:
        assert not STAGES.upstreams[name] & set(failing(found))
    assert (found.first_broken is None) == (not failing(found))
    record = record_of(found, "run", Trigger.MANUAL)
    assert record.first_broken == found.first_broken
    assert {name for name, check in record.stages.items() if check.is_first_broken} == {
        first for due in Due if (first := found.first_broken_of(due)) is not None
    }
