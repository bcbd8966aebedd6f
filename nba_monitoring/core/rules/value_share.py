"""Share of one value: a line of exactly 20.0 is a placeholder, and no prediction should rest on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from nba_monitoring.core.rules.base import BaseRule, Finding, Measure, Seen
from nba_monitoring.core.rules.thresholds import Share, of_share
from nba_monitoring.core.stage_fields import Column

if TYPE_CHECKING:
    from nba_monitoring.core.stages import Stage

# BigQuery and DuckDB escape a quote in different ways.
Text = Annotated[str, Field(pattern=r"^[^'\\]*$")]


class ValueShare(BaseRule):
    """At most so many of the usable rows that have a value in a column have this one.

    Rows that are not usable do not count: who took the wrong ones back has mended it.
    """

    rule: Literal["value_share"]
    column: Column
    """The column."""
    value: bool | int | float | Text
    """The value that should be rare."""
    warn: Share | None = None
    """Warn above this share of the rows."""
    fail: Share | None = None
    """Fail above this share of the rows."""

    @property
    def needs(self) -> tuple[str, ...]:
        """The column."""
        return (self.column,)

    def measures(self, stage: Stage) -> Mapping[str | None, Sequence[Measure]]:
        """Usable rows with a value, and those with this one."""
        return {stage.grouping: (self._known(stage), self._with_value(stage))}

    def judge(self, seen: Seen) -> Sequence[Finding]:
        """The share over all usable rows of the date."""
        groups = seen.measured.on(seen.day, seen.stage.grouping).values()
        known = sum(values[self._known(seen.stage)] or 0 for values in groups)
        found = sum(values[self._with_value(seen.stage)] or 0 for values in groups)
        text = f"{self.column} is {self.value} in {found:,} of {known:,} rows"
        return of_share(self, found, known, text)

    def _known(self, stage: Stage) -> Measure:
        return Measure(f"SUM(CASE WHEN {stage.usable_sql} AND {self.column} IS NOT NULL THEN 1 ELSE 0 END)")

    def _with_value(self, stage: Stage) -> Measure:
        literal = f"'{self.value}'" if isinstance(self.value, str) else str(self.value).upper()
        return Measure(f"SUM(CASE WHEN {stage.usable_sql} AND {self.column} = {literal} THEN 1 ELSE 0 END)")
