"""How well the alerts of a range of dates would have served."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

from nba_monitoring.core.incidents import Incident
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.stages import Due
from nba_monitoring.replay.course import Course

# Told later than so long before the first tip-off, nobody can do much about it.
IN_TIME = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Truth:
    """What was so on a date, by the stages that are in force, whatever was told of it."""

    first_tip_at: datetime | None
    is_covered_at_tip: bool  # no stage that is due before it fails at the first tip-off
    was_late: bool  # one of them failed at a look from when it was due on

    @classmethod
    def of(cls, looks: Iterable[CheckRecord]) -> Truth:
        """By the looks taken at a date up to its first tip-off, that included, oldest first and one at least."""
        taken = list(looks)
        fails = [any(not check.status.passes for check in look.stages_due(Due.BEFORE_TIP).values()) for look in taken]
        return cls(taken[-1].first_tip_at, not fails[-1], any(fails))


@dataclass(frozen=True, slots=True)
class Score:
    """What a range of dates comes to. Minutes; None where there is nothing to count."""

    dates: int
    incidents: int
    messages: int
    messages_a_week: float
    false_alarms: tuple[str, ...]  # ids of incidents
    blind_mornings: tuple[date, ...]
    minutes_to_tell_median: float | None  # from when the broken stage was due
    minutes_to_tell_worst: float | None
    minutes_left_median: float | None  # from when it was told to the first tip-off
    minutes_left_worst: float | None

    @classmethod
    def of(cls, courses: Sequence[Course], truths: Mapping[date, Truth]) -> Score:
        """The score of what was told, by what was so."""
        told = [incident for course in courses for incident in course.told_of]
        messages = sum(len(course.told) for course in courses)
        to_tell = [minutes for course in courses for minutes in _minutes_to_tell(course)]
        left = [
            _minutes(incident.first_tip_at - incident.told_at)
            for incident in told
            if incident.due is Due.BEFORE_TIP and incident.first_tip_at and incident.told_at
        ]
        return cls(
            dates=len(courses),
            incidents=len(told),
            messages=messages,
            messages_a_week=round(7 * messages / len(courses), 2) if courses else 0.0,
            false_alarms=tuple(sorted(incident.incident_id for incident in told if _is_false(incident, truths))),
            blind_mornings=tuple(course.day for course in courses if _is_blind(course, truths[course.day])),
            minutes_to_tell_median=median(to_tell) if to_tell else None,
            minutes_to_tell_worst=max(to_tell, default=None),
            minutes_left_median=median(left) if left else None,
            minutes_left_worst=min(left, default=None),
        )


def _is_false(incident: Incident, truths: Mapping[date, Truth]) -> bool:
    truth = truths[incident.check_date]
    return incident.due is Due.BEFORE_TIP and truth.is_covered_at_tip and not truth.was_late


def _is_blind(course: Course, truth: Truth) -> bool:
    if truth.first_tip_at is None or truth.is_covered_at_tip:
        return False
    in_time = truth.first_tip_at - IN_TIME
    return not any(
        incident.due is Due.BEFORE_TIP and incident.told_at is not None and incident.told_at <= in_time
        for incident in course.incidents
    )


def _minutes_to_tell(course: Course) -> Iterable[float]:
    """Of each incident by its first message: later ones may be about another stage."""
    for told in course.first_told.values():
        found = next(look for look in course.looks if look.check_time == told.incident.found_at)
        check = found.stages.get(told.incident.stage)
        if check is not None and check.due_at is not None:
            yield max(0.0, _minutes(told.at - check.due_at))


def _minutes(length: timedelta) -> float:
    return round(length.total_seconds() / 60, 1)
