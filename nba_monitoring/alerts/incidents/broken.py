"""What is broken among the stages due at one time, as a check's record has it: what an incident is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nba_monitoring.core.stage_record import StageCheck
from nba_monitoring.core.stages import SCHEDULE
from nba_monitoring.core.verdict import Orphan


@dataclass(frozen=True, slots=True)
class Broken:
    """The first broken stage, and what else fails with it, by name and in the pipeline's order."""

    stage: str  # `schedule` if that is unknown
    check: StageCheck  # of `stage`; without a schedule, of the first one that fails
    behind: tuple[str, ...] = ()  # downstream
    also: tuple[str, ...] = ()  # broken for another reason
    orphans: tuple[Orphan, ...] = ()  # stages with rows although one of these has none

    @property
    def is_by_schedule(self) -> bool:
        """Whether it is the schedule that is unknown."""
        return self.stage == SCHEDULE


def first_broken(checks: Mapping[str, StageCheck], of_all: Mapping[str, StageCheck] | None = None) -> Broken | None:
    """The first broken of a date's stages, None if none of them fails. `of_all` has the date's other stages too.

    If a stage of an earlier due time explains all that fails, it is the first one downstream.
    """
    failing = {name: check for name, check in checks.items() if not check.status.passes}
    if not failing:
        return None
    causes = {name: check for name, check in failing.items() if not check.detail.is_consequence}
    own = {name: check for name, check in causes.items() if not check.is_broken_by_schedule}
    marked = [name for name in own if own[name].is_first_broken]
    if not own and causes:
        return Broken(SCHEDULE, next(iter(causes.values())))
    stage = next(iter([*marked, *own, *failing]))
    return Broken(
        stage=stage,
        check=failing[stage],
        behind=tuple(name for name, check in failing.items() if check.detail.is_consequence and name != stage),
        also=tuple(name for name in own if name != stage),
        orphans=tuple(
            Orphan(name, check.detail.orphan_of, check.detail.rows)
            for name, check in (of_all or checks).items()
            if check.detail.orphan_of is not None and check.detail.orphan_of in checks
        ),
    )
