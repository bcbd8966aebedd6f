"""What was told held against what is right, fault by fault, and what was told of anything else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nba_monitoring_tests.season_machine.answers import Answer, Planted
from nba_monitoring_tests.season_machine.clock import EASTERN, HALF_HOUR
from nba_monitoring_tests.season_machine.driving import Message

MEANWHILE = frozenset({"got worse", "changed", "reminder"})


@dataclass(frozen=True)
class Compared:
    """How a season went: each wrong one with what is wrong about it."""

    planted: int
    wrong: Sequence[tuple[Planted, str]]
    others: Sequence[Message]

    @property
    def right(self) -> int:
        return self.planted - len(self.wrong)


def compare(planted: Sequence[Planted], told: Iterable[Message]) -> Compared:
    """Each fault with the messages about its incident; all other messages are about nothing that is wrong."""
    by_incident: defaultdict[str, list[Message]] = defaultdict(list)
    for message in told:
        by_incident[message.incident_id].append(message)
    wrong: list[tuple[Planted, str]] = []
    for fault in planted:
        if fault.answer is not None:
            why = difference(fault.answer, by_incident.pop(fault.answer.incident_id, []))
            if why is not None:
                wrong.append((fault, why))
    odd = {str(fault.day): fault for fault in planted if fault.answer is None}
    others = [message for messages in by_incident.values() for message in messages]
    for day, fault in odd.items():
        mine = [message for message in others if day in message.incident_id]
        if mine:
            wrong.append((fault, f"told: {_shown(mine)}"))
            others = [message for message in others if message not in mine]
    return Compared(len(planted), wrong, others)


def difference(answer: Answer, told: Sequence[Message]) -> str | None:
    """What is wrong with what was told of a fault, in a line; None where nothing is."""
    planted, (end, until) = answer.planted, answer.end
    shown = _shown(told)
    if not told:
        return "nothing is told"
    first, *rest = told
    if (first.reason, first.stage, first.status) != ("first finding", planted.stage, planted.status):
        return f"not first {planted.stage} {planted.status}: {shown}"
    if first.at not in answer.first:
        return f"not first told from {_clock(answer.first.first)} to {_clock(answer.first.last)}: {shown}"
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
    for message in [first, *rest]:
        if message is not first and message.reason not in MEANWHILE:
            return f"{message.reason} is told: {shown}"
        if message.severity != answer.severity(message.at):
            return f"not {answer.severity(message.at)} at {_clock(message.at)}: {shown}"
    urgent = answer.turns_urgent
    is_due = urgent is not None and first.at < urgent and urgent + HALF_HOUR < last.at
    if is_due and not any(message.severity == "ERROR" for message in rest):
        return f"not told to be urgent: {shown}"
    return None


def check_difference(answer: Answer, checks: Mapping[str, Mapping[str, Any]]) -> str | None:
    """What is wrong with what `check --as-of` said when a fault is first told, in a line; None where nothing is."""
    planted = answer.planted
    right = {
        "status": planted.status,
        "severity": answer.severity(answer.first.last),
        "is_first_broken": True,
        "missing": sorted(planted.missing),
        "partial": sorted(planted.partial),
    }
    said = {name: checks[planted.stage][name] for name in right}
    said |= {name: sorted(said[name]) for name in ("missing", "partial")}
    wrong = {name: value for name, value in said.items() if value != right[name]}
    return f"check --as-of says {wrong}" if wrong else None


def _shown(told: Iterable[Message]) -> str:
    return "; ".join(
        f"{_clock(message.at)} {message.reason} {message.stage} {message.status} {message.severity}" for message in told
    )


def _clock(at: datetime) -> str:
    return f"{at.astimezone(EASTERN):%m-%d %H:%M}"
