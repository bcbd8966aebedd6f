"""The links of an alert: into Dagster's pages, to the runbook, and to the morning page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote, urldefrag

from nba_monitoring.core.incidents import Incident
from nba_monitoring.core.stages import PHASE4, SCHEDULE
from nba_monitoring.settings import Settings

VERDICTS = "data_availability_checks"  # the asset with a date's verdict


@dataclass(frozen=True, slots=True)
class Subject:
    """What an alert is about, as far as it is known. `stage` is an incident's, `runbook` a page of docs/runbooks."""

    run_id: str | None = None
    day: date | None = None
    stage: str | None = None
    status: str | None = None  # an incident's, or the tone of a monitor alert
    runbook: str | None = None

    @classmethod
    def of(cls, incident: Incident) -> Subject:
        """The subject of an incident. One about services has no date's partition, and its run checks nothing else."""
        if incident.is_about_services:
            return cls(incident.detail.run_id)
        return cls(incident.detail.run_id, incident.check_date, incident.stage, incident.status)


Links = tuple[tuple[str, str], ...]  # label and address of each
LinksFor = Callable[[Subject], Links]


def check_name(stage: str) -> str:
    """The name of the asset check of a stage. Phase 4's also fails for an unknown schedule."""
    return "phase4_covers_scheduled_games" if stage in (PHASE4, SCHEDULE) else f"{stage}_is_complete"


def links_for(settings: Settings, subject: Subject) -> Links:
    """The links that the settings allow for."""
    base = settings.dagster_url.rstrip("/") if settings.dagster_url else None
    return tuple(
        (label, url)
        for label, url in (
            _run(base, subject),
            ("Partition", base and subject.day and f"{base}/assets/{VERDICTS}?view=partitions&partition={subject.day}"),
            ("Runbook", settings.runbook(subject.runbook, subject.status or "")),
            ("Morning page", _on_page(settings.report_url, subject.day)),
        )
        if url
    )


def _on_page(url: str | None, day: date | None) -> str | None:
    """The morning page, at a date's row of its calendar."""
    return url if url is None or day is None else f"{urldefrag(url).url}#{day}"


def _run(base: str | None, subject: Subject) -> tuple[str, str | None]:
    """The failed check in its run; the whole run, if no check's result is meant.

    A check's result for one partition has no address: the page of a check shows its newest result, whatever the
    partition, and the page of a partition is green, because the verdict was materialized. The run's log shows only the
    failed check if it is filtered, in red.
    """
    if base is None or subject.run_id is None:
        return "Dagster run", None
    run = f"{base}/runs/{subject.run_id}"
    if subject.stage is None:
        return "Dagster run", run
    only = f"type:ASSET_CHECK_EVALUATION|'{check_name(subject.stage)}'"
    return "Failed check", f"{run}?logs={quote(only)}"
