"""What is wrong in an incident about Cloud Run services, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nba_monitoring.alerts.incidents.service_incidents import SERVICES
from nba_monitoring.core.incidents import EndedAs, Incident
from nba_monitoring.core.services import AnyStatus, ServiceStatus
from nba_monitoring.core.words import all_of, count, first_few, moment

MOST_SERVICES = 8

# What one service does, and what several do.
_FAILS: Mapping[AnyStatus, tuple[str, str]] = {
    ServiceStatus.NEWEST_FAILED: ("does not run its newest revision", "do not run their newest revisions"),
    ServiceStatus.OLD_REVISION: ("sends traffic to an old revision", "send traffic to old revisions"),
    ServiceStatus.BEHIND: ("runs an old image under a new label", "run old images under new labels"),
    ServiceStatus.NOT_READY: ("is not ready", "are not ready"),
    ServiceStatus.UNHEALTHY: ("is unhealthy", "are unhealthy"),
    ServiceStatus.WRONG_SERVICE: ("runs another service", "run other services"),
    ServiceStatus.GONE: ("does not exist", "do not exist"),
    ServiceStatus.UNKNOWN: ("could not be read from Cloud Run", "could not be read from Cloud Run"),
}


def services_finding(incident: Incident) -> str:
    """'prediction-worker is unhealthy', 'All 21 services send traffic to old revisions'."""
    one, several = _FAILS[incident.status]
    return f"{services(incident)} {several if _is_several(incident) else one}"


def services(incident: Incident) -> str:
    """'prediction-worker', 'All 21 services', '4 services'."""
    if incident.stage != SERVICES:
        return incident.title
    number = _number(incident)
    named = all_of(number, "service") if number == incident.detail.total else count(number, "service")
    return f"{named[:1].upper()}{named[1:]}"


def ready(incident: Incident) -> str:
    """'prediction-worker is ready', 'All 21 services are ready'."""
    return f"{services(incident)} {'are' if _is_several(incident) else 'is'} ready"


def services_end(incident: Incident) -> str:
    """'prediction-worker is ready since 1:30 PM ET', 'prediction-worker is no longer watched'."""
    if incident.ended_as is EndedAs.EXCUSED:
        return f"{services(incident)} {'are' if _is_several(incident) else 'is'} no longer watched"
    if incident.covered_at is None:
        return services_finding(incident)
    return f"{ready(incident)} since {moment(incident.covered_at, incident.check_date)}"


def what_was_found(incident: Incident) -> Sequence[str]:
    """One line per service, or one for all of them if the same was found of each."""
    units = incident.detail.uncovered
    reasons = list(dict.fromkeys(unit.reason for unit in units))
    if len(units) > 1 and len(reasons) == 1:
        return [f"Each {reasons[0]}"]
    return first_few([f"{incident.title_of(unit.unit)} {unit.reason}" for unit in units], MOST_SERVICES)


def _is_several(incident: Incident) -> bool:
    return _number(incident) > 1


def _number(incident: Incident) -> int:
    """How many fail; of those that are ready again, how many ever failed."""
    return len(incident.detail.uncovered if incident.covered_at is None else incident.detail.titles)
