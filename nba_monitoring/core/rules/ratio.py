"""Ratio to another stage, on joined keys and never on divided counts.

On 2026-01-17 the platform had 313 predictions. 66 of them could be graded and 62 were: 94%, not 20%.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nba_monitoring.core.rules.base import BaseRule, Finding, Join, RuleInput, Share, of_share
from nba_monitoring.core.stage_fields import Column, Condition, Line, TableName


class Ratio(BaseRule):
    """Requires a minimum share of another table's keys among the keys of usable rows.

    The keys of a game that is not played don't count.
    """

    is_floor: ClassVar[bool] = True

    rule: Literal["ratio"]
    to: Line
    """What people call the other table's rows: gradable predictions."""
    table: TableName
    """The other table."""
    date_column: Column
    """Its date column."""
    where: Condition = "TRUE"
    """SQL over its columns: which of its rows count."""
    keys: Annotated[tuple[Column, ...], Field(min_length=1)]
    """The columns to join on besides the date, which have the same names in both tables."""
    written: tuple[Column, ...] = ()
    """Its columns that hold a row's first write time: past checks see the row from the newest of them on."""
    game_column: Column | None = None
    """Its column that names a row's game, so that games that are not played don't count."""
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
        return Join(self.table, self.date_column, self.where, self.keys, self.written, self.game_column)

    def judge(self, seen: RuleInput) -> Sequence[Finding]:
        """Empty if the other table has no such row, or can't be read (which is reported separately)."""
        games = seen.joined.get(self.join, {}).get(seen.day, {})
        counted = [joined for game_id, joined in games.items() if not seen.is_not_played(game_id)]
        others, matched = sum(joined.others for joined in counted), sum(joined.matched for joined in counted)
        text = f"{others - matched:,} of {others:,} {self.to} missing"
        return of_share(self, matched, others, text, " present")
