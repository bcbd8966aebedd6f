"""What a date's newest check leaves to be checked: by when, for how long another check still helps, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from nba_monitoring.core.codec import Instant
from nba_monitoring.core.eastern import end_of_day, morning_of, results_deadline
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.settled import LAST_CHECK_BEFORE_TIP
from nba_monitoring.core.stage_record import StageCheck
from nba_monitoring.core.stages import Due
from nba_monitoring.core.status import Status


@dataclass(frozen=True, slots=True)
class CheckOwed:
    """A check that a date needs between two instants."""

    since: Instant
    until: Instant  # its games have tipped off, or its results can't be in time anymore
    stages: tuple[str, ...] = ()  # that it is for; none: the last check before the first tip-off
    is_alert: bool = True  # whether the monitor reports it; of a stage that fails the incident does, if it is not muted


@dataclass(frozen=True, slots=True)
class Checked:
    """The newest check of a date, and which further ones it needs."""

    at: Instant
    owed: tuple[CheckOwed, ...] = ()

    @classmethod
    def of(cls, record: CheckRecord) -> Checked:
        """What a check leaves to be checked: stages that were not due yet, those that failed, and the hour before the
        first tip-off, when rows that were there in the morning may be gone.
        """
        return cls(record.check_time, tuple(_owed(record)))

    def not_ahead_of(self, now: datetime) -> Checked:
        """It was not made ahead of a clock (UTC) that was set back."""
        return replace(self, at=min(self.at, now))

    def overdue(self, now: datetime, grace: timedelta) -> tuple[CheckOwed, ...]:
        """The checks owed for at least `grace` that would still help at `now` (UTC)."""
        return tuple(owed for owed in self.owed if owed.since + grace <= now < owed.until)


def _owed(record: CheckRecord) -> Iterator[CheckOwed]:
    tips = {game.id: seen.tip_at or end_of_day(record.check_date) for game, seen in record.detail.games.items()}
    stages: defaultdict[tuple[datetime, datetime, bool], list[str]] = defaultdict(list)
    for due in Due:
        checks = record.stages_due(due)
        is_result = due is Due.MORNING_AFTER
        # Schedules check a date from this morning on.
        first = morning_of(record.check_date + timedelta(days=1 if is_result else 0))
        for name, check in checks.items():
            until = results_deadline(record.check_date) if is_result else _last_tip(record, check, tips)
            if check.status is Status.NOT_DUE and check.due_at is not None:
                stages[max(check.due_at, first), until, True].append(name)
            elif not check.status.passes:
                stages[max(record.check_time, first), until, False].append(name)
        if checks and not is_result and record.first_tip_at is not None:
            last_check = record.first_tip_at - LAST_CHECK_BEFORE_TIP
            if record.check_time < last_check and first <= last_check:
                yield CheckOwed(last_check, record.first_tip_at, is_alert=False)
    for (since, until, is_alert), names in stages.items():
        yield CheckOwed(since, until, tuple(names), is_alert)


def _last_tip(record: CheckRecord, check: StageCheck, tips: Mapping[str, datetime]) -> datetime:
    """The last tip-off that a stage's check concerns: of its uncovered games, or of all."""
    uncovered = [tips[unit] for unit in (*check.missing, *check.partial) if unit in tips]
    return max(uncovered or tips.values(), default=end_of_day(record.check_date))
