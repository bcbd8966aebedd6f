"""An alert as neutral parts, and as plain text for the log, the terminal and second channels.

`messages/` writes its words, and shows it in Slack; a channel that has not accepted it owes it.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from enum import StrEnum

# Of Unicode: control characters (line breaks, a terminal's escapes), lone surrogates, line and paragraph separators.
_NO_TEXT = frozenset(("Cc", "Cs", "Zl", "Zp"))
# These reverse the direction of a line, and so disguise it as another one.
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


OWNER = "Owner: "
# Jobs return before they are done.
THEN, NEXT = "Then, once it is complete: ", ", then "


class Tone(StrEnum):
    """How urgent a message is at a glance."""

    ERROR = "ERROR"
    WARN = "WARN"
    GOOD = "GOOD"


@dataclass(frozen=True, slots=True)
class Row:
    """One thing in a list, such as a game, when it is, and what was found for it."""

    name: str
    when: str
    seen: str


@dataclass(frozen=True, slots=True)
class Message:
    """What an alert says, in plain text."""

    alert_id: str
    tone: Tone
    title: str
    lines: tuple[str, ...] = ()
    brief: tuple[str, ...] = ()  # what a notification says after the title; the lines if empty
    rows: tuple[Row, ...] = ()  # the games or dates it is about
    command_intro: str | None = None
    command: str | None = None  # what fixes it
    then: tuple[str, ...] = ()  # commands to run after it, in order
    owner: str | None = None  # who is to be mentioned: the id of a Slack user or user group, or a name
    acknowledge: str | None = None  # the command that acknowledges it; empty if only 👀 does, as in a drill
    takes_reactions: bool = False  # whether 👀 under it acknowledges it too
    evidence: tuple[str, ...] = ()  # small print
    runbook: str | None = None  # its page in docs/runbooks: a stage, or a kind of monitor alert
    links: tuple[tuple[str, str], ...] = ()  # labels and addresses
    environment: str | None = None  # where it comes from
    about: tuple[str, ...] = ()  # the same for a problem's first message and its end
    is_end: bool = False  # of what it is about
    keys: tuple[str, ...] = ()  # by which a paging service knows its alerts, set for each channel

    @property
    def heading(self) -> str:
        """The title after the environment: '[staging] Phase 4 missing for all 6 games, Sun 2026-01-18'."""
        return f"[{self.environment}] {self.title}" if self.environment else self.title

    @property
    def how_to_acknowledge(self) -> str | None:
        """How to acknowledge it, as far as that works where it is read."""
        how = " or ".join(filter(None, ("👀" if self.takes_reactions else "", self.acknowledge)))
        return f"Acknowledge: {how}" if how else None

    @property
    def fallback(self) -> str:
        """The line that a notification shows, complete in itself."""
        title = self.title if self.tone is Tone.GOOD else f"{self.tone} {self.title}"
        parts = (replace(self, title=title).heading, *(self.brief or self.lines))
        return ". ".join(part.rstrip(".:") for part in parts) + f" [{self.alert_id}]"


TEST_MESSAGE = Message(
    alert_id="nba-alert-test",
    tone=Tone.GOOD,
    title="Test: nba-monitoring alerts reach this channel",
    lines=("Sent with `nba-monitoring alert-test`. No action needed.",),
)


def as_text(message: Message) -> str:
    """The whole message, without limits; the last line is the alert's id. No text of data begins a line of its own."""
    lines = [f"{message.tone}  {one_line(message.heading)}", *map(one_line, message.lines)]
    lines += [f"{OWNER}{one_line(message.owner)}"] if message.owner else []
    if message.rows:
        rows = [(one_line(row.name), one_line(row.when), one_line(row.seen)) for row in message.rows]
        names, whens = (max(len(row[column]) for row in rows) for column in (0, 1))
        gap = "  " if whens else ""
        lines += ["", *(f"  {name:<{names}}{gap}{when:>{whens}}  {seen}" for name, when, seen in rows)]
    if message.command:
        intro = [one_line(message.command_intro)] if message.command_intro else []
        lines += ["", *intro, f"  $ {one_line(message.command)}"]
    if message.then:
        lines.append(f"  {THEN}{NEXT.join(map(one_line, message.then))}")
    if message.evidence:
        lines += ["", *(f"  - {one_line(line)}" for line in message.evidence)]
    if message.links:
        lines += ["", *(f"  {label}: {one_line(url)}" for label, url in message.links)]
    if message.how_to_acknowledge:
        lines += ["", one_line(message.how_to_acknowledge)]
    return "\n".join([*lines, "", one_line(message.alert_id)])


def one_line(text: str) -> str:
    """The text with a space for each character that would break or reorder its line."""
    return "".join(" " if unicodedata.category(letter) in _NO_TEXT or letter in _TURNS else letter for letter in text)
