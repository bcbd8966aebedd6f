"""The tables of the pipeline's stages, measured: one query a table and grouping, however many dates and stages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import TypeVar

from nba_monitoring.core.coverage import Keys
from nba_monitoring.core.games import GameKey
from nba_monitoring.core.rules import distinct_keys
from nba_monitoring.core.rules.base import Groups, Halt, Join, Joined, Measure, Measured, Members, MembersQuery
from nba_monitoring.core.stages import Stage, State
from nba_monitoring.warehouse.engines import Engine, Rows
from nba_monitoring.warehouse.errors import WarehouseError
from nba_monitoring.warehouse.statements import Statement, statement
from nba_monitoring.warehouse.tables import Table

Answer = TypeVar("Answer")

# Not a table anywhere: the shape of the parameter that says which ids are one game.
_GAME_IDS = Table(
    name="game_ids",
    partition="game_date",
    columns={"game_date": "DATE", "game_id": "STRING", "game_number": "INT64"},
)


@dataclass(frozen=True)
class StageRead:
    """What was read of one stage: `stage` as its table has it, or why the table could not be read.

    `is_there` is False where the warehouse has no such table. `problems` says what could not be read besides.
    """

    stage: Stage
    measured: Measured = field(default_factory=lambda: Measured({}))
    joined: Mapping[Join, Mapping[date, Joined]] = field(default_factory=dict)
    members: Mapping[MembersQuery, Members] = field(default_factory=dict)
    halts: Mapping[date, Halt] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    unreadable: str | None = None
    is_there: bool = True


@dataclass(frozen=True)
class _Question:
    """A query over one table in one grouping, which several stages may ask."""

    table: str
    date_column: str
    written: str
    by: str | None

    def statement(self, measures: Iterable[Measure]) -> Statement:
        return statement(
            "stage_measures",
            self.table,
            date_column=self.date_column,
            written=self.written,
            group_name="CAST(NULL AS STRING)" if self.by is None else f"CAST({self.by} AS STRING)",
            grouping=self.date_column if self.by is None else f"{self.date_column}, {self.by}",
            measures=",\n  ".join(f"{measure.sql} AS m{n}" for n, measure in enumerate(measures)),
        )


def read_stages(
    engine: Engine, stages: Iterable[Stage], first: date, last: date, as_of: datetime
) -> dict[str, StageRead]:
    """What the stages' tables hold on the dates, and before them as far as their rules look back, by stage.

    A table that can't be read is told in what was read of its stages, and costs no other stage.
    """
    found: dict[str, StageRead] = {}
    asked: defaultdict[_Question, dict[Measure, None]] = defaultdict(dict)
    since: defaultdict[_Question, date] = defaultdict(lambda: first)
    for stage in stages:
        read = _of_table(engine, stage)
        found[stage.name] = read
        if read.is_there and read.unreadable is None:
            for question, measures in _questions(read.stage).items():
                asked[question].update(dict.fromkeys(measures))
                since[question] = min(since[question], first - timedelta(days=stage.lookback_days))
    answers = {
        question: _or_error(partial(_answer, engine, question, list(measures), since[question], last, as_of))
        for question, measures in asked.items()
    }
    reads = [_with_answers(read, answers) for read in found.values()]
    readable = [read.stage for read in reads if read.unreadable is None]
    states = {stage.excused_by for stage in readable if stage.excused_by is not None}
    halted = {state: _or_error(partial(_halts, engine, state, first, last, as_of)) for state in states}
    queries = {rule.members_query for stage in readable for rule in stage.rules if rule.members_query is not None}
    sets = {query: _members(engine, query) for query in queries}
    return {
        read.stage.name: read
        if read.unreadable is not None
        else _with_the_rest(read, halted, sets, partial(_joined, engine, read.stage, first, last, as_of))
        for read in reads
    }


def keys_over_ids(
    engine: Engine, stage: Stage, games: Mapping[GameKey, Sequence[str]], as_of: datetime
) -> dict[GameKey, Keys]:
    """The distinct keys of each game (one at least) over its ids, asked in one query. Raises WarehouseError."""
    numbered = list(games)
    ids = [
        {"game_date": key[0], "game_id": game_id, "game_number": number}
        for number, key in enumerate(numbered)
        for game_id in games[key]
    ]
    days = [day for day, _ in numbered]
    query = statement(
        "keys_over_ids",
        stage.table,
        date_column=stage.date_column,
        unit_column=stage.unit_column or "",
        key=stage.key,
        usable=stage.usable_sql,
        written=stage.written_sql,
    )
    found = engine.read(
        query, {"first": min(days), "last": max(days), "as_of": as_of, "game_ids": Rows(_GAME_IDS, ids)}
    )
    return {numbered[row["game_number"]]: Keys(row["key_count"], row["usable_key_count"]) for row in found}


def _joined(
    engine: Engine, stage: Stage, first: date, last: date, as_of: datetime, join: Join
) -> Mapping[date, Joined]:
    query = statement(
        "joined_keys",
        stage.table,
        others=(join.table,),
        date_column=stage.date_column,
        usable=stage.usable_sql,
        written=stage.written_sql,
        keys=", ".join(join.keys),
        other_table=join.table,
        other_date_column=join.date_column,
        other_keys=", ".join(join.keys),
        condition=join.condition,
        same_keys=" AND ".join(f"o.{key} = s.{key}" for key in join.keys),
    )
    rows = engine.read(query, {"first": first, "last": last, "as_of": as_of})
    return {row["joined_on"]: Joined(row["other_count"], row["matched_count"]) for row in rows}


def _members(engine: Engine, query: MembersQuery) -> Members:
    try:
        rows = engine.read(statement("members", query.table, column=query.column, where=query.where), {})
    except WarehouseError as error:
        return Members(unreadable=str(error))
    return Members(frozenset(row["member"] for row in rows))


def _halts(engine: Engine, state: State, first: date, last: date, as_of: datetime) -> Mapping[date, Halt]:
    """The dates on which a state table explains that a stage holds nothing; none where the table is not there."""
    if not engine.columns(Table(state.table, partition=state.date_column, columns={})):
        return {}
    query = statement(
        "state",
        state.table,
        date_column=state.date_column,
        active=state.active,
        reason_column=state.reason_column,
        since_column=state.since_column,
        written_column=state.written_column,
    )
    rows = engine.read(query, {"first": first, "last": last, "as_of": as_of})
    return {
        row["stated_on"]: Halt(row["reason"], row["since"])
        for row in rows
        if row["is_active"] and row["reason"] in state.explains
    }


def _or_error(ask: Callable[[], Answer]) -> Answer | WarehouseError:
    try:
        return ask()
    except WarehouseError as error:
        return error


def _of_table(engine: Engine, stage: Stage) -> StageRead:
    try:
        columns = engine.columns(Table(stage.table, partition=stage.date_column, columns={}))
    except WarehouseError as error:
        return StageRead(stage, unreadable=str(error))
    if not columns:
        why = "no such table in the warehouse; check NBA_MONITORING_WAREHOUSE, or load the table first"
        return StageRead(stage, unreadable=f"{stage.table}: {why}", is_there=False)
    return StageRead(stage.over(columns))


def _questions(stage: Stage) -> dict[_Question, Sequence[Measure]]:
    asked: dict[str | None, list[Measure]] = {stage.grouping: list(distinct_keys.measures(stage))}
    for rule in stage.rules:
        for by, measures in rule.measures(stage).items():
            asked.setdefault(by, []).extend(measures)
    return {_question(stage, by): measures for by, measures in asked.items()}


def _question(stage: Stage, by: str | None) -> _Question:
    return _Question(stage.table, stage.date_column, stage.written_sql, by)


def _answer(
    engine: Engine, question: _Question, measures: Sequence[Measure], first: date, last: date, as_of: datetime
) -> Mapping[date, Groups]:
    found: defaultdict[date, dict[str | None, Mapping[Measure, object]]] = defaultdict(dict)
    for row in engine.read(question.statement(measures), {"first": first, "last": last, "as_of": as_of}):
        values = {measure: row[f"m{n}"] for n, measure in enumerate(measures)}
        found[row["measured_on"]][row["group_name"]] = values
    return found


def _with_answers(read: StageRead, answers: Mapping[_Question, Mapping[date, Groups] | WarehouseError]) -> StageRead:
    if read.unreadable is not None:
        return read
    groups: dict[str | None, Mapping[date, Groups]] = {}
    for question in _questions(read.stage):
        answer = answers[question]
        if isinstance(answer, WarehouseError):
            return StageRead(read.stage, unreadable=str(answer))
        groups[question.by] = answer
    return StageRead(read.stage, Measured(groups))


def _with_the_rest(
    read: StageRead,
    halted: Mapping[State, Mapping[date, Halt] | WarehouseError],
    sets: Mapping[MembersQuery, Members],
    ask: Callable[[Join], Mapping[date, Joined]],
) -> StageRead:
    """What the stage's own table does not say. Where it can't be read, that is a problem, and it excuses nothing."""
    problems: list[str] = []
    halts: Mapping[date, Halt] = {}
    if read.stage.excused_by is not None:
        stated = halted[read.stage.excused_by]
        if isinstance(stated, WarehouseError):
            problems.append(f"whether it was stopped on purpose can't be told: {stated}")
        else:
            halts = stated
    joined: dict[Join, Mapping[date, Joined]] = {}
    for join in [rule.join for rule in read.stage.rules if rule.join is not None]:
        matched = _or_error(partial(ask, join))
        if isinstance(matched, WarehouseError):
            problems.append(f"can't be compared with {join.table}: {matched}")
        else:
            joined[join] = matched
    return replace(read, joined=joined, members=sets, halts=halts, problems=tuple(problems))
