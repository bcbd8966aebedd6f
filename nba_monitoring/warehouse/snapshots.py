"""Reads the stages' tables as of past instants: one query per table and grouping for all snapshots."""

from __future__ import annotations

from bisect import bisect_right
from collections import ChainMap, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from nba_monitoring.core.counting import Groups, Measure, Measured
from nba_monitoring.core.rules.base import Halt, Join, JoinedGames
from nba_monitoring.core.stages import State
from nba_monitoring.warehouse.engines import Engine, Parameters, Rows, WarehouseError
from nba_monitoring.warehouse.stage_queries import MeasureQuery, QueryMode, halts, joined_keys, measure_requests
from nba_monitoring.warehouse.stage_reads import StageRead
from nba_monitoring.warehouse.tables import Table

# Not a real table: the types of the parameter that lists the snapshots.
_SNAPSHOTS = Table(
    name="snapshots",
    partition="snapshot_day",
    columns={"snapshot_number": "INT64", "snapshot_day": "DATE", "snapshot_at": "TIMESTAMP"},
)

_BY_SNAPSHOT = QueryMode(
    measures="stage_measures_as_of",
    joined="joined_keys_as_of",
    halted="state_as_of",
    key="snapshot_number",
    as_of="l.snapshot_at",
    grouped_by="l.snapshot_number",
)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A date as of an instant (UTC)."""

    day: date
    at: datetime


def read_snapshots(
    engine: Engine, reads: Mapping[str, StageRead], snapshots: Sequence[Snapshot]
) -> Mapping[str, Mapping[Snapshot, StageRead]]:
    """What each stage had in each snapshot (at least one; a date's own in order of time), by stage name.

    `reads` is what the stages have now. A snapshot has its own date's rows as of its instant. Earlier dates, which some
    rules compare with, are as of their own latest snapshot by then; dates without snapshots are as they are now.
    Raises WarehouseError.
    """
    measures: defaultdict[MeasureQuery, list[Measure]] = defaultdict(list)
    queries: defaultdict[str, set[MeasureQuery]] = defaultdict(set)
    readable = [read for read in reads.values() if read.unreadable is None]
    for read in readable:
        for request in measure_requests(read.stage):
            measures[request.query].extend(request.measures)
            queries[read.stage.name].add(request.query)
    parameters = _parameters(snapshots)
    answers: dict[MeasureQuery, Mapping[int, Groups]] = {
        query: _carried_forward(query.run(engine, _BY_SNAPSHOT, wanted, parameters), snapshots)
        for query, wanted in measures.items()
    }
    joined: dict[tuple[str, Join], Mapping[int, JoinedGames]] = {
        (read.stage.name, join): joined_keys(engine, _BY_SNAPSHOT, read.stage, join, parameters)
        for read in readable
        for join in read.joined
    }
    halted: dict[State | None, Mapping[int, Halt]] = {}
    for state in {read.stage.excused_by for read in readable if read.stage.excused_by is not None}:
        # One that can't be read is already reported as a problem in `reads`.
        with suppress(WarehouseError):
            halted[state] = halts(engine, _BY_SNAPSHOT, state, parameters)
    return {
        name: _in_snapshots(
            read,
            snapshots,
            {query: answers[query] for query in queries[name]},
            joined,
            halted.get(read.stage.excused_by, {}),
        )
        for name, read in reads.items()
    }


def _carried_forward(changed: Mapping[int, Groups], snapshots: Sequence[Snapshot]) -> Mapping[int, Groups]:
    """Fill the snapshots in which nothing had changed from the one before, of the same date."""
    found: dict[int, Groups] = {}
    for number, snapshot in enumerate(snapshots):
        if number in changed:
            found[number] = changed[number]
        elif number - 1 in found and snapshots[number - 1].day == snapshot.day:
            found[number] = found[number - 1]
    return found


def _parameters(snapshots: Sequence[Snapshot]) -> Parameters:
    rows = [
        {"snapshot_number": number, "snapshot_day": snapshot.day, "snapshot_at": snapshot.at}
        for number, snapshot in enumerate(snapshots)
    ]
    days = [snapshot.day for snapshot in snapshots]
    return {"first": min(days), "last": max(days), "snapshots": Rows(_SNAPSHOTS, rows)}


def _in_snapshots(
    read: StageRead,
    snapshots: Sequence[Snapshot],
    answers: Mapping[MeasureQuery, Mapping[int, Groups]],
    joined: Mapping[tuple[str, Join], Mapping[int, JoinedGames]],
    halted: Mapping[int, Halt],
) -> Mapping[Snapshot, StageRead]:
    numbers_of: defaultdict[date, list[int]] = defaultdict(list)
    for number, snapshot in enumerate(snapshots):
        numbers_of[snapshot.day].append(number)
    now = {query.by: dict(read.measured.groups.get(query.by, {})) for query in answers}
    last = {
        query.by: {day: groups.get(numbers[-1], {}) for day, numbers in numbers_of.items()}
        for query, groups in answers.items()
    }
    found: dict[Snapshot, StageRead] = {}
    for number, snapshot in enumerate(snapshots):
        # Snapshots of the day before may be later than this one; those of earlier dates never are.
        before = snapshot.day - timedelta(days=1)
        earlier = bisect_right(numbers_of.get(before, ()), snapshot.at, key=lambda other: snapshots[other].at)
        newest = {snapshot.day: number} | ({before: numbers_of[before][earlier - 1]} if earlier else {})
        measured = {
            query.by: ChainMap(
                {day: groups.get(at, {}) for day, at in newest.items()},
                last[query.by],
                now[query.by],
            )
            for query, groups in answers.items()
        }
        matched = {
            join: {snapshot.day: keys} if (keys := joined[read.stage.name, join].get(number)) else {}
            for join in read.joined
        }
        halt = {snapshot.day: halted[number]} if number in halted else {}
        found[snapshot] = replace(read, measured=Measured(measured), joined=matched, halts=halt)
    return found
