"""A rule as it is written: thresholds that can tell something, columns that can stand in SQL."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from nba_monitoring.core.rules.base import percent
from nba_monitoring_tests.core.rules.seeing import rule_of

MEMBERS = {"rule": "required_members", "column": "system_id", "fail": 1}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"rule": "usable_share"}, "needs a threshold"),
        ({"rule": "usable_share", "warn": 0.6, "fail": 0.8}, "`warn` must be above `fail`"),
        ({"rule": "usable_share", "fail": 80}, "less than or equal to 1"),
        ({"rule": "duplicates", "key": ["a"], "warn": 0.5, "fail": 0.1}, "`warn` must be below `fail`"),
        ({"rule": "duplicates", "key": [], "warn": 0}, "at least 1 item"),
        ({"rule": "not_played", "fail": 0}, "greater than or equal to 1"),
        ({"rule": "null_share", "column": "a b", "fail": 0.5}, "not a column name"),
        ({"rule": "value_share", "column": "a", "value": "it's", "fail": 0}, "should match pattern"),
        ({**MEMBERS}, "set one of `members`, `query` and `last_game_days`"),
        ({**MEMBERS, "members": ["a"], "last_game_days": 7}, "set one of `members`, `query` and `last_game_days`"),
        ({**MEMBERS, "query": {"table": "models", "column": "id"}}, "is not a table"),
        ({**MEMBERS, "query": {"table": "a.models", "column": "id", "were": "x"}}, "Extra inputs"),
        ({"rule": "unchangd", "fail": 1}, "does not match any of the expected tags"),
    ],
)
def test_a_rule_that_could_not_tell_anything_is_refused(written: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        rule_of(**written)


@pytest.mark.parametrize("value", [20.0, 20, "ACTUAL_PROP", True])
def test_a_value_keeps_its_type(value: Any) -> None:
    kept = rule_of(rule="value_share", column="a", value=value, fail=0).value
    assert (kept, type(kept)) == (value, type(value))


def test_a_share_is_told_apart_from_its_bound() -> None:
    assert percent(0.798, 0.8) == "79.80%"
    assert percent(0.8, 0.8) == "80%"
    assert percent(0.668) == "67%"
