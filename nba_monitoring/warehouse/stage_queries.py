"""What is asked of a stage's table, and of another one that it is joined with: whole dates, or single looks at them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from nba_monitoring.core.counting import Groups, Measure, Values, written_sql
from nba_monitoring.core.coverage import counts
from nba_monitoring.core.rules.base import BaseRule, Halt, Join, Joined
from nba_monitoring.core.stages import Stage, State
from nba_monitoring.warehouse.engines import Engine, Parameters
from nba_monitoring.warehouse.errors import WarehouseError
from nba_monitoring.warehouse.statements import statement
from nba_monitoring.warehouse.tables import Table

# What a row of the answer is about: a date, or the number of a look.
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Asked:
    """A way to ask: about whole dates, or about looks at them."""

    measures: str  # the statement's name, as of the next two
    joined: str
    halted: str
    key: str  # the column of their rows that says which date or look they are about
    grouped_by: str  # the rows of one of these, with the date column's name in braces


@dataclass(frozen=True, slots=True)
class Question:
    """A query over one table in one grouping, which several stages may ask."""

    table: str
    date_column: str
    written: str
    by: str | None

    def answer(
        self, engine: Engine, asked: Asked, measures: Iterable[Measure], parameters: Parameters
    ) -> Mapping[Key, Groups]:
        """The measures of each group, by what is asked about. Raises WarehouseError."""
        columns = {measure: f"m{number}" for number, measure in enumerate(dict.fromkeys(measures))}
        whole = asked.grouped_by.format(date_column=self.date_column)
        query = statement(
            asked.measures,
            self.table,
            date_column=self.date_column,
            written=self.written,
            group_name="CAST(NULL AS STRING)" if self.by is None else f"CAST({self.by} AS STRING)",
            grouping=whole if self.by is None else f"{whole}, {self.by}",
            measures=",\n  ".join(f"{measure.sql} AS {column}" for measure, column in columns.items()),
        )
        found: defaultdict[Key, dict[str | None, Values]] = defaultdict(dict)
        for row in engine.read(query, parameters):
            values = {measure: row[column] for measure, column in columns.items()}
            found[row[asked.key]][row["group_name"]] = values
        return found


@dataclass(frozen=True, slots=True)
class Part:
    """What one stage asks of its table for its counting (`rule` is None), or for one of its rules."""

    stage: Stage
    rule: BaseRule | None
    question: Question
    measures: Sequence[Measure]


def parts(stage: Stage) -> Sequence[Part]:
    """All that a stage asks of its table."""
    counting = Part(stage, None, _question(stage, stage.grouping), counts(stage))
    return [
        counting,
        *(
            Part(stage, rule, _question(stage, by), measures)
            for rule in stage.rules
            for by, measures in rule.measures(stage).items()
        ),
    ]


def joined_keys(engine: Engine, asked: Asked, stage: Stage, join: Join, parameters: Parameters) -> Mapping[Key, Joined]:
    """How many of another table's keys the stage has too, by what is asked about. Raises WarehouseError."""
    columns = engine.columns(Table(join.table, partition=join.date_column, columns={}))
    if not columns:
        raise WarehouseError(f"{join.table}: no such table in the warehouse")
    # An error names the other table: of the stage's own everything has been read before.
    query = statement(
        asked.joined,
        join.table,
        others=(stage.table,),
        stage_table=stage.table,
        date_column=stage.date_column,
        usable=stage.usable_sql,
        written=stage.written_sql,
        keys=", ".join(join.keys),
        other_date_column=join.date_column,
        other_keys=", ".join(join.keys),
        other_written=written_sql([column for column in join.written if column in columns]),
        condition=join.condition,
        same_keys=" AND ".join(f"o.{key} = s.{key}" for key in join.keys),
    )
    rows = engine.read(query, parameters)
    return {row[asked.key]: Joined(row["other_count"], row["matched_count"]) for row in rows}


def halts(engine: Engine, asked: Asked, state: State, parameters: Parameters) -> Mapping[Key, Halt]:
    """Where a state table explains that a stage holds nothing, by what is asked about; nowhere where it is not there.

    Raises WarehouseError.
    """
    if not engine.columns(Table(state.table, partition=state.date_column, columns={})):
        return {}
    query = statement(
        asked.halted,
        state.table,
        date_column=state.date_column,
        where=state.where,
        active=state.active,
        reason_column=state.reason_column,
        since_column=state.since_column,
        written_column=state.written_column,
    )
    return {
        row[asked.key]: Halt(row["reason"], row["since"])
        for row in engine.read(query, parameters)
        if row["is_active"] and row["reason"] in state.explains
    }


def _question(stage: Stage, by: str | None) -> Question:
    return Question(stage.table, stage.date_column, stage.written_sql, by)
