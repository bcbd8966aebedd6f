"""A message in Slack's Block Kit, inside its limits: 50 blocks, 3,000 characters a text, 150 a header."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from slack_sdk.models.blocks import Block, ContextBlock, HeaderBlock, MarkdownTextObject, PlainTextObject, SectionBlock

from nba_monitoring.alerts.message import Message, Row, Tone

HEADER_LIMIT = HeaderBlock.text_max_length
TEXT_LIMIT = SectionBlock.text_max_length
# A line longer than this is not read on a phone. Escaping makes at most five characters of one ("&amp;").
LINE_LIMIT = 300
NAME_LIMIT = 60
# Notification lines are cut much earlier by the phone; Slack itself advises 4,000.
FALLBACK_LIMIT = 600
# Texts of one message's part. With three parts, header and links a message stays far below 50 blocks.
MOST_TEXTS = 10

_MARKS = {Tone.ERROR: "🔴", Tone.WARN: "🟡", Tone.GOOD: "🟢"}


def as_blocks(message: Message) -> list[Block]:
    """The blocks. Text that came from data is escaped, and says how much was left out where it is cut."""
    title = f"{_MARKS[message.tone]} {message.title}"
    blocks: list[Block] = [HeaderBlock(text=PlainTextObject(text=cut(title, HEADER_LIMIT), emoji=True))]
    blocks += [SectionBlock(text=_text(text)) for text in _texts(_line(line) for line in message.lines)]
    blocks += [SectionBlock(text=_text(text)) for text in _texts(_row(row) for row in message.rows)]
    if message.command:
        blocks.append(SectionBlock(text=_text(f"```{escape(cut(message.command, LINE_LIMIT))}```")))
    blocks += [ContextBlock(elements=[_text(text)]) for text in _texts(_line(line) for line in message.grounds)]
    last = [_link(label, url) for label, url in message.links]
    blocks.append(ContextBlock(elements=[_text(" · ".join([*last, f"`{_line(message.alert_id)}`"]))]))
    return blocks


def as_fallback(message: Message) -> str:
    """The line that a notification shows."""
    return escape(cut(f"{_MARKS[message.tone]} {message.fallback}", FALLBACK_LIMIT))


def escape(text: str) -> str:
    """Slack's three control characters, so that a game id can't mention a channel or hide a link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cut(text: str, limit: int) -> str:
    """The text within a limit, with the number of characters that were left out."""
    if len(text) <= limit:
        return text
    kept = limit - len(f" … ({len(text):,} more characters)")
    return f"{text[:kept]} … ({len(text) - kept:,} more characters)"


def _line(line: str) -> str:
    return escape(cut(line, LINE_LIMIT))


def _row(row: Row) -> str:
    name, when = escape(cut(row.name, NAME_LIMIT)), escape(cut(row.when, NAME_LIMIT))
    return " · ".join(part for part in (f"*{name}*", when, _line(row.seen)) if part)


def _link(label: str, url: str) -> str:
    # A bar would end the address early.
    return f"<{escape(url).replace('|', '%7C')}|{escape(label)}>"


def _texts(lines: Iterable[str]) -> Sequence[str]:
    """Lines packed into as few texts as hold them, each within the limit."""
    texts: list[str] = []
    lines = list(lines)
    for number, line in enumerate(lines):
        if texts and len(texts[-1]) + 1 + len(line) <= TEXT_LIMIT:
            texts[-1] += f"\n{line}"
        elif len(texts) < MOST_TEXTS:
            texts.append(line)
        else:
            return [*texts, f"and {len(lines) - number:,} more lines"]
    return texts


def _text(text: str) -> MarkdownTextObject:
    # Verbatim: Slack makes no links and mentions of its own out of names.
    return MarkdownTextObject(text=text, verbatim=True)
