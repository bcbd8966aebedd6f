"""Reads the stages' tables: one query per table and grouping, however many dates and stages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import TypeVar

from nba_monitoring.core.counting import Groups, Measure, Measured
from nba_monitoring.core.coverage import Keys
from nba_monitoring.core.games import GameKey
from nba_monitoring.core.rules.base import Halt, Join, JoinedGames, Members, MembersQuery
from nba_monitoring.core.stages import Stage, State
from nba_monitoring.warehouse.engines import (
    NO_SUCH_TABLE,
    Engine,
    Parameters,
    Rows,
    StatementRefusedError,
    WarehouseError,
    statement,
)
from nba_monitoring.warehouse.stage_queries import (
    MeasureQuery,
    MeasureRequest,
    QueryMode,
    halts,
    joined_keys,
    measure_requests,
)
from nba_monitoring.warehouse.tables import Table

Answer = TypeVar("Answer")

# Not a real table: the types of the parameter that lists the ids of each game.
_GAME_IDS = Table(
    name="game_ids",
    partition="game_date",
    columns={"game_date": "DATE", "game_id": "STRING", "game_number": "INT64"},
)


@dataclass(frozen=True)
class StageRead:
    """What one stage's table has, or why it could not be read."""

    stage: Stage  # without what its table lacks
    measured: Measured = field(default_factory=lambda: Measured({}))
    joined: Mapping[Join, Mapping[date, JoinedGames]] = field(default_factory=dict)
    members: Mapping[MembersQuery, Members] = field(default_factory=dict)
    halts: Mapping[date, Halt] = field(default_factory=dict)
    problems: tuple[str, ...] = ()  # what else could not be read
    unreadable: str | None = None  # why the table could not be read
    is_there: bool = True  # whether the table exists


_BY_DATE = QueryMode(
    measures="stage_measures",
    joined="joined_keys",
    halted="state",
    as_of="@as_of",
    key="asked_day",  # not "day", which a table may have as a column
    grouped_by="{date_column}",
)

_Answer = Mapping[date, Groups] | WarehouseError


def read_stages(
    engine: Engine, stages: Iterable[Stage], first: date, last: date, as_of: datetime
) -> dict[str, StageRead]:
    """What the stages' tables have on the dates, and on as many dates before as their rules need, by stage name.

    A table that can't be read makes only its own stages `unreadable`. If a shared query is refused, each of its stages
    is queried alone, so that one wrong condition affects no other stage.
    """
    reads = {stage.name: _of_table(engine, stage) for stage in stages}
    requests = [
        request for read in reads.values() if read.unreadable is None for request in measure_requests(read.stage)
    ]
    answers = _answers(engine, requests, first, last, as_of)
    reads = {name: _with_answers(read, requests, answers) for name, read in reads.items()}
    readable = [read.stage for read in reads.values() if read.unreadable is None]
    states = {stage.excused_by for stage in readable if stage.excused_by is not None}
    dates: Parameters = {"first": first, "last": last, "as_of": as_of}
    halted = {state: _or_error(partial(halts, engine, _BY_DATE, state, dates)) for state in states}
    queries = {rule.members_query for stage in readable for rule in stage.rules if rule.members_query is not None}
    sets = {query: _members(engine, query) for query in queries}
    return {
        name: read
        if read.unreadable is not None
        else _with_the_rest(read, halted, sets, partial(joined_keys, engine, _BY_DATE, read.stage, parameters=dates))
        for name, read in reads.items()
    }


def keys_over_ids(
    engine: Engine, stage: Stage, games: Mapping[GameKey, Sequence[str]], as_of: datetime
) -> dict[GameKey, Keys]:
    """The distinct keys of each game (at least one) over all its ids, in one query. Raises WarehouseError."""
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
        first_written=stage.first_written_sql,
    )
    found = engine.read(
        query, {"first": min(days), "last": max(days), "as_of": as_of, "game_ids": Rows(_GAME_IDS, ids)}
    )
    return {numbered[row["game_number"]]: Keys(row["key_count"], row["usable_key_count"]) for row in found}


def _members(engine: Engine, query: MembersQuery) -> Members:
    try:
        if not engine.columns(Table(query.table, partition=query.column, columns={})):
            return Members(unreadable=f"{query.table}: {NO_SUCH_TABLE}", is_there=False)
        rows = engine.read(statement("members", query.table, column=query.column, where=query.where), {})
    except WarehouseError as error:
        return Members(unreadable=str(error))
    return Members(frozenset(row["member"] for row in rows))


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
        return StageRead(stage, unreadable=f"{stage.table}: {NO_SUCH_TABLE}", is_there=False)
    return StageRead(stage.over(columns), problems=stage.lacking(columns))


def _answers(
    engine: Engine, requests: Sequence[MeasureRequest], first: date, last: date, as_of: datetime
) -> Sequence[_Answer]:
    """The answer to each request. Requests with the same query share it."""
    answers: dict[int, _Answer] = {}
    together: defaultdict[MeasureQuery, list[int]] = defaultdict(list)
    for number, request in enumerate(requests):
        together[request.query].append(number)
    for numbers in together.values():
        answer = _or_error(partial(_answer, engine, [requests[number] for number in numbers], first, last, as_of))
        is_refused = isinstance(answer, StatementRefusedError) and len(numbers) > 1
        for number in numbers:
            alone = partial(_answer, engine, [requests[number]], first, last, as_of)
            answers[number] = _or_error(alone) if is_refused else answer
    return [answers[number] for number in range(len(requests))]


def _answer(
    engine: Engine, together: Sequence[MeasureRequest], first: date, last: date, as_of: datetime
) -> Mapping[date, Groups]:
    back = max(0 if request.rule is None else request.rule.lookback_days for request in together)
    return together[0].query.run(
        engine,
        _BY_DATE,
        [measure for request in together for measure in request.measures],
        {"first": first - timedelta(days=back), "last": last, "as_of": as_of},
    )


def _with_answers(read: StageRead, requests: Sequence[MeasureRequest], answers: Sequence[_Answer]) -> StageRead:
    """The measures of a stage. A rule whose measures failed is dropped and reported as a problem."""
    answered: defaultdict[str | None, list[Mapping[date, Groups]]] = defaultdict(list)
    problems, failed = list(read.problems), []
    for request, answer in zip(requests, answers, strict=True):
        if request.stage is not read.stage:
            continue
        if not isinstance(answer, WarehouseError):
            answered[request.query.by].append(answer)
        elif request.rule is None:
            return replace(read, unreadable=str(answer))
        else:
            failed.append(request.rule)
            problems.append(f"rule {request.rule.rule} can't be applied: {answer}")
    measured = Measured({by: _merged(found) for by, found in answered.items()})
    rules = tuple(rule for rule in read.stage.rules if rule not in failed)
    stage = read.stage.model_copy(update={"rules": rules}) if failed else read.stage
    return replace(read, stage=stage, measured=measured, problems=tuple(problems))


def _merged(answers: Sequence[Mapping[date, Groups]]) -> Mapping[date, Groups]:
    if all(answer is answers[0] for answer in answers):
        return answers[0]
    merged: defaultdict[date, defaultdict[str | None, dict[Measure, object]]]
    merged = defaultdict(lambda: defaultdict(dict))
    for answer in answers:
        for day, groups in answer.items():
            for group, values in groups.items():
                merged[day][group].update(values)
    return merged


def _with_the_rest(
    read: StageRead,
    halted: Mapping[State, Mapping[date, Halt] | WarehouseError],
    sets: Mapping[MembersQuery, Members],
    ask: Callable[[Join], Mapping[date, JoinedGames]],
) -> StageRead:
    """Add what other tables say of the stage. One that can't be read is a problem, and explains no missing data."""
    problems = list(read.problems)
    halts: Mapping[date, Halt] = {}
    if read.stage.excused_by is not None:
        stated = halted[read.stage.excused_by]
        if isinstance(stated, WarehouseError):
            problems.append(f"can't tell whether it was halted: {stated}")
        else:
            halts = stated
    joined: dict[Join, Mapping[date, JoinedGames]] = {}
    for join in dict.fromkeys(rule.join for rule in read.stage.rules if rule.join is not None):
        matched = _or_error(partial(ask, join))
        if isinstance(matched, WarehouseError):
            problems.append(f"can't be compared with {join.table}: {matched}")
        else:
            joined[join] = matched
    return replace(read, joined=joined, members=sets, halts=halts, problems=tuple(problems))
