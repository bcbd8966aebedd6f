"""Share of NULLs in a column, by group: an overall share hides which group it is.

66.8 % of the predictions of 2026-01-17 had no `model_version`: four of six systems at 100 %, two at 0 %.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal

from nba_monitoring.core.rules.base import ROWS, BaseRule, Finding, Level, Measure, Seen
from nba_monitoring.core.rules.thresholds import Share, of_share, percent
from nba_monitoring.core.stage_fields import Column

if TYPE_CHECKING:
    from nba_monitoring.core.stages import Stage


class NullShare(BaseRule):
    """At most so many of a group's rows have NULL in a column."""

    rule: Literal["null_share"]
    column: Column
    """The column that should say something."""
    by: Column | None = None
    """The column whose values are the groups; all rows of the date are one where left out."""
    holds_for: tuple[str, ...] = ("*",)
    """The groups that it holds for, as patterns: catboost_*."""
    exempt: tuple[str, ...] = ()
    """The groups that may have NULLs, as patterns. A group that neither names is reported."""
    warn: Share | None = None
    """Warn above this share of a group's rows."""
    fail: Share | None = None
    """Fail above this share of a group's rows."""

    @property
    def needs(self) -> tuple[str, ...]:
        """The column, and the one to group by."""
        return (self.column,) if self.by is None else (self.column, self.by)

    def measures(self, stage: Stage) -> Mapping[str | None, Sequence[Measure]]:
        """Rows, and those of them without a value."""
        return {self._grouping(stage): (ROWS, self._nulls)}

    def judge(self, seen: Seen) -> Sequence[Finding]:
        """A finding a level, which names the groups with their shares; one of the groups that no pattern knows."""
        groups = seen.measured.on(seen.day, self._grouping(seen.stage))
        if self.by is None:
            rows = sum(values[ROWS] for values in groups.values())
            nulls = sum(values[self._nulls] or 0 for values in groups.values())
            text = f"{self.column} is NULL in {nulls:,} of {rows:,} rows"
            return of_share(self, nulls, rows, text)
        shares = {name or "(null)": (values[self._nulls] or 0) / values[ROWS] for name, values in groups.items()}
        held = {name: share for name, share in shares.items() if _any(self.holds_for, name)}
        return [*self._too_high(held), *self._unknown(sorted(shares.keys() - held.keys()))]

    def _too_high(self, shares: Mapping[str, float]) -> Sequence[Finding]:
        named: defaultdict[str, list[str]] = defaultdict(list)
        for name, share in sorted(shares.items(), key=lambda entry: (-entry[1], entry[0])):
            named[percent(share)].append(name)
        told = "; ".join(f"in {share} of the rows of {', '.join(names)}" for share, names in named.items())
        worst = max(shares.values(), default=0)
        return of_share(self, worst, 1, f"{self.column} is NULL {told}")

    def _unknown(self, others: Sequence[str]) -> Sequence[Finding]:
        unknown = [name for name in others if not _any(self.exempt, name)]
        if not unknown:
            return ()
        text = f"{self.by} {', '.join(unknown)}: whether {self.column} may be NULL is not said"
        return (Finding(self.rule, Level.WARN, f"{text}; name it in holds_for or in exempt"),)

    @property
    def _nulls(self) -> Measure:
        return Measure(f"SUM(CASE WHEN {self.column} IS NULL THEN 1 ELSE 0 END)")

    def _grouping(self, stage: Stage) -> str | None:
        return stage.grouping if self.by is None else self.by


def _any(patterns: Sequence[str], name: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
