"""The verdict on a date: its slate, the verdict on each stage, and where the pipeline broke first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.slate.slate import Slate
from nba_monitoring.core.stage_verdict import StageInput, StageVerdict, due_at, judge_stage, owes_rows
from nba_monitoring.core.stages import SCHEDULE, Due, StageTable
from nba_monitoring.core.status import Status


@dataclass(frozen=True, slots=True)
class Orphan:
    """A stage that has rows although an upstream stage has none: 885 predictions without a feature."""

    stage: str
    upstream: str
    rows: int


@dataclass(frozen=True, slots=True)
class DateVerdict:
    """The verdict on one date at one instant: its slate, and each stage compared with it."""

    day: date
    checked_at: datetime  # UTC
    is_live: bool  # its games are still to be played or in play, so there is time to act
    slate: Slate
    # By name, in pipeline order, without stages that are not watched because they have no table.
    stages: Mapping[str, StageVerdict]
    table: StageTable  # for the upstream stages

    @property
    def first_broken(self) -> str | None:
        """Name of the first broken stage; `schedule` if the slate is unknown."""
        return self._first_of(self.causes)

    def first_broken_of(self, due: Due) -> str | None:
        """The same among the stages with one due time."""
        return self._first_of([cause for cause in self.causes if cause.stage.due_by is due])

    @property
    def causes(self) -> tuple[StageVerdict, ...]:
        """Failing stages whose upstream stages pass, earliest first."""
        return tuple(found for found in self.stages.values() if not found.passes and not self._is_downstream(found))

    @property
    def downstream(self) -> tuple[StageVerdict, ...]:
        """Failing stages downstream of a failing stage."""
        return tuple(found for found in self.stages.values() if not found.passes and self._is_downstream(found))

    @property
    def orphans(self) -> tuple[Orphan, ...]:
        """Stages that have rows although an upstream stage is missing and has none; with the earliest such stage."""
        empty = [
            name
            for name, found in self.stages.items()
            if found.status is Status.MISSING_DATA and found.coverage.holds_nothing
        ]
        found = []
        for name, verdict in self.stages.items():
            upstream = next((other for other in empty if other in self.table.upstreams[name]), None)
            if upstream is not None and verdict.coverage.total_rows:
                found.append(Orphan(name, upstream, verdict.coverage.total_rows))
        return tuple(found)

    def _is_downstream(self, found: StageVerdict) -> bool:
        upstreams = self.table.upstreams[found.stage.name]
        return any(name in self.stages and not self.stages[name].passes for name in upstreams)

    def _first_of(self, causes: Sequence[StageVerdict]) -> str | None:
        if not causes:
            return None
        # An unknown slate, or one that hides a game, fails every stage. A stage that fails for its own rows says more.
        first = next((cause for cause in causes if not cause.is_broken_by_schedule), None)
        return SCHEDULE if first is None else first.stage.name


def judge(slate: Slate, seen: Sequence[StageInput], table: StageTable, now: datetime) -> DateVerdict:
    """Compare a slate with each stage's rows for the same date, in pipeline order. `now` is UTC."""
    due = _due_times(seen, table)
    stages = {each.stage.name: judge_stage(each, due[each.stage.name], now) for each in seen}
    return DateVerdict(slate.day, now, slate.day >= game_date(now), slate, stages, table)


def _due_times(seen: Sequence[StageInput], table: StageTable) -> Mapping[str, datetime]:
    """When each stage must be complete: when it is due, or one that depends on it and has something to do that day."""
    due = {each.stage.name: due_at(each) for each in seen}
    for each in seen:
        for upstream in table.upstreams[each.stage.name] & due.keys() if owes_rows(each) else ():
            if table[upstream].due_by is each.stage.due_by:
                due[upstream] = min(due[upstream], due[each.stage.name])
    return due
