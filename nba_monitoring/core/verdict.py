"""The verdict on a date: its slate, each stage against it, and where the pipeline broke first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.slate.slate import Slate
from nba_monitoring.core.stage_verdict import StageInput, StageVerdict, judge_stage
from nba_monitoring.core.stages import SCHEDULE, Due, StageTable
from nba_monitoring.core.status import Status


@dataclass(frozen=True, slots=True)
class Orphan:
    """A stage that holds rows although one that it rests on holds none: 885 predictions without a feature."""

    stage: str
    upstream: str
    rows: int


@dataclass(frozen=True, slots=True)
class DateVerdict:
    """The judgement of one date at one instant: its slate, judged once, and each stage against it."""

    day: date
    checked_at: datetime  # UTC
    is_live: bool  # its games are still to be played, or being played: someone should hurry
    slate: Slate
    # By name, in the pipeline's order; those that are not watched here, for want of a table, are not among them.
    stages: Mapping[str, StageVerdict]
    table: StageTable  # what each stage rests on

    @property
    def first_broken(self) -> str | None:
        """The earliest failing stage whose upstreams pass; `schedule` where that is what is not known."""
        return self._first_of(self.causes)

    def first_broken_of(self, due: Due) -> str | None:
        """The same of the stages that are due at one time."""
        return self._first_of([cause for cause in self.causes if cause.stage.due_by is due])

    @property
    def causes(self) -> tuple[StageVerdict, ...]:
        """The failing stages whose upstreams pass, earliest first."""
        return tuple(found for found in self.stages.values() if not found.passes and not self._is_behind(found))

    @property
    def consequences(self) -> tuple[StageVerdict, ...]:
        """The failing stages that rest on one that fails: with it they are explained."""
        return tuple(found for found in self.stages.values() if not found.passes and self._is_behind(found))

    @property
    def orphans(self) -> tuple[Orphan, ...]:
        """The stages that hold rows although one that they rest on is missing and holds none, the earliest of these."""
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

    def _is_behind(self, found: StageVerdict) -> bool:
        upstreams = self.table.upstreams[found.stage.name]
        return any(name in self.stages and not self.stages[name].passes for name in upstreams)

    def _first_of(self, causes: Sequence[StageVerdict]) -> str | None:
        if not causes:
            return None
        # A schedule that names no game, or hides one, fails every stage; one that fails by itself tells more.
        first = next((cause for cause in causes if not cause.is_broken_by_schedule), None)
        return SCHEDULE if first is None else first.stage.name


def judge(slate: Slate, seen: Sequence[StageInput], table: StageTable, now: datetime) -> DateVerdict:
    """Compare a slate with what each stage holds for the same date, in the table's order. `now` is the UTC instant."""
    stages = {each.stage.name: judge_stage(each, now) for each in seen}
    return DateVerdict(slate.day, now, slate.day >= game_date(now), slate, stages, table)
