"""One stage's part of a date's verdict: a row of `nba_monitoring.stage_checks`, and an entry in the date's own row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from nba_monitoring.core.codec import Instant
from nba_monitoring.core.counting import WHOLE_DATE
from nba_monitoring.core.eastern import end_of_day, results_deadline
from nba_monitoring.core.rules.base import Finding, Halt, Level
from nba_monitoring.core.scheduler_job import JobSeen
from nba_monitoring.core.stages import Due
from nba_monitoring.core.status import Severity, Status
from nba_monitoring.core.words import count, ready_of


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
    takes_minutes: int | None = None  # from a start of its command until it is complete; of the same stage as `job`
    # Left out where services are not watched, or none fails that fills the stage.
    cause: Annotated[str | None, Field(exclude_if=lambda cause: cause is None)] = None
    job: JobSeen | None = None  # that fills it, of the first broken stage while there is time to act; if it was asked


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
    def is_least(self) -> bool:
        """Whether `expected` is a minimum, as for a stage that is counted by date, and not a number of units."""
        return self.ready > self.expected or WHOLE_DATE in (*self.missing, *self.partial)

    @property
    def units_by_reason(self) -> Mapping[str, Sequence[str]]:
        """The missing and partial units by what is wrong with them. Empty where no row matches a unit: then there are
        rows, and which unit lacks them is unknown.
        """
        found: defaultdict[str, list[str]] = defaultdict(list)
        if self.status is not Status.SUSPECT_JOIN:
            for unit, reason in self.detail.reasons.items():
                found[reason].append(unit)
        return found

    @property
    def why(self) -> Sequence[str]:
        """Why it fails, one reason each: its schedule, ids that match nothing, failed rules, what its units lack."""
        if self.status is Status.UNKNOWN_SCHEDULE:
            return ["no source lists a game, and nothing proves a day off"]
        if self.is_broken_by_schedule:
            return ["a listed game can't be read"]
        if self.status is Status.SUSPECT_JOIN:
            return [f"{count(self.detail.rows, 'row')} under ids that match no expected game"]
        failed = [finding.text for finding in self.detail.findings if finding.level is Level.FAIL]
        return [*failed, *self.units_by_reason]

    @property
    def job_seen(self) -> Sequence[str]:
        """What was seen of the job that fills it, in one line; none if it was not asked."""
        return () if self.detail.job is None else (self.detail.job.summary(self.check_date),)

    @property
    def causes(self) -> Sequence[str]:
        """Why it may fail, one line each: a service that fills it, and what was seen of its job."""
        return (*filter(None, [self.detail.cause]), *self.job_seen)

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
        """In one line: '2026-01-18 predictions MISSING_DATA: 0 of 6 ready; missing 20260118_BKN_CHI, ...'."""
        ready = ready_of(self.ready, self.expected, self.is_least, "ready")
        line = f"{self.check_date} {self.stage} {self.status}: {ready}"
        for word, units in (("missing", self.missing), ("partial", self.partial)):
            if units:
                line += f"; {word} {', '.join(units)}"
        return line
