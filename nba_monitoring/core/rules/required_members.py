"""Required members of a set: all that should have written did, and none of them far less than the others.

On 2026-02-05 seven prediction systems wrote 127 rows each and `similarity_balanced_v1` 89, which was normal; a system
that writes nothing is not seen in any count of players.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from nba_monitoring.core.rules.base import ROWS, BaseRule, Finding, Level, Measure, Members, MembersQuery, Seen
from nba_monitoring.core.rules.thresholds import Count, Share, reached
from nba_monitoring.core.stage_fields import Column

if TYPE_CHECKING:
    from nba_monitoring.core.stages import Stage


class RequiredMembers(BaseRule):
    """Every member of a set has rows, usable or not, on each date that has any.

    The set is one of three: a list, what a query names, or who wrote in the last game days.
    """

    rule: Literal["required_members"]
    column: Column
    """The column that names the member."""
    members: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    """The set as a list."""
    query: MembersQuery | None = None
    """The set as a column of another table, such as that of the models that are switched on."""
    last_game_days: Annotated[int, Field(ge=1, le=30)] | None = None
    """The set as all that wrote on one of so many game days before."""
    warn: Count | None = None
    """Warn where so many members are absent, or more."""
    fail: Count | None = None
    """Fail where so many members are absent, or more."""
    floor: Share = 0.5
    """Warn of a member with less than this share of the median's rows."""
    exceptions: tuple[str, ...] = ()
    """Members of whom nothing is required."""
    from_day: Annotated[int, Field(ge=0)] = 0
    """The first day of the season, counted from the opener, on which it holds."""

    @model_validator(mode="after")
    def _says_the_set_once(self) -> Self:
        if sum(given is not None for given in (self.members, self.query, self.last_game_days)) != 1:
            raise ValueError("give one of `members`, `query` and `last_game_days`")
        return self

    @property
    def needs(self) -> tuple[str, ...]:
        """The column that names the member."""
        return (self.column,)

    def measures(self, stage: Stage) -> Mapping[str | None, Sequence[Measure]]:
        """All rows: those of a shadow system are often not active."""
        return {self.column: (ROWS,)}

    @property
    def members_query(self) -> MembersQuery | None:
        """Where the members are listed."""
        return self.query

    @property
    def lookback_days(self) -> int:
        """Every other day may be without games, and a week around the All-Star Game is."""
        return 0 if self.last_game_days is None else 2 * self.last_game_days + 7

    def judge(self, seen: Seen) -> Sequence[Finding]:
        """Who is absent, and who has far less than the others."""
        groups = seen.measured.on(seen.day, self.column)
        # Where nobody wrote, all of them are absent, and the stage is missing in any case.
        if not groups or self._is_too_early(seen):
            return ()
        rows = {name: values[ROWS] for name, values in groups.items() if name is not None}
        required = self._required(seen)
        if required.unreadable is not None:
            return (Finding(self.rule, Level.WARN, f"no {self.column} can be required: {required.unreadable}"),)
        absent = sorted(required.names.difference(rows, self.exceptions))
        told = f"no rows of {self.column} {', '.join(absent)}, {len(absent)} of {len(required.names)} required"
        return [*reached(self, len(absent), told), *self._far_less(rows)]

    def _is_too_early(self, seen: Seen) -> bool:
        opener = seen.slate.opener
        return opener is not None and (seen.day - opener).days < self.from_day

    def _required(self, seen: Seen) -> Members:
        if self.members is not None:
            return Members(frozenset(self.members))
        if self.query is not None:
            asked = seen.members[self.query]
            if asked.unreadable is None and not asked.names:
                return Members(unreadable=f"{self.query.table} names none where {self.query.where}")
            return asked
        earlier = [seen.measured.on(day, self.column) for day in seen.game_days[: self.last_game_days]]
        return Members(frozenset(name for groups in earlier for name in groups if name is not None))

    def _far_less(self, rows: Mapping[str, int]) -> Sequence[Finding]:
        middle = median(rows.values() or [0])
        return [
            Finding(self.rule, Level.WARN, f"{self.column} {name}: {count:,} rows, the median has {middle:,g}")
            for name, count in sorted(rows.items())
            if count < self.floor * middle and name not in self.exceptions
        ]
