"""What is broken of what is due at one time, as a look's record has it: what an incident is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nba_monitoring.core.stage_record import StageCheck
from nba_monitoring.core.stages import SCHEDULE
from nba_monitoring.core.status import Status
from nba_monitoring.core.verdict import Orphan


@dataclass(frozen=True, slots=True)
class Broken:
    """The first broken stage, and what else fails with it, by name and in the pipeline's order."""

    stage: str  # `schedule` where that is what is not known
    check: StageCheck  # of `stage`; of the first one that fails for want of a schedule
    behind: tuple[str, ...] = ()  # consequences
    also: tuple[str, ...] = ()  # broken by themselves
    orphans: tuple[Orphan, ...] = ()  # stages with rows of which one of these holds none

    @property
    def is_by_schedule(self) -> bool:
        """Whether it is the schedule that is not known."""
        return self.stage == SCHEDULE


def first_broken(checks: Mapping[str, StageCheck], of_all: Mapping[str, StageCheck] | None = None) -> Broken | None:
    """The first broken of a date's stages, None where none of them fails. `of_all` has the date's other stages too.

    Where nothing fails but what a stage of an earlier due time explains, it is the first of these consequences.
    """
    failing = {name: check for name, check in checks.items() if not check.status.passes}
    if not failing:
        return None
    causes = {name: check for name, check in failing.items() if not check.detail.is_consequence}
    own = {name: check for name, check in causes.items() if not _fails_by_schedule(check)}
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


def _fails_by_schedule(check: StageCheck) -> bool:
    """Whether it fails for want of a schedule that can be read, and not for its own rows."""
    is_only_unreadable = check.status is Status.PARTIAL_DATA and not (check.missing or check.partial)
    return check.status is Status.UNKNOWN_SCHEDULE or is_only_unreadable
