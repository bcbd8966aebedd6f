"""The tables of the pipeline's stages, measured: one query a table and grouping, however many dates and stages."""

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
from nba_monitoring.core.rules.base import Halt, Join, Joined, Members, MembersQuery
from nba_monitoring.core.stages import Stage, State
from nba_monitoring.warehouse.engines import Engine, Parameters, Rows
from nba_monitoring.warehouse.errors import StatementRefusedError, WarehouseError
from nba_monitoring.warehouse.stage_queries import Asked, Part, Question, halts, joined_keys, parts
from nba_monitoring.warehouse.statements import statement
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
    """What was read of one stage, or why its table could not be read."""

    stage: Stage  # as its table has it
    measured: Measured = field(default_factory=lambda: Measured({}))
    joined: Mapping[Join, Mapping[date, Joined]] = field(default_factory=dict)
    members: Mapping[MembersQuery, Members] = field(default_factory=dict)
    halts: Mapping[date, Halt] = field(default_factory=dict)
    problems: tuple[str, ...] = ()  # what could not be read besides
    unreadable: str | None = None  # why the table could not be read
    is_there: bool = True  # False where the warehouse has no such table


_WHOLE_DATES = Asked(
    measures="stage_measures",
    joined="joined_keys",
    halted="state",
    key="asked_day",  # not "day", which a table may have as a column
    grouped_by="{date_column}",
)

_Answer = Mapping[date, Groups] | WarehouseError


def read_stages(
    engine: Engine, stages: Iterable[Stage], first: date, last: date, as_of: datetime
) -> dict[str, StageRead]:
    """What the stages' tables hold on the dates, and before them as far as their rules look back, by stage.

    A table that can't be read is told in what was read of its stages, and costs no other stage. Nor does a condition
    that is wrong: of those who ask a query together each is then asked alone.
    """
    reads = {stage.name: _of_table(engine, stage) for stage in stages}
    asked = [part for read in reads.values() if read.unreadable is None for part in parts(read.stage)]
    answers = _answers(engine, asked, first, last, as_of)
    reads = {name: _with_answers(read, asked, answers) for name, read in reads.items()}
    readable = [read.stage for read in reads.values() if read.unreadable is None]
    states = {stage.excused_by for stage in readable if stage.excused_by is not None}
    dates: Parameters = {"first": first, "last": last, "as_of": as_of}
    halted = {state: _or_error(partial(halts, engine, _WHOLE_DATES, state, dates)) for state in states}
    queries = {rule.members_query for stage in readable for rule in stage.rules if rule.members_query is not None}
    sets = {query: _members(engine, query) for query in queries}
    return {
        name: read
        if read.unreadable is not None
        else _with_the_rest(
            read, halted, sets, partial(joined_keys, engine, _WHOLE_DATES, read.stage, parameters=dates)
        )
        for name, read in reads.items()
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


def _members(engine: Engine, query: MembersQuery) -> Members:
    try:
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
        why = "no such table in the warehouse; check NBA_MONITORING_WAREHOUSE, or load the table first"
        return StageRead(stage, unreadable=f"{stage.table}: {why}", is_there=False)
    return StageRead(stage.over(columns), problems=stage.lacking(columns))


def _answers(engine: Engine, asked: Sequence[Part], first: date, last: date, as_of: datetime) -> Sequence[_Answer]:
    """The answer to each part: parts with the same question are asked together."""
    answers: dict[int, _Answer] = {}
    together: defaultdict[Question, list[int]] = defaultdict(list)
    for number, part in enumerate(asked):
        together[part.question].append(number)
    for numbers in together.values():
        answer = _or_error(partial(_answer, engine, [asked[number] for number in numbers], first, last, as_of))
        is_refused = isinstance(answer, StatementRefusedError) and len(numbers) > 1
        for number in numbers:
            alone = partial(_answer, engine, [asked[number]], first, last, as_of)
            answers[number] = _or_error(alone) if is_refused else answer
    return [answers[number] for number in range(len(asked))]


def _answer(
    engine: Engine, together: Sequence[Part], first: date, last: date, as_of: datetime
) -> Mapping[date, Groups]:
    back = max(0 if part.rule is None else part.rule.lookback_days for part in together)
    return together[0].question.answer(
        engine,
        _WHOLE_DATES,
        [measure for part in together for measure in part.measures],
        {"first": first - timedelta(days=back), "last": last, "as_of": as_of},
    )


def _with_answers(read: StageRead, asked: Sequence[Part], answers: Sequence[_Answer]) -> StageRead:
    """What was measured of a stage; a rule that could not be is left out of it, and told."""
    answered: defaultdict[str | None, list[Mapping[date, Groups]]] = defaultdict(list)
    problems, failed = list(read.problems), []
    for part, answer in zip(asked, answers, strict=True):
        if part.stage is not read.stage:
            continue
        if not isinstance(answer, WarehouseError):
            answered[part.question.by].append(answer)
        elif part.rule is None:
            return replace(read, unreadable=str(answer))
        else:
            failed.append(part.rule)
            problems.append(f"rule {part.rule.rule} can't be judged: {answer}")
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
    ask: Callable[[Join], Mapping[date, Joined]],
) -> StageRead:
    """What the stage's own table does not say. Where it can't be read, that is a problem, and it excuses nothing."""
    problems = list(read.problems)
    halts: Mapping[date, Halt] = {}
    if read.stage.excused_by is not None:
        stated = halted[read.stage.excused_by]
        if isinstance(stated, WarehouseError):
            problems.append(f"whether it was stopped on purpose can't be told: {stated}")
        else:
            halts = stated
    joined: dict[Join, Mapping[date, Joined]] = {}
    for join in dict.fromkeys(rule.join for rule in read.stage.rules if rule.join is not None):
        matched = _or_error(partial(ask, join))
        if isinstance(matched, WarehouseError):
            problems.append(f"can't be compared with {join.table}: {matched}")
        else:
            joined[join] = matched
    return replace(read, joined=joined, members=sets, halts=halts, problems=tuple(problems))
