"""What a stage of the pipeline is: its entry in the table of stages, as stages.yaml writes it.

All that is particular to a stage is in its entry. The texts of conditions are SQL over the stage's own columns, in the
part that BigQuery and DuckDB share; here they are only carried.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from typing import Annotated

from pydantic import (
    Field,
    PlainSerializer,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)
from pydantic.json_schema import SkipJsonSchema

from nba_monitoring.core.due_time import DueTime, LateAfter
from nba_monitoring.core.games import SeasonType
from nba_monitoring.core.least import Least
from nba_monitoring.core.rules import AnyRule
from nba_monitoring.core.stage_fields import Column, Condition, Entry, Group, Line, StageName, TableName
from nba_monitoring.core.written import written_sql

# Phase 4 is the stage that the wide history row is about, and whose asset and check have names of their own.
PHASE4 = "phase4"
# What every stage rests on: the name of the first broken stage where it is the schedule that is not known.
SCHEDULE = "schedule"
# The unit's name where a stage is counted by date.
WHOLE_DATE = "_all"


class Due(StrEnum):
    """By when what a stage writes has to be there, and so which alert a finding about it belongs to."""

    BEFORE_TIP = "before_tip"
    MORNING_AFTER = "morning_after"


class Unit(StrEnum):
    """What a stage is counted by: each expected game, each team, or the date as a whole (`player` and `date`)."""

    GAME = "game"
    TEAM = "team"
    PLAYER = "player"
    DATE = "date"


class Placeholder(Entry):
    """Rows without a value, which a season's first days have: `flag` is true and all `values` are NULL."""

    flag: Column
    """The column that is true in a placeholder."""
    values: tuple[Column, ...]
    """The columns that are NULL in a placeholder. Only those count that the table has."""
    ready: Column
    """The column that is NULL in a placeholder where the table has none of the values."""


class State(Entry):
    """A table that says why a stage was stopped on purpose: a row a date whose reason is one of `explains`."""

    table: TableName
    """The table, as dataset.table."""
    date_column: Column
    """Its US Eastern date."""
    where: Condition = "TRUE"
    """SQL: which of its rows speak of this."""
    active: Condition = "TRUE"
    """SQL: whether a row says that something is stopped."""
    reason_column: Column
    """Why it is stopped."""
    since_column: Column
    """Since which date."""
    written_column: Column
    """When the row was written; the newest row of a date counts."""
    explains: tuple[str, ...]
    """The reasons that explain an empty stage. Any other explains nothing."""


class Stage(Entry):
    """A stage to watch."""

    name: SkipJsonSchema[StageName]
    title: Line
    """What alerts and pages call it."""
    group: Group
    """The phase of the pipeline it belongs to, which is its group in Dagster."""
    table: TableName
    """The table it writes, as dataset.table."""
    date_column: Column
    """The table's US Eastern game date."""
    unit: Unit
    """What is counted apart: each game, each team, or the date as a whole (player and date)."""
    unit_column: Annotated[Column | None, Field(validate_default=True)] = None
    """The column that names a row's game (an id in any form known) or team (a tricode)."""
    key: Column
    """The column whose distinct values are counted."""
    repeats: bool = False
    """Whether a key has several rows in a unit by design, such as a prediction a system; a warning where it has not."""
    noun: Line = "keys"
    """What the keys are, as a person calls them: players, teams."""
    usable: Condition
    """SQL over the table's columns, in what BigQuery and DuckDB share: whether a row counts."""
    usable_word: Line = "usable"
    """How a person calls a row that is usable: production-ready."""
    written: tuple[Column, ...]
    """The columns that say when a row was written; the newest of them counts. An empty list where none does."""
    placeholder: Placeholder | None = None
    """What a row without a value looks like, which a season's first days have."""
    least: Least
    """The fewest distinct keys of usable rows that are right."""
    due: DueTime
    """From when on its absence is wrong."""
    late_after: LateAfter | None = None
    """`usual`: its absence is wrong already from the time on by which it is complete on 95 % of its last 30 game days,
    if that is earlier than `due` and known of 10 of them. Left out: by `due` alone."""
    season_types: (
        Annotated[frozenset[SeasonType], Field(min_length=1), PlainSerializer(sorted, when_used="json")] | None
    ) = None
    """The parts of a season whose games it covers; all that are expected where left out."""
    bootstrap_days: Annotated[int, Field(ge=0, le=366)] = 0
    """How many days from a season's opener on it may be empty."""
    excused_by: Annotated[State | None, WithJsonSchema({"type": "string"})] = None
    """The name of the state, under `states`, that says when it was stopped on purpose."""
    upstream: tuple[str, ...] = ()
    """The stages that it rests on, which come before it. The schedule goes without saying."""
    fix: Line
    """The command that fills it again, which alerts show."""
    rules: tuple[AnyRule, ...] = ()
    """What must hold of its rows besides `least`."""

    @field_validator("unit")
    @classmethod
    def _phase4_is_counted_by_game(cls, unit: Unit, info: ValidationInfo) -> Unit:
        if info.data.get("name") == PHASE4 and unit is not Unit.GAME:
            raise ValueError(f"must be game for {PHASE4}: data_availability_checks counts its games")
        return unit

    @field_validator("unit_column")
    @classmethod
    def _names_the_unit(cls, column: str | None, info: ValidationInfo) -> str | None:
        unit = info.data.get("unit")
        if unit in (Unit.GAME, Unit.TEAM) and column is None:
            raise ValueError(f"not there, and needed: the column that names a row's {unit}")
        if unit in (Unit.PLAYER, Unit.DATE) and column is not None:
            raise ValueError(f"is for stages counted by game or team; leave it out where unit is {unit}")
        return column

    @field_validator("least")
    @classmethod
    def _is_of_the_unit(cls, least: Least, info: ValidationInfo) -> Least:
        unit = info.data.get("unit")
        if unit is Unit.GAME and least.per_unit is None:
            raise ValueError("must be per_unit where unit is game: so many for each game")
        if unit in (Unit.PLAYER, Unit.DATE) and least.per_unit is not None:
            raise ValueError(f"can't be per_unit where unit is {unit}: write per_date or per_game")
        return least

    @property
    def is_phase4(self) -> bool:
        """Whether the wide history row is about it."""
        return self.name == PHASE4

    @property
    def due_by(self) -> Due:
        """Whether it has to be there before its games, or is what they left behind: judged the morning after."""
        return Due.MORNING_AFTER if self.due.next_day else Due.BEFORE_TIP

    @property
    def lookback_days(self) -> int:
        """How many dates before the first one its rules have to see."""
        return max((rule.lookback_days for rule in self.rules), default=0)

    @property
    def grouping(self) -> str | None:
        """The column that its units are counted by; None where the date is counted as a whole."""
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
        """The condition that a row is usable: it is ready, and no placeholder."""
        return f"({self.usable}) AND ({self.placeholder_sql}) IS NOT TRUE"

    @property
    def written_sql(self) -> str:
        """When a row was last written: the newest of the columns that say so."""
        return written_sql(self.written)

    def over(self, columns: Set[str]) -> Stage:
        """The same stage over a table that lacks some columns: of when it was written, its placeholders, its rules.

        What its rules lack is told by `lacking`. Any other column that is not there is an error, which the query tells.
        """
        placeholder = self.placeholder
        if placeholder is not None:
            values = tuple(column for column in placeholder.values if column in columns)
            has_flag = placeholder.flag in columns
            placeholder = placeholder.model_copy(update={"values": values}) if has_flag else None
        written = tuple(column for column in self.written if column in columns)
        rules = tuple(over for rule in self.rules if (over := rule.over(columns)) is not None)
        return self.model_copy(update={"placeholder": placeholder, "written": written, "rules": rules})

    def lacking(self, columns: Set[str]) -> tuple[str, ...]:
        """What its rules can't judge over a table that has these columns alone, in sentences."""
        missing = [(rule, [name for name in rule.needs if name not in columns]) for rule in self.rules]
        return tuple(
            f"rule {rule.rule}: {self.table} has no column {', '.join(names)}, "
            + ("which is left out" if rule.over(columns) else "so nothing is judged")
            for rule, names in missing
            if names
        )


@dataclass(frozen=True)
class StageTable:
    """The watched stages, in the pipeline's order. Each one's upstreams come before it."""

    stages: tuple[Stage, ...]

    def __iter__(self) -> Iterator[Stage]:
        return iter(self.stages)

    def __getitem__(self, name: str) -> Stage:
        return self._by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    @property
    def lookback(self) -> timedelta:
        """How long before the first date the rules of its stages have to see."""
        return timedelta(days=max(stage.lookback_days for stage in self.stages))

    @cached_property
    def _by_name(self) -> dict[str, Stage]:
        return {stage.name: stage for stage in self.stages}

    def with_stage(self, changed: Stage) -> StageTable:
        """The table with another entry in place of the one of that name."""
        return StageTable(tuple(changed if stage.name == changed.name else stage for stage in self.stages))

    @property
    def phase4(self) -> Stage:
        """The stage that the wide history row is about."""
        return self[PHASE4]

    @cached_property
    def upstreams(self) -> dict[str, frozenset[str]]:
        """All that each stage rests on, directly or not."""
        found: dict[str, frozenset[str]] = {}
        for stage in self.stages:
            found[stage.name] = frozenset(stage.upstream).union(*(found[name] for name in stage.upstream))
        return found
