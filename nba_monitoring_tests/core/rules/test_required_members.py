"""Required members of a set."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from nba_monitoring.core.rules.base import Finding, Level, Members, MembersQuery
from nba_monitoring_tests.core.rules.seeing import (
    DAY,
    YESTERDAY,
    levels,
    measures_of,
    only,
    rule_of,
    seen_of,
    shipped,
    slate_of,
)
from nba_monitoring_tests.stage_rows import SYSTEMS

RULE = shipped("predictions", "required_members")
REGISTRY = MembersQuery(table="nba_predictions.model_registry", column="model_id", where="enabled")
EIGHT = (*SYSTEMS, "ensemble_v1_1", "xgboost_v2")


def judge(rule: Any, counts: Mapping[Any, int], *, day: date = DAY, **others: Any) -> list[Finding]:
    """Rows by system today; `earlier` those of other dates."""
    (rows,) = measures_of(rule, "predictions", "system_id")
    by_day = {day: counts, **others.pop("earlier", {})}
    groups = {each: {name: {rows: count} for name, count in held.items()} for each, held in by_day.items()}
    return list(rule.judge(seen_of("predictions", {"system_id": groups}, slate_of("20260118_ORL_MEM"), **others)))


def listed(*members: str, **others: Any) -> Any:
    return rule_of(rule="required_members", column="system_id", members=members, **{"fail": 1, **others})


def asked(**others: Any) -> Any:
    return rule_of(rule="required_members", column="system_id", query=REGISTRY.model_dump(), fail=1, **others)


def test_all_members_of_a_list_present_is_right() -> None:
    assert not judge(listed(*SYSTEMS), dict.fromkeys(SYSTEMS, 52))


def test_an_absent_member_of_a_list_fails_by_name() -> None:
    finding = only(judge(listed(*SYSTEMS), dict.fromkeys(SYSTEMS[1:], 52)))
    assert (finding.level, finding.text) == (Level.FAIL, "no rows for system_id catboost_v8 (1 of 6 missing)")


def test_how_many_may_be_absent_is_the_rules_to_say() -> None:
    lenient = listed(*SYSTEMS, warn=1, fail=3)
    assert levels(judge(lenient, dict.fromkeys(SYSTEMS[2:], 52))) == [Level.WARN]
    assert levels(judge(lenient, dict.fromkeys(SYSTEMS[3:], 52))) == [Level.FAIL]


def test_seven_systems_of_127_rows_and_one_of_89_are_normal() -> None:
    counts = dict.fromkeys(EIGHT, 127) | {"similarity_balanced_v1": 89}
    assert not judge(listed(*EIGHT), counts)


def test_a_member_under_half_of_the_median_warns() -> None:
    counts = dict.fromkeys(EIGHT, 127) | {"similarity_balanced_v1": 63}
    finding = only(judge(listed(*EIGHT), counts))
    assert finding.level is Level.WARN
    assert finding.text == "system_id similarity_balanced_v1: 63 rows (median 127)"


def test_of_an_exception_nothing_is_required() -> None:
    rule = listed(*SYSTEMS, exceptions=["catboost_v8", "ensemble_v1"])
    assert not judge(rule, dict.fromkeys(SYSTEMS[2:], 52) | {"ensemble_v1": 1})


def test_who_wrote_in_the_last_seven_game_days_has_to_write_again() -> None:
    days = [DAY - timedelta(days=n) for n in range(1, 9)]
    earlier = {day: dict.fromkeys(SYSTEMS, 52) for day in days[:7]}
    found = judge(RULE, dict.fromkeys(SYSTEMS[1:], 52), earlier=earlier, game_days=days)
    assert only(found).text == "no rows for system_id catboost_v8 (1 of 6 missing)"
    assert not judge(RULE, dict.fromkeys(SYSTEMS, 52), earlier=earlier, game_days=days)


def test_who_last_wrote_eight_game_days_ago_has_gone() -> None:
    days = [DAY - timedelta(days=n) for n in range(1, 9)]
    earlier = {day: dict.fromkeys(SYSTEMS[1:], 52) for day in days[:7]} | {days[7]: {"catboost_v8": 52}}
    assert not judge(RULE, dict.fromkeys(SYSTEMS[1:], 52), earlier=earlier, game_days=days)


def replaced_on(day: int, days: int = 9) -> dict[str, Any]:
    """Game days before today, newest first; from the `day`th before today on a new system writes in another's place."""
    game_days = [DAY - timedelta(days=n) for n in range(1, days)]
    after = dict.fromkeys([*SYSTEMS[1:], "catboost_v12"], 52)
    earlier = {each: after if (DAY - each).days <= day else dict.fromkeys(SYSTEMS, 52) for each in game_days}
    return {"earlier": earlier, "game_days": game_days}


def test_a_member_that_is_replaced_is_a_warning_on_its_first_day_and_then_forgotten() -> None:
    today = dict.fromkeys([*SYSTEMS[1:], "catboost_v12"], 52)
    finding = only(judge(RULE, today, **replaced_on(0)))
    assert (finding.level, finding.text) == (
        Level.WARN,
        "no rows for system_id catboost_v8; taken as replaced by catboost_v12, which is new",
    )
    for day in range(1, 8):
        assert not judge(RULE, today, **replaced_on(day))


def test_of_two_absent_members_and_one_new_one_none_is_replaced() -> None:
    today = dict.fromkeys([*SYSTEMS[2:], "catboost_v12"], 52)
    finding = only(judge(RULE, today, **replaced_on(0)))
    assert (finding.level, finding.text) == (
        Level.FAIL,
        "no rows for system_id catboost_v8, ensemble_v1 (2 of 6 missing)",
    )


def test_a_successor_that_is_silent_the_day_after_fails() -> None:
    finding = only(judge(RULE, dict.fromkeys(SYSTEMS[1:], 52), **replaced_on(1)))
    assert (finding.level, finding.text) == (Level.FAIL, "no rows for system_id catboost_v12 (1 of 6 missing)")


def test_a_member_that_returns_after_its_replacement_is_expected_again() -> None:
    both = dict.fromkeys([*SYSTEMS, "catboost_v12"], 52)
    past = replaced_on(2)
    past["earlier"][YESTERDAY] = both
    assert not judge(RULE, both, **past)
    assert levels(judge(RULE, dict.fromkeys([*SYSTEMS[1:], "catboost_v12"], 52), **past)) == [Level.FAIL]


def test_days_without_games_do_not_count_as_game_days() -> None:
    before_the_break = [DAY - timedelta(days=n) for n in range(8, 15)]
    earlier = {day: dict.fromkeys(SYSTEMS, 52) for day in before_the_break}
    found = judge(RULE, dict.fromkeys(SYSTEMS[1:], 52), earlier=earlier, game_days=before_the_break)
    assert levels(found) == [Level.FAIL]
    assert RULE.lookback_days >= 14


def test_who_has_never_written_before_is_welcome() -> None:
    assert not judge(RULE, {"transformer_v1": 50}, earlier={YESTERDAY: {}}, game_days=[YESTERDAY])


def test_a_querys_members_are_required() -> None:
    members = {REGISTRY: Members(frozenset({"catboost_v12", "lgbm_v1"}))}
    found = judge(asked(), {"catboost_v12": 50}, members=members)
    assert only(found).text == "no rows for system_id lgbm_v1 (1 of 2 missing)"
    assert not judge(asked(), {"catboost_v12": 50, "lgbm_v1": 50}, members=members)


def test_a_query_that_cannot_be_asked_is_told_and_requires_nobody() -> None:
    members = {REGISTRY: Members(unreadable="nba_predictions.model_registry: no such table in the warehouse")}
    finding = only(judge(asked(), {"catboost_v12": 50}, members=members))
    assert finding.level is Level.WARN
    assert finding.text == (
        "the required system_id could not be read: nba_predictions.model_registry: no such table in the warehouse"
    )


def test_a_query_that_names_nobody_is_told() -> None:
    finding = only(judge(asked(), {"catboost_v12": 50}, members={REGISTRY: Members()}))
    assert finding.level is Level.WARN
    assert (
        finding.text
        == "the required system_id could not be read: nba_predictions.model_registry has no rows where enabled"
    )


def test_a_date_without_a_row_is_missing_and_not_a_list_of_the_absent() -> None:
    assert not judge(listed(*SYSTEMS), {})


def test_rows_that_name_no_member_are_none() -> None:
    assert levels(judge(listed(*SYSTEMS), {None: 300})) == [Level.FAIL]
    assert levels(judge(listed(*SYSTEMS), {None: 300, "catboost_v8": 50})) == [Level.FAIL]


def test_nothing_is_required_before_its_first_day_of_the_season() -> None:
    day_89 = {"catboost_v8": 50}
    assert not judge(listed(*SYSTEMS, from_day=90), day_89)
    assert levels(judge(listed(*SYSTEMS, from_day=89), day_89)) == [Level.FAIL]


COUNTS = st.dictionaries(st.sampled_from(SYSTEMS), st.integers(1, 200), min_size=1)


@given(COUNTS, st.randoms())
def test_the_order_of_the_members_does_not_matter(counts: dict[str, int], rng: Any) -> None:
    shuffled = list(counts.items())
    rng.shuffle(shuffled)
    assert judge(listed(*SYSTEMS), counts) == judge(listed(*SYSTEMS), dict(shuffled))


@given(COUNTS)
def test_exactly_the_members_without_a_row_fail(counts: dict[str, int]) -> None:
    failed = [finding for finding in judge(listed(*SYSTEMS), counts) if finding.level is Level.FAIL]
    absent = [system for system in SYSTEMS if system not in counts]
    assert [", ".join(absent) in finding.text for finding in failed] == ([True] if absent else [])
