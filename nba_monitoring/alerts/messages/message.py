"""A message as neutral parts. How it looks is for `blocks` and `text`, what it says for `incident_messages`,
`end_messages` and `monitor_messages`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    """How a message is to be taken at a glance."""

    ERROR = "ERROR"
    WARN = "WARN"
    GOOD = "GOOD"


@dataclass(frozen=True, slots=True)
class NextSteps:
    """Where a reader goes from a message: addresses, None where there is none."""

    run_url: str | None = None
    partition_url: str | None = None
    runbook_url: str | None = None

    @property
    def links(self) -> tuple[tuple[str, str], ...]:
        """Label and address of each link there is."""
        named = (("Run", self.run_url), ("Partition", self.partition_url), ("Runbook", self.runbook_url))
        return tuple((label, url) for label, url in named if url)


@dataclass(frozen=True, slots=True)
class Row:
    """One thing in a list, such as a game, when it is, and what was seen of it."""

    name: str
    when: str
    seen: str


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be said, in plain text."""

    alert_id: str
    tone: Tone
    title: str
    fallback: str  # the notification line, whole in itself
    lines: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()  # games or dates that it is about
    evidence: tuple[str, ...] = ()  # small print
    command: str | None = None  # what fixes it
    links: tuple[tuple[str, str], ...] = ()
