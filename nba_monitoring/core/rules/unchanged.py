"""Unchanged from the day before: on 2026-02-05 the 30 team rows of 02-04 were copied forward.

Rows, count and keys were all fine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from math import isclose
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field

from nba_monitoring.core.rules.base import BaseRule, Finding, Measure, Seen, Values
from nba_monitoring.core.rules.thresholds import Share, reached
from nba_monitoring.core.stage_fields import Column
from nba_monitoring.core.teams import tricode

if TYPE_CHECKING:
    from nba_monitoring.core.stages import Stage


class Unchanged(BaseRule):
    """The content of a date is not that of the calendar day before, where games were played on that day.

    A stage that is counted by team is judged by the teams that played: the others' numbers may well stay.
    """

    rule: Literal["unchanged"]
    columns: Annotated[tuple[Column, ...], Field(min_length=1)]
    """The columns of numbers that a game changes."""
    warn: Share | None = None
    """Warn where at least this share of what should have changed has not."""
    fail: Share | None = None
    """Fail where at least this share of what should have changed has not."""

    @property
    def needs(self) -> tuple[str, ...]:
        """The columns of numbers."""
        return self.columns

    def over(self, columns: Set[str]) -> Self | None:
        """The rule over those of its columns that the table has."""
        there = tuple(column for column in self.columns if column in columns)
        return self.model_copy(update={"columns": there}) if there else None

    @property
    def lookback_days(self) -> int:
        """The day before."""
        return 1

    def measures(self, stage: Stage) -> Mapping[str | None, Sequence[Measure]]:
        """The mean of each column, which a row that is there twice leaves as it is."""
        return {stage.grouping: [_mean(column) for column in self.columns]}

    def judge(self, seen: Seen) -> Sequence[Finding]:
        """The share of the units that both dates have, and that should have changed."""
        yesterday = seen.day_before
        if yesterday is None or not yesterday.expected:
            return ()
        played = {team for entry in yesterday.expected for team in (entry.game.away, entry.game.home)}
        before = seen.measured.on(yesterday.day, seen.stage.grouping)
        units = {
            unit: values
            for unit, values in seen.measured.on(seen.day, seen.stage.grouping).items()
            if unit in before and self._says_anything(values) and _should_change(seen.stage, unit, played)
        }
        if not units:
            return ()
        same = [unit for unit in units if self._is_same(before[unit], units[unit])]
        share = len(same) / len(units)
        what = "teams that played the day before" if _is_by_team(seen.stage) else "units"
        text = f"{len(same)} of {len(units)} {what} still have the {', '.join(self.columns)} of {yesterday.day}"
        return reached(self, share, text) if same else ()

    def _says_anything(self, values: Values) -> bool:
        return any(values[_mean(column)] is not None for column in self.columns)

    def _is_same(self, before: Values, now: Values) -> bool:
        return all(_same(before[_mean(column)], now[_mean(column)]) for column in self.columns)


def _is_by_team(stage: Stage) -> bool:
    return stage.unit.value == "team"


def _should_change(stage: Stage, unit: str | None, played: Set[str]) -> bool:
    return not _is_by_team(stage) or tricode(unit or "") in played


def _mean(column: str) -> Measure:
    return Measure(f"AVG({column})")


def _same(before: float | None, now: float | None) -> bool:
    if before is None or now is None:
        return before is now
    # The order in which numbers are added shows in their last digits.
    return isclose(before, now, rel_tol=1e-9, abs_tol=1e-12)
