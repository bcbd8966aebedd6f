"""What a rule is: the measures it needs, its thresholds, and how it judges a date."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from nba_monitoring.core.counting import Counting, Measure, Measured
from nba_monitoring.core.coverage import Coverage, game_on
from nba_monitoring.core.games import Game
from nba_monitoring.core.slate.slate import Slate
from nba_monitoring.core.stage_fields import Column, Condition, Entry, TableName

# Between 0 and 1.
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]


@dataclass(frozen=True, slots=True)
class Join:
    """A join with another table: its distinct keys by date and game, and how many a stage's usable rows have too."""

    table: str
    date_column: str
    condition: str  # SQL over the other table's columns
    keys: tuple[str, ...]  # columns that have the same name in both tables
    written: tuple[str, ...] = ()  # columns that hold a row's write time
    game_column: str | None = None  # names the game of the other table's row


@dataclass(frozen=True, slots=True)
class Joined:
    """The number of the other table's keys, and of those that the stage has as well."""

    others: int
    matched: int


@dataclass(frozen=True, slots=True)
class Halt:
    """Why the platform halted a stage on a date, and since when if its table says so."""

    reason: str
    since: date | None = None


# By the id of the game that the other table names; None if it names none.
JoinedGames = Mapping[str | None, Joined]


class MembersQuery(Entry):
    """The values of a table's column in the rows that match a condition."""

    table: TableName
    column: Column
    where: Condition = "TRUE"
    """SQL over the table's columns."""


@dataclass(frozen=True, slots=True)
class Members:
    """The result of a members query, or why it could not be read."""

    names: frozenset[str] = frozenset()
    unreadable: str | None = None
    is_there: bool = True  # whether its table exists


class Level(StrEnum):
    """What a finding does to its stage."""

    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found wrong on a date, as text."""

    rule: str
    level: Level
    text: str


@dataclass(frozen=True, slots=True)
class RuleInput:
    """What a rule judges: one stage on one date. Unreadable input never excuses a failure."""

    stage: Counting
    slate: Slate
    coverage: Coverage
    measured: Measured = field(default_factory=lambda: Measured({}))
    # Dates with expected games before this one, newest first, as far back as the rules need.
    game_days: Sequence[date] = ()
    day_before: Slate | None = None  # the calendar day's; None if no rule needs it
    joined: Mapping[Join, Mapping[date, JoinedGames]] = field(default_factory=dict)  # without what could not be read
    league_games: Mapping[str, Set[Game]] = field(default_factory=dict)  # by ten-digit id
    members: Mapping[MembersQuery, Members] = field(default_factory=dict)
    are_members_of_the_day: bool = True  # False for a past date: a table of members keeps no past

    @property
    def day(self) -> date:
        """The game date."""
        return self.slate.day

    def is_not_played(self, game_id: str | None) -> bool:
        """Whether an id, in any form, names a game of the date that is not played. Its rows are in no share."""
        excluded = {entry.game.key for entry in self.slate.excluded if entry.reason.is_not_played}
        game = game_on(self.day, game_id, self.league_games) if excluded else None
        return isinstance(game, Game) and game.key in excluded


class BaseRule(Entry):
    """A rule of a stage. Its thresholds are the fields `warn` and `fail`, one of which may be left out."""

    is_floor: ClassVar[bool] = False
    """Whether values below a threshold are findings; for the other rules it is values above."""
    judges_days_off: ClassVar[bool] = False
    """Whether it also applies to dates without an expected game."""

    rule: str
    warn: float | None = None
    fail: float | None = None

    @model_validator(mode="after")
    def _has_useful_thresholds(self) -> Self:
        if self.warn is None and self.fail is None:
            raise ValueError("needs a threshold: set `warn`, `fail` or both")
        if self.warn is None or self.fail is None or self.warn == self.fail:
            return self
        if self.is_floor is not (self.warn > self.fail):
            raise ValueError(f"would never warn: `warn` must be {'above' if self.is_floor else 'below'} `fail`")
        return self

    @property
    def needs(self) -> tuple[str, ...]:
        """The columns of the stage's table that it needs, besides those of the stage's entry."""
        return ()

    def over(self, columns: Set[str]) -> Self | None:
        """The rule for a table with only these columns; None if it can't be judged."""
        return self if columns >= set(self.needs) else None

    def measures(self, stage: Counting) -> Mapping[str | None, Sequence[Measure]]:
        """The measures it needs, by the column to group by. `stage.grouping` is always measured."""
        return {}

    @property
    def join(self) -> Join | None:
        """The join it needs."""
        return None

    @property
    def members_query(self) -> MembersQuery | None:
        """The query for the members of its set."""
        return None

    @property
    def lookback_days(self) -> int:
        """How many dates before the judged one it needs."""
        return 0

    def judge(self, seen: RuleInput) -> Sequence[Finding]:
        """Findings, at most one per threshold and group; empty if the rule passes or can't be judged."""
        raise NotImplementedError


def of_share(rule: BaseRule, part: float, whole: float, text: str, named: str = "") -> Sequence[Finding]:
    """A finding if a share is beyond a threshold: below it for a floor, else above. None for a share of nothing.

    `named` says of what the percentage is, if the text does not: ' present'.
    """
    if not whole:
        return ()
    share = part / whole
    bound = "at least" if rule.is_floor else "at most"
    return _finding(
        rule,
        lambda threshold: share < threshold if rule.is_floor else share > threshold,
        lambda threshold: f"{text} ({percent(share, threshold)}{named}, expected {bound} {threshold:.0%})",
    )


def reached(rule: BaseRule, measure: float, text: str) -> Sequence[Finding]:
    """A finding if a measure reaches a threshold."""
    return _finding(rule, lambda threshold: measure >= threshold, lambda _: text)


def percent(share: float, bound: float | None = None) -> str:
    """A share in percent, with enough digits to tell it from the bound that it is compared with."""
    if bound is not None and share != bound and f"{share:.0%}" == f"{bound:.0%}":
        return f"{share:.2%}"
    return f"{share:.0%}"


def _finding(rule: BaseRule, is_beyond: Callable[[float], bool], text: Callable[[float], str]) -> Sequence[Finding]:
    for threshold, level in ((rule.fail, Level.FAIL), (rule.warn, Level.WARN)):
        if threshold is not None and is_beyond(threshold):
            return (Finding(rule.rule, level, text(threshold)),)
    return ()
