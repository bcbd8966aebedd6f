"""Judges services: what Cloud Run and a service's own health path show, and what the check before found. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from nba_monitoring.core.service_entries import Service, Services
from nba_monitoring.core.services import ServiceCheck, ServiceDetail, ServiceStatus
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.core.status import Severity
from nba_monitoring.core.words import duration, moment

# A deployment takes seconds to minutes; Cloud Run gives up on one that doesn't start after about ten.
DEPLOYS_WITHIN = timedelta(minutes=10)
# An image that is only relabeled is often built again soon.
BEHIND_AFTER = timedelta(hours=24)

SUCCEEDED, FAILED = "CONDITION_SUCCEEDED", "CONDITION_FAILED"
CHANGING = ("CONDITION_PENDING", "CONDITION_RECONCILING")


@dataclass(frozen=True, slots=True)
class TrafficSeen:
    """A share of a service's traffic."""

    revision: str | None  # None if Cloud Run does not name it
    percent: int
    is_to_latest: bool = False  # it goes to whichever revision is the newest ready one


@dataclass(frozen=True, slots=True)
class ServiceSeen:
    """A service as Cloud Run lists it. None is what it leaves out. Revisions by their last name."""

    state: str | None = None  # of its terminal condition
    message: str = ""  # why, in Cloud Run's words
    changed_at: datetime | None = None  # when the condition changed (UTC)
    updated_at: datetime | None = None  # when someone last changed the service (UTC)
    is_reconciling: bool = False
    created: str | None = None  # the newest revision
    ready: str | None = None  # the newest revision that became ready
    traffic: tuple[TrafficSeen, ...] = ()
    commit: str | None = None  # that the label commit-sha names
    image: str | None = None  # of the newest revision, if it is given with its digest
    address: str | None = None
    unreadable: str | None = None  # why the entry can't be read


@dataclass(frozen=True, slots=True)
class Listing:
    """The services of a project and region, by their names on Cloud Run."""

    services: Mapping[str, ServiceSeen] = field(default_factory=dict)
    error: str | None = None  # why they can't be read
    incomplete: str | None = None  # why there may be more


@dataclass(frozen=True, slots=True)
class HealthSeen:
    """A service's answer at its health path."""

    status: int | None = None
    error: str = ""  # why there is no answer
    named: str | None = None  # the service that it says it is

    @property
    def is_healthy(self) -> bool:
        """Whether it answered with a 2xx."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class _Found:
    status: ServiceStatus
    what: str
    since: datetime | None = None  # as Cloud Run has it


def check_services(
    services: Services,
    listing: Listing,
    health: Mapping[str, HealthSeen],
    before: Mapping[str, Sequence[ServiceCheck]],
    now: datetime,
    run_id: str,
    trigger: Trigger,
) -> tuple[ServiceCheck, ...]:
    """A check of every service at an instant (UTC), in the order of the file.

    `health` has the answers of those that were asked, `before` the earlier checks of each service, oldest first.
    """
    found = [
        _check(name, service, listing, health.get(name), before.get(name, ()), now)
        for name, service in services.by_name.items()
    ]
    return tuple(replace(check, check_id=f"services_{run_id}", run_id=run_id, trigger=trigger) for check in found)


def where_to_ask(service: Service, seen: ServiceSeen | None, now: datetime) -> tuple[str, str] | None:
    """The address and path at which to ask a service for its health; None for one that is not to be asked.

    One that is just being deployed is not asked.
    """
    if service.health is None or seen is None or seen.address is None or seen.state is None or _is_deploying(seen, now):
        return None
    return seen.address.rstrip("/"), service.health


def _check(
    name: str,
    service: Service,
    listing: Listing,
    health: HealthSeen | None,
    before: Sequence[ServiceCheck],
    now: datetime,
) -> ServiceCheck:
    seen = listing.services.get(service.service)
    known = next((check for check in reversed(before) if check.status is not ServiceStatus.UNKNOWN), None)
    image = _image(seen, known, now)
    found = _judged(name, service, listing, seen, health, image, now)
    # What was not known meanwhile is taken to have gone on.
    last = before[-1] if before and found.status is ServiceStatus.UNKNOWN else known
    is_same = last is not None and last.status is found.status
    failing_since = None
    if not found.status.passes:
        goes_on = last is not None and (is_same or found.status is not ServiceStatus.UNKNOWN)
        failing_since = (last.detail.failing_since if last is not None and goes_on else None) or now
    since = (last.since if last is not None and is_same else None) or found.since or now
    return ServiceCheck(
        check_time=now,
        service=name,
        status=found.status,
        severity=found.status.severity,
        serving=() if seen is None else _serving(seen),
        latest=None if seen is None else seen.created,
        commit=None if seen is None else seen.commit,
        since=min(since, now),
        detail=ServiceDetail(
            what=found.what,
            cloud_run=service.service,
            feeds=service.feeds,
            fix=service.fix,
            failing_since=failing_since,
            image=image.image,
            image_commit=image.commit,
            relabeled_at=image.relabeled_at,
        ),
    )


def _judged(
    name: str,
    service: Service,
    listing: Listing,
    seen: ServiceSeen | None,
    health: HealthSeen | None,
    image: _Image,
    now: datetime,
) -> _Found:
    if listing.error is not None:
        return _Found(ServiceStatus.UNKNOWN, f"could not be read: {listing.error}")
    if seen is None and listing.incomplete is not None:
        return _Found(ServiceStatus.UNKNOWN, f"could not be read: {listing.incomplete}")
    if seen is None:
        return _Found(ServiceStatus.GONE, "does not exist")
    found = _by_cloud_run(service, seen, now)
    if found.status.severity is not Severity.ERROR and health is not None:
        if not health.is_healthy:
            return _Found(ServiceStatus.UNHEALTHY, _unhealthy(service, health))
        if health.named is not None and not _is_own_name(health.named, service.service, name):
            return _Found(ServiceStatus.WRONG_SERVICE, f"says at {service.health} that it is {health.named}")
    return _by_image(found, seen, image, now) if found.status is ServiceStatus.READY else found


def _by_cloud_run(service: Service, seen: ServiceSeen, now: datetime) -> _Found:
    if seen.unreadable is not None:
        return _Found(ServiceStatus.UNKNOWN, f"could not be read: {seen.unreadable}")
    if seen.state not in (SUCCEEDED, FAILED, *CHANGING):
        state = "no state" if seen.state is None else f"the state {seen.state}, which the monitor does not know"
        return _Found(ServiceStatus.UNKNOWN, f"could not be read: Cloud Run gives {state}")
    if _is_deploying(seen, now):
        return _Found(ServiceStatus.DEPLOYING, f"is deploying {seen.created or 'a revision'}", seen.updated_at)
    why = f": {seen.message}" if seen.message else ""
    is_newest_ready = seen.created is not None and seen.created == seen.ready
    if seen.state != SUCCEEDED:
        how = "failed" if seen.state == FAILED else f"was not ready after {duration(DEPLOYS_WITHIN)}"
        if seen.ready is not None and seen.created is not None and not is_newest_ready:
            return _newest_failed(seen, f"{how}{why}")
        what = "is not ready" if seen.state == FAILED else "is still being deployed"
        return _Found(ServiceStatus.NOT_READY, f"{what}{why}", seen.changed_at)
    lacking = [
        words
        for words, value in (
            ("no newest revision", seen.created),
            ("no ready revision", seen.ready),
            ("no traffic", _serving(seen)),
        )
        if not value
    ]
    if lacking:
        return _Found(ServiceStatus.UNKNOWN, f"could not be read: Cloud Run gives {', '.join(lacking)}")
    if not is_newest_ready:
        return _newest_failed(seen, "never became ready")
    return _by_traffic(service, seen)


def _newest_failed(seen: ServiceSeen, how: str) -> _Found:
    serving = ", ".join(_serving(seen)) or seen.ready
    return _Found(
        ServiceStatus.NEWEST_FAILED, f"serves {serving}: its newest revision {seen.created} {how}", seen.changed_at
    )


def _by_traffic(service: Service, seen: ServiceSeen) -> _Found:
    elsewhere = [share for share in seen.traffic if share.percent > 0 and _revision(share, seen) != seen.ready]
    to_newest = sum(share.percent for share in seen.traffic if _revision(share, seen) == seen.ready)
    if elsewhere and (service.traffic == "latest" or not to_newest):
        shares = ", ".join(f"{share.percent}% of its traffic to {share.revision}" for share in elsewhere)
        return _Found(ServiceStatus.OLD_REVISION, f"sends {shares}, not to its newest revision {seen.ready}")
    return _Found(ServiceStatus.READY, f"serves {', '.join(_serving(seen))}")


def _is_deploying(seen: ServiceSeen, now: datetime) -> bool:
    """Whether a deployment began so recently that it may still succeed."""
    is_changing = seen.is_reconciling or seen.state in CHANGING or seen.created != seen.ready
    began = max(filter(None, (seen.updated_at, seen.changed_at)), default=None)
    return seen.state != FAILED and is_changing and began is not None and now - began < DEPLOYS_WITHIN


def _serving(seen: ServiceSeen) -> tuple[str, ...]:
    named = (_revision(share, seen) for share in seen.traffic if share.percent > 0)
    return tuple(dict.fromkeys(filter(None, named)))


def _revision(share: TrafficSeen, seen: ServiceSeen) -> str | None:
    return share.revision or (seen.ready if share.is_to_latest else None)


def _unhealthy(service: Service, health: HealthSeen) -> str:
    if health.status is None:
        return f"does not answer {service.health} ({health.error})"
    needed = ": grant the monitor roles/run.invoker" if health.status in (401, 403) else ""
    return f"answers {service.health} with {health.status}{needed}"


def _is_own_name(named: str, *own: str) -> bool:
    """Whether a service's name for itself is one of its own: all of its words, or all of theirs.

    Services write their names freely: 'analytics_processors' for nba-phase3-analytics-processors.
    """
    words = _words(named)
    return not words or any(words <= _words(name) or _words(name) <= words for name in own)


def _words(name: str) -> frozenset[str]:
    return frozenset(word.removesuffix("s") for word in re.split(r"[^a-z0-9]+", name.lower()) if word)


@dataclass(frozen=True, slots=True)
class _Image:
    image: str | None = None
    commit: str | None = None
    relabeled_at: datetime | None = None


def _image(seen: ServiceSeen | None, known: ServiceCheck | None, now: datetime) -> _Image:
    """The newest revision's image, and the commit under whose label it was first seen."""
    before = ServiceDetail() if known is None else known.detail
    if seen is None:
        return _Image(before.image, before.image_commit, before.relabeled_at)
    if seen.image is None or seen.image != before.image:
        return _Image(seen.image, seen.commit)
    commit = before.image_commit or seen.commit
    if seen.commit is None or seen.commit == commit:
        return _Image(seen.image, commit)
    is_as_before = known is not None and known.commit == seen.commit
    return _Image(seen.image, commit, (before.relabeled_at if is_as_before else None) or now)


def _by_image(ready: _Found, seen: ServiceSeen, image: _Image, now: datetime) -> _Found:
    """READY, or BEHIND if a commit's label has stood on the image of another for a day."""
    if image.relabeled_at is None:
        return ready
    what = f"runs the image of commit {image.commit} under the label of {seen.commit}"
    if now - image.relabeled_at >= BEHIND_AFTER:
        return _Found(ServiceStatus.BEHIND, what, image.relabeled_at)
    return _Found(ServiceStatus.READY, f"{what}, which fails from {moment(image.relabeled_at + BEHIND_AFTER)} on")
