"""Shares of rows: usable ones, one value, duplicates, and the keys of another stage."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nba_monitoring.core.rules.base import Finding, Joined, Level
from nba_monitoring_tests.core.rules.seeing import DAY, YESTERDAY, levels, measures_of, only, seen_of, shipped

USABLE = shipped("feature_store", "usable_share")
LINES = shipped("predictions", "value_share")
DUPLICATES = shipped("grading", "duplicates")
GRADED = shipped("grading", "ratio")
FEATURES = shipped("predictions", "ratio")


def of_usable(*games: tuple[int, int]) -> list[Finding]:
    """Rows and usable rows, a game each."""
    rows, usable = measures_of(USABLE, "feature_store", "game_id")
    groups = {str(number): {rows: held[0], usable: held[1]} for number, held in enumerate(games)}
    return list(USABLE.judge(seen_of("feature_store", {"game_id": {DAY: groups}})))


def of_lines(known: int, placeholders: int) -> list[Finding]:
    rows, found = measures_of(LINES, "predictions", "game_id")
    groups: dict[str, dict[Any, int | None]]
    groups = {"20260118_ORL_MEM": {rows: known, found: placeholders}, "20260118_BKN_CHI": {rows: 0, found: None}}
    return list(LINES.judge(seen_of("predictions", {"game_id": {DAY: groups}})))


def of_duplicates(rows: int, different: int) -> list[Finding]:
    count, keys = measures_of(DUPLICATES, "grading", None)
    return list(DUPLICATES.judge(seen_of("grading", {None: {DAY: {None: {count: rows, keys: different}}}})))


def of_graded(matched: int, others: int) -> list[Finding]:
    return list(GRADED.judge(seen_of("grading", joined={GRADED.join: {DAY: {None: Joined(others, matched)}}})))


def test_two_of_153_usable_rows_fail() -> None:
    finding = only(of_usable((80, 2), (73, 0)))
    assert (finding.level, finding.text) == (Level.FAIL, "2 of 153 rows are usable (1%, expected at least 60%)")


@pytest.mark.parametrize(("usable", "level"), [(80, []), (79, [Level.WARN]), (60, [Level.WARN]), (59, [Level.FAIL])])
def test_eighty_percent_usable_are_good_and_under_sixty_bad(usable: int, level: list[Level]) -> None:
    assert levels(of_usable((100, usable))) == level


def test_nothing_can_be_said_of_the_share_of_no_rows() -> None:
    assert not of_usable()
    assert not of_lines(0, 0)
    assert not of_duplicates(0, 0)
    assert not of_graded(0, 0)


def test_a_single_line_of_twenty_fails_and_is_told_as_more_than_none() -> None:
    finding = only(of_lines(1000, 1))
    assert finding.level is Level.FAIL
    assert finding.text == "current_points_line is 20.0 in 1 of 1,000 rows (0.10%, expected at most 0%)"
    assert not of_lines(1000, 0)


def test_a_row_that_repeats_a_key_warns() -> None:
    finding = only(of_duplicates(66, 62))
    assert finding.level is Level.WARN
    assert finding.text == ("4 of 66 rows repeat a player_lookup + game_id + system_id (6%, expected at most 0%)")
    assert not of_duplicates(62, 62)


def test_62_of_66_gradable_predictions_are_right_though_313_were_made() -> None:
    assert not of_graded(62, 66)


@pytest.mark.parametrize(("matched", "level"), [(80, []), (79, [Level.WARN]), (70, [Level.WARN]), (69, [Level.FAIL])])
def test_under_eighty_percent_graded_warns_and_under_seventy_fails(matched: int, level: list[Level]) -> None:
    assert levels(of_graded(matched, 100)) == level


def test_what_is_graded_is_told_in_numbers() -> None:
    assert only(of_graded(13, 66)).text == (
        "53 of 66 gradable predictions missing (20% present, expected at least 70%)"
    )


def test_a_table_that_could_not_be_joined_says_nothing_here() -> None:
    assert not GRADED.judge(seen_of("grading"))
    assert not GRADED.judge(seen_of("grading", joined={GRADED.join: {YESTERDAY: {None: Joined(10, 0)}}}))


def test_eight_predicted_of_33_with_features_warn_and_nine_do_not() -> None:
    for matched, level in ((8, [Level.WARN]), (9, [])):
        seen = seen_of("predictions", joined={FEATURES.join: {DAY: {None: Joined(33, matched)}}})
        assert levels(FEATURES.judge(seen)) == level


GAMES = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)).map(lambda n: (max(n), min(n))), max_size=8)


@given(GAMES, st.randoms())
def test_the_order_of_the_games_does_not_matter(games: list[tuple[int, int]], rng: object) -> None:
    shuffled = list(games)
    rng.shuffle(shuffled)  # type: ignore[attr-defined]
    assert of_usable(*games) == of_usable(*shuffled)


@given(GAMES, st.integers(1, 100))
def test_usable_rows_more_never_make_it_worse(games: list[tuple[int, int]], more: int) -> None:
    order = [[], [Level.WARN], [Level.FAIL]]
    before = of_usable(*games)
    if before:
        assert order.index(levels(of_usable(*games, (more, more)))) <= order.index(levels(before))
    else:
        assert not of_usable(*games, (more, more))
