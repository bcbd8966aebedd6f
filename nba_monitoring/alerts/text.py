"""A message as plain text, for the log and the terminal."""

from __future__ import annotations

from nba_monitoring.alerts.message import Message


def as_text(message: Message) -> str:
    """The whole message, without limits; the last line is the alert's id."""
    lines = [f"{message.tone}  {message.title}", *message.lines]
    if message.rows:
        names = max(len(row.name) for row in message.rows)
        whens = max(len(row.when) for row in message.rows)
        gap = "  " if whens else ""
        lines += ["", *(f"  {row.name:<{names}}{gap}{row.when:>{whens}}  {row.seen}" for row in message.rows)]
    if message.command:
        lines += ["", f"  $ {message.command}"]
    if message.evidence:
        lines += ["", *(f"  - {line}" for line in message.evidence)]
    if message.links:
        lines += ["", *(f"  {label}: {url}" for label, url in message.links)]
    return "\n".join([*lines, "", message.alert_id])
