"""The stages' tables as they stood at many looks, measured: one query a table and grouping for all of them."""

from __future__ import annotations

from collections import ChainMap, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from nba_monitoring.core.rules import distinct_keys
from nba_monitoring.core.rules.base import Groups, Join, Joined, Measure, Measured, Values
from nba_monitoring.core.stages import Stage
from nba_monitoring.core.written import written_sql
from nba_monitoring.warehouse.engines import Engine, Rows
from nba_monitoring.warehouse.stage_tables import StageRead
from nba_monitoring.warehouse.statements import statement
from nba_monitoring.warehouse.tables import Table

# Not a table anywhere: the shape of the parameter that says which dates are looked at, and when.
_LOOKS = Table(
    name="looks",
    partition="look_day",
    columns={"look_number": "INT64", "look_day": "DATE", "look_at": "TIMESTAMP"},
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

    A date's own rows are as they stood at the look, those of the dates before it, on which rules look back, as they
    stand in the end. Raises WarehouseError.
    """
    asked: defaultdict[tuple[str, str, str, str | None], dict[Measure, None]] = defaultdict(dict)
    readable = [read for read in reads.values() if read.unreadable is None]
    for read in readable:
        for by, measures in _measures(read.stage).items():
            asked[_question(read.stage, by)].update(dict.fromkeys(measures))
    answers = {question: _answer(engine, question, list(measures), looks) for question, measures in asked.items()}
    joined = {
        (read.stage.name, join): _joined(engine, read.stage, join, looks) for read in readable for join in read.joined
    }
    return {
        name: {
            look: read if read.unreadable is not None else _at(read, number, look, answers, joined)
            for number, look in enumerate(looks)
        }
        for name, read in reads.items()
    }


def _measures(stage: Stage) -> Mapping[str | None, Sequence[Measure]]:
    found: defaultdict[str | None, list[Measure]] = defaultdict(list)
    found[stage.grouping].extend(distinct_keys.measures(stage))
    for rule in stage.rules:
        for by, measures in rule.measures(stage).items():
            found[by].extend(measures)
    return found


def _question(stage: Stage, by: str | None) -> tuple[str, str, str, str | None]:
    return stage.table, stage.date_column, stage.written_sql, by


def _answer(
    engine: Engine, question: tuple[str, str, str, str | None], measures: Sequence[Measure], looks: Sequence[Look]
) -> Mapping[int, Groups]:
    table, date_column, written, by = question
    query = statement(
        "stage_measures_at",
        table,
        date_column=date_column,
        written=written,
        group_name="CAST(NULL AS STRING)" if by is None else f"CAST({by} AS STRING)",
        grouping="l.look_number" if by is None else f"l.look_number, {by}",
        measures=",\n  ".join(f"{measure.sql} AS m{n}" for n, measure in enumerate(measures)),
    )
    found: defaultdict[int, dict[str | None, Values]] = defaultdict(dict)
    for row in engine.read(query, _parameters(looks)):
        found[row["look_number"]][row["group_name"]] = {measure: row[f"m{n}"] for n, measure in enumerate(measures)}
    return _carried_on(found, looks)


def _carried_on(changed: Mapping[int, Groups], looks: Sequence[Look]) -> Mapping[int, Groups]:
    """What stood at every look: what the last one of its date saw at which something had changed."""
    found: dict[int, Groups] = {}
    for number, look in enumerate(looks):
        if number in changed:
            found[number] = changed[number]
        elif number - 1 in found and looks[number - 1].day == look.day:
            found[number] = found[number - 1]
    return found


def _joined(engine: Engine, stage: Stage, join: Join, looks: Sequence[Look]) -> Mapping[int, Joined]:
    there = engine.columns(Table(join.table, partition=join.date_column, columns={}))
    query = statement(
        "joined_keys_at",
        join.table,
        others=(stage.table,),
        stage_table=stage.table,
        date_column=stage.date_column,
        usable=stage.usable_sql,
        written=stage.written_sql,
        keys=", ".join(join.keys),
        other_date_column=join.date_column,
        other_keys=", ".join(join.keys),
        other_written=written_sql([column for column in join.written if column in there]),
        condition=join.condition,
        same_keys=" AND ".join(f"o.{key} = s.{key}" for key in join.keys),
    )
    rows = engine.read(query, _parameters(looks))
    return {row["look_number"]: Joined(row["other_count"], row["matched_count"]) for row in rows}


def _parameters(looks: Sequence[Look]) -> dict[str, date | datetime | Rows]:
    rows = [{"look_number": number, "look_day": look.day, "look_at": look.at} for number, look in enumerate(looks)]
    days = [look.day for look in looks]
    return {"first": min(days), "last": max(days), "looks": Rows(_LOOKS, rows)}


def _at(
    read: StageRead,
    number: int,
    look: Look,
    answers: Mapping[tuple[str, str, str, str | None], Mapping[int, Groups]],
    joined: Mapping[tuple[str, Join], Mapping[int, Joined]],
) -> StageRead:
    groups: dict[str | None, Mapping[date, Groups]] = {}
    for by in _measures(read.stage):
        of_date = answers[_question(read.stage, by)].get(number, {})
        groups[by] = ChainMap({look.day: of_date}, dict(read.measured.groups.get(by, {})))
    matched = {
        join: {look.day: found} if (found := joined[read.stage.name, join].get(number)) else {} for join in read.joined
    }
    return replace(read, measured=Measured(groups), joined=matched)
