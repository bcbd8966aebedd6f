"""The first part of the page: ready or not in one word, each game with its stages, and the deadline."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from nba_monitoring.core.counting import WHOLE_DATE
from nba_monitoring.core.eastern import eastern_clock, results_deadline
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.rules.base import Finding, Level
from nba_monitoring.core.stages import Due
from nba_monitoring.core.status import Status
from nba_monitoring.core.teams import TRICODES
from nba_monitoring.reports.day import Day, Readiness, day_of
from nba_monitoring_tests.alerts.looks import BEFORE_TIP, COMPLETE, FULL, SLATE, STAGES, look
from nba_monitoring_tests.days import DAY, eastern

A, M, P, N = Status.AVAILABLE, Status.MISSING_DATA, Status.PARTIAL_DATA, Status.NOT_DUE


def before_tip(record: CheckRecord | None) -> Day:
    return day_of(DAY, Due.BEFORE_TIP, record, STAGES)


def marks(day: Day, stage: str) -> dict[str, Status]:
    """The status of a stage for each game."""
    column = [check.stage for check in day.stages].index(stage)
    return {row.game.matchup: row.statuses[column] for row in day.games}


def test_a_day_on_which_all_is_there_is_ready() -> None:
    day = before_tip(look(eastern(11), FULL, others=BEFORE_TIP))
    assert (day.readiness, day.reasons) == (Readiness.READY, [])
    assert [row.game.matchup for row in day.games] == list(SLATE)  # by tip-off
    assert set(marks(day, "phase4").values()) == {A}
    assert day.first_tip_at is not None
    assert day.deadline is not None
    assert (eastern_clock(day.first_tip_at), eastern_clock(day.deadline)) == ("12:00 PM ET", "9:30 PM ET")


def test_a_game_without_rows_is_marked_and_sets_the_deadline() -> None:
    rows = {**FULL, "ORL@MEM": 3, "CHA@DEN": 0}
    day = before_tip(look(eastern(11), rows, others=BEFORE_TIP))
    assert day.readiness is Readiness.NOT_READY
    assert marks(day, "phase4") == {**dict.fromkeys(SLATE, A), "ORL@MEM": P, "CHA@DEN": M}
    assert day.reasons[0] == "Phase 4 (first broken): 3 players (at least 12 expected): ORL@MEM; no rows: CHA@DEN"
    assert day.deadline is not None
    assert eastern_clock(day.deadline) == "4:00 PM ET"


def test_a_team_s_gap_is_that_of_its_game_and_a_whole_date_s_of_every_game() -> None:
    teams = dict.fromkeys(sorted(set(TRICODES) - {"CHI"}), 1)
    day = before_tip(look(eastern(11), FULL, others={**BEFORE_TIP, "team_defense": teams, "shot_zones": {}}))
    assert marks(day, "team_defense") == {**dict.fromkeys(SLATE, A), "BKN@CHI": M}
    assert set(marks(day, "shot_zones").values()) == {M}


def test_a_rule_that_fails_marks_every_game() -> None:
    copied = Finding("unchanged", Level.FAIL, "30 of 30 teams are unchanged")
    day = before_tip(look(eastern(11), FULL, others=BEFORE_TIP, findings={"team_defense": [copied]}))
    assert set(marks(day, "team_defense").values()) == {Status.BAD_DATA}
    assert day.reasons[0] == "Team defense zones (first broken): 30 of 30 teams are unchanged"


def test_what_is_not_due_yet_is_not_called_missing() -> None:
    late = {game: tip for game, tip in SLATE.items() if tip >= time(19)}
    few = dict.fromkeys(late, 24)
    others = {**BEFORE_TIP, "predictions": {"NOP@HOU": 11}, "feature_store": few}
    others = {**others, "player_context": few, "team_context": dict.fromkeys(late, 2)}
    day = before_tip(look(eastern(11), few, slate=late, others=others))
    assert day.readiness is Readiness.NOT_YET
    assert marks(day, "predictions") == {"NOP@HOU": A, "POR@SAC": N, "TOR@LAL": N}
    assert day.reasons == ["Predictions: not due until 2:00 PM ET"]


def test_downstream_stages_are_named_behind_the_first_broken_one() -> None:
    day = before_tip(look(eastern(11), {}, others={**BEFORE_TIP, "feature_store": {}, "predictions": {}}))
    first, downstream = day.reasons
    assert first.startswith("Phase 4 (first broken): no rows: ORL@MEM, ")
    assert downstream == "Downstream: Feature store, Predictions"


@pytest.mark.parametrize(
    ("record", "readiness"),
    [
        (None, Readiness.NOT_CHECKED),
        (look(eastern(11), slate={}), Readiness.NOT_READY),  # nothing proves a day off
    ],
    ids=["not checked", "no schedule"],
)
def test_what_is_unknown_is_not_ready(record: CheckRecord | None, readiness: Readiness) -> None:
    day = before_tip(record)
    assert (day.readiness, day.deadline) == (readiness, None)


def test_last_night_s_results_have_their_own_stages_and_deadline() -> None:
    morning_after = eastern(11) + timedelta(days=1)
    day = day_of(DAY, Due.MORNING_AFTER, look(morning_after, FULL, others={**COMPLETE, "grading": {}}), STAGES)
    assert [check.stage for check in day.stages] == ["player_summary", "grading"]
    assert (set(marks(day, "player_summary").values()), set(marks(day, "grading").values())) == ({A}, {M})
    assert (day.readiness, day.deadline) == (Readiness.NOT_READY, results_deadline(DAY))
    assert WHOLE_DATE not in "".join(day.reasons)


def test_a_postponed_game_is_named_with_its_reason() -> None:
    day = before_tip(look(eastern(11), FULL, others=BEFORE_TIP, postponed=["BKN@CHI"]))
    assert "BKN@CHI" not in [row.game.matchup for row in day.games]
    assert any("BKN@CHI" in note and "postponed" in note for note in day.notes)
