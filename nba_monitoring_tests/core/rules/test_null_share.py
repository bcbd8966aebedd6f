"""NULL share of a column by group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from nba_monitoring.core.rules.base import Finding, Level
from nba_monitoring_tests.core.rules.seeing import DAY, levels, measures_of, only, rule_of, seen_of, shipped

RULE = shipped("predictions", "null_share")
ROWS, NULLS = measures_of(RULE, "predictions", "system_id")


def judge(counts: Mapping[Any, tuple[int, int]]) -> list[Finding]:
    """Rows and NULLs by system."""
    groups = {system: {ROWS: rows, NULLS: nulls} for system, (rows, nulls) in counts.items()}
    return list(RULE.judge(seen_of("predictions", {"system_id": {DAY: groups}})))


FOUR = ("moving_average", "similarity_balanced_v1", "xgboost_v1", "zone_matchup_v1")
TWO = ("catboost_v8", "ensemble_v1")


def test_two_thirds_without_a_model_version_are_four_systems_by_name() -> None:
    counts = dict.fromkeys(FOUR, (52, 52)) | dict.fromkeys(TWO, (52, 0))
    finding = only(judge(counts))
    assert finding.level is Level.FAIL
    assert finding.text == (
        "model_version is NULL in 100% of the rows of moving_average, similarity_balanced_v1, xgboost_v1, "
        "zone_matchup_v1; in 0% of the rows of catboost_v8, ensemble_v1 (100%, expected at most 50%)"
    )


def test_the_order_of_the_groups_does_not_matter() -> None:
    counts = dict.fromkeys(FOUR, (52, 52)) | dict.fromkeys(TWO, (52, 0))
    assert judge(counts) == judge(dict(reversed(counts.items())))


def test_a_version_in_every_row_is_right() -> None:
    assert not judge(dict.fromkeys(FOUR + TWO, (52, 0)))


def test_one_row_in_ten_warns_and_one_in_twenty_does_not() -> None:
    assert levels(judge({"catboost_v8": (50, 5), "ensemble_v1": (50, 0)})) == [Level.WARN]
    assert not judge({"catboost_v8": (100, 5)})


def test_a_system_that_has_none_by_design_is_no_finding() -> None:
    assert not judge({"catboost_v9": (50, 0), "lgbm_v1_20260301": (50, 50), "xgb_v2": (50, 50)})


def test_a_system_that_no_pattern_knows_is_reported_whatever_it_holds() -> None:
    finding = only(judge({"catboost_v8": (50, 0), "transformer_v1": (50, 0), None: (3, 0)}))
    assert finding.level is Level.WARN
    assert finding.text.startswith("system_id (null), transformer_v1: no rule says whether model_version may be NULL")


def test_without_groups_the_date_as_a_whole_is_judged() -> None:
    rule = rule_of(rule="null_share", column="model_version", fail=0.5)
    rows, nulls = measures_of(rule, "predictions", "game_id")
    games = {"20260118_ORL_MEM": {rows: 10, nulls: 10}, "20260118_BKN_CHI": {rows: 10, nulls: 0}}
    assert not rule.judge(seen_of("predictions", {"game_id": {DAY: games}}))
    games["20260118_BKN_CHI"] = {rows: 10, nulls: 1}
    finding = only(rule.judge(seen_of("predictions", {"game_id": {DAY: games}})))
    assert finding.text == "model_version is NULL in 11 of 20 rows (55%, expected at most 50%)"


def test_a_date_without_rows_has_no_share() -> None:
    assert not judge({})


COUNTS = st.dictionaries(
    st.sampled_from(FOUR + TWO), st.tuples(st.integers(1, 99), st.integers(0, 99)).map(lambda n: (max(n), min(n)))
)


@given(COUNTS, st.sampled_from(FOUR + TWO))
def test_a_row_with_a_value_never_makes_it_worse(counts: dict[str, tuple[int, int]], system: str) -> None:
    rows, nulls = counts.get(system, (0, 0))
    better = judge({**counts, system: (rows + 1, nulls)})
    assert _worst(better) <= _worst(judge({**counts}))


def _worst(found: list[Finding]) -> int:
    return max(([Level.WARN, Level.FAIL].index(finding.level) + 1 for finding in found), default=0)
