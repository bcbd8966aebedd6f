"""Duplicates on a business key: `prediction_accuracy` held the same player, game and system several times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from nba_monitoring.core.rules.base import ROWS, BaseRule, Finding, Measure, Seen
from nba_monitoring.core.rules.thresholds import Share, of_share
from nba_monitoring.core.stage_fields import Column

if TYPE_CHECKING:
    from nba_monitoring.core.stages import Stage


class Duplicates(BaseRule):
    """At most so many of a date's rows repeat the business key of another."""

    rule: Literal["duplicates"]
    key: Annotated[tuple[Column, ...], Field(min_length=1)]
    """The columns that together name a row once. NULL counts as a value."""
    warn: Share | None = None
    """Warn above this share of the rows."""
    fail: Share | None = None
    """Fail above this share of the rows."""

    @property
    def needs(self) -> tuple[str, ...]:
        """The key's columns."""
        return self.key

    def measures(self, stage: Stage) -> Mapping[str | None, Sequence[Measure]]:
        """Rows, and different keys."""
        return {self._grouping(stage): (ROWS, self._different)}

    def judge(self, seen: Seen) -> Sequence[Finding]:
        """The share over all rows of the date."""
        groups = seen.measured.on(seen.day, self._grouping(seen.stage)).values()
        rows = sum(values[ROWS] for values in groups)
        repeats = rows - sum(values[self._different] for values in groups)
        text = f"{repeats:,} of {rows:,} rows repeat a {' + '.join(self.key)}"
        return of_share(self, repeats, rows, text)

    @property
    def _different(self) -> Measure:
        # COUNT(DISTINCT) over several columns is none that both know. No text has these characters.
        parts = [f"COALESCE(CAST({column} AS STRING), CHR(30))" for column in self.key]
        return Measure(f"COUNT(DISTINCT CONCAT({', CHR(31), '.join(parts)}))")

    def _grouping(self, stage: Stage) -> str | None:
        # A key that leaves out what the rows are grouped by may stand in two groups.
        return stage.grouping if stage.grouping in self.key else None
