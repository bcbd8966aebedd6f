"""The newest checks and the open incidents as gauges, in OpenMetrics text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from nba_monitoring.core.incidents import Incident
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.stage_record import StageCheck
from nba_monitoring.core.status import Status

PREFIX = "nba_monitoring"


@dataclass(frozen=True, slots=True)
class Gauge:
    """A family of samples: a value for each set of labels."""

    name: str
    help: str
    samples: Sequence[tuple[Mapping[str, str], float]]


def gauges(today: CheckRecord | None, stages: Iterable[StageCheck], incidents: Sequence[Incident]) -> Iterator[Gauge]:
    """The gauges of today's newest check, the newest check of each stage, and the open incidents.

    No label is a date: it would make a new series every day, and an alert on the old ones would never end.
    """
    checks = list(stages)
    yield Gauge(
        "stage_status",
        "1 for the status of the stage's newest check, else 0.",
        [
            ({"stage": check.stage, "status": status.value}, check.status is status)
            for check in checks
            for status in Status
        ],
    )
    yield _of_each(
        "stage_passes", "Whether the stage's newest check passes.", checks, lambda check: check.status.passes
    )
    yield _of_each(
        "stage_first_broken", "Whether the stage is the first broken one.", checks, lambda check: check.is_first_broken
    )
    yield _of_each("stage_ready", "What the stage has of what is expected.", checks, lambda check: check.ready)
    yield _of_each(
        "stage_expected", "Games, teams or keys that the stage should have.", checks, lambda check: check.expected
    )
    yield _of_each(
        "stage_checked_timestamp_seconds",
        "When the stage was last checked.",
        checks,
        lambda check: check.check_time.timestamp(),
    )
    if today is not None:
        yield Gauge("games_expected", "Games expected today.", [({}, today.scheduled_games)])
        if today.first_tip_at is not None:
            at = today.first_tip_at.timestamp()
            yield Gauge("first_tip_timestamp_seconds", "Today's first tip-off.", [({}, at)])
    yield Gauge("incidents_open", "Open incidents.", [({}, len(incidents))])
    unacknowledged = [incident for incident in incidents if incident.acknowledged_at is None]
    yield Gauge("incidents_unacknowledged", "Open incidents that nobody has acknowledged.", [({}, len(unacknowledged))])


def as_text(found: Iterable[Gauge], labels: Mapping[str, str]) -> str:
    """OpenMetrics text with some labels on every sample. Prometheus' older text format reads it too."""
    return "".join(line + "\n" for gauge in found for line in _lines(gauge, labels)) + "# EOF\n"


def _of_each(name: str, text: str, checks: Iterable[StageCheck], value: Callable[[StageCheck], float]) -> Gauge:
    return Gauge(name, text, [({"stage": check.stage}, value(check)) for check in checks])


def _lines(gauge: Gauge, labels: Mapping[str, str]) -> Iterator[str]:
    if not gauge.samples:
        return
    name = f"{PREFIX}_{gauge.name}"
    yield f"# HELP {name} {gauge.help}"
    yield f"# TYPE {name} gauge"
    for own, value in gauge.samples:
        named = ",".join(f'{label}="{_escaped(text)}"' for label, text in ({**labels, **own}).items())
        yield f"{name}{{{named}}} {float(value)!r}" if named else f"{name} {float(value)!r}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
