"""The score of a replay: false alarms, blind mornings, and minutes to alert."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

from nba_monitoring.core.incidents import Incident
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.stages import Due
from nba_monitoring.replay.course import Course

# With less time left before the first tip-off, nobody can do much.
IN_TIME = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Truth:
    """Ground truth of a date under the current stages, independent of alerts."""

    first_tip_at: datetime | None
    is_covered_at_tip: bool  # no stage that is due before the first tip-off fails at it
    was_late: bool  # one of them failed at a check after its due time

    @classmethod
    def of(cls, looks: Iterable[CheckRecord]) -> Truth:
        """Judge by the checks of a date up to its first tip-off, inclusive (oldest first, at least one)."""
        taken = list(looks)
        fails = [any(not check.status.passes for check in look.stages_due(Due.BEFORE_TIP).values()) for look in taken]
        return cls(taken[-1].first_tip_at, not fails[-1], any(fails))


@dataclass(frozen=True, slots=True)
class Score:
    """Score of a range of dates. Times are in minutes, None if there is nothing to count."""

    dates: int
    incidents: int
    messages: int
    messages_a_week: float
    false_alarms: tuple[str, ...]  # ids of incidents
    blind_mornings: tuple[date, ...]
    minutes_to_tell_median: float | None  # from the due time of the broken stage
    minutes_to_tell_worst: float | None
    minutes_left_median: float | None  # from the first alert to the first tip-off
    minutes_left_worst: float | None

    @classmethod
    def of(cls, courses: Sequence[Course], truths: Mapping[date, Truth]) -> Score:
        """Compare the alerts with the truth."""
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
    # By the first message of each incident: later ones may be about another stage.
    for told in course.first_told.values():
        found = next(look for look in course.looks if look.check_time == told.incident.found_at)
        check = found.stages.get(told.incident.stage)
        if check is not None and check.due_at is not None:
            yield max(0.0, _minutes(told.at - check.due_at))


def _minutes(length: timedelta) -> float:
    return round(length.total_seconds() / 60, 1)


def score_lines(score: Score) -> Sequence[tuple[str, str]]:
    """Label and value of each number of a score."""
    return (
        ("dates", f"{score.dates}"),
        ("incidents alerted", f"{score.incidents}"),
        ("messages", f"{score.messages}"),
        ("messages per week", f"{score.messages_a_week}"),
        ("false alarms", _listed(score.false_alarms)),
        ("blind mornings", _listed([str(day) for day in score.blind_mornings])),
        ("minutes from due to alert, median (worst)", _pair(score.minutes_to_tell_median, score.minutes_to_tell_worst)),
        ("minutes left to tip-off, median (worst)", _pair(score.minutes_left_median, score.minutes_left_worst)),
    )


def lower_bound(stages: Sequence[str]) -> str:
    """Warn about stages (at least one) whose tables rewrite their rows."""
    them = "their tables rewrite" if len(stages) > 1 else "its table rewrites"
    return (
        f"{', '.join(stages)}: {them} rows, so for most dates the first write time is lost. "
        "Results here are a lower bound."
    )


def _listed(names: Sequence[str]) -> str:
    return f"{len(names)}: {', '.join(names)}" if names else "0"


def _pair(middle: float | None, worst: float | None) -> str:
    return "-" if middle is None or worst is None else f"{middle:.0f} ({worst:.0f})"
