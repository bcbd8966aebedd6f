"""Incidents about Cloud Run services: what a check of the services opens, changes and ends. Pure, total functions.

A service that fails at two checks in a row is an incident, unless one of a stage that it fills is open: that alert
names the service. Services that fail alike are one incident, and so is a Cloud Run that can't be read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.incidents import EndedAs, Incident, IncidentDetail, UncoveredUnit
from nba_monitoring.core.services import ServiceCheck, ServiceStatus
from nba_monitoring.core.status import Severity

# The subject of an incident about several services.
SERVICES = "services"
# If more services begin to fail alike, they have one cause.
MOST_ONE_BY_ONE = 3


def after_services_check(
    incidents: Iterable[Incident], checks: Sequence[ServiceCheck], run_id: str | None = None
) -> Sequence[Incident]:
    """The incidents that one check of the services opens or changes, given all that are known."""
    before = {incident.incident_id: incident for incident in incidents}
    rows = {check.service: check for check in checks}
    after = {key: _with_check(known, rows, run_id) for key, known in before.items()}
    for alike in _new(after.values(), checks):
        incident = _to_join(after.values(), alike) or _opened(after, alike, len(checks))
        units = (*incident.detail.uncovered, *map(_unit, alike))
        after[incident.incident_id] = _failing(incident, units, alike, run_id)
    return [incident for key, incident in after.items() if before.get(key) != incident]


def no_longer_watched(incident: Incident, services: Collection[str], now: datetime) -> Incident:
    """An incident, ended if it is about services of which none is watched anymore at an instant (UTC)."""
    if not incident.is_about_services or not incident.is_open or any(name in services for name in _names(incident)):
        return incident
    return replace(incident, ended_at=now, ended_as=EndedAs.EXCUSED)


def _with_check(incident: Incident, rows: Mapping[str, ServiceCheck], run_id: str | None) -> Incident:
    """An incident after a check that is newer than the last one it has seen.

    A service that was not checked, or that Cloud Run does not show, is taken to be as it was.
    """
    units = {unit.unit: unit for unit in incident.detail.uncovered}
    seen = [rows[name] for name in units if name in rows and _shows(rows[name], incident)]
    if not incident.is_about_services or not goes_on(incident) or not seen:
        return incident
    if incident.detail.looked_at is not None and seen[0].check_time <= incident.detail.looked_at:
        return incident
    failing = [check for check in seen if _is_same_trouble(check, incident)]
    over = {check.service for check in seen} - {check.service for check in failing}
    left = {name: unit for name, unit in units.items() if name not in over} | {
        check.service: _unit(check) for check in failing
    }
    if left:
        return _failing(incident, tuple(left.values()), failing, run_id)
    at = seen[0].check_time
    detail = replace(incident.detail, looked_at=at, run_id=run_id)
    ended = replace(incident, covered_at=at, detail=detail)
    return replace(ended, ended_at=at, ended_as=EndedAs.RECOVERED) if incident.is_open else ended


def goes_on(incident: Incident) -> bool:
    """Whether an incident is open, or is about services and was closed by hand while they go on failing."""
    is_closed = incident.ended_as is EndedAs.CLOSED and incident.covered_at is None
    return incident.is_open or (incident.is_about_services and is_closed)


def _shows(check: ServiceCheck, incident: Incident) -> bool:
    """Whether a check shows how an incident goes on.

    What Cloud Run does not show may have gone on, and what is being deployed may fail again.
    """
    return incident.status is ServiceStatus.UNKNOWN or check.status not in (
        ServiceStatus.UNKNOWN,
        ServiceStatus.DEPLOYING,
    )


def _is_same_trouble(check: ServiceCheck, incident: Incident) -> bool:
    if incident.status is ServiceStatus.UNKNOWN:
        return check.status is ServiceStatus.UNKNOWN
    return not check.status.passes


def _new(known: Collection[Incident], checks: Sequence[ServiceCheck]) -> Iterator[Sequence[ServiceCheck]]:
    """The services that have failed twice in a row and are no incident yet, by incident."""
    going_on = [incident for incident in known if incident.is_about_services and goes_on(incident)]
    broken_stages = {
        stage
        for incident in known
        if incident.is_open and not incident.is_about_services
        for stage in (incident.stage, *incident.detail.also)
    }
    by_status = defaultdict[ServiceStatus, list[ServiceCheck]](list)
    for check in checks:
        is_unknown = check.status is ServiceStatus.UNKNOWN
        is_known = any(
            check.service in _names(incident) and (incident.status is ServiceStatus.UNKNOWN) is is_unknown
            for incident in going_on
        )
        is_explained = not is_unknown and not broken_stages.isdisjoint(check.detail.feeds)
        if check.failed_before and not is_known and not is_explained:
            by_status[check.status].append(check)
    for status, alike in by_status.items():
        is_one = status is ServiceStatus.UNKNOWN or len(alike) == len(checks) or len(alike) > MOST_ONE_BY_ONE
        yield from [alike] if is_one else [[check] for check in alike]


def _to_join(known: Iterable[Incident], alike: Sequence[ServiceCheck]) -> Incident | None:
    """The open incident about several services that fail in the same way."""
    status = alike[0].status
    return next((each for each in known if each.is_open and each.stage == SERVICES and each.status is status), None)


def _opened(known: Mapping[str, Incident], alike: Sequence[ServiceCheck], watched: int) -> Incident:
    first = alike[0]
    name = first.title if len(alike) == 1 else SERVICES
    day = game_date(first.check_time)
    identity = f"svc-{name}-{day}"
    number = 1 + sum(key == identity or key.rpartition("-")[0] == identity for key in known)
    return Incident(
        incident_id=identity if number == 1 else f"{identity}-{number}",
        check_date=day,
        due=None,
        stage=first.service if len(alike) == 1 else SERVICES,
        status=first.status,
        severity=first.severity or Severity.ERROR,
        found_at=min(check.detail.failing_since or check.check_time for check in alike),
        detail=IncidentDetail(total=watched),
    )


def _failing(
    incident: Incident, units: tuple[UncoveredUnit, ...], seen: Sequence[ServiceCheck], run_id: str | None
) -> Incident:
    """An incident that fails, with the worst status of what was seen of it."""
    worst = min(seen, key=lambda check: check.severity is Severity.WARN, default=None)
    if worst is None:
        return incident
    is_unknown = worst.status is ServiceStatus.UNKNOWN
    commands = set() if is_unknown else {check.detail.fix for check in seen}
    stages = dict.fromkeys(stage for check in seen if not is_unknown for stage in check.detail.feeds)
    detail = replace(
        incident.detail,
        uncovered=units,
        fix=commands.pop() if len(commands) == 1 else None,
        titles={**incident.detail.titles, **{check.service: check.title for check in seen}},
        feeds=tuple(stages),
        looked_at=worst.check_time,
        run_id=run_id,
    )
    return replace(incident, status=worst.status, severity=worst.severity or Severity.ERROR, detail=detail)


def _unit(check: ServiceCheck) -> UncoveredUnit:
    return UncoveredUnit(check.service, None, check.found, is_missing=True)


def _names(incident: Incident) -> Sequence[str]:
    return [unit.unit for unit in incident.detail.uncovered]
