"""What of a stage's table is counted, by game, by team or by date, and the SQL that counts it.

The SQL is text over the table's own columns, in the part that BigQuery and DuckDB share. Only `warehouse/` runs it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, NamedTuple

from pydantic import Field, ValidationInfo, field_validator
from pydantic.json_schema import SkipJsonSchema

from nba_monitoring.core.game_ids import game_named
from nba_monitoring.core.stage_fields import Column, Condition, Entry, Group, Line, StageName, TableName
from nba_monitoring.core.words import count

# The unit's name if a stage is counted by date.
WHOLE_DATE = "_all"


class Unit(StrEnum):
    """What a stage is counted by: each expected game, each team, or the whole date (`player` and `date`)."""

    GAME = "game"
    TEAM = "team"
    PLAYER = "player"
    DATE = "date"


def unit_label(name: str) -> str:
    """A stored unit as people write it: 'ORL@MEM' for a game, 'ORL' for a team, empty for a whole date."""
    if (game := game_named(name)) is not None:
        return game.matchup
    return "" if name == WHOLE_DATE else name


class Placeholder(Entry):
    """Rows without a value, as in a season's first days: `flag` is true and all `values` are NULL."""

    flag: Column
    """The column that is true in a placeholder."""
    values: tuple[Column, ...]
    """The columns that are NULL in a placeholder. Columns that the table lacks are ignored."""
    ready: Column
    """The column that is NULL in a placeholder if the table has none of the values."""


class Counting(Entry):
    """The part of a stage that its rules read: its table, the unit and key to count, and which rows are usable."""

    name: SkipJsonSchema[StageName]
    title: Line
    """The stage's name in alerts and on pages."""
    group: Group
    """The pipeline phase it belongs to, which is its group in Dagster."""
    table: TableName
    """The table it writes, as dataset.table."""
    date_column: Column
    """The table's US Eastern game date."""
    unit: Unit
    """The unit that is counted: each game, each team, or the whole date (player, date)."""
    unit_column: Annotated[Column | None, Field(validate_default=True)] = None
    """The column that names a row's game (an id in any known form) or team (a tricode)."""
    key: Column
    """The column whose distinct values are counted."""
    repeats: bool = False
    """Whether a key may have several rows per unit, such as one prediction per system. Otherwise duplicates are a
    warning."""
    noun: Line = "keys"
    """What people call the keys: players, teams."""
    usable: Condition
    """SQL over the table's columns, valid in both BigQuery and DuckDB: whether a row counts."""
    usable_word: Line = "usable"
    """The word for a usable row, such as production-ready."""
    written: tuple[Column, ...]
    """The columns that hold a row's write time; the newest counts. An empty list if there is none."""
    first_written: Column | None = None
    """The column that holds a row's first write time, if a later write keeps it: past checks see the row from then on.
    Default: from its write time on."""
    placeholder: Placeholder | None = None
    """What a row without a value looks like, as in a season's first days."""

    @field_validator("unit_column")
    @classmethod
    def _names_the_unit(cls, column: str | None, info: ValidationInfo) -> str | None:
        unit = info.data.get("unit")
        if unit in (Unit.GAME, Unit.TEAM) and column is None:
            raise ValueError(f"is required: the column that names a row's {unit}")
        if unit in (Unit.PLAYER, Unit.DATE) and column is not None:
            raise ValueError(f"is only for stages counted by game or team; leave it out if unit is {unit}")
        return column

    def number_of(self, keys: int) -> str:
        """A number of keys with their noun: '12 players', '1 player', 'no players'."""
        return count(keys, self.noun.removesuffix("s"))

    @property
    def grouping(self) -> str | None:
        """The column that its units are counted by; None if the whole date is counted."""
        return self.unit_column if self.unit in (Unit.GAME, Unit.TEAM) else None

    @property
    def placeholder_sql(self) -> str:
        """The condition that a row is a placeholder."""
        if self.placeholder is None:
            return "FALSE"
        nulls = self.placeholder.values or (self.placeholder.ready,)
        return " AND ".join([f"{self.placeholder.flag} IS TRUE", *(f"{column} IS NULL" for column in nulls)])

    @property
    def usable_sql(self) -> str:
        """The condition that a row is usable and no placeholder."""
        return f"({self.usable}) AND ({self.placeholder_sql}) IS NOT TRUE"

    @property
    def written_sql(self) -> str:
        """When a row was last written: the newest of the columns that hold a write time."""
        return written_sql(self.written)

    @property
    def first_written_sql(self) -> str:
        """When a row was first written, as far as its table still knows."""
        if self.first_written is None:
            return self.written_sql
        return f"COALESCE(CAST({self.first_written} AS TIMESTAMP), {self.written_sql})"


def written_sql(columns: Sequence[str]) -> str:
    """The newest instant of some columns; NULL if all of them are."""
    if not columns:
        return "CAST(NULL AS TIMESTAMP)"
    instants = [f"CAST({column} AS TIMESTAMP)" for column in columns]
    if len(instants) == 1:
        return instants[0]
    # A NULL among them makes BigQuery's GREATEST NULL, and DuckDB's not.
    known = [", ".join([instant, *(other for other in instants if other != instant)]) for instant in instants]
    return f"GREATEST({', '.join(f'COALESCE({each})' for each in known)})"


# Stands in a measure for the instant of the check, after which nothing counts.
AS_OF = "{as_of}"


class Measure(NamedTuple):
    """An aggregate over the rows of a group, as SQL that may name `AS_OF`. Tuples are the fastest keys of `Values`."""

    sql: str


ROWS = Measure("COUNT(*)")

# The aggregates of one group's rows: counts, numbers, instants (UTC).
Values = Mapping[Measure, Any]
# By a group's name: the value of the column that it was grouped by, as text. None for NULL, and for a whole date.
Groups = Mapping[str | None, Values]


@dataclass(frozen=True, slots=True)
class Measured:
    """The measures of one stage's table, by the column it was grouped by (None: not grouped), date and group."""

    groups: Mapping[str | None, Mapping[date, Groups]]

    def on(self, day: date, by: str | None) -> Groups:
        """The groups of a date; empty if the table has no row for it."""
        return self.groups.get(by, {}).get(day, {})
