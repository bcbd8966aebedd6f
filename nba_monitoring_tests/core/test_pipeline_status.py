"""How far each stage has come, which is the first behind, and what waits for it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nba_monitoring.core.counting import Unit
from nba_monitoring.core.coverage import Coverage, StageRows, cover
from nba_monitoring.core.pipeline_status import (
    LOOK_AHEAD,
    PipelineStatus,
    StageState,
    StageStatus,
    board_dates,
    pipeline_status,
)
from nba_monitoring.core.rules.base import Halt
from nba_monitoring.core.stage_verdict import StageInput
from nba_monitoring.core.stages import Stage
from nba_monitoring.core.teams import TRICODES
from nba_monitoring.core.usual_arrival import UsualArrival
from nba_monitoring.core.verdict import DateVerdict, judge
from nba_monitoring_tests.core.slate.slates import morning, tip
from nba_monitoring_tests.core.test_verdict import slate
from nba_monitoring_tests.stages import STAGES, held

DAY = date(2026, 1, 18)
OPENER = date(2025, 10, 21)
MORNING, EVENING = morning(DAY), tip(DAY, "18:30")
NAMES = [stage.name for stage in STAGES]
AFTER_GAMES = ["player_summary", "grading"]
UNREADABLE = "nba_predictions.ml_feature_store_v2: no such table in the warehouse"

Gap = tuple[str, int]  # a stage and a day of January without its rows


def january(day: int) -> date:
    return date(2026, 1, day)


def whole(stage: Stage, day: date) -> list[StageRows]:
    """What a healthy date of one game holds, written that morning."""
    at = datetime(day.year, day.month, day.day, 10, tzinfo=UTC)
    if stage.unit is Unit.GAME:
        return [held(day, f"{day:%Y%m%d}_ORL_MEM", 33, 33, at)]
    if stage.unit is Unit.TEAM:
        return [held(day, team, 1, 1, at) for team in sorted(TRICODES)]
    return [held(day, None, 400, 400, at)]


def verdict(
    day: date,
    now: datetime,
    gaps: Collection[Gap],
    *,
    halted: Collection[Gap] = (),
    off: Collection[int] = (),
    unknown: Collection[int] = (),
    opener: date = OPENER,
    unreadable: Collection[str] = (),
    watched: Collection[str] = tuple(NAMES),
) -> DateVerdict:
    if day.day in off or day.day in unknown:
        on_day = slate(day=day, opener=opener, proof="the league's schedule" if day.day in off else None)
    else:
        on_day = slate("ORL@MEM", day=day, opener=opener)
    seen = []
    for stage in STAGES:
        if stage.name not in watched:
            continue
        is_empty = (stage.name, day.day) in gaps or not on_day.expected
        coverage = cover(stage, day, [] if is_empty else whole(stage, day), {})
        if stage.name in unreadable:
            coverage = Coverage.not_read(day, UNREADABLE)
        halt = Halt("edge_collapse", january(10)) if (stage.name, day.day) in halted else None
        seen.append(StageInput(stage, on_day, coverage, halt=halt))
    return judge(on_day, seen, STAGES, now)


def board(*gaps: Gap, now: datetime = MORNING, first: int = 10, last: int = 20, **more: object) -> PipelineStatus:
    """The board where everything is there of some days of January, but for the gaps.

    Of the days from today on nothing is there that comes after the games, of later days nothing at all.
    """
    today = DAY.day
    ahead = [(name, day) for name in NAMES for day in range(today, last + 1) if day > today or name in AFTER_GAMES]
    verdicts = [verdict(january(day), now, [*gaps, *ahead], **more) for day in range(first, last + 1)]  # type: ignore[arg-type]
    return pipeline_status(verdicts, STAGES, now)


def of(found: PipelineStatus, name: str) -> StageStatus:
    return next(stage for stage in found.stages if stage.stage == name)


def gaps(name: str, first: int, last: int) -> list[Gap]:
    return [(name, day) for day in range(first, last + 1)]


def test_where_every_stage_is_complete_none_is_behind() -> None:
    found = board()
    assert [stage.stage for stage in found.stages] == NAMES
    assert {stage.state for stage in found.stages} == {StageState.COMPLETE}
    assert (found.is_behind, found.summary) == (False, "No stage is behind.")
    phase4, summary = of(found, "phase4"), of(found, "player_summary")
    assert (phase4.newest_complete, phase4.newest_expected, phase4.lag_game_days) == (DAY, DAY, 0)
    assert (summary.newest_complete, summary.newest_expected) == (january(17), january(17))
    assert phase4.written_at == datetime(2026, 1, 18, 10, tzinfo=UTC)


def test_the_first_stage_behind_and_what_waits_for_it_are_named_in_words() -> None:
    found = board(("phase4", 18), ("feature_store", 18), ("predictions", 18))
    assert found.is_behind
    assert found.summary == (
        "Phase 4 is the first stage behind: latest 2026-01-17, expected 2026-01-18 (MISSING_DATA, missing for 1 game). "
        "Waiting for it: Feature store, Predictions, Grading."
    )
    assert [stage.stage for stage in found.stages if stage.is_first_behind] == ["phase4"]
    assert of(found, "phase4").words == "1 game day behind"
    predictions = of(found, "predictions")
    assert (predictions.words, predictions.blocked_by) == ("not due until 2:00 PM ET", "phase4")


def test_the_cause_is_the_earliest_and_others_are_behind_as_well() -> None:
    found = board(("player_context", 18), ("team_defense", 18), ("phase4", 18), ("daily_cache", 18))
    assert found.summary.startswith("Player context is the first stage behind: latest 2026-01-17")
    assert "Waiting for it: Player daily cache, Phase 4, Grading." in found.summary
    assert found.summary.endswith("Also behind: Team defense zones.")


def test_what_ran_all_the_same_does_not_wait() -> None:
    found = board(("phase4", 18))
    assert of(found, "predictions").blocked_by is None
    assert of(found, "grading").blocked_by == "phase4"  # it has still to come


def test_a_lag_counts_game_days_not_calendar_days() -> None:
    late = gaps("phase4", 14, 18)
    assert of(board(*late), "phase4").lag_game_days == 5
    assert of(board(*late, off=[15, 16]), "phase4").words == "3 game days behind"


def test_what_is_not_due_yet_is_not_late() -> None:
    before, after = tip(DAY, "06:59"), tip(DAY, "07:00")
    assert of(board(("phase4", 18), now=before), "phase4").words == "not due until 7:00 AM ET"
    assert of(board(("phase4", 18), now=after), "phase4").state is StageState.BEHIND


def test_due_next_is_the_next_date_that_is_not_complete() -> None:
    found = board(off=[19])
    assert of(found, "phase4").due_next == tip(january(20), "07:00")
    assert of(found, "grading").due_next == tip(january(19), "10:00")
    assert of(board(last=18), "phase4").due_next is None


def test_what_games_left_behind_is_awaited_the_next_morning_only() -> None:
    found = board(("player_summary", 17), ("grading", 17), now=tip(DAY, "06:30"))
    assert of(found, "player_summary").words == "not due until 7:00 AM ET"
    assert of(board(now=EVENING), "player_summary").words == "complete"


def test_a_date_before_the_newest_complete_one_is_no_lag() -> None:
    assert of(board(("phase4", 15)), "phase4").state is StageState.COMPLETE


def test_what_is_there_for_tomorrow_makes_up_for_nothing() -> None:
    verdicts = [verdict(january(day), EVENING, [("player_context", 18)]) for day in range(10, 21)]
    context = of(pipeline_status(verdicts, STAGES, EVENING), "player_context")
    assert (context.state, context.newest_complete) == (StageState.BEHIND, january(17))


def test_a_halt_says_why_and_since_when_and_is_not_behind() -> None:
    empty = [*gaps("predictions", 12, 18), *gaps("grading", 12, 18)]
    found = board(*empty, now=EVENING, halted=empty)
    predictions = of(found, "predictions")
    assert predictions.words == "halted since 2026-01-10: edge_collapse"
    assert (predictions.lag_game_days, predictions.due_next) == (0, None)
    assert (found.is_behind, found.summary) == (False, "No stage is behind. Halted: Predictions, Grading.")


def test_a_halt_that_is_over_excuses_nothing_more() -> None:
    found = board(*gaps("predictions", 12, 18), now=EVENING, halted=gaps("predictions", 12, 15))
    assert of(found, "predictions").words == "3 game days behind"


def test_a_day_off_does_not_end_a_halt() -> None:
    empty = gaps("predictions", 12, 18)
    found = board(*empty, now=EVENING, halted=empty, off=[17, 18])
    assert of(found, "predictions").state is StageState.HALTED


def test_a_stage_that_never_wrote_is_told_apart_from_one_behind() -> None:
    found = board(*gaps("shot_zones", 10, 18))
    assert of(found, "shot_zones").words == "no rows this season"
    assert of(found, "shot_zones").lag_game_days == 9
    assert "Player shot zones is the first stage behind: latest none, expected 2026-01-18" in found.summary


def test_a_table_that_can_t_be_read_says_why_and_is_behind() -> None:
    found = board(unreadable=["feature_store"])
    assert of(found, "feature_store").words == f"can't be read: {UNREADABLE}"
    assert found.is_behind
    assert of(found, "feature_store").is_first_behind


def test_a_schedule_that_is_not_known_is_behind_and_no_stage_is_first() -> None:
    found = board(unknown=[18])
    assert found.is_behind
    assert of(found, "phase4").words == "schedule unknown: the games of 2026-01-18"
    assert not any(stage.is_first_behind or stage.blocked_by for stage in found.stages)
    assert found.summary == ("The schedule is missing, so what is due is unknown. Load the schedule.")


def test_a_schedule_that_was_not_known_before_a_day_off_is_past() -> None:
    found = board(unknown=[12], off=[17, 18])
    assert not found.is_behind


def test_an_earlier_season_does_not_count() -> None:
    earlier = [verdict(january(day), MORNING, [], opener=date(2024, 10, 22)) for day in range(1, 5)]
    opener = january(10)
    of_now = [verdict(january(day), MORNING, gaps("phase4", 10, 18), opener=opener) for day in range(10, 19)]
    phase4 = of(pipeline_status([*earlier, *of_now], STAGES, MORNING), "phase4")
    # Bootstrap days of the new season: nothing is expected, and nothing of the old one is remembered.
    assert (phase4.newest_complete, phase4.newest_expected) == (None, None)
    assert phase4.words == "nothing due yet"


def test_stages_without_a_table_in_the_file_are_named_apart() -> None:
    found = board(watched=["phase4"])
    assert [stage.stage for stage in found.stages] == ["phase4"]
    assert found.not_watched == tuple(name for name in NAMES if name != "phase4")


def test_the_dates_reach_over_a_season_and_a_week_ahead() -> None:
    first, last = board_dates(datetime(2026, 6, 20, 3, tzinfo=UTC))  # the 19th in the East
    assert first <= OPENER
    assert (last, (last - first).days) == (date(2026, 6, 26), 307)
    assert timedelta(days=7) == LOOK_AHEAD


@given(
    st.sets(st.tuples(st.sampled_from(NAMES), st.integers(10, 18)), max_size=30),
    st.sampled_from([tip(DAY, "05:00"), MORNING, EVENING]),
)
def test_a_board_keeps_its_word(missing: set[Gap], now: datetime) -> None:
    found = board(*missing, now=now)
    names = [stage.stage for stage in found.stages]
    for stage in found.stages:
        late = stage.newest_expected is not None and (
            stage.newest_complete is None or stage.newest_complete < stage.newest_expected
        )
        assert (stage.lag_game_days > 0) is late is stage.state.is_behind
        assert stage.due_next is None or stage.due_next > now
        if stage.blocked_by is not None:
            assert stage.blocked_by in STAGES.upstreams[stage.stage]
            assert of(found, stage.blocked_by).state.is_behind
    first = [stage.stage for stage in found.stages if stage.is_first_behind]
    behind = [stage.stage for stage in found.stages if stage.state.is_behind]
    assert first == behind[:1]
    assert all(STAGES.upstreams[name].isdisjoint(behind) for name in first)
    assert names == NAMES


@pytest.mark.parametrize("state", StageState)
def test_each_state_has_words(state: StageState) -> None:
    status = StageStatus("phase4", "Phase 4", "phase4", state, None, None, 1, "why", None, None, None)
    assert status.words


def test_todays_usual_times_are_on_the_board_where_they_are_known() -> None:
    usual = UsualArrival("phase4", {january(day): timedelta(hours=7, minutes=day) for day in range(1, 11)}, 10)
    on_day = slate("ORL@MEM", day=DAY, opener=OPENER)
    seen = [
        StageInput(
            stage, on_day, cover(stage, DAY, whole(stage, DAY), {}), usual=usual if stage.name == "phase4" else None
        )
        for stage in STAGES
    ]
    found = pipeline_status([judge(on_day, seen, STAGES, MORNING)], STAGES, MORNING)
    phase4, others = of(found, "phase4"), [stage for stage in found.stages if stage.stage != "phase4"]
    assert (phase4.usually_by, phase4.nearly_always_by) == (
        datetime(2026, 1, 18, 12, 5, tzinfo=UTC),
        datetime(2026, 1, 18, 12, 10, tzinfo=UTC),
    )
    assert {stage.usually_by for stage in others} == {None}
