"""Why a stage may be missing: a Cloud Run service that fills it fails. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.services import ServiceCheck, ServiceStatus
from nba_monitoring.core.status import Severity

# A check and a half: what an older one found says nothing about now.
RECENTLY = timedelta(minutes=45)


def with_causes(record: CheckRecord, services: Sequence[ServiceCheck]) -> CheckRecord:
    """A verdict with why its stages fail, as long as there is time to act.

    `services` are the checks of services made RECENTLY, by time.
    """
    causes = {
        name: cause
        for name, check in record.stages.items()
        if not check.status.passes and check.detail.is_live and (cause := _cause(name, services)) is not None
    }
    if not causes:
        return record
    stages = {
        name: replace(check, detail=replace(check.detail, cause=causes.get(name)))
        for name, check in record.stages.items()
    }
    return replace(record, detail=replace(record.detail, stages=stages))


def _cause(stage: str, checks: Sequence[ServiceCheck]) -> str | None:
    """'Its service prediction-coordinator answers /health with 503 since 12:47 PM ET', None if none of them fails.

    The last check of each service counts. That Cloud Run could not be read explains nothing.
    """
    newest = {
        check.service: check
        for check in checks
        if stage in check.detail.feeds and check.status is not ServiceStatus.UNKNOWN
    }
    failing = [check for check in newest.values() if not check.status.passes]
    worst = min(failing, key=lambda check: check.severity is Severity.WARN, default=None)
    return None if worst is None else f"Its service {worst.summary}"
