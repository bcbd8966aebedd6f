"""The check of a Cloud Run service: its status, and a row of `nba_monitoring.service_checks`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from nba_monitoring.core.codec import Instant
from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.core.status import Severity, Status
from nba_monitoring.core.words import moment


class ServiceStatus(StrEnum):
    """What a check finds for a service."""

    READY = "READY"
    DEPLOYING = "DEPLOYING"
    NEWEST_FAILED = "NEWEST_FAILED"
    OLD_REVISION = "OLD_REVISION"
    BEHIND = "BEHIND"
    NOT_READY = "NOT_READY"
    UNHEALTHY = "UNHEALTHY"
    WRONG_SERVICE = "WRONG_SERVICE"
    GONE = "GONE"
    UNKNOWN = "UNKNOWN"

    @property
    def passes(self) -> bool:
        """Whether the check passes with this status."""
        return self in (ServiceStatus.READY, ServiceStatus.DEPLOYING)

    @property
    def severity(self) -> Severity | None:
        """WARN while another revision serves; None if it passes."""
        if self.passes:
            return None
        return Severity.WARN if self in _ANOTHER_SERVES else Severity.ERROR


# Of a date's data, or of a service.
AnyStatus = Status | ServiceStatus

_ANOTHER_SERVES = (ServiceStatus.NEWEST_FAILED, ServiceStatus.OLD_REVISION, ServiceStatus.BEHIND)


@dataclass(frozen=True, slots=True)
class ServiceDetail:
    """What the columns of a service's check leave out. Every field has a default, so that older rows can be read."""

    what: str = ""  # what was found, as a verb and its object: 'answers /health with 503'
    cloud_run: str = ""  # its name on Cloud Run
    feeds: tuple[str, ...] = ()
    fix: str | None = None
    failing_since: Instant | None = None  # the first of the failing checks in a row; None if it passes
    image: str | None = None  # of the newest revision, if Cloud Run gives its digest
    image_commit: str | None = None  # the commit under whose label that image was first seen
    relabeled_at: Instant | None = None  # when it was first seen under another commit's label


@dataclass(frozen=True, slots=True)
class ServiceCheck:
    """One row of `nba_monitoring.service_checks`: its fields are the columns, in order; `detail` is JSON text there."""

    check_time: Instant
    service: str
    status: ServiceStatus
    severity: Severity | None = None
    serving: tuple[str, ...] = ()  # the revisions that get traffic
    latest: str | None = None  # the newest revision, ready or not
    commit: str | None = None  # that its label names
    since: Instant | None = None  # when it got its status, as far as is known
    detail: ServiceDetail = field(default_factory=ServiceDetail)
    check_id: str = ""
    run_id: str = ""
    trigger: Trigger = Trigger.MANUAL

    @property
    def found(self) -> str:
        """'answers /health with 503 since 12:47 PM ET', 'is not ready since 12:47 PM ET: No module named ...'."""
        what, colon, why = (self.detail.what or self.status).partition(": ")
        since = "" if self.since is None else f" since {moment(self.since, game_date(self.check_time))}"
        return f"{what}{since}{colon}{why}"

    @property
    def title(self) -> str:
        """Its name on Cloud Run."""
        return self.detail.cloud_run or self.service

    @property
    def summary(self) -> str:
        """'prediction-coordinator answers /health with 503 since 12:47 PM ET'."""
        return f"{self.title} {self.found}"

    @property
    def failed_before(self) -> bool:
        """Whether it fails, and failed at the check before too."""
        first = self.detail.failing_since
        return not self.status.passes and first is not None and first < self.check_time


def newest_of_each(checks: Iterable[ServiceCheck]) -> Sequence[ServiceCheck]:
    """The last check of each service, given checks by time."""
    return list({check.service: check for check in checks}.values())


def services_line(checks: Iterable[ServiceCheck] | None) -> str:
    """The services in one line, given their last checks by time; None if they are not watched."""
    if checks is None:
        return "Services are not watched (NBA_MONITORING_SERVICES is not set)."
    newest = newest_of_each(checks)
    if not newest:
        return "Services were not checked lately. Run: nba-monitoring services"
    failing = [check.summary for check in newest if not check.status.passes]
    return ". ".join([f"Services: {len(newest) - len(failing)} of {len(newest)} ready", *failing])
