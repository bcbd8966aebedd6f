"""What a rule is: what it measures of a stage's table, and what it makes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import model_validator

from nba_monitoring.core.stage_fields import Column, Condition, Entry, TableName

if TYPE_CHECKING:
    from nba_monitoring.core.coverage import Coverage
    from nba_monitoring.core.slate.slate import Slate
    from nba_monitoring.core.stages import Stage
    from nba_monitoring.core.usual_arrival import UsualArrival


@dataclass(frozen=True, slots=True)
class Measure:
    """An aggregate over the rows of a group, as SQL over the table's own columns in what BigQuery and DuckDB share."""

    sql: str


ROWS = Measure("COUNT(*)")

# The aggregates of one group's rows: counts, numbers, instants (UTC).
Values = Mapping[Measure, Any]
# A group's name: the value of the column that it was grouped by, as text. None for NULL, and for a date as a whole.
Groups = Mapping[str | None, Values]


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of one stage's table: by the column it was grouped by (None: not at all), date and group."""

    groups: Mapping[str | None, Mapping[date, Groups]]

    def on(self, day: date, by: str | None) -> Groups:
        """The groups of a date; none where the table holds no row for it."""
        return self.groups.get(by, {}).get(day, {})


@dataclass(frozen=True, slots=True)
class Join:
    """Distinct keys of another table's rows, and how many of them a stage's usable rows have too, by date."""

    table: str
    date_column: str
    condition: str  # SQL over the other table's columns
    keys: tuple[str, ...]  # columns that both tables name alike
    written: tuple[str, ...] = ()  # columns that say when a row was written


@dataclass(frozen=True, slots=True)
class Joined:
    """The keys of a date that the other table has, and those of them that the stage has as well."""

    others: int
    matched: int


@dataclass(frozen=True, slots=True)
class Halt:
    """Why the platform stopped a stage on purpose on a date, by a state table of its own; since when, where it says."""

    reason: str
    since: date | None = None


class MembersQuery(Entry):
    """The names that a column of a table holds, of the rows for which a condition is true."""

    table: TableName
    column: Column
    where: Condition = "TRUE"
    """SQL over the table's columns."""


@dataclass(frozen=True, slots=True)
class Members:
    """The members of a set that a query names, or why they can't be told."""

    names: frozenset[str] = frozenset()
    unreadable: str | None = None


class Level(StrEnum):
    """What a finding does to its stage."""

    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found wrong on a date, as a sentence."""

    rule: str
    level: Level
    text: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What there is to be judged of one stage on one date. What could not be read excuses nothing."""

    stage: Stage
    slate: Slate
    coverage: Coverage
    measured: Measured = field(default_factory=lambda: Measured({}))
    # Dates with expected games before this one, newest first, as far back as the rules look.
    game_days: Sequence[date] = ()
    day_before: Slate | None = None  # the calendar day's; None: no rule looks back
    # What rules asked for by `join`; what could not be read is left out.
    joined: Mapping[Join, Mapping[date, Joined]] = field(default_factory=dict)
    members: Mapping[MembersQuery, Members] = field(default_factory=dict)  # the same by `members_query`
    halt: Halt | None = None
    unreadable: tuple[str, ...] = ()  # what could not be read besides the stage's own table, a sentence each
    usual: UsualArrival | None = None  # None: not known, or of no use for a date that is long over

    @property
    def day(self) -> date:
        """The game date."""
        return self.slate.day


class BaseRule(Entry):
    """A rule of a stage: its thresholds are the fields `warn` and `fail`, either of which may be left out."""

    is_floor: ClassVar[bool] = False
    """Whether a finding is what lies under a threshold; over it, for the others."""
    judges_days_off: ClassVar[bool] = False
    """Whether it is asked of dates without an expected game too."""

    rule: str
    warn: float | None = None
    fail: float | None = None

    @model_validator(mode="after")
    def _has_thresholds_that_tell(self) -> Self:
        if self.warn is None and self.fail is None:
            raise ValueError("finds nothing without a threshold: give `warn`, `fail` or both")
        if self.warn is None or self.fail is None or self.warn == self.fail:
            return self
        if self.is_floor is not (self.warn > self.fail):
            raise ValueError(f"warns only where it fails: `warn` must be {'over' if self.is_floor else 'under'} `fail`")
        return self

    @property
    def needs(self) -> tuple[str, ...]:
        """The columns of the stage's own table that it asks for, besides those of the stage's entry."""
        return ()

    def over(self, columns: Set[str]) -> Self | None:
        """The rule for a table that has these columns alone; None where it can't be judged."""
        return self if columns >= set(self.needs) else None

    def measures(self, stage: Stage) -> Mapping[str | None, Sequence[Measure]]:
        """What has to be measured, by the column to group by: `stage.grouping` is asked in any case."""
        return {}

    @property
    def join(self) -> Join | None:
        """The join that has to be asked; None for none."""
        return None

    @property
    def members_query(self) -> MembersQuery | None:
        """Where the members of its set have to be asked for; None for nowhere."""
        return None

    @property
    def lookback_days(self) -> int:
        """How many dates before the one judged have to be measured."""
        return 0

    def judge(self, seen: Seen) -> Sequence[Finding]:
        """What is wrong, at most a finding a threshold and group; none where all is well or nothing can be said."""
        raise NotImplementedError
