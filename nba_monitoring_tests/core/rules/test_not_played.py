"""Nothing may be written for a game that is not played."""

from __future__ import annotations

import pytest

from nba_monitoring.core.rules.base import Finding, Level
from nba_monitoring.core.slate.exclusions import Reason
from nba_monitoring_tests.core.rules.seeing import covering, levels, only, rule_of, seen_of, shipped, slate_of

RULE = shipped("predictions", "not_played")
PLAYED, POSTPONED = "20260118_ORL_MEM", "20260118_BKN_CHI"


def judge(usable: dict[str, int], reason: Reason = Reason.POSTPONED) -> list[Finding]:
    slate = slate_of(PLAYED, excluded={POSTPONED: reason, "20260118_TOR_LAL": reason})
    return list(RULE.judge(seen_of("predictions", slate=slate, coverage=covering("predictions", usable))))


def test_predictions_for_a_postponed_game_fail_and_name_it() -> None:
    finding = only(judge({PLAYED: 16, POSTPONED: 15}))
    assert finding.level is Level.FAIL
    assert finding.text == "rows for games that are not played: 20260118_BKN_CHI (15 players, postponed)"


def test_each_of_two_games_is_named() -> None:
    text = only(judge({PLAYED: 16, POSTPONED: 15, "20260118_TOR_LAL": 9})).text
    assert "20260118_BKN_CHI (15" in text
    assert "20260118_TOR_LAL (9" in text


def test_predictions_for_the_game_that_is_played_are_right() -> None:
    assert not judge({PLAYED: 16})


def test_predictions_that_were_taken_back_are_right() -> None:
    assert not judge({PLAYED: 16, POSTPONED: 0})


def test_home_and_away_reversed_is_the_same_game() -> None:
    assert "20260118_BKN_CHI" in only(judge({PLAYED: 16, "20260118_CHI_BKN": 15})).text


@pytest.mark.parametrize("reason", [Reason.CANCELLED, Reason.MOVED, Reason.FINAL_WITHOUT_SCORE])
def test_a_game_called_off_or_moved_is_not_played(reason: Reason) -> None:
    assert levels(judge({PLAYED: 16, POSTPONED: 15}, reason)) == [Level.FAIL]


@pytest.mark.parametrize("reason", [Reason.CUP_FINAL, Reason.ALL_STAR, Reason.SERIES_OVER_4_1])
def test_a_game_that_does_not_count_or_may_still_have_been_needed_is_not_a_finding(reason: Reason) -> None:
    assert not judge({PLAYED: 16, POSTPONED: 15}, reason)


def test_the_rule_sets_the_number_of_games_from_which_it_fails() -> None:
    rule = rule_of(rule="not_played", warn=1, fail=2)
    slate = slate_of(PLAYED, excluded={POSTPONED: Reason.POSTPONED, "20260118_TOR_LAL": Reason.POSTPONED})
    for usable, level in (({POSTPONED: 9}, Level.WARN), ({POSTPONED: 9, "20260118_TOR_LAL": 9}, Level.FAIL)):
        seen = seen_of("predictions", slate=slate, coverage=covering("predictions", usable))
        assert levels(rule.judge(seen)) == [level]
