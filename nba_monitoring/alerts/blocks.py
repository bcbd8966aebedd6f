"""A message in Slack's Block Kit, inside its limits: 50 blocks, 3,000 characters a text, 150 a header."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import accumulate

from slack_sdk.models.blocks import Block, ContextBlock, HeaderBlock, MarkdownTextObject, PlainTextObject, SectionBlock

from nba_monitoring.alerts.message import Message, Row, Tone

HEADER_LIMIT = HeaderBlock.text_max_length
TEXT_LIMIT = SectionBlock.text_max_length
# Slack also refuses a message whose texts sum up to some 12,000 characters (`msg_blocks_too_long`; it has no documented
# number, and 11,341 have been refused). A refused alert is a lost one, so the parts stay below 10,000 together.
LINES_LIMIT, ROWS_LIMIT, EVIDENCE_LIMIT = 2_500, 4_000, 2_000
# A line longer than this is not read on a phone. Fifteen rows of the longest fit into ROWS_LIMIT.
LINE_LIMIT = 300
NAME_LIMIT, SEEN_LIMIT = 40, 160
# Notification lines are cut much earlier by the phone.
FALLBACK_LIMIT = 600

_MARKS = {Tone.ERROR: "🔴", Tone.WARN: "🟡", Tone.GOOD: "🟢"}


def as_blocks(message: Message) -> list[Block]:
    """The blocks. Text that came from data is escaped, and says how much was left out where it is cut."""
    title = f"{_MARKS[message.tone]} {message.title}"
    blocks: list[Block] = [HeaderBlock(text=PlainTextObject(text=cut(title, HEADER_LIMIT), emoji=True))]
    blocks += [SectionBlock(text=_text(text)) for text in _texts(map(_line, message.lines), LINES_LIMIT)]
    blocks += [SectionBlock(text=_text(text)) for text in _texts(map(_row, message.rows), ROWS_LIMIT)]
    if message.command:
        blocks.append(SectionBlock(text=_text(f"```{_line(message.command)}```")))
    blocks += [ContextBlock(elements=[_text(text)]) for text in _texts(map(_line, message.evidence), EVIDENCE_LIMIT)]
    last = [_link(label, url) for label, url in message.links]
    blocks.append(ContextBlock(elements=[_text(" · ".join([*last, f"`{_line(message.alert_id)}`"]))]))
    return blocks


def as_fallback(message: Message) -> str:
    """The line that a notification shows."""
    return cut(f"{_MARKS[message.tone]} {message.fallback}", FALLBACK_LIMIT, escape)


def escape(text: str) -> str:
    """Slack's three control characters, so that a game id can't mention a channel or hide a link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cut(text: str, limit: int, shown: Callable[[str], str] = str) -> str:
    """The text as `shown`, within a limit, with the number of characters that were left out of it."""
    if len(shown(text)) <= limit:
        return shown(text)
    room = limit - len(f" … ({len(text):,} more characters)")
    kept = sum(end <= room for end in accumulate(len(shown(character)) for character in text))
    return f"{shown(text[:kept])} … ({len(text) - kept:,} more characters)"


def _line(line: str) -> str:
    return cut(line, LINE_LIMIT, escape)


def _row(row: Row) -> str:
    name, when = cut(row.name, NAME_LIMIT, escape), cut(row.when, NAME_LIMIT, escape)
    return " · ".join(part for part in (f"*{name}*", when, cut(row.seen, SEEN_LIMIT, escape)) if part)


def _link(label: str, url: str) -> str:
    # A bar would end the address early.
    return f"<{escape(url).replace('|', '%7C')}|{escape(label)}>"


def _texts(lines: Iterable[str], limit: int) -> list[str]:
    """Lines packed into as few texts as hold them, up to a limit in all."""
    texts: list[str] = []
    left = limit
    lines = list(lines)
    for number, line in enumerate(lines):
        left -= len(line) + 1
        if left < 0:
            return [*texts, f"and {len(lines) - number:,} more lines"]
        if texts and len(texts[-1]) + 1 + len(line) <= TEXT_LIMIT:
            texts[-1] += f"\n{line}"
        else:
            texts.append(line)
    return texts


def _text(text: str) -> MarkdownTextObject:
    # Verbatim: Slack makes no links and mentions of its own out of names.
    return MarkdownTextObject(text=text, verbatim=True)
