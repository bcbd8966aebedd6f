"""Values copied from the day before: on 2026-02-05 it was the 30 team rows of 02-04.

The numbers of rows and keys were all right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from math import isclose
from typing import Annotated, Literal, Self

from pydantic import Field

from nba_monitoring.core.counting import Counting, Measure, Unit, Values
from nba_monitoring.core.rules.base import BaseRule, Finding, RuleInput, Share, reached
from nba_monitoring.core.stage_fields import Column
from nba_monitoring.core.teams import team_of


class Unchanged(BaseRule):
    """Fails when a date repeats the values of the day before, although games were played.

    A stage that is counted by team is judged by the teams that played. The others' numbers may stay the same.
    """

    rule: Literal["unchanged"]
    columns: Annotated[tuple[Column, ...], Field(min_length=1)]
    """The numeric columns that a game changes."""
    warn: Share | None = None
    """Warn if at least this share of the units that should have changed has not."""
    fail: Share | None = None
    """Fail if at least this share of the units that should have changed has not."""

    @property
    def needs(self) -> tuple[str, ...]:
        """The numeric columns."""
        return self.columns

    def over(self, columns: Set[str]) -> Self | None:
        """The rule with only the columns that the table has."""
        there = tuple(column for column in self.columns if column in columns)
        return self.model_copy(update={"columns": there}) if there else None

    @property
    def lookback_days(self) -> int:
        """The day before."""
        return 1

    def measures(self, stage: Counting) -> Mapping[str | None, Sequence[Measure]]:
        """The mean of each column, which duplicate rows don't change."""
        return {stage.grouping: [_mean(column) for column in self.columns]}

    def judge(self, seen: RuleInput) -> Sequence[Finding]:
        """The unchanged share of the units that both dates have and that should have changed."""
        yesterday = seen.day_before
        if yesterday is None or not yesterday.expected:
            return ()
        played = {team for entry in yesterday.expected for team in (entry.game.away, entry.game.home)}
        before = seen.measured.on(yesterday.day, seen.stage.grouping)
        units = {
            unit: values
            for unit, values in seen.measured.on(seen.day, seen.stage.grouping).items()
            if unit in before and self._has_values(values) and _should_change(seen.stage, unit, played)
        }
        if not units:
            return ()
        same = [unit for unit in units if self._is_same(before[unit], units[unit])]
        share = len(same) / len(units)
        what = "teams that played the day before" if seen.stage.unit is Unit.TEAM else "units"
        text = f"{len(same)} of {len(units)} {what} have the same {', '.join(self.columns)} as on {yesterday.day}"
        return reached(self, share, text) if same else ()

    def _has_values(self, values: Values) -> bool:
        return any(values[_mean(column)] is not None for column in self.columns)

    def _is_same(self, before: Values, now: Values) -> bool:
        return all(_same(before[_mean(column)], now[_mean(column)]) for column in self.columns)


def _should_change(stage: Counting, unit: str | None, played: Set[str]) -> bool:
    return stage.unit is not Unit.TEAM or team_of(unit or "") in played


def _mean(column: str) -> Measure:
    return Measure(f"AVG({column})")


def _same(before: float | None, now: float | None) -> bool:
    if before is None or now is None:
        return before is now
    # The order in which numbers are added shows in their last digits.
    return isclose(before, now, rel_tol=1e-9, abs_tol=1e-12)
