"""What a stage of the pipeline is: its entry in the table of stages, as stages.yaml writes it.

All that is particular to a stage is in its entry. The texts of conditions are SQL over the stage's own columns, in the
part that BigQuery and DuckDB share; here they are only carried.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from nba_monitoring.core.eastern import eastern_instant
from nba_monitoring.core.games import SeasonType
from nba_monitoring.core.rules import AnyRule
from nba_monitoring.core.written import written_sql

# Phase 4 is the stage that the wide history row is about, and whose asset and check have names of their own.
PHASE4 = "phase4"
# What every stage rests on: the name of the first broken stage where it is the schedule that is not known.
SCHEDULE = "schedule"
# The unit's name where a stage is counted by date.
WHOLE_DATE = "_all"


class Entry(BaseModel):
    """Part of the table of stages: frozen, and without a field that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, use_attribute_docstrings=True)


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


class Least(Entry):
    """The fewest distinct keys of usable rows; one of the first three is given. Under `warn` there is a warning.

    `ramp` lowers `per_date` in a season's first weeks: the least from a day on, in days after the opener. Before its
    first day nothing is expected.
    """

    per_unit: Annotated[int, Field(ge=1)] | None = None
    per_game: Annotated[int, Field(ge=1)] | None = None
    per_date: Annotated[int, Field(ge=1)] | None = None
    ramp: tuple[tuple[int, int], ...] = ()
    warn: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _warns_before_it_fails(self) -> Self:
        if self.warn is not None and self.warn <= (self.per_unit or self.per_game or self.per_date or 0):
            raise ValueError("warns only where it fails: `warn` must be over the least")
        return self

    def on(self, season_day: int | None, games: int) -> int:
        """The least of a date, or of each unit where it is given per unit, on a day of the season (None: unknown)."""
        if self.per_unit is not None:
            return self.per_unit
        if self.per_game is not None:
            return self.per_game * games
        most = self.per_date or 0
        if not self.ramp or season_day is None:
            return most
        reached = [least for day, least in self.ramp if day <= season_day]
        return min(most, reached[-1] if reached else 0)

    def warn_on(self, season_day: int | None, games: int) -> int:
        """The number under which to warn, of a date or of each unit; 0 for never, as while a ramp lasts."""
        if self.warn is None or self.on(season_day, games) < (self.per_date or 0):
            return 0
        return self.warn * games if self.per_game is not None else self.warn


class DueTime(Entry):
    """From when on a stage's absence is wrong: a time of the US Eastern day, or before the first tip-off if earlier."""

    at: time
    next_day: bool = False
    before_first_tip: timedelta = timedelta(0)

    def on(self, day: date, first_tip_at: datetime | None) -> datetime:
        """The instant (UTC) for a game date. Of a stage that is due the same day, its first tip-off at the latest."""
        if self.next_day:
            return eastern_instant(day + timedelta(days=1), self.at)
        due_at = eastern_instant(day, self.at)
        return due_at if first_tip_at is None else min(due_at, first_tip_at - self.before_first_tip)


class Placeholder(Entry):
    """Rows without a value, which a season's first days have: `flag` is true and all `values` are NULL.

    Of the values only those count that the table has. Where it has none of them, the `ready` column is what is NULL.
    """

    flag: str
    values: tuple[str, ...]
    ready: str


class State(Entry):
    """A table that says why a stage was stopped on purpose: a row a date whose `reason` is one of `explains`.

    Of the rows for which `where` is true the newest of a date counts; while `active` is true of it, the stop lasts.
    """

    table: str
    date_column: str
    where: str = "TRUE"
    active: str = "TRUE"
    reason_column: str
    since_column: str
    written_column: str
    explains: tuple[str, ...]


class Stage(Entry):
    """A stage to watch."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    title: str
    group: str
    table: str
    date_column: str
    unit: Unit
    unit_column: str | None = None
    key: str
    repeats: bool = False
    """Whether a key has several rows in a unit by design, such as a prediction a system; a warning where it has not."""
    noun: str = "keys"
    """What the keys are, as a person calls them: players, teams."""
    usable: str
    usable_word: str = "usable"
    """How a person calls a row that is usable: production-ready."""
    written: tuple[str, ...]
    placeholder: Placeholder | None = None
    least: Least
    due: DueTime
    season_types: frozenset[SeasonType] | None = None
    """The parts of a season whose games it covers; all that are expected where left out."""
    bootstrap_days: Annotated[int, Field(ge=0, le=366)] = 0
    excused_by: State | None = None
    upstream: tuple[str, ...] = ()
    fix: str
    rules: tuple[AnyRule, ...] = ()

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
