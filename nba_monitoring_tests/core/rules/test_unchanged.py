"""Content unchanged from the day before."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from nba_monitoring.core.rules.base import Finding, Level
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
from nba_monitoring_tests.stage_rows import TEAMS

RULE = shipped("team_defense", "unchanged")
MEANS = measures_of(RULE, "team_defense", "team_abbr")
FIVE_GAMES = tuple(f"20260117_{TEAMS[2 * n]}_{TEAMS[2 * n + 1]}" for n in range(5))
PLAYED = TEAMS[:10]

Numbers = Mapping[str, float | Decimal | None]


def judge(before: Numbers, now: Numbers, games: tuple[str, ...] = FIVE_GAMES, rule: Any = RULE) -> list[Finding]:
    """A number a team, which stands in each of the columns."""
    groups = {
        day: {team: dict.fromkeys(MEANS, number) for team, number in numbers.items()}
        for day, numbers in ((YESTERDAY, before), (DAY, now))
    }
    yesterday = slate_of(*games, day=YESTERDAY)
    return list(rule.judge(seen_of("team_defense", {"team_abbr": groups}, day_before=yesterday)))


BEFORE = {team: number / 8 for number, team in enumerate(TEAMS)}


def test_thirty_rows_copied_forward_fail() -> None:
    finding = only(judge(BEFORE, BEFORE))
    assert finding.level is Level.FAIL
    assert finding.text == (
        "10 of 10 teams that played the day before have the same paint_defense_vs_league_avg, "
        "mid_range_defense_vs_league_avg, three_pt_defense_vs_league_avg as on 2026-01-17"
    )


def test_the_teams_that_did_not_play_may_stay_as_they_were() -> None:
    assert not judge(BEFORE, BEFORE | {team: BEFORE[team] + 1 for team in PLAYED})


def test_after_one_game_two_teams_of_thirty_change() -> None:
    one = FIVE_GAMES[:1]
    assert not judge(BEFORE, BEFORE | {team: BEFORE[team] + 1 for team in TEAMS[:2]}, one)
    assert levels(judge(BEFORE, BEFORE, one)) == [Level.FAIL]


def test_nothing_need_change_after_a_day_without_games() -> None:
    assert not judge(BEFORE, BEFORE, ())


def test_less_than_the_share_unchanged_is_right() -> None:
    assert not judge(BEFORE, BEFORE | {team: BEFORE[team] + 1 for team in PLAYED[:2]})
    assert levels(judge(BEFORE, BEFORE | {PLAYED[0]: 99.0})) == [Level.FAIL]


def test_a_team_that_one_of_the_dates_lacks_is_not_compared() -> None:
    assert not judge({}, BEFORE)
    assert not judge(BEFORE, {})
    few = {team: BEFORE[team] for team in PLAYED[:2]}
    assert only(judge(BEFORE, few)).text.startswith("2 of 2 teams")


def test_rows_without_a_number_are_not_compared() -> None:
    assert not judge(dict.fromkeys(TEAMS), dict.fromkeys(TEAMS))
    assert not judge(dict.fromkeys(TEAMS), BEFORE)


def test_the_order_of_an_addition_is_no_change() -> None:
    assert levels(judge(dict.fromkeys(TEAMS, 0.1 + 0.2), dict.fromkeys(TEAMS, 0.3))) == [Level.FAIL]
    numbers = dict.fromkeys(TEAMS, Decimal("0.3"))
    assert levels(judge(numbers, numbers)) == [Level.FAIL]


def test_without_a_slate_of_the_day_before_nothing_is_said() -> None:
    assert not RULE.judge(seen_of("team_defense"))


def test_a_stage_counted_by_date_is_one_unit() -> None:
    rule = rule_of(rule="unchanged", columns=["paint_rate_last_10"], fail=1)
    (mean,) = measures_of(rule, "shot_zones", None)
    yesterday = slate_of(*FIVE_GAMES, day=YESTERDAY)
    for now, level in ((31.25, [Level.FAIL]), (31.5, [])):
        groups = {YESTERDAY: {None: {mean: 31.25}}, DAY: {None: {mean: now}}}
        assert levels(rule.judge(seen_of("shot_zones", {None: groups}, day_before=yesterday))) == level


def test_of_columns_that_the_table_lacks_the_others_are_compared() -> None:
    left = RULE.over({"team_abbr", "paint_defense_vs_league_avg"})
    assert left.columns == ("paint_defense_vs_league_avg",)
    assert levels(judge(BEFORE, BEFORE, rule=left)) == [Level.FAIL]
    assert RULE.over({"team_abbr"}) is None


@given(st.sets(st.sampled_from(PLAYED)), st.randoms())
def test_more_teams_that_changed_never_make_it_worse(changed: set[str], rng: Any) -> None:
    now = BEFORE | {team: BEFORE[team] + 1 for team in changed}
    shuffled = list(now.items())
    rng.shuffle(shuffled)
    found = judge(BEFORE, dict(shuffled))
    assert found == judge(BEFORE, now)
    assert levels(found) == ([Level.FAIL] if len(changed) <= 1 else [])
