"""The stages' tables as they stood at many looks, measured: one query a table and grouping for all of them."""

from __future__ import annotations

from bisect import bisect_right
from collections import ChainMap, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from nba_monitoring.core.counting import Groups, Measure, Measured
from nba_monitoring.core.rules.base import Halt, Join, Joined
from nba_monitoring.core.stages import State
from nba_monitoring.warehouse.engines import Engine, Parameters, Rows
from nba_monitoring.warehouse.errors import WarehouseError
from nba_monitoring.warehouse.stage_queries import Asked, Question, halts, joined_keys, parts
from nba_monitoring.warehouse.stage_tables import StageRead
from nba_monitoring.warehouse.tables import Table

# Not a table anywhere: the shape of the parameter that says which dates are looked at, and when.
_LOOKS = Table(
    name="looks",
    partition="look_day",
    columns={"look_number": "INT64", "look_day": "DATE", "look_at": "TIMESTAMP"},
)

_LOOKED_AT = Asked(
    measures="stage_measures_at",
    joined="joined_keys_at",
    halted="state_at",
    key="look_number",
    grouped_by="l.look_number",
)


@dataclass(frozen=True, slots=True)
class Look:
    """A look at a date as of an instant (UTC)."""

    day: date
    at: datetime


def read_looks(
    engine: Engine, reads: Mapping[str, StageRead], looks: Sequence[Look]
) -> Mapping[str, Mapping[Look, StageRead]]:
    """What each stage held at each look (one at least; those of a date in the order of time), by the stage's name.

    `reads` is what it holds in the end.

    A date's own rows are as they stood at the look. Those of the dates before it, on which rules look back, are as they
    stood at their own newest look until then; of dates without a look, as they stand in the end. Raises WarehouseError.
    """
    asked: defaultdict[Question, list[Measure]] = defaultdict(list)
    questions: defaultdict[str, set[Question]] = defaultdict(set)
    readable = [read for read in reads.values() if read.unreadable is None]
    for read in readable:
        for part in parts(read.stage):
            asked[part.question].extend(part.measures)
            questions[read.stage.name].add(part.question)
    parameters = _parameters(looks)
    answers: dict[Question, Mapping[int, Groups]] = {
        question: _carried_on(question.answer(engine, _LOOKED_AT, measures, parameters), looks)
        for question, measures in asked.items()
    }
    joined: dict[tuple[str, Join], Mapping[int, Joined]] = {
        (read.stage.name, join): joined_keys(engine, _LOOKED_AT, read.stage, join, parameters)
        for read in readable
        for join in read.joined
    }
    halted: dict[State | None, Mapping[int, Halt]] = {}
    for state in {read.stage.excused_by for read in readable if read.stage.excused_by is not None}:
        # One that can't be read is told as a problem of what the stage holds in the end.
        with suppress(WarehouseError):
            halted[state] = halts(engine, _LOOKED_AT, state, parameters)
    return {
        name: _at_looks(
            read,
            looks,
            {question: answers[question] for question in questions[name]},
            joined,
            halted.get(read.stage.excused_by, {}),
        )
        for name, read in reads.items()
    }


def _carried_on(changed: Mapping[int, Groups], looks: Sequence[Look]) -> Mapping[int, Groups]:
    """What stood at every look: what the last one of its date saw at which something had changed."""
    found: dict[int, Groups] = {}
    for number, look in enumerate(looks):
        if number in changed:
            found[number] = changed[number]
        elif number - 1 in found and looks[number - 1].day == look.day:
            found[number] = found[number - 1]
    return found


def _parameters(looks: Sequence[Look]) -> Parameters:
    rows = [{"look_number": number, "look_day": look.day, "look_at": look.at} for number, look in enumerate(looks)]
    days = [look.day for look in looks]
    return {"first": min(days), "last": max(days), "looks": Rows(_LOOKS, rows)}


def _at_looks(
    read: StageRead,
    looks: Sequence[Look],
    answers: Mapping[Question, Mapping[int, Groups]],
    joined: Mapping[tuple[str, Join], Mapping[int, Joined]],
    halted: Mapping[int, Halt],
) -> Mapping[Look, StageRead]:
    taken: defaultdict[date, list[int]] = defaultdict(list)
    for number, look in enumerate(looks):
        taken[look.day].append(number)
    in_the_end = {question.by: dict(read.measured.groups.get(question.by, {})) for question in answers}
    at_the_last = {
        question.by: {day: by_look.get(numbers[-1], {}) for day, numbers in taken.items()}
        for question, by_look in answers.items()
    }
    found: dict[Look, StageRead] = {}
    for number, look in enumerate(looks):
        # The looks at the day before go on beside this one's; those at earlier dates are over.
        before = look.day - timedelta(days=1)
        earlier = bisect_right(taken[before], look.at, key=lambda other: looks[other].at) if before in taken else 0
        newest = {look.day: number} | ({before: taken[before][earlier - 1]} if earlier else {})
        groups = {
            question.by: ChainMap(
                {day: by_look.get(at, {}) for day, at in newest.items()},
                at_the_last[question.by],
                in_the_end[question.by],
            )
            for question, by_look in answers.items()
        }
        matched = {
            join: {look.day: keys} if (keys := joined[read.stage.name, join].get(number)) else {}
            for join in read.joined
        }
        halt = {look.day: halted[number]} if number in halted else {}
        found[look] = replace(read, measured=Measured(groups), joined=matched, halts=halt)
    return found
