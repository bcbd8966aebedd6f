"""Queries over a stage's table and a table that it is joined with, by date or by snapshot."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from nba_monitoring.core.counting import AS_OF, Groups, Measure, Values, written_sql
from nba_monitoring.core.coverage import counts
from nba_monitoring.core.rules.base import BaseRule, Halt, Join, Joined, JoinedGames
from nba_monitoring.core.stages import Stage, State
from nba_monitoring.warehouse.engines import Engine, Parameters, WarehouseError, statement
from nba_monitoring.warehouse.tables import Table

# The subject of a row: a date, or the number of a snapshot.
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class QueryMode:
    """How queries group rows: by date, or by snapshot of a date."""

    measures: str  # a .sql file, like the next two
    joined: str
    halted: str
    key: str  # the column with the date or the number of the snapshot
    as_of: str  # the instant of the check
    grouped_by: str  # what the rows of one of them share; has `{date_column}`


@dataclass(frozen=True, slots=True)
class MeasureQuery:
    """One query per table and grouping, which several stages may share."""

    table: str
    date_column: str
    written: str
    first_written: str
    by: str | None

    def run(
        self, engine: Engine, mode: QueryMode, measures: Iterable[Measure], parameters: Parameters
    ) -> Mapping[Key, Groups]:
        """The measures of each group, by date or snapshot. Raises WarehouseError."""
        columns = {measure: number for number, measure in enumerate(dict.fromkeys(measures))}
        whole = mode.grouped_by.format(date_column=self.date_column)
        query = statement(
            mode.measures,
            self.table,
            date_column=self.date_column,
            written=self.written,
            first_written=self.first_written,
            group_name="CAST(NULL AS STRING)" if self.by is None else f"CAST({self.by} AS STRING)",
            grouping=whole if self.by is None else f"{whole}, {self.by}",
            measures=",\n  ".join(
                f"{measure.sql.replace(AS_OF, mode.as_of)} AS m{number}" for measure, number in columns.items()
            ),
        )
        names = [f"m{number}" for number in columns.values()]
        found: defaultdict[Key, dict[str | None, Values]] = defaultdict(dict)
        for row in engine.read(query, parameters):
            values = tuple([row[name] for name in names])
            found[row[mode.key]][row["group_name"]] = _Aggregates(columns, values)
        return found


class _Aggregates(Mapping[Measure, Any]):
    """The values of one group. Those of a query share its columns: a dict each would take most of the memory."""

    __slots__ = ("_columns", "_values")

    def __init__(self, columns: Mapping[Measure, int], values: Sequence[Any]) -> None:
        self._columns, self._values = columns, values

    def __getitem__(self, measure: Measure) -> Any:
        return self._values[self._columns[measure]]

    def __iter__(self) -> Iterator[Measure]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)


@dataclass(frozen=True, slots=True)
class MeasureRequest:
    """The measures that a stage needs to count its rows (`rule` is None) or to apply one of its rules."""

    stage: Stage
    rule: BaseRule | None
    query: MeasureQuery
    measures: Sequence[Measure]


def measure_requests(stage: Stage) -> Sequence[MeasureRequest]:
    """Everything that a stage needs measured in its table."""
    counting = MeasureRequest(stage, None, _measure_query(stage, stage.grouping), counts(stage))
    return [
        counting,
        *(
            MeasureRequest(stage, rule, _measure_query(stage, by), measures)
            for rule in stage.rules
            for by, measures in rule.measures(stage).items()
        ),
    ]


def joined_keys(
    engine: Engine, mode: QueryMode, stage: Stage, join: Join, parameters: Parameters
) -> Mapping[Key, JoinedGames]:
    """How many of another table's keys the stage also has, by date or snapshot and game. Raises WarehouseError."""
    columns = engine.columns(Table(join.table, partition=join.date_column, columns={}))
    if not columns:
        raise WarehouseError(f"{join.table}: no such table in the warehouse")
    # Errors name the other table: the stage's own has been read before.
    query = statement(
        mode.joined,
        join.table,
        others=(stage.table,),
        stage_table=stage.table,
        date_column=stage.date_column,
        usable=stage.usable_sql,
        first_written=stage.first_written_sql,
        keys=", ".join(join.keys),
        other_date_column=join.date_column,
        other_keys=", ".join(join.keys),
        # A key counts once, though rows may name its game in several ways.
        other_game=f"MIN(CAST({join.game_column} AS STRING))"
        if join.game_column in columns
        else "CAST(NULL AS STRING)",
        other_written=written_sql([column for column in join.written if column in columns]),
        condition=join.condition,
        same_keys=" AND ".join(f"o.{key} = s.{key}" for key in join.keys),
    )
    found: defaultdict[Key, dict[str | None, Joined]] = defaultdict(dict)
    for row in engine.read(query, parameters):
        found[row[mode.key]][row["other_game"]] = Joined(row["other_count"], row["matched_count"])
    return found


def halts(engine: Engine, mode: QueryMode, state: State, parameters: Parameters) -> Mapping[Key, Halt]:
    """Where a state table explains that a stage has no rows, by date or snapshot; empty if the table does not exist.

    Raises WarehouseError.
    """
    if not engine.columns(Table(state.table, partition=state.date_column, columns={})):
        return {}
    query = statement(
        mode.halted,
        state.table,
        date_column=state.date_column,
        where=state.where,
        active=state.active,
        reason_column=state.reason_column,
        since_column=state.since_column,
        written_column=state.written_column,
    )
    return {
        row[mode.key]: Halt(row["reason"], row["since"])
        for row in engine.read(query, parameters)
        if row["is_active"] and row["reason"] in state.explains
    }


def _measure_query(stage: Stage, by: str | None) -> MeasureQuery:
    return MeasureQuery(stage.table, stage.date_column, stage.written_sql, stage.first_written_sql, by)
