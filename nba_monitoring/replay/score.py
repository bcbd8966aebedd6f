"""What a replay found for each date, and its score: false alarms, blind mornings, minutes to alert."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from statistics import median

from nba_monitoring.alerts.incidents.decision import NotifyReason
from nba_monitoring.core.incidents import Incident
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.stages import Due

# With less time left before the first tip-off, nobody can do much.
IN_TIME = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Alert:
    """A message that would have been sent at an instant (UTC), and its incident as it was then."""

    at: datetime
    reason: NotifyReason
    incident: Incident


@dataclass(frozen=True, slots=True)
class ReplayedDate:
    """One date: its checks, the alerts that they would have caused, and its incidents as they ended."""

    day: date
    checks: tuple[CheckRecord, ...]
    alerts: tuple[Alert, ...]
    incidents: tuple[Incident, ...]

    def without(self, stages: Set[str]) -> ReplayedDate:
        """The date without the alerts about some stages, and without the incidents that were about nothing else."""
        if not stages:
            return self
        alerts = tuple(alert for alert in self.alerts if alert.incident.stage not in stages)
        ids = {alert.incident.incident_id for alert in alerts}
        incidents = tuple(incident for incident in self.incidents if incident.incident_id in ids)
        return replace(self, alerts=alerts, incidents=incidents)

    @property
    def alerted(self) -> tuple[Incident, ...]:
        """The incidents with at least one alert."""
        return tuple(incident for incident in self.incidents if incident.told_at is not None)

    @property
    def first_alerts(self) -> Mapping[str, Alert]:
        """The first alert of each incident, by the incident's id."""
        return {alert.incident.incident_id: alert for alert in reversed(self.alerts)}


@dataclass(frozen=True, slots=True)
class Truth:
    """Ground truth of a date under the current stages, independent of alerts."""

    first_tip_at: datetime | None
    is_covered_at_tip: bool  # no stage that is due before the first tip-off fails at it
    was_late: bool  # one of them failed at a check after its due time
    unknown: frozenset[str]  # the stages that don't count, because their rows were changed since

    @classmethod
    def of(cls, checks: Iterable[CheckRecord], unknown: Set[str]) -> Truth:
        """Judge by the checks of a date up to its first tip-off, inclusive (oldest first, at least one)."""
        found = list(checks)
        fails = [
            any(
                not stage.status.passes
                for name, stage in check.stages_due(Due.BEFORE_TIP).items()
                if name not in unknown
            )
            for check in found
        ]
        return cls(found[-1].first_tip_at, not fails[-1], any(fails), frozenset(unknown))


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
    def of(cls, dates: Sequence[ReplayedDate], truths: Mapping[date, Truth]) -> Score:
        """Compare the alerts with the truth. Those about stages of which it knows nothing don't count."""
        counted = [each.without(truths[each.day].unknown) for each in dates]
        alerted = [incident for each in counted for incident in each.alerted]
        messages = sum(len(each.alerts) for each in counted)
        to_alert = [minutes for each in counted for minutes in _minutes_to_alert(each)]
        left = [
            _minutes(incident.first_tip_at - incident.told_at)
            for incident in alerted
            if incident.due is Due.BEFORE_TIP and incident.first_tip_at and incident.told_at
        ]
        return cls(
            dates=len(dates),
            incidents=len(alerted),
            messages=messages,
            messages_a_week=round(7 * messages / len(dates), 2) if dates else 0.0,
            false_alarms=tuple(sorted(incident.incident_id for incident in alerted if _is_false(incident, truths))),
            blind_mornings=tuple(each.day for each in dates if _is_blind(each, truths[each.day])),
            minutes_to_tell_median=median(to_alert) if to_alert else None,
            minutes_to_tell_worst=max(to_alert, default=None),
            minutes_left_median=median(left) if left else None,
            minutes_left_worst=min(left, default=None),
        )


def _is_false(incident: Incident, truths: Mapping[date, Truth]) -> bool:
    truth = truths[incident.check_date]
    return incident.due is Due.BEFORE_TIP and truth.is_covered_at_tip and not truth.was_late


def _is_blind(replayed: ReplayedDate, truth: Truth) -> bool:
    if truth.first_tip_at is None or truth.is_covered_at_tip:
        return False
    in_time = truth.first_tip_at - IN_TIME
    return not any(
        incident.due is Due.BEFORE_TIP and incident.told_at is not None and incident.told_at <= in_time
        for incident in replayed.incidents
    )


def _minutes_to_alert(replayed: ReplayedDate) -> Iterable[float]:
    # By the first message of each incident: later ones may be about another stage.
    for alert in replayed.first_alerts.values():
        found = next(check for check in replayed.checks if check.check_time == alert.incident.found_at)
        stage = found.stages.get(alert.incident.stage)
        if stage is not None and stage.due_at is not None:
            yield max(0.0, _minutes(alert.at - stage.due_at))


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
        f"{', '.join(stages)}: {them} rows, so what the rows were at past checks is unknown. "
        "Results here are a lower bound, and don't count in the score."
    )


def _listed(names: Sequence[str]) -> str:
    return f"{len(names)}: {', '.join(names)}" if names else "0"


def _pair(middle: float | None, worst: float | None) -> str:
    return "-" if middle is None or worst is None else f"{middle:.0f} ({worst:.0f})"
