"""How long it took to find an incident, to tell it and to see it through, and how much time was left to act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from nba_monitoring.core.eastern import end_of_morning_after, morning_look
from nba_monitoring.core.incidents import EndedAs, Incident
from nba_monitoring.core.stages import Due


@dataclass(frozen=True, slots=True)
class ResponseTimes:
    """Minutes, None where an instant is not there or not known.

    `left` is to the first tip-off, or to the end of the morning after, and negative after it.
    """

    minutes_to_detect: float
    minutes_to_tell: float | None
    minutes_to_recover: float | None
    minutes_left_found: float | None
    minutes_left_told: float | None
    minutes_left_ended: float | None

    @classmethod
    def of(cls, incident: Incident) -> ResponseTimes:
        """Those of an incident. Detecting starts when what it is about was due; before that it takes no time."""
        found, told, ended, chance = incident.found_at, incident.told_at, incident.ended_at, _chance(incident)
        return cls(
            minutes_to_detect=max(0.0, _minutes(found - due_at(incident))),
            minutes_to_tell=_between(found, told),
            minutes_to_recover=_between(found, ended) if incident.ended_as is EndedAs.RECOVERED else None,
            minutes_left_found=_between(found, chance),
            minutes_left_told=_between(told, chance),
            minutes_left_ended=_between(ended, chance),
        )


def due_at(incident: Incident) -> datetime:
    """When what an incident is about had to be there (UTC): at 8:00 AM Pacific of its date; what the games left behind
    when its stage was due the next day.
    """
    if incident.due is Due.BEFORE_TIP:
        return morning_look(incident.check_date)
    return incident.detail.due_at or morning_look(incident.check_date + timedelta(days=1))


def _chance(incident: Incident) -> datetime | None:
    """Until when there is something to be saved."""
    return incident.first_tip_at if incident.due is Due.BEFORE_TIP else end_of_morning_after(incident.check_date)


def _between(start: datetime | None, end: datetime | None) -> float | None:
    return None if start is None or end is None else _minutes(end - start)


def _minutes(span: timedelta) -> float:
    return round(span / timedelta(minutes=1), 1)
