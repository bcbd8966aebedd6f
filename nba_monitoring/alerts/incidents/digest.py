"""Many dates in one message: a backfill's verdicts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from nba_monitoring.alerts.incidents.broken import first_broken
from nba_monitoring.alerts.incidents.decision import rank
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.stages import StageTable
from nba_monitoring.core.status import Status


@dataclass(frozen=True, slots=True)
class FailedDate:
    """A date that failed: the first broken stage of its worst verdict, and whether a later one passed."""

    day: date
    title: str  # of the stage; empty if it was the schedule that was unknown
    status: Status
    ready: int
    expected: int
    recovered: bool


@dataclass(frozen=True, slots=True)
class Digest:
    """Counts of dates by the newest status of their first broken stage, and the dates that failed, worst first."""

    first: date
    last: date
    counts: Mapping[Status, int]
    failed: tuple[FailedDate, ...]

    @property
    def dates(self) -> int:
        """How many dates were judged."""
        return sum(self.counts.values())


def digest(records: Iterable[CheckRecord], stages: StageTable) -> Digest | None:
    """Sum up verdicts on any dates, one or several per date and in any order; None if none of them fails."""
    by_date: defaultdict[date, list[CheckRecord]] = defaultdict(list)
    for record in records:
        by_date[record.check_date].append(record)
    newest = [max(checks, key=lambda record: record.check_time) for checks in by_date.values()]
    failed = [found for checks in by_date.values() if (found := _failed(checks, stages)) is not None]
    if not failed:
        return None
    counts = Counter(_status(record) for record in newest)
    return Digest(
        first=min(by_date),
        last=max(by_date),
        counts={status: counts[status] for status in Status if counts[status]},
        # Of equally bad dates the newest comes first.
        failed=tuple(sorted(sorted(failed, key=lambda found: found.day, reverse=True), key=_order)),
    )


def _status(record: CheckRecord) -> Status:
    broken = first_broken(record.stages)
    return record.status if broken is None else broken.check.status


def _failed(checks: Iterable[CheckRecord], stages: StageTable) -> FailedDate | None:
    in_order = sorted(checks, key=lambda record: record.check_time)
    found = [_failed_at(record, stages) for record in in_order]
    failed = [date for date in found if date is not None]
    if not failed:
        return None
    worst = max(failed, key=lambda date: (rank(date.status), date.expected - date.ready))
    return replace(worst, recovered=found[-1] is None)


def _failed_at(record: CheckRecord, stages: StageTable) -> FailedDate | None:
    broken = first_broken(record.stages)
    if broken is None:
        return None
    check = broken.check
    title = stages[broken.stage].title if broken.stage in stages else "" if broken.is_by_schedule else broken.stage
    return FailedDate(record.check_date, title, check.status, check.ready, check.expected, recovered=False)


def _order(failed: FailedDate) -> tuple[bool, int, int]:
    """Lowest for the worst: still failing, then by status, then by games that are not ready."""
    return failed.recovered, -rank(failed.status), failed.ready - failed.expected
