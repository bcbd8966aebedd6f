"""Share of usable rows: 2026-02-19 had 2 of 153; under 60 % of a feature store's rows is bad, 80 % is good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

from nba_monitoring.core.rules.base import ROWS, BaseRule, Finding, Measure, Seen
from nba_monitoring.core.rules.thresholds import Share, of_share

if TYPE_CHECKING:
    from nba_monitoring.core.stages import Stage


class UsableShare(BaseRule):
    """At least so many of a date's rows are usable."""

    is_floor: ClassVar[bool] = True

    rule: Literal["usable_share"]
    warn: Share | None = None
    """Warn below this share of the rows."""
    fail: Share | None = None
    """Fail below this share of the rows."""

    def measures(self, stage: Stage) -> Mapping[str | None, Sequence[Measure]]:
        """Rows, and those of them that are usable."""
        return {stage.grouping: (ROWS, _usable(stage))}

    def judge(self, seen: Seen) -> Sequence[Finding]:
        """The share over all rows of the date, whichever unit they belong to."""
        groups = seen.measured.on(seen.day, seen.stage.grouping)
        rows = sum(values[ROWS] for values in groups.values())
        usable = sum(values[_usable(seen.stage)] or 0 for values in groups.values())
        return of_share(self, usable, rows, f"{usable:,} of {rows:,} rows are usable")


def _usable(stage: Stage) -> Measure:
    return Measure(f"SUM(CASE WHEN {stage.usable_sql} THEN 1 ELSE 0 END)")
