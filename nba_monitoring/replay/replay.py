"""A range of dates replayed: what would have been told when, what was so, and the score."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from nba_monitoring.core.stages import Due, StageTable
from nba_monitoring.replay.course import Course, course
from nba_monitoring.replay.looks import PastLooks
from nba_monitoring.replay.score import Score, Truth
from nba_monitoring.settings import Settings
from nba_monitoring.warehouse import Warehouse


@dataclass(frozen=True, slots=True)
class Replay:
    """The courses of the dates by one table of stages, and their score.

    `rewritten` are the stages whose tables keep no first writing times for most dates: what was told of them is a lower
    bound of what was there.
    """

    courses: tuple[Course, ...]
    score: Score
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
    in_force = _Replayed(PastLooks(warehouse, settings, settings.stages, span, every, now), progress)
    truths = in_force.truths
    other = None
    if tried is not None:
        other = _Replayed(PastLooks(warehouse, settings, tried, span, every, now), progress)
    return _scored(in_force, truths), None if other is None else _scored(other, truths)


class _Replayed:
    def __init__(self, looks: PastLooks, progress: Callable[[Sequence[date]], Iterable[date]]) -> None:
        self.courses: list[Course] = []
        self.truths: dict[date, Truth] = {}
        first_unseen: defaultdict[str, list[bool]] = defaultdict(list)
        for day in progress(looks.days):
            instants = sorted((instant, due) for due in Due for instant in looks.instants(day, due))
            if not instants:
                continue
            taken = course(day, instants, partial(looks.record, day), looks.stages)
            self.courses.append(taken)
            self.truths[day] = _truth(taken, looks)
            last = looks.record(day, instants[-1][0])
            for name, holds in looks.holds(day).items():
                if holds and name in last.stages:
                    first_unseen[name].append(last.stages[name].detail.rows == 0)
        self.rewritten = tuple(name for name, dates in first_unseen.items() if sum(dates) * 2 > len(dates))


def _truth(taken: Course, looks: PastLooks) -> Truth:
    tip = looks.slates[taken.day].first_tip_at
    before = [look for look in taken.looks if tip is None or look.check_time <= tip]
    at_tip = [] if tip is None or tip > taken.instants[-1] else [looks.record(taken.day, tip)]
    return Truth.of([*before, *at_tip] or taken.looks[:1])


def _scored(replayed: _Replayed, truths: dict[date, Truth]) -> Replay:
    courses = tuple(replayed.courses)
    return Replay(courses, Score.of(courses, truths), replayed.rewritten)
