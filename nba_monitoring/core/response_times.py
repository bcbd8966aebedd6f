"""How long an incident took: minutes to detect, report, acknowledge and recover, and the minutes that were left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from nba_monitoring.core.eastern import morning_of, results_deadline
from nba_monitoring.core.incidents import EndedAs, Incident
from nba_monitoring.core.stages import Due


@dataclass(frozen=True, slots=True)
class ResponseTimes:
    """Minutes to detect, report, acknowledge and recover from an incident, and the minutes left to act.

    None if an instant is unknown. `left` is to the first tip-off, or to the results deadline, and negative after it.
    """

    minutes_to_detect: float
    minutes_to_tell: float | None
    minutes_to_acknowledge: float | None
    minutes_to_recover: float | None
    minutes_left_found: float | None
    minutes_left_told: float | None
    minutes_left_ended: float | None

    @classmethod
    def of(cls, incident: Incident) -> ResponseTimes:
        """The response times of an incident.

        Detection starts at the due time, and acknowledgement at the alert; an earlier one took no time.
        """
        found, told, ended, chance = incident.found_at, incident.told_at, incident.ended_at, _chance(incident)
        to_acknowledge = _between(told, incident.acknowledged_at)
        return cls(
            minutes_to_detect=max(0.0, _minutes(found - _due_at(incident))),
            minutes_to_tell=_between(found, told),
            minutes_to_acknowledge=None if to_acknowledge is None else max(0.0, to_acknowledge),
            minutes_to_recover=_between(found, ended) if incident.ended_as is EndedAs.RECOVERED else None,
            minutes_left_found=_between(found, chance),
            minutes_left_told=_between(told, chance),
            minutes_left_ended=_between(ended, chance),
        )


def _due_at(incident: Incident) -> datetime:
    """When its data was due (UTC): 11:00 AM ET, or the due time of results; of a service, when it was found failing."""
    if incident.due is None:
        return incident.found_at
    if incident.due is Due.BEFORE_TIP:
        return morning_of(incident.check_date)
    return incident.detail.due_at or morning_of(incident.check_date + timedelta(days=1))


def _chance(incident: Incident) -> datetime | None:
    """The deadline: first tip-off, or the results deadline (UTC)."""
    if incident.due is None:
        return None
    return incident.first_tip_at if incident.due is Due.BEFORE_TIP else results_deadline(incident.check_date)


def _between(start: datetime | None, end: datetime | None) -> float | None:
    return None if start is None or end is None else _minutes(end - start)


def _minutes(span: timedelta) -> float:
    return round(span / timedelta(minutes=1), 1)
