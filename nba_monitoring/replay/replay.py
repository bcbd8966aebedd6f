"""A range of dates replayed: what would have been told when, what was so, and the score."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, partial

from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.stages import Due, StageTable
from nba_monitoring.replay.course import Course, course
from nba_monitoring.replay.looks import PastLooks, PastSchedule
from nba_monitoring.replay.score import Score, Truth
from nba_monitoring.settings import Settings
from nba_monitoring.warehouse import Warehouse


@dataclass(frozen=True, slots=True)
class Replay:
    """The courses of the dates by one table of stages, and their score."""

    courses: tuple[Course, ...]
    score: Score
    # Stages whose tables keep no first writing times: what was told of them is a lower bound of what was there.
    rewritten: tuple[str, ...]


def replay(
    warehouse: Warehouse,
    settings: Settings,
    span: tuple[date, date],
    every: timedelta,
    now: datetime,
    tried: StageTable | None = None,
    progress: Callable[[Sequence[date]], Iterable[date]] = iter,
) -> tuple[Replay, Replay | None]:
    """The dates by the stages in force, and by a table that is tried, whose alerts are held to those in force.

    Raises WarehouseError.
    """
    tables = [settings.stages] if tried is None else [settings.stages, tried]
    schedule = PastSchedule(warehouse, settings, span, max(table.lookback for table in tables), now)
    replayed = [_replayed(PastLooks(warehouse, settings, table, schedule, every), progress) for table in tables]
    truths = replayed[0].truths
    in_force, *others = [Replay(each.courses, Score.of(each.courses, truths), each.rewritten) for each in replayed]
    return in_force, others[0] if others else None


@dataclass(frozen=True, slots=True)
class _Replayed:
    courses: tuple[Course, ...]
    truths: Mapping[date, Truth]
    rewritten: tuple[str, ...]


def _replayed(looks: PastLooks, progress: Callable[[Sequence[date]], Iterable[date]]) -> _Replayed:
    courses: list[Course] = []
    truths: dict[date, Truth] = {}
    first_unseen: defaultdict[str, list[bool]] = defaultdict(list)
    for day in progress(looks.schedule.days):
        instants = sorted((instant, due) for due in Due for instant in looks.instants(day, due))
        if not instants:
            continue
        record_at = cache(partial(looks.record, day))
        taken = course(day, instants, record_at, looks.stages)
        courses.append(taken)
        truths[day] = _truth(taken, looks.schedule.slates[day].first_tip_at, record_at)
        last = record_at(instants[-1][0])
        for name, holds in looks.holds(day).items():
            if holds and name in last.stages:
                first_unseen[name].append(last.stages[name].detail.rows == 0)
    rewritten = tuple(name for name, dates in first_unseen.items() if sum(dates) * 2 > len(dates))
    return _Replayed(tuple(courses), truths, rewritten)


def _truth(taken: Course, tip: datetime | None, record_at: Callable[[datetime], CheckRecord]) -> Truth:
    before = [look for look in taken.looks if tip is None or look.check_time <= tip]
    at_tip = [] if tip is None or tip > taken.instants[-1] else [record_at(tip)]
    return Truth.of([*before, *at_tip] or taken.looks[:1])
