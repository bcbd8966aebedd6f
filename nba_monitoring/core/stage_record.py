"""A stage's part of a date's verdict, as it travels in the date's record and as a row of its own history table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from nba_monitoring.core.codec import Instant
from nba_monitoring.core.rules.base import Finding, Halt
from nba_monitoring.core.stages import Due
from nba_monitoring.core.status import Severity, Status
from nba_monitoring.core.verdict import DateVerdict


class Trigger(StrEnum):
    """What made the check run."""

    SCHEDULED = "scheduled"
    RECHECK = "recheck"
    BACKFILL = "backfill"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class StageDetail:
    """What the columns of a stage's check leave out. Every field has a default, so that an older row can be read."""

    due: Due = Due.BEFORE_TIP
    is_live: bool = False  # whether someone should hurry about it
    rows: int = 0
    is_unreadable: bool = False  # its table could not be read, so that nobody knows what it holds
    reasons: Mapping[str, str] = field(default_factory=dict)  # of each missing or partial unit
    findings: tuple[Finding, ...] = ()  # of its rules
    warnings: tuple[str, ...] = ()
    halt: Halt | None = None
    is_consequence: bool = False  # it fails, and so does one that it rests on
    orphan_of: str | None = None  # it holds rows, and this stage that it rests on holds none
    usually_by: Instant | None = None  # it is complete on half of its last game days; None: not known, or long over
    nearly_always_by: Instant | None = None  # the same of 95 %
    is_clock_real: bool = True  # False for a look under a moved clock, of which nothing usual is learned

    @property
    def units_by_reason(self) -> Mapping[str, Sequence[str]]:
        """The missing and partial units by what is wrong with them."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for unit, reason in self.reasons.items():
            found[reason].append(unit)
        return found


@dataclass(frozen=True, slots=True)
class StageCheck:
    """One stage's part of a date's verdict. `missing` and `partial` name units: games, teams, or `_all`."""

    status: Status
    severity: Severity | None = None
    expected: int = 0
    ready: int = 0
    missing: tuple[str, ...] = ()
    partial: tuple[str, ...] = ()
    due_at: Instant | None = None
    written_at: Instant | None = None
    is_first_broken: bool = False  # of the stages that are due at its time
    detail: StageDetail = field(default_factory=StageDetail)


@dataclass(frozen=True, slots=True)
class StageRecord:
    """One row of `nba_monitoring.stage_checks`: its fields are the columns, in order; `detail` is JSON text there."""

    check_date: date
    check_time: Instant
    stage: str
    status: Status
    severity: Severity | None = None
    check_id: str = ""
    run_id: str = ""
    trigger: Trigger = Trigger.MANUAL
    expected: int = 0
    ready: int = 0
    missing: tuple[str, ...] = ()
    partial: tuple[str, ...] = ()
    due_at: Instant | None = None
    written_at: Instant | None = None
    is_first_broken: bool = False
    detail: StageDetail = field(default_factory=StageDetail)

    @classmethod
    def of(
        cls,
        check: StageCheck,
        stage: str,
        check_date: date,
        check_time: datetime,
        check_id: str,
        run_id: str,
        trigger: Trigger,
    ) -> StageRecord:
        """The row of a stage's part of a date's verdict."""
        return cls(
            check_date=check_date,
            check_time=check_time,
            stage=stage,
            status=check.status,
            severity=check.severity,
            check_id=check_id,
            run_id=run_id,
            trigger=trigger,
            expected=check.expected,
            ready=check.ready,
            missing=check.missing,
            partial=check.partial,
            due_at=check.due_at,
            written_at=check.written_at,
            is_first_broken=check.is_first_broken,
            detail=check.detail,
        )

    @property
    def summary(self) -> str:
        """The verdict in a line: '2026-01-18 predictions MISSING_DATA: 0 of 6 ready; missing 20260118_BKN_CHI, ...'."""
        line = f"{self.check_date} {self.stage} {self.status}: {self.ready} of {self.expected} ready"
        for word, units in (("missing", self.missing), ("partial", self.partial)):
            if units:
                line += f"; {word} {', '.join(units)}"
        return line


def stage_checks(verdict: DateVerdict, is_clock_real: bool = True) -> Mapping[str, StageCheck]:
    """Each stage's part of a verdict, in the pipeline's order, and whether the time of the look was real."""
    broken = {verdict.first_broken_of(due) for due in Due}
    consequences = {found.stage.name for found in verdict.consequences}
    orphans = {orphan.stage: orphan.upstream for orphan in verdict.orphans}
    return {
        name: StageCheck(
            status=found.status,
            severity=found.severity,
            expected=found.expected,
            ready=found.ready,
            missing=tuple(unit.name for unit in found.missing),
            partial=tuple(unit.name for unit in found.partial),
            due_at=found.due_at,
            written_at=found.coverage.written_at,
            is_first_broken=name in broken,
            detail=StageDetail(
                due=found.stage.due_by,
                is_live=found.is_live,
                rows=found.coverage.total_rows,
                is_unreadable=found.coverage.unreadable is not None,
                reasons={unit.name: unit.reason for unit in found.units if unit.reason},
                findings=found.findings,
                warnings=found.warnings,
                halt=found.halt,
                is_consequence=name in consequences,
                orphan_of=orphans.get(name),
                usually_by=found.usually_by,
                nearly_always_by=found.nearly_always_by,
                is_clock_real=is_clock_real,
            ),
        )
        for name, found in verdict.stages.items()
    }
