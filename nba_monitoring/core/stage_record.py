"""One stage's part of a date's verdict: a row of `nba_monitoring.stage_checks`, and an entry in the date's own row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from nba_monitoring.core.codec import Instant
from nba_monitoring.core.eastern import end_of_day, results_deadline
from nba_monitoring.core.rules.base import Finding, Halt
from nba_monitoring.core.stages import Due
from nba_monitoring.core.status import Severity, Status


class Trigger(StrEnum):
    """What made the check run."""

    SCHEDULED = "scheduled"
    RECHECK = "recheck"
    BACKFILL = "backfill"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class StageDetail:
    """What the columns of a stage's check leave out. Every field has a default, so that older rows can be read."""

    due: Due = Due.BEFORE_TIP
    is_live: bool = False  # there is still time to act
    rows: int = 0
    is_unreadable: bool = False  # its table could not be read, so what it has is unknown
    reasons: Mapping[str, str] = field(default_factory=dict)  # of each missing or partial unit
    findings: tuple[Finding, ...] = ()  # of its rules
    warnings: tuple[str, ...] = ()
    halt: Halt | None = None
    is_consequence: bool = False  # it fails downstream of a stage that fails
    is_broken_by_schedule: bool | None = None  # it fails for the schedule, not for its own rows; None before version 4
    is_uncertain: bool = False  # it fails only for rows that were changed after the check
    orphan_of: str | None = None  # it has rows although this upstream stage has none
    usually_by: Instant | None = None  # when it is usually complete: the median; None if unknown or long over
    nearly_always_by: Instant | None = None  # the same for 95%
    is_clock_real: bool = True  # False for a check with --now or --as-of, which shows nothing about usual times

    @property
    def units_by_reason(self) -> Mapping[str, Sequence[str]]:
        """The missing and partial units by what is wrong with them."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for unit, reason in self.reasons.items():
            found[reason].append(unit)
        return found


@dataclass(frozen=True, slots=True)
class StageCheck:
    """One row of `nba_monitoring.stage_checks`: its fields are the columns, in order; `detail` is JSON text there.

    `missing` and `partial` name units: games, teams, or `_all`.
    """

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
    is_first_broken: bool = False  # of the stages with its due time
    detail: StageDetail = field(default_factory=StageDetail)

    @property
    def is_broken_by_schedule(self) -> bool:
        """Whether it fails because the slate is unknown or hides a game, and not for its own rows."""
        if self.detail.is_broken_by_schedule is not None:
            return self.detail.is_broken_by_schedule
        is_only_hidden = self.status is Status.PARTIAL_DATA and not (self.missing or self.partial)
        return self.status is Status.UNKNOWN_SCHEDULE or is_only_hidden

    @property
    def has_nothing_usable(self) -> bool:
        """Whether it fails without a single usable row for what is expected: nothing downstream can rest on it."""
        return self.detail.rows == 0 or (self.status is Status.MISSING_DATA and self.ready == 0 and not self.partial)

    @property
    def owes_something(self) -> bool:
        """Whether rows of the stage were expected."""
        return self.expected > 0 and not self.status.owes_nothing

    @property
    def deadline(self) -> datetime:
        """Until when its rows are in time (UTC): the end of the Eastern day; for results, the results deadline."""
        is_result = self.detail.due is Due.MORNING_AFTER
        return results_deadline(self.check_date) if is_result else end_of_day(self.check_date)

    @property
    def summary(self) -> str:
        """The verdict in a line: '2026-01-18 predictions MISSING_DATA: 0 of 6 ready; missing 20260118_BKN_CHI, ...'."""
        line = f"{self.check_date} {self.stage} {self.status}: {self.ready} of {self.expected} ready"
        for word, units in (("missing", self.missing), ("partial", self.partial)):
            if units:
                line += f"; {word} {', '.join(units)}"
        return line
