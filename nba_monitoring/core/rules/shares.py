"""Rules on a share of a date's rows: usable ones, NULLs, one value, duplicates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nba_monitoring.core.counting import ROWS, Counting, Measure, Unit
from nba_monitoring.core.rules.base import BaseRule, Finding, Level, RuleInput, Share, of_share, percent
from nba_monitoring.core.stage_fields import Column

# BigQuery and DuckDB escape a quote in different ways.
Text = Annotated[str, Field(pattern=r"^[^'\\]*$")]


class UsableShare(BaseRule):
    """Requires a minimum share of usable rows.

    On 2026-02-19 it was 2 of 153. Below 60% of a feature store's rows is bad, 80% is good.
    """

    is_floor: ClassVar[bool] = True

    rule: Literal["usable_share"]
    warn: Share | None = None
    """Warn below this share of the rows."""
    fail: Share | None = None
    """Fail below this share of the rows."""

    def measures(self, stage: Counting) -> Mapping[str | None, Sequence[Measure]]:
        """Rows, and usable rows."""
        return {stage.grouping: (ROWS, _number_of(stage.usable_sql))}

    def judge(self, seen: RuleInput) -> Sequence[Finding]:
        """The share of all rows of the date, whichever unit they belong to."""
        rows, usable = _sums(seen, seen.stage.grouping, ROWS, _number_of(seen.stage.usable_sql))
        return of_share(self, usable, rows, f"{usable:,} of {rows:,} rows are usable")


class NullShare(BaseRule):
    """Limits the share of NULLs in a column, per group, because an overall share hides which group it is.

    On 2026-01-17 66.8% of the predictions had no `model_version`: 100% in four of six systems, 0% in two.
    """

    rule: Literal["null_share"]
    column: Column
    """The column that should have a value."""
    by: Column | None = None
    """The column whose values are the groups. Default: all rows of the date are one group."""
    holds_for: tuple[str, ...] = ("*",)
    """The groups that it applies to, as patterns: catboost_*."""
    exempt: tuple[str, ...] = ()
    """The groups that may have NULLs, as patterns. A group that matches neither list is reported."""
    warn: Share | None = None
    """Warn above this share of a group's rows."""
    fail: Share | None = None
    """Fail above this share of a group's rows."""

    @property
    def needs(self) -> tuple[str, ...]:
        """The column, and the one to group by."""
        return (self.column,) if self.by is None else (self.column, self.by)

    def measures(self, stage: Counting) -> Mapping[str | None, Sequence[Measure]]:
        """Rows, and rows without a value."""
        return {self._grouping(stage): (ROWS, self._nulls)}

    def judge(self, seen: RuleInput) -> Sequence[Finding]:
        """One finding per level, which names the groups with their shares; one for groups that match no pattern."""
        if self.by is None:
            rows, nulls = _sums(seen, seen.stage.grouping, ROWS, self._nulls)
            return of_share(self, nulls, rows, f"{self.column} is NULL in {nulls:,} of {rows:,} rows")
        groups = seen.measured.on(seen.day, self.by)
        shares = {name or "(null)": (values[self._nulls] or 0) / values[ROWS] for name, values in groups.items()}
        held = {name: share for name, share in shares.items() if _any(self.holds_for, name)}
        return [*self._too_high(held), *self._unknown(sorted(shares.keys() - held.keys()))]

    def _too_high(self, shares: Mapping[str, float]) -> Sequence[Finding]:
        named: defaultdict[str, list[str]] = defaultdict(list)
        for name, share in sorted(shares.items(), key=lambda entry: (-entry[1], entry[0])):
            named[percent(share)].append(name)
        found = "; ".join(f"in {share} of the rows of {', '.join(names)}" for share, names in named.items())
        worst = max(shares.values(), default=0)
        return of_share(self, worst, 1, f"{self.column} is NULL {found}")

    def _unknown(self, others: Sequence[str]) -> Sequence[Finding]:
        unknown = [name for name in others if not _any(self.exempt, name)]
        if not unknown:
            return ()
        text = f"{self.by} {', '.join(unknown)}: no rule says whether {self.column} may be NULL"
        return (Finding(self.rule, Level.WARN, f"{text}; add it to holds_for or exempt"),)

    @property
    def _nulls(self) -> Measure:
        return _number_of(f"{self.column} IS NULL")

    def _grouping(self, stage: Counting) -> str | None:
        return stage.grouping if self.by is None else self.by


class ValueShare(BaseRule):
    """Limits the share of one value among the usable rows with a value in a column.

    A line of exactly 20.0 is a placeholder, and no prediction should depend on it. Rows that are not usable don't
    count, so deactivating the wrong ones fixes it.
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

    def measures(self, stage: Counting) -> Mapping[str | None, Sequence[Measure]]:
        """Usable rows with a value, and those with this value."""
        return {stage.grouping: self._counts(stage)}

    def judge(self, seen: RuleInput) -> Sequence[Finding]:
        """The share of all usable rows of the date."""
        known, found = _sums(seen, seen.stage.grouping, *self._counts(seen.stage))
        return of_share(self, found, known, f"{self.column} is {self.value} in {found:,} of {known:,} rows")

    def _counts(self, stage: Counting) -> tuple[Measure, Measure]:
        literal = f"'{self.value}'" if isinstance(self.value, str) else str(self.value).upper()
        return (
            _number_of(f"{stage.usable_sql} AND {self.column} IS NOT NULL"),
            _number_of(f"{stage.usable_sql} AND {self.column} = {literal}"),
        )


class Duplicates(BaseRule):
    """Limits the share of rows that repeat the business key of another row of the date.

    `prediction_accuracy` had the same player, game and system several times.
    """

    rule: Literal["duplicates"]
    key: Annotated[tuple[Column, ...], Field(min_length=1)]
    """The columns that together identify a row. NULL counts as a value."""
    warn: Share | None = None
    """Warn above this share of the rows."""
    fail: Share | None = None
    """Fail above this share of the rows."""

    @property
    def needs(self) -> tuple[str, ...]:
        """The key's columns."""
        return self.key

    def measures(self, stage: Counting) -> Mapping[str | None, Sequence[Measure]]:
        """Rows, and distinct keys."""
        return {self._grouping(stage): (ROWS, self._distinct)}

    def judge(self, seen: RuleInput) -> Sequence[Finding]:
        """The share of all rows of the date."""
        rows, distinct = _sums(seen, self._grouping(seen.stage), ROWS, self._distinct)
        repeats = rows - distinct
        return of_share(self, repeats, rows, f"{repeats:,} of {rows:,} rows repeat a {' + '.join(self.key)}")

    @property
    def _distinct(self) -> Measure:
        # COUNT(DISTINCT) over several columns is none that both know. No text has these characters.
        parts = [f"COALESCE(CAST({column} AS STRING), CHR(30))" for column in self.key]
        return Measure(f"COUNT(DISTINCT CONCAT({', CHR(31), '.join(parts)}))")

    def _grouping(self, stage: Counting) -> str | None:
        # A key without the column that the rows are grouped by may be in two groups.
        return stage.grouping if stage.grouping in self.key else None


def _number_of(condition: str) -> Measure:
    return Measure(f"SUM(CASE WHEN {condition} THEN 1 ELSE 0 END)")


def _sums(seen: RuleInput, by: str | None, *measures: Measure) -> list[int]:
    """Each measure's sum over all groups of the date, without the games that are not played."""
    is_by_game = seen.stage.unit is Unit.GAME and by == seen.stage.grouping
    groups = [
        values
        for name, values in seen.measured.on(seen.day, by).items()
        if not (is_by_game and seen.is_not_played(name))
    ]
    return [sum(values[measure] or 0 for values in groups) for measure in measures]


def _any(patterns: Sequence[str], name: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
