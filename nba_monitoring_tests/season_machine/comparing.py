"""Compare the alerts of a season with its planted faults, and list alerts about anything else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nba_monitoring_tests.season_machine.answers import Answer, Planted
from nba_monitoring_tests.season_machine.clock import EASTERN, HALF_HOUR
from nba_monitoring_tests.season_machine.driving import Alert

MEANWHILE = frozenset({"got worse", "changed", "reminder"})


@dataclass(frozen=True)
class Compared:
    """How a season went: each wrong one with what is wrong about it."""

    planted: int
    wrong: Sequence[tuple[Planted, str]]
    others: Sequence[Alert]

    @property
    def right(self) -> int:
        return self.planted - len(self.wrong)


def compare(planted: Sequence[Planted], alerts: Iterable[Alert], *, with_causes: bool) -> Compared:
    """Compare each fault with the alerts of its incident, and with the service that explains it, where alerts can name
    one. All other alerts are wrong.
    """
    by_incident: defaultdict[str, list[Alert]] = defaultdict(list)
    for alert in alerts:
        by_incident[alert.incident_id].append(alert)
    wrong: list[tuple[Planted, str]] = []
    for fault in planted:
        if fault.answer is not None:
            of_incident = by_incident.pop(fault.answer.incident_id, [])
            why = difference(fault.answer, of_incident)
            if why is None and with_causes:
                why = cause_difference(fault, of_incident[0])
            if why is not None:
                wrong.append((fault, why))
    odd = {str(fault.day): fault for fault in planted if fault.answer is None}
    others = [alert for of_incident in by_incident.values() for alert in of_incident]
    for day, fault in odd.items():
        mine = [alert for alert in others if day in alert.incident_id]
        if mine:
            wrong.append((fault, f"alerts: {_shown(mine)}"))
            others = [alert for alert in others if alert not in mine]
    return Compared(len(planted), wrong, others)


def difference(answer: Answer, alerts: Sequence[Alert]) -> str | None:
    """The first difference between expected and actual alerts, on one line; None if there is none."""
    planted, (end, until) = answer.planted, answer.end
    shown = _shown(alerts)
    if not alerts:
        return "no alert"
    first, *rest = alerts
    if (first.reason, first.stage, first.status) != ("first finding", planted.stage, planted.status):
        return f"not first {planted.stage} {planted.status}: {shown}"
    if first.at not in answer.first:
        return f"first alert not from {_clock(answer.first.first)} to {_clock(answer.first.last)}: {shown}"
    late = rest.pop() if rest and rest[-1].reason == "came late" else None
    last = rest.pop() if rest else None
    if last is None or last.reason != end:
        return f"does not end {end}: {shown}"
    if last.at not in until:
        return f"does not end from {_clock(until.first)} to {_clock(until.last)}: {shown}"
    if (late is None) is not (answer.came_late is None) or (
        late and answer.came_late and late.at not in answer.came_late
    ):
        return f"what came late: {shown}"
    for alert in [first, *rest]:
        if alert is not first and alert.reason not in MEANWHILE:
            return f"{alert.reason}: {shown}"
        if alert.severity != answer.severity(alert.at):
            return f"not {answer.severity(alert.at)} at {_clock(alert.at)}: {shown}"
    urgent = answer.turns_urgent
    is_due = urgent is not None and first.at < urgent and urgent + HALF_HOUR < last.at
    if is_due and not any(alert.severity == "ERROR" for alert in rest):
        return f"no ERROR: {shown}"
    return None


def cause_difference(fault: Planted, alert: Alert) -> str | None:
    """The difference in the service that an alert names as the cause, on one line; None if there is none."""
    right = alert.cause is None if fault.service is None else f"Its service {fault.service} " in (alert.cause or "")
    return None if right else f"names {alert.cause}, not {fault.service}"


def check_difference(answer: Answer, checks: Mapping[str, Mapping[str, Any]]) -> str | None:
    """The difference in the verdict of `check --as-of` at the first alert, on one line; None if there is none."""
    planted = answer.planted
    # What is wrong with the schedule, every stage inherits.
    stage = "phase4" if planted.stage == "schedule" else planted.stage
    right = {
        "status": planted.status,
        "severity": answer.severity(answer.first.last),
        "is_first_broken": stage == planted.stage,
        "missing": sorted(planted.missing),
        "partial": sorted(planted.partial),
    }
    found = {name: checks[stage][name] for name in right}
    found |= {name: sorted(found[name]) for name in ("missing", "partial")}
    wrong = {name: value for name, value in found.items() if value != right[name]}
    return f"check --as-of says {wrong}" if wrong else None


def _shown(alerts: Iterable[Alert]) -> str:
    return "; ".join(
        f"{_clock(alert.at)} {alert.reason} {alert.stage} {alert.status} {alert.severity}" for alert in alerts
    )


def _clock(at: datetime) -> str:
    return f"{at.astimezone(EASTERN):%m-%d %H:%M}"
