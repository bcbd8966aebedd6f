"""What a stage of the pipeline is: its entry in the table of stages, as stages.yaml has it."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Annotated

from pydantic import (
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from nba_monitoring.core.counting import Counting, Unit
from nba_monitoring.core.eastern import eastern_instant
from nba_monitoring.core.games import SeasonType
from nba_monitoring.core.rules import AnyRule
from nba_monitoring.core.stage_fields import (
    Clock,
    Column,
    CommandTemplate,
    Condition,
    Entry,
    Line,
    Span,
    TableName,
)

# The stage of the wide history row, whose asset and check have names of their own.
PHASE4 = "phase4"
# Upstream of every stage: the name of the first broken stage if the slate is unknown.
SCHEDULE = "schedule"


class Due(StrEnum):
    """Whether a stage must be complete before its games or the morning after, and so which alert it belongs to."""

    BEFORE_TIP = "before_tip"
    MORNING_AFTER = "morning_after"


class DueTime(Entry):
    """When a stage must be complete: a time of the US Eastern day, or before the first tip-off if earlier."""

    at: Clock
    """A time of the US Eastern day, such as 10:45."""
    next_day: bool = False
    """Whether that is the day after the games: for results, which are checked that morning."""
    before_first_tip: Annotated[Span, Field(json_schema_extra={"default": "0m"})] = timedelta(0)
    """How long before the first tip-off it is due at the latest: 2h, 90m, 1h30m."""

    @field_validator("before_first_tip")
    @classmethod
    def _is_the_same_day(cls, span: timedelta, info: ValidationInfo) -> timedelta:
        if span and info.data.get("next_day"):
            raise ValueError("can't be combined with next_day, because the games are over by then")
        return span

    def on(self, day: date, first_tip_at: datetime | None) -> datetime:
        """The due time (UTC) of a game date. A stage due the same day is due by the first tip-off at the latest."""
        if self.next_day:
            return eastern_instant(day + timedelta(days=1), self.at)
        due_at = eastern_instant(day, self.at)
        return due_at if first_tip_at is None else min(due_at, first_tip_at - self.before_first_tip)


class LateAfter(StrEnum):
    """What makes a stage late before its due time."""

    USUAL = "usual"


class Least(Entry):
    """The minimum number of distinct keys with a usable row; set one of per_unit, per_game and per_date."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": [each]} for each in ("per_unit", "per_game", "per_date")]}
    )

    per_unit: Annotated[int, Field(ge=1)] | None = None
    """For each unit: each game, or each team that plays."""
    per_game: Annotated[int, Field(ge=1)] | None = None
    """For the whole date: this many per game."""
    per_date: Annotated[int, Field(ge=1)] | None = None
    """For the whole date."""
    ramp: tuple[tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=0)]], ...] = ()
    """Lowers per_date in a season's first weeks: pairs of a day after the opener and the minimum from that day on.
    Before the first day nothing is expected."""
    warn: Annotated[int, Field(ge=1)] | None = None
    """Warn below this number, though it still passes. Not applied during the ramp."""

    @field_validator("ramp")
    @classmethod
    def _ascends(cls, ramp: tuple[tuple[int, int], ...], info: ValidationInfo) -> tuple[tuple[int, int], ...]:
        if ramp and "per_date" in info.data and info.data["per_date"] is None:
            raise ValueError("works only with per_date, which it lowers in a season's first weeks")
        days = [day for day, _ in ramp]
        if days != sorted(set(days)):
            raise ValueError(f"days must be in ascending order, not {', '.join(map(str, days))}")
        return ramp

    @model_validator(mode="after")
    def _is_one(self) -> Least:
        given = [name for name in ("per_unit", "per_game", "per_date") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"set one of per_unit, per_game and per_date, not {' and '.join(given) or 'none'}")
        if self.warn is not None and self.warn <= (self.per_unit or self.per_game or self.per_date or 0):
            raise ValueError(f"would never warn: `warn` must be greater than {given[0]}")
        return self

    def on(self, season_day: int | None, games: int) -> int:
        """The minimum of a date, or of each unit if set per unit, on a day of the season (None: unknown)."""
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
        """The number below which to warn, of a date or of each unit; 0 for never, as during the ramp."""
        if self.warn is None or self.on(season_day, games) < (self.per_date or 0):
            return 0
        return self.warn * games if self.per_game is not None else self.warn


class State(Entry):
    """A table that says when and why the platform halted a stage: one row per date, with one of the `explains`."""

    table: TableName
    """The table, as dataset.table."""
    date_column: Column
    """Its US Eastern date."""
    where: Condition = "TRUE"
    """SQL: which rows apply."""
    active: Condition = "TRUE"
    """SQL: whether a row means that the stage is halted."""
    reason_column: Column
    """Why it is halted."""
    since_column: Column
    """Since which date."""
    written_column: Column
    """When the row was written; the newest row of a date counts."""
    explains: tuple[str, ...]
    """The reasons that explain an empty stage. Any other explains nothing."""


class Stage(Counting):
    """A stage to watch."""

    least: Least
    """The minimum number of distinct keys with a usable row."""
    due: DueTime
    """When it must be complete."""
    late_after: LateAfter | None = None
    """`usual`: due when it was complete on 95% of its last 30 game days, if that is earlier than `due`. Needs at least
    10 known days. Default: `due` alone."""
    season_types: (
        Annotated[frozenset[SeasonType], Field(min_length=1), PlainSerializer(sorted, when_used="json")] | None
    ) = None
    """The parts of a season whose games it covers. Default: all that are expected."""
    bootstrap_days: Annotated[int, Field(ge=0, le=366)] = 0
    """For how many days from a season's opener it may be empty."""
    excused_by: Annotated[State | None, WithJsonSchema({"type": "string"})] = None
    """The name of the state, under `states`, that says when it was halted on purpose."""
    upstream: tuple[str, ...] = ()
    """Its upstream stages, which come before it. The schedule is implied."""
    fix: CommandTemplate
    """The command that refills it while its job still fills the date: that day, for results the day after. {date},
    {first} and {last} are the dates to fill; {date} is repeated for each of several."""
    fix_past: CommandTemplate | None = None
    """The command for dates that are over. Default: `fix` if it has a placeholder, otherwise none."""
    takes: Span | None = None
    """How long its command usually takes until it is complete: 25m. Alerts then say by when to start it."""
    owner: Line | None = None
    """Who is mentioned in the first alert and when it gets worse: the id of a Slack user or user group, or a name."""
    rules: tuple[AnyRule, ...] = ()
    """Rules that its rows must pass besides `least`."""

    @field_validator("unit")
    @classmethod
    def _phase4_is_counted_by_game(cls, unit: Unit, info: ValidationInfo) -> Unit:
        if info.data.get("name") == PHASE4 and unit is not Unit.GAME:
            raise ValueError(f"must be game for {PHASE4}: data_availability_checks counts its games")
        return unit

    @field_validator("least")
    @classmethod
    def _is_of_the_unit(cls, least: Least, info: ValidationInfo) -> Least:
        unit = info.data.get("unit")
        if unit is Unit.GAME and least.per_unit is None:
            raise ValueError("must be per_unit if unit is game")
        if unit in (Unit.PLAYER, Unit.DATE) and least.per_unit is not None:
            raise ValueError(f"can't be per_unit if unit is {unit}: write per_date or per_game")
        return least

    @property
    def is_phase4(self) -> bool:
        """Whether it is the stage of the wide history row."""
        return self.name == PHASE4

    @property
    def due_by(self) -> Due:
        """Whether it must be complete before its games or the morning after."""
        return Due.MORNING_AFTER if self.due.next_day else Due.BEFORE_TIP

    @property
    def lookback_days(self) -> int:
        """How many dates before the first one its rules need."""
        return max((rule.lookback_days for rule in self.rules), default=0)

    def over(self, columns: Set[str]) -> Stage:
        """The same stage for a table without some of its columns: write times, placeholder values, columns of rules.

        `lacking` says what its rules miss. Any other missing column is an error, which the query raises.
        """
        placeholder = self.placeholder
        if placeholder is not None:
            values = tuple(column for column in placeholder.values if column in columns)
            has_flag = placeholder.flag in columns
            placeholder = placeholder.model_copy(update={"values": values}) if has_flag else None
        written = tuple(column for column in self.written if column in columns)
        first_written = self.first_written if self.first_written in columns else None
        rules = tuple(over for rule in self.rules if (over := rule.over(columns)) is not None)
        return self.model_copy(
            update={"placeholder": placeholder, "written": written, "first_written": first_written, "rules": rules}
        )

    def lacking(self, columns: Set[str]) -> tuple[str, ...]:
        """What its rules can't check in a table with only these columns, one sentence per rule."""
        missing = [(rule, [name for name in rule.needs if name not in columns]) for rule in self.rules]
        return tuple(
            f"rule {rule.rule}: {self.table} has no column {', '.join(names)}"
            + ("; the rule uses the others" if rule.over(columns) else ", so the rule is skipped")
            for rule, names in missing
            if names
        )


@dataclass(frozen=True)
class StageTable:
    """The watched stages, in pipeline order: each comes after its upstream stages."""

    stages: tuple[Stage, ...]

    def __iter__(self) -> Iterator[Stage]:
        return iter(self.stages)

    def __getitem__(self, name: str) -> Stage:
        return self._by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    @property
    def lookback(self) -> timedelta:
        """How long before the first date the rules of its stages need data."""
        return timedelta(days=max(stage.lookback_days for stage in self.stages))

    @cached_property
    def _by_name(self) -> dict[str, Stage]:
        return {stage.name: stage for stage in self.stages}

    def with_stage(self, changed: Stage) -> StageTable:
        """The table with the stage of that name replaced."""
        return StageTable(tuple(changed if stage.name == changed.name else stage for stage in self.stages))

    @property
    def phase4(self) -> Stage:
        """The stage of the wide history row."""
        return self[PHASE4]

    @cached_property
    def upstreams(self) -> dict[str, frozenset[str]]:
        """All upstream stages of each stage, direct or not."""
        found: dict[str, frozenset[str]] = {}
        for stage in self.stages:
            found[stage.name] = frozenset(stage.upstream).union(*(found[name] for name in stage.upstream))
        return found
