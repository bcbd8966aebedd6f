"""A message as plain text, for the log, the terminal and the second way."""

from __future__ import annotations

import unicodedata

from nba_monitoring.alerts.messages.message import Message

# Of Unicode: control characters (line breaks, a terminal's escapes), lone surrogates, line and paragraph separators.
_NO_TEXT = frozenset(("Cc", "Cs", "Zl", "Zp"))
# What turns the direction of a line round, and so shows it as another one.
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def as_text(message: Message) -> str:
    """The whole message, without limits; the last line is the alert's id. No text of data begins a line of its own."""
    lines = [f"{message.tone}  {one_line(message.title)}", *map(one_line, message.lines)]
    if message.rows:
        rows = [(one_line(row.name), one_line(row.when), one_line(row.seen)) for row in message.rows]
        names, whens = (max(len(row[column]) for row in rows) for column in (0, 1))
        gap = "  " if whens else ""
        lines += ["", *(f"  {name:<{names}}{gap}{when:>{whens}}  {seen}" for name, when, seen in rows)]
    if message.command:
        lines += ["", f"  $ {one_line(message.command)}"]
    if message.evidence:
        lines += ["", *(f"  - {one_line(line)}" for line in message.evidence)]
    if message.links:
        lines += ["", *(f"  {label}: {one_line(url)}" for label, url in message.links)]
    return "\n".join([*lines, "", one_line(message.alert_id)])


def one_line(text: str) -> str:
    """The text with a space for each character that would break or reorder its line."""
    return "".join(" " if unicodedata.category(letter) in _NO_TEXT or letter in _TURNS else letter for letter in text)
