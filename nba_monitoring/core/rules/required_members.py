"""Required members of a set: each one has rows, and none far fewer than the others.

On 2026-02-05 seven prediction systems wrote 127 rows each and `similarity_balanced_v1` 89, which was normal. No count
of players shows a system that writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from statistics import median
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from nba_monitoring.core.counting import ROWS, Counting, Measure
from nba_monitoring.core.rules.base import (
    BaseRule,
    Count,
    Finding,
    Level,
    Members,
    MembersQuery,
    RuleInput,
    Share,
    reached,
)
from nba_monitoring.core.stage_fields import Column

_NOT_THERE = Members(unreadable="not read", is_there=False)


class RequiredMembers(BaseRule):
    """Requires rows from every member of a set on each date that has rows.

    The set is a list, the result of a query, or every member with rows on the last game days. With a query and the last
    game days, the query decides where its table can be read and shows the date's own members; else the last game days.
    """

    rule: Literal["required_members"]
    column: Column
    """The column that names the member."""
    members: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    """The set as a list."""
    query: MembersQuery | None = None
    """The set as a column of another table, such as the enabled models."""
    last_game_days: Annotated[int, Field(ge=1, le=30)] | None = None
    """The set as every member with rows on one of this many previous game days. A member leaves it on the day when
    a new one has rows in its place."""
    warn: Count | None = None
    """Warn at this number of missing members."""
    fail: Count | None = None
    """Fail at this number of missing members."""
    floor: Share = 0.5
    """Warn about a member with less than this share of the median's rows."""
    exceptions: tuple[str, ...] = ()
    """Members that may have no rows."""
    from_day: Annotated[int, Field(ge=0)] = 0
    """The first day of the season, counted from the opener, to which it applies."""

    @model_validator(mode="after")
    def _has_one_set(self) -> Self:
        is_listed, is_found = self.members is not None, self.query is not None or self.last_game_days is not None
        if is_listed is is_found:
            raise ValueError("set one of `members`, `query` and `last_game_days`, or the last two")
        return self

    @property
    def needs(self) -> tuple[str, ...]:
        """The column that names the member."""
        return (self.column,)

    def measures(self, stage: Counting) -> Mapping[str | None, Sequence[Measure]]:
        """All rows, because those of a shadow system are often inactive."""
        return {self.column: (ROWS,)}

    @property
    def members_query(self) -> MembersQuery | None:
        """The query that lists the members."""
        return self.query

    @property
    def lookback_days(self) -> int:
        """Every other day may have no games, and a week around the All-Star Game has none."""
        return 0 if self.last_game_days is None else 2 * self.last_game_days + 7

    def judge(self, seen: RuleInput) -> Sequence[Finding]:
        """Missing members, and members with far fewer rows than the others."""
        groups = seen.measured.on(seen.day, self.column)
        # If no member has rows, the stage is missing in any case.
        if not groups or self._is_too_early(seen):
            return ()
        rows = {name: values[ROWS] for name, values in groups.items() if name is not None}
        required, findings = self._required(seen, rows.keys())
        absent = sorted(required - rows.keys() - set(self.exceptions))
        text = f"no rows for {self.column} {', '.join(absent)} ({len(absent)} of {len(required)} missing)"
        return [*findings, *reached(self, len(absent), text), *self._far_fewer(rows)]

    def _is_too_early(self, seen: RuleInput) -> bool:
        opener = seen.slate.opener
        return opener is not None and (seen.day - opener).days < self.from_day

    def _required(self, seen: RuleInput, present: Set[str]) -> tuple[Set[str], Sequence[Finding]]:
        """Who must have rows, and what there is to say about that."""
        if self.members is not None:
            return set(self.members), ()
        found: Sequence[Finding] = ()
        if self.query is not None and (self.last_game_days is None or seen.are_members_of_the_day):
            asked = seen.members.get(self.query, _NOT_THERE)
            why = asked.unreadable
            if why is None and not asked.names:
                why = f"{self.query.table} has no rows where {self.query.where}"
            elif why is None and self.last_game_days is not None and present.isdisjoint(asked.names):
                why = f"{self.query.table} has none of {', '.join(sorted(present))}"
            if why is None:
                return asked.names, ()
            if asked.is_there or self.last_game_days is None:
                found = [Finding(self.rule, Level.WARN, f"the required {self.column} could not be read: {why}")]
        if self.last_game_days is None:
            return set(), found
        expected, replaced = self._learned(seen, present)
        return expected, [*found, *replaced]

    def _learned(self, seen: RuleInput, present: Set[str]) -> tuple[Set[str], Sequence[Finding]]:
        """Who had rows on the last game days and was not replaced since, and who is replaced on this date."""
        earlier = [
            {name for name in seen.measured.on(day, self.column) if name is not None}
            for day in reversed(seen.game_days[: self.last_game_days])
        ]
        expected: Set[str] = set()
        for members in earlier:
            expected = (expected - self._replaced(expected, members)) | members
        if not (replaced := self._replaced(expected, present)):
            return expected, ()
        new, old = ", ".join(sorted(present - expected)), ", ".join(sorted(replaced))
        return expected - replaced, [
            Finding(self.rule, Level.WARN, f"no rows for {self.column} {old}; taken as replaced by {new}, which is new")
        ]

    def _replaced(self, expected: Set[str], present: Set[str]) -> Set[str]:
        """The absent members, if at least as many new ones have rows."""
        absent = expected - present - set(self.exceptions)
        return absent if expected and len(present - expected) >= len(absent) else set()

    def _far_fewer(self, rows: Mapping[str, int]) -> Sequence[Finding]:
        middle = median(rows.values() or [0])
        return [
            Finding(self.rule, Level.WARN, f"{self.column} {name}: {count:,} rows (median {middle:,g})")
            for name, count in sorted(rows.items())
            if count < self.floor * middle and name not in self.exceptions
        ]
