"""Ratio to another stage, on joined keys and never on divided counts.

On 2026-01-17 the platform had 313 predictions, 66 of which could be graded; 62 of them were: 94 %, not 20 %.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nba_monitoring.core.rules.base import BaseRule, Finding, Join, Seen
from nba_monitoring.core.rules.thresholds import Share, of_share
from nba_monitoring.core.stage_fields import Column, Condition, Line, TableName


class Ratio(BaseRule):
    """At least so many of the keys that another table has are keys of usable rows too."""

    is_floor: ClassVar[bool] = True

    rule: Literal["ratio"]
    to: Line
    """What the other table's rows are, as a person calls them: gradable predictions."""
    table: TableName
    """The other table."""
    date_column: Column
    """Its date column."""
    where: Condition = "TRUE"
    """Which of its rows count: SQL over its columns."""
    keys: Annotated[tuple[Column, ...], Field(min_length=1)]
    """The columns to join on besides the date, which both tables name alike."""
    written: tuple[Column, ...] = ()
    """Its columns that say when a row was written."""
    warn: Share | None = None
    """Warn below this share of the other table's keys."""
    fail: Share | None = None
    """Fail below this share of the other table's keys."""

    @property
    def needs(self) -> tuple[str, ...]:
        """The columns to join on."""
        return self.keys

    @property
    def join(self) -> Join:
        """The other table's keys, and how many of them the stage has."""
        return Join(self.table, self.date_column, self.where, self.keys, self.written)

    def judge(self, seen: Seen) -> Sequence[Finding]:
        """Nothing can be said where the other table has no such row, or can't be read (which is told apart)."""
        joined = seen.joined.get(self.join, {}).get(seen.day)
        if joined is None:
            return ()
        text = f"{joined.matched:,} of {joined.others:,} {self.to} are there"
        return of_share(self, joined.matched, joined.others, text)
