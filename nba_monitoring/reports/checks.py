"""The newest check of each stage and date, and the open gaps among them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from nba_monitoring.core.counting import unit_label
from nba_monitoring.core.eastern import dates_between
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.stage_record import StageCheck
from nba_monitoring.core.status import Status
from nba_monitoring.core.words import first_few, ready_of

# Of one date; the date's own check has the others.
MOST_REASONS = 3

NewestChecks = Mapping[str, Mapping[date, StageCheck]]
"""The newest row of `stage_checks` by stage and date, dates in order."""


def newest_checks(records: Iterable[CheckRecord]) -> NewestChecks:
    """The newest row by stage and date, from records in the order of their dates and times.

    A stage that the newest check did not watch keeps the row of an earlier one.
    """
    found: dict[str, dict[date, StageCheck]] = {}
    for record in records:
        for row in record.stages.values():
            found.setdefault(row.stage, {})[row.check_date] = row
    return found


def lacking(check: StageCheck) -> Sequence[str]:
    """What is wrong with a failing check, with the games or teams that it concerns: 'no rows: BKN@CHI, ORL@MEM'."""
    units = check.units_by_reason
    named = ((reason, [unit_label(unit) for unit in units.get(reason, ())]) for reason in check.why)
    return [f"{reason}: {', '.join(found)}" if any(found) else reason for reason, found in named]


@dataclass(frozen=True, slots=True)
class Gap:
    """Dates on which a stage fails with one status, uninterrupted but for days off."""

    rows: tuple[StageCheck, ...]

    @property
    def newest(self) -> StageCheck:
        """The row of its last date."""
        return self.rows[-1]

    @property
    def first(self) -> date:
        """Its first date."""
        return self.rows[0].check_date

    @property
    def last(self) -> date:
        """Its last date."""
        return self.newest.check_date

    @property
    def ready(self) -> str:
        """The ready units of all its dates: '0 of 14', '72 (at least 1)'."""
        is_least = any(row.is_least for row in self.rows)
        return ready_of(sum(row.ready for row in self.rows), sum(row.expected for row in self.rows), is_least)

    @property
    def first_broken_on(self) -> int:
        """The number of its dates on which the stage is the first broken one."""
        return sum(row.is_first_broken for row in self.rows)

    @property
    def reason(self) -> str:
        """Why the stage fails on the last date, and what its job did; empty if the record does not say."""
        return "; ".join([*first_few(lacking(self.newest), MOST_REASONS), *self.newest.causes])


def open_gaps(checks: NewestChecks) -> tuple[Gap, ...]:
    """The gaps in the newest checks, by first date and then in the order of the stages."""
    gaps = [gap for by_day in checks.values() for gap in _gaps_of(by_day.values())]
    return tuple(sorted(gaps, key=lambda gap: gap.first))


def _gaps_of(rows: Iterable[StageCheck]) -> Iterator[Gap]:
    run: list[StageCheck] = []
    for row in rows:
        if run and row.status not in (run[-1].status, Status.NO_GAMES):
            yield Gap(tuple(run))
            run = []
        if not row.status.passes:
            run.append(row)
    if run:
        yield Gap(tuple(run))


def ranges_without(found: Iterable[date], first: date, last: date) -> Sequence[tuple[date, date]]:
    """The dates from first to last that are not among those found, as inclusive ranges."""
    ranges: list[tuple[date, date]] = []
    for day in sorted(set(dates_between(first, last)) - set(found)):
        if ranges and (day - ranges[-1][1]).days == 1:
            ranges[-1] = (ranges[-1][0], day)
        else:
            ranges.append((day, day))
    return ranges
