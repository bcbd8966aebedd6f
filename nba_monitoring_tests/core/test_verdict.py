"""The verdict on a date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nba_monitoring.core.coverage import StageRows, cover
from nba_monitoring.core.games import Game
from nba_monitoring.core.slate.exclusions import Reason
from nba_monitoring.core.slate.slate import ExcludedGame, ExpectedGame, Slate
from nba_monitoring.core.stage_verdict import StageInput, StageVerdict
from nba_monitoring.core.stages import Least
from nba_monitoring.core.status import Severity, Status
from nba_monitoring.core.unit_verdict import UnitVerdict
from nba_monitoring.core.verdict import judge
from nba_monitoring_tests.core.slate.slates import morning, tip
from nba_monitoring_tests.stages import PHASE4, STAGES, held

DAY = date(2026, 1, 18)
OPENER = date(2025, 10, 21)
MATCHUPS = ["ORL@MEM", "BKN@CHI", "CHA@DEN"]
DAY_BEFORE = DAY - timedelta(days=1)


def game(matchup: str, day: date = DAY) -> Game:
    return Game(day, *matchup.split("@"))


def slate(
    *expected: str,
    excluded: Sequence[str] = (),
    proof: str | None = None,
    opener: date | None = OPENER,
    tips: Sequence[datetime | None] = (),
    day: date = DAY,
) -> Slate:
    known = [*tips, *[tip(day, "19:00")] * (len(expected) - len(tips))]
    return Slate(
        day=day,
        opener=opener,
        expected=tuple(ExpectedGame(game(m, day), at, ("league",)) for m, at in zip(expected, known, strict=True)),
        excluded=tuple(ExcludedGame(game(m, day), Reason.POSTPONED, None, ("league",)) for m in excluded),
        off_day_proof=proof,
        sources=(),
        disagreements=(),
        problems=(),
    )


def rows_of(matchup: str, rows: int, usable_rows: int | None = None, day: date = DAY) -> StageRows:
    return held(day, game(matchup, day).id, rows, rows if usable_rows is None else usable_rows, None)


def verdict(
    slate: Slate, *rows: StageRows, now: datetime | None = None, least: int = 12, bootstrap: int = 14
) -> StageVerdict:
    stage = PHASE4.model_copy(update={"least": Least(per_unit=least), "bootstrap_days": bootstrap})
    seen = StageInput(stage, slate, cover(stage, slate.day, rows, {}))
    found = judge(slate, [seen], STAGES, now or morning(slate.day))
    return found.stages[stage.name]


def matchup(unit: UnitVerdict) -> str:
    assert unit.entry is not None
    return unit.entry.game.matchup


def test_every_expected_game_covered_is_available() -> None:
    found = verdict(slate("ORL@MEM", "BKN@CHI"), rows_of("ORL@MEM", 12), rows_of("BKN@CHI", 33))
    assert found.status is Status.AVAILABLE
    assert found.severity is None
    assert not found.warnings


def test_twelve_usable_rows_are_enough_and_eleven_are_not() -> None:
    found = verdict(slate("ORL@MEM", "BKN@CHI"), rows_of("ORL@MEM", 12), rows_of("BKN@CHI", 30, 11))
    assert found.status is Status.PARTIAL_DATA
    assert [(matchup(entry), entry.reason) for entry in found.partial] == [
        ("BKN@CHI", "11 players (at least 12 expected)")
    ]


def test_one_game_without_a_row_is_missing_data_whatever_the_others_have() -> None:
    found = verdict(slate("ORL@MEM", "BKN@CHI"), rows_of("ORL@MEM", 5))
    assert found.status is Status.MISSING_DATA
    assert [(matchup(entry), entry.reason) for entry in found.missing] == [("BKN@CHI", "no rows")]
    assert [matchup(entry) for entry in found.partial] == ["ORL@MEM"]


def test_rows_that_are_not_production_ready_are_no_coverage() -> None:
    found = verdict(slate("ORL@MEM"), rows_of("ORL@MEM", 30, 0))
    assert found.status is Status.MISSING_DATA
    assert found.units[0].reason == "30 rows, none production-ready"


def test_a_player_counts_once_and_rows_that_repeat_him_are_a_warning() -> None:
    twice = held(DAY, "20260118_ORL_MEM", 24, 11, None, repeats=12)
    found = verdict(slate("ORL@MEM"), twice)
    assert found.status is Status.PARTIAL_DATA
    assert found.units[0].reason == "11 players (at least 12 expected)"
    assert found.warnings == ("20260118_ORL_MEM: 24 rows for 12 players; each counts once",)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (held(DAY, "20260118_ORL_MEM", 24, 0, None, placeholders=24), "24 early-season placeholder rows"),
        (
            held(DAY, "20260118_ORL_MEM", 24, 0, None, placeholders=4),
            "24 rows, none production-ready, 4 of them early-season placeholders",
        ),
        (
            held(DAY, "20260118_ORL_MEM", 24, 8, None, placeholders=16),
            "8 players (at least 12 expected), and 16 early-season placeholder rows",
        ),
        (held(DAY, "20260118_ORL_MEM", 24, 0, None, repeats=24), "24 rows, none with a player"),
        (held(DAY, "20260118_ORL_MEM", 24, 20, None, placeholders=4), None),
    ],
)
def test_what_is_wrong_with_rows_that_do_not_count_is_said(rows: StageRows, reason: str | None) -> None:
    assert verdict(slate("ORL@MEM"), rows).units[0].reason == reason


def test_equal_counts_of_different_games_are_not_available() -> None:
    found = verdict(slate("ORL@MEM", "BKN@CHI"), rows_of("ORL@MEM", 30), rows_of("CHA@DEN", 30))
    assert found.status is Status.MISSING_DATA
    assert found.warnings == ("20260118_CHA_DEN: 30 rows for a game that is not expected",)


def test_no_game_expected_and_proof_of_a_day_off_is_no_games() -> None:
    assert verdict(slate(proof="not a game day")).status is Status.NO_GAMES


def test_no_game_expected_without_proof_is_an_unknown_schedule() -> None:
    found = verdict(slate())
    assert found.status is Status.UNKNOWN_SCHEDULE
    assert found.severity is Severity.ERROR


def test_rows_on_a_proved_day_off_are_a_warning() -> None:
    found = verdict(slate(proof="not a game day"), rows_of("ORL@MEM", 30), held(DAY, "junk", 3, 3, None))
    assert found.status is Status.NO_GAMES
    assert found.warnings == (
        "20260118_ORL_MEM: 30 rows for a game that is not expected",
        "junk: 3 rows, not in a known format",
    )


def test_rows_that_match_no_expected_game_are_a_suspect_join() -> None:
    found = verdict(slate("ORL@MEM"), held(DAY, "401810000", 30, 30, None))
    assert found.status is Status.SUSPECT_JOIN
    assert found.severity is Severity.ERROR
    assert found.warnings == ("401810000: 30 rows, not in a known format",)


def test_rows_of_two_disjoint_sets_of_games_are_a_suspect_join() -> None:
    assert verdict(slate("ORL@MEM"), rows_of("CHA@DEN", 30)).status is Status.SUSPECT_JOIN


def test_one_match_makes_the_join_trusted() -> None:
    found = verdict(slate("ORL@MEM", "BKN@CHI"), rows_of("ORL@MEM", 30, 0), held(DAY, None, 30, 30, None))
    assert found.status is Status.MISSING_DATA
    assert found.warnings == ("(null): 30 rows, no game id",)


def test_rows_that_match_only_an_excluded_game_are_no_suspect_join() -> None:
    found = verdict(slate("ORL@MEM", excluded=["BKN@CHI"]), rows_of("BKN@CHI", 30))
    assert found.status is Status.MISSING_DATA
    assert found.warnings == ("20260118_BKN_CHI: 30 rows for a game excluded as postponed",)


def test_a_game_under_both_orders_is_a_warning() -> None:
    found = verdict(slate("ORL@MEM"), rows_of("ORL@MEM", 30), rows_of("MEM@ORL", 30))
    assert found.status is Status.AVAILABLE
    assert found.warnings == (
        "20260118_MEM_ORL: rows under 2 ids (20260118_MEM_ORL, 20260118_ORL_MEM), 30 players in all",
    )


@pytest.mark.parametrize(
    ("days_in", "status"),
    [(0, Status.BOOTSTRAP), (13, Status.BOOTSTRAP), (14, Status.MISSING_DATA)],
)
def test_bootstrap_lasts_from_day_0_to_day_13(days_in: int, status: Status) -> None:
    assert verdict(slate("ORL@MEM", day=OPENER + timedelta(days=days_in))).status is status


def test_rows_that_are_not_ready_are_bootstrap_still_and_rows_that_are_are_judged() -> None:
    opening = slate("ORL@MEM", "BKN@CHI", day=OPENER)
    assert verdict(opening, rows_of("ORL@MEM", 30, 0, OPENER)).status is Status.BOOTSTRAP
    assert verdict(opening, rows_of("ORL@MEM", 30, 30, OPENER)).status is Status.MISSING_DATA


def test_a_suspect_join_is_one_in_bootstrap_too() -> None:
    junk = held(OPENER, "junk", 30, 30, None)
    assert verdict(slate("ORL@MEM", day=OPENER), junk).status is Status.SUSPECT_JOIN


def test_bootstrap_can_be_switched_off() -> None:
    assert verdict(slate("ORL@MEM", day=OPENER), bootstrap=0).status is Status.MISSING_DATA


def test_a_season_without_a_known_opener_has_no_bootstrap_and_says_what_to_add() -> None:
    found = verdict(slate("ORL@MEM", opener=None))
    assert found.status is Status.MISSING_DATA
    assert found.warnings == (
        "no season opener known before 2026-01-18, so the first days of the season get no allowance: load the league's "
        "schedule from the season's start, or add the opener to nba_monitoring/core/slate/seasons.py",
    )


@pytest.mark.parametrize(
    ("before_tip", "severity"),
    [
        (timedelta(hours=3, seconds=1), Severity.WARN),
        (timedelta(hours=3), Severity.ERROR),
        (timedelta(0), Severity.ERROR),
        (timedelta(hours=-2), Severity.ERROR),
    ],
)
def test_a_failure_is_an_error_from_three_hours_before_the_first_uncovered_tip_off(
    before_tip: timedelta, severity: Severity
) -> None:
    found = verdict(
        slate("ORL@MEM", "BKN@CHI", tips=[tip(DAY, "12:00"), tip(DAY, "19:00")]),
        rows_of("ORL@MEM", 30),
        now=tip(DAY, "19:00") - before_tip,
    )
    assert found.severity is severity


def test_a_game_without_a_known_tip_off_is_taken_for_one_at_noon() -> None:
    uncovered = slate("ORL@MEM", "BKN@CHI", tips=[None, tip(DAY, "19:00")])
    assert verdict(uncovered, now=tip(DAY, "08:59")).severity is Severity.WARN
    assert verdict(uncovered, now=tip(DAY, "09:00")).severity is Severity.ERROR


def test_at_8_am_pacific_a_noon_game_is_an_error_and_an_evening_game_a_warning() -> None:
    assert verdict(slate("ORL@MEM", tips=[tip(DAY, "12:00")])).severity is Severity.ERROR
    assert verdict(slate("ORL@MEM", tips=[tip(DAY, "19:00")])).severity is Severity.WARN


def test_a_partial_game_counts_as_uncovered() -> None:
    assert verdict(slate("ORL@MEM", tips=[tip(DAY, "12:00")]), rows_of("ORL@MEM", 3)).severity is Severity.ERROR


def test_a_past_date_is_a_warning_from_midnight_eastern_on() -> None:
    late = slate("ORL@MEM", tips=[tip(DAY, "22:30")])
    assert verdict(late, now=tip(DAY, "23:59")).severity is Severity.ERROR
    assert verdict(late, now=tip(DAY + timedelta(days=1), "00:00")).severity is Severity.WARN


def test_an_unknown_schedule_and_a_suspect_join_are_errors_on_past_dates_too() -> None:
    later = datetime(2026, 6, 1, tzinfo=UTC)
    assert verdict(slate(), now=later).severity is Severity.ERROR
    assert verdict(slate("ORL@MEM"), rows_of("CHA@DEN", 30), now=later).severity is Severity.ERROR


def test_before_it_is_due_nothing_is_missing_and_from_then_on_it_is() -> None:
    for rows in ([], [rows_of("ORL@MEM", 3)], [rows_of("CHA@DEN", 3)]):
        assert verdict(slate("ORL@MEM"), *rows, now=morning(DAY_BEFORE)).status is Status.NOT_DUE
        assert verdict(slate("ORL@MEM"), *rows, now=tip(DAY, "06:59")).status is Status.NOT_DUE
        assert not verdict(slate("ORL@MEM"), *rows, now=tip(DAY, "07:00")).passes
    assert verdict(slate("ORL@MEM"), rows_of("ORL@MEM", 12), now=morning(DAY_BEFORE)).status is Status.AVAILABLE


def test_an_unknown_schedule_is_told_before_anything_is_due() -> None:
    assert verdict(slate(), now=morning(DAY_BEFORE)).status is Status.UNKNOWN_SCHEDULE


verdicts = st.builds(
    lambda expected, excluded, proof, opener, rows, now, stray: verdict(
        slate(
            *expected,
            excluded=[m for m in excluded if m not in expected],
            proof=None if expected else proof,
            opener=opener,
        ),
        *[rows_of(m, count, usable) for m, (count, usable) in rows.items() if count],
        *([held(DAY, "junk", 5, 5, None)] if stray else []),
        now=now,
    ),
    expected=st.lists(st.sampled_from(MATCHUPS), unique=True),
    excluded=st.lists(st.sampled_from(MATCHUPS), unique=True),
    proof=st.sampled_from([None, "not a game day"]),
    opener=st.sampled_from([None, OPENER, DAY]),
    rows=st.dictionaries(
        st.sampled_from(MATCHUPS),
        st.integers(0, 40).flatmap(lambda rows: st.tuples(st.just(rows), st.integers(0, rows))),
    ),
    now=st.datetimes(datetime(2026, 1, 17), datetime(2026, 1, 20), timezones=st.just(UTC)),  # noqa: DTZ001 given a zone
    stray=st.booleans(),
)


@given(verdicts)
def test_every_verdict_is_consistent(found: StageVerdict) -> None:
    assert found.passes == (found.severity is None)
    assert found.passes == (found.status in {Status.AVAILABLE, Status.NO_GAMES, Status.BOOTSTRAP, Status.NOT_DUE})
    assert found.ready + len(found.missing) + len(found.partial) == len(found.units)
    uncovered = [*found.missing, *found.partial]
    assert (not found.units) == (found.status in {Status.NO_GAMES, Status.UNKNOWN_SCHEDULE})
    if found.units and not uncovered:
        assert found.status is Status.AVAILABLE
    if found.status is Status.AVAILABLE:
        assert found.units
        assert not uncovered
    if found.status is Status.PARTIAL_DATA:
        assert found.partial
        assert not found.missing
    if found.status is Status.MISSING_DATA:
        assert found.missing
    if found.status is Status.NOT_DUE:
        assert found.due_at == tip(DAY, "07:00")
        assert uncovered
    if found.status is Status.BOOTSTRAP:
        assert not any(entry.usable_keys for entry in found.units)


@given(verdicts)
def test_rows_that_are_not_an_expected_games_are_named(found: StageVerdict) -> None:
    expected = {unit.entry.game.key for unit in found.units if unit.entry is not None}
    for key, matchup in found.coverage.matchups.items():
        assert key in expected or any(matchup.id in warning for warning in found.warnings)
    assert all(any(rows.game_id in warning for warning in found.warnings) for rows in found.coverage.unmatched)


def test_a_stage_without_state_or_rules_knows_these_statuses() -> None:
    reached = {
        verdict(slate("ORL@MEM"), now=morning(DAY_BEFORE)).status,
        verdict(slate("ORL@MEM"), rows_of("ORL@MEM", 12)).status,
        verdict(slate(proof="not a game day")).status,
        verdict(slate("ORL@MEM", opener=DAY)).status,
        verdict(slate("ORL@MEM"), rows_of("ORL@MEM", 1)).status,
        verdict(slate("ORL@MEM")).status,
        verdict(slate()).status,
        verdict(slate("ORL@MEM"), rows_of("CHA@DEN", 1)).status,
    }
    assert reached == set(Status) - {Status.HALTED, Status.BAD_DATA}
