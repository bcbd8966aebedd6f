"""A message in Slack's Block Kit, inside its limits: 50 blocks, 3,000 characters a text, 150 a header.

Text that came from data can't make up a line, a format, a mention or a link: most of it stands where Slack reads no
formats (plain and rich text), and what stands in markdown is made `inert` and escaped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate

from slack_sdk.models.blocks import (
    Block,
    ContextBlock,
    HeaderBlock,
    MarkdownTextObject,
    PlainTextObject,
    RichTextBlock,
    RichTextElement,
    RichTextElementParts,
    RichTextPreformattedElement,
    RichTextSectionElement,
    SectionBlock,
)

from nba_monitoring.alerts.message import NEXT, OWNER, THEN, Message, Row, Tone, as_text, one_line

HEADER_LIMIT = HeaderBlock.text_max_length
TEXT_LIMIT = SectionBlock.text_max_length
# Slack also refuses a message whose texts sum up to some 12,000 characters (`msg_blocks_too_long`; it has no documented
# number, and 11,341 have been refused). A refused alert is a lost one, so the parts stay below 10,000 together.
LINES_LIMIT, ROWS_LIMIT, EVIDENCE_LIMIT = 2_500, 4_000, 2_000
# A command that is cut can't be pasted.
COMMAND_LIMIT, NEXT_LIMIT, MOST_NEXT = 1_000, 240, 5
# A line longer than this is not read on a phone. Fifteen rows of the longest fit into ROWS_LIMIT.
LINE_LIMIT = 300
NAME_LIMIT, SEEN_LIMIT = 40, 160
# Notification lines are cut much earlier by the phone.
FALLBACK_LIMIT = 600
# Slack advises to keep a message without blocks below 4,000 characters.
PLAIN_LIMIT = 3_000

# As Slack writes them: U024BE7LH, W012A3CDE; S0614TZR7.
USER_ID = re.compile(r"[UW](?=[A-Z]*\d)[A-Z0-9]{7,}")
GROUP_ID = re.compile(r"S(?=[A-Z]*\d)[A-Z0-9]{7,}")
_CODE = RichTextElementParts.TextStyle(code=True)

_MARKS = {Tone.ERROR: "🔴", Tone.WARN: "🟡", Tone.GOOD: "🟢"}

# Slack's markdown has no escape for its formats, so their characters are replaced by others that look like them. An
# underscore inside a word, as in a status or the name of a table, is no format and stays, so that it can be copied.
_FORMATS = re.compile(r"[*~`]|(?<![^\W_])_|_(?![^\W_])")
_LOOKALIKES = {"*": "\u2217", "~": "\u223c", "`": "\u02cb", "_": "\uff3f"}


def as_blocks(message: Message) -> list[Block]:
    """The blocks. They say how much was left out where a text is cut."""
    title = one_line(f"{_MARKS[message.tone]} {message.heading}")
    blocks: list[Block] = [HeaderBlock(text=PlainTextObject(text=cut(title, HEADER_LIMIT), emoji=True))]
    blocks += [SectionBlock(text=_plain(text)) for text in _texts(map(_line, message.lines), LINES_LIMIT)]
    if message.owner:
        # Verbatim: only what `_mention` makes a mention is one.
        blocks.append(SectionBlock(text=MarkdownTextObject(text=OWNER + _mention(message.owner), verbatim=True)))
    if message.rows:
        blocks.append(RichTextBlock(elements=[RichTextSectionElement(elements=_rows(message.rows))]))
    if message.command and message.command_intro:
        blocks.append(SectionBlock(text=_plain(_line(message.command_intro))))
    if message.command:
        # A code block of markdown would end at the first three backticks of a command.
        command = RichTextPreformattedElement(elements=[_text(cut(one_line(message.command), COMMAND_LIMIT))])
        blocks.append(RichTextBlock(elements=[command]))
    if message.then:
        blocks.append(RichTextBlock(elements=[RichTextSectionElement(elements=_then(message.then))]))
    blocks += [ContextBlock(elements=[_plain(text)]) for text in _texts(map(_line, message.evidence), EVIDENCE_LIMIT)]
    if message.how_to_acknowledge:
        blocks.append(ContextBlock(elements=[_plain(_line(message.how_to_acknowledge))]))
    last = [_link(label, url) for label, url in message.links]
    identity = f"`{cut(inert(message.alert_id), LINE_LIMIT, escape)}`"
    # Verbatim: Slack makes no links and mentions of its own out of names.
    blocks.append(ContextBlock(elements=[MarkdownTextObject(text=" · ".join([*last, identity]), verbatim=True)]))
    return blocks


def as_fallback(message: Message) -> str:
    """The line that a notification shows."""
    return cut(f"{_MARKS[message.tone]} {inert(message.fallback)}", FALLBACK_LIMIT, escape)


def as_plain(message: Message) -> str:
    """The message without blocks, for a Slack that refuses them: the notification's line and a code block."""
    return f"{as_fallback(message)}\n```{_inert_lines(cut(as_text(message), PLAIN_LIMIT, escape))}```"


def inert(text: str) -> str:
    """The text, in one line and of the same length, without what Slack's markdown makes a format of."""
    return _FORMATS.sub(lambda found: _LOOKALIKES[found[0]], one_line(text))


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
    return cut(one_line(line), LINE_LIMIT)


def _rows(rows: Iterable[Row]) -> Sequence[RichTextElement]:
    """A line for each row, up to a limit in all, its name in bold."""
    elements: list[RichTextElement] = []
    left = ROWS_LIMIT
    rows = list(rows)
    for number, row in enumerate(rows):
        name, when = (cut(one_line(text), NAME_LIMIT) for text in (row.name, row.when))
        rest = "".join(f" · {part}" for part in (when, cut(one_line(row.seen), SEEN_LIMIT)) if part)
        left -= len(name) + len(rest) + 1
        if left < 0:
            return [*elements, _text(f"\nand {len(rows) - number:,} more lines")]
        # Slack takes no empty text.
        elements += [_text("\n")] if elements else []
        elements += [_text(name, is_bold=True)] if name else []
        elements += [_text(rest)] if rest else []
    return elements


def _then(commands: Sequence[str]) -> Sequence[RichTextElement]:
    elements: list[RichTextElement] = []
    for command in commands[:MOST_NEXT]:
        elements += [_text(NEXT if elements else THEN)]
        elements += [RichTextElementParts.Text(text=cut(one_line(command), NEXT_LIMIT), style=_CODE)]
    left = len(commands) - MOST_NEXT
    return [*elements, _text(f", and {left} more")] if left > 0 else elements


def _mention(owner: str) -> str:
    """An owner as Slack notifies it; a name as it is."""
    if USER_ID.fullmatch(owner):
        return f"<@{owner}>"
    return f"<!subteam^{owner}>" if GROUP_ID.fullmatch(owner) else cut(inert(owner), NAME_LIMIT, escape)


def _link(label: str, url: str) -> str:
    # A bar would end the address early.
    return f"<{escape(one_line(url)).replace('|', '%7C')}|{escape(label)}>"


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


def _inert_lines(text: str) -> str:
    return "\n".join(map(inert, text.split("\n")))


def _plain(text: str) -> PlainTextObject:
    return PlainTextObject(text=text, emoji=False)


def _text(text: str, *, is_bold: bool = False) -> RichTextElement:
    style = RichTextElementParts.TextStyle(bold=True) if is_bold else None
    return RichTextElementParts.Text(text=text, style=style)
