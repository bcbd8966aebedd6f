"""What the newest look says of each stage and date, and the gaps among them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from nba_monitoring.core.eastern import dates_between
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.rules.base import Level
from nba_monitoring.core.stage_record import StageCheck
from nba_monitoring.core.status import Status


@dataclass(frozen=True, slots=True)
class Look:
    """The newest look at a stage on a date."""

    day: date
    stage: str
    check: StageCheck
    checked_at: datetime

    @property
    def reason(self) -> str:
        """Why it fails, in the words of its rules and of the first unit that has a reason; empty where none has."""
        said = [finding.text for finding in self.check.detail.findings if finding.level is Level.FAIL]
        said += list(self.check.detail.reasons.values())[:1]
        return "; ".join(said)


Looks = Mapping[str, Mapping[date, Look]]
"""The newest look by stage and date, dates in order."""


def newest_looks(records: Iterable[CheckRecord]) -> Looks:
    """The newest look by stage and date, of records in the order of their dates and times.

    A stage that the newest look did not watch keeps what an earlier one said of it.
    """
    found: dict[str, dict[date, Look]] = {}
    for record in records:
        for stage, check in record.stages.items():
            day = record.check_date
            found.setdefault(stage, {})[day] = Look(day, stage, check, record.check_time)
    return found


@dataclass(frozen=True, slots=True)
class Gap:
    """Dates on which a stage fails with one status, with no date between them on which it passes but days off."""

    looks: tuple[Look, ...]

    @property
    def newest(self) -> Look:
        """The look at its last date."""
        return self.looks[-1]

    @property
    def first(self) -> date:
        """Its first date."""
        return self.looks[0].day

    @property
    def last(self) -> date:
        """Its last date."""
        return self.newest.day

    @property
    def ready(self) -> int:
        """The units that are ready, of all its dates."""
        return sum(look.check.ready for look in self.looks)

    @property
    def expected(self) -> int:
        """The units that are expected, of all its dates."""
        return sum(look.check.expected for look in self.looks)

    @property
    def first_broken_on(self) -> int:
        """On how many of its dates the stage is the first broken one, and so the cause."""
        return sum(look.check.is_first_broken for look in self.looks)


def open_gaps(looks: Looks) -> tuple[Gap, ...]:
    """What fails at the newest look, by first date and then in the order of the stages."""
    gaps = [gap for by_day in looks.values() for gap in _gaps_of(by_day.values())]
    return tuple(sorted(gaps, key=lambda gap: gap.first))


def _gaps_of(looks: Iterable[Look]) -> Iterable[Gap]:
    run: list[Look] = []
    for look in looks:
        if run and look.check.status not in (run[-1].check.status, Status.NO_GAMES):
            yield Gap(tuple(run))
            run = []
        if not look.check.status.passes:
            run.append(look)
    if run:
        yield Gap(tuple(run))


@dataclass(frozen=True, slots=True)
class DateRange:
    """From one date to another, both included."""

    first: date
    last: date

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first} to {self.last}"


def ranges_without(seen: Iterable[date], first: date, last: date) -> Sequence[DateRange]:
    """The dates from first to last that are not among those seen, in ranges."""
    missed = sorted(set(dates_between(first, last)) - set(seen))
    ranges: list[DateRange] = []
    for day in missed:
        if ranges and (day - ranges[-1].last).days == 1:
            ranges[-1] = DateRange(ranges[-1].first, day)
        else:
            ranges.append(DateRange(day, day))
    return ranges
