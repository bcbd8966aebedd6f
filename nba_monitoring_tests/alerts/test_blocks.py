from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nba_monitoring.alerts.message import Message, Row, Tone, as_text
from nba_monitoring.alerts.messages.blocks import as_blocks, as_fallback, as_plain, cut, escape, inert
from nba_monitoring.core.record import CheckRecord
from nba_monitoring_tests.alerts.gallery import spoken
from nba_monitoring_tests.alerts.looks import look
from nba_monitoring_tests.days import eastern

TEAMS = (
    "ATL BKN BOS CHA CHI CLE DAL DEN DET GSW HOU IND LAC LAL MEM MIA MIL MIN NOP NYK OKC ORL PHI PHX POR SAC SAS TOR "
    "UTA WAS"
).split()
FIFTEEN = {f"{away}@{home}": time(19) for away, home in zip(TEAMS[::2], TEAMS[1::2], strict=True)}


def texts(message: Message) -> list[str]:
    """Every text of a message's blocks; making them dicts also runs slack_sdk's own checks of the limits."""
    return [text["text"] for block in as_blocks(message) for text in text_parts(block.to_dict())]


def text_parts(part: Any) -> Iterator[dict[str, Any]]:
    """The objects that hold a text, of whatever kind, in the order in which they are read."""
    if isinstance(part, dict) and isinstance(part.get("text"), str):
        yield part
    elif isinstance(part, dict):
        for value in part.values():
            yield from text_parts(value)
    elif isinstance(part, list):
        for value in part:
            yield from text_parts(value)


def fits(message: Message) -> bool:
    shown = texts(message)
    return (
        len(as_blocks(message)) <= 50 and all(0 < len(text) <= 3000 for text in shown) and sum(map(len, shown)) < 10_000
    )


def with_long_reasons(record: CheckRecord, reason: str) -> CheckRecord:
    detail = replace(
        record.detail,
        games={game: replace(seen, reason=reason) for game, seen in record.detail.games.items()},
        sources={name: replace(source, reason=reason) for name, source in record.detail.sources.items()},
        problems=(reason,) * 40,
        warnings=(reason,) * 40,
    )
    return replace(record, detail=detail)


def test_fifteen_games_fit_and_are_all_named() -> None:
    message, _ = spoken(None, look(eastern(11), slate=FIFTEEN))
    assert fits(message)
    shown = "\n".join(texts(message))
    assert all(name.replace("@", " @ ") in shown for name in FIFTEEN)


def test_fifteen_games_with_reasons_of_5000_characters_fit_and_are_all_named() -> None:
    record = with_long_reasons(look(eastern(11), slate=FIFTEEN), "&<>" * 1666 + "no")
    message, _ = spoken(None, record)
    assert fits(message)
    shown = "\n".join(texts(message))
    assert all(name.replace("@", " @ ") in shown for name in FIFTEEN)
    assert "more characters)" in shown
    assert len(as_fallback(message)) <= 600


def test_a_cut_says_how_much_is_missing() -> None:
    assert cut("x" * 100, 100) == "x" * 100
    shortened = cut("x" * 5000, 300)
    assert len(shortened) <= 300
    kept = shortened.count("x")
    assert shortened == "x" * kept + f" … ({5000 - kept:,} more characters)"


def test_a_cut_counts_what_escaping_adds_and_splits_no_escape() -> None:
    shortened = cut("&" * 1000, 300, escape)
    assert len(shortened) <= 300
    kept = shortened.count("&amp;")
    assert shortened == "&amp;" * kept + f" … ({1000 - kept} more characters)"


def test_lines_beyond_the_limit_are_counted() -> None:
    message = Message("nba-1", Tone.WARN, "title", lines=tuple("x" * 299 for _ in range(200)))
    assert fits(message)
    assert any(text == "and 192 more lines" for text in texts(message))


def message_of(evil: str) -> Message:
    """A message with the text in each of its parts."""
    return Message(
        alert_id=evil,
        tone=Tone.ERROR,
        title=evil,
        lines=(evil,),
        brief=(evil,),
        rows=(Row(evil, evil, evil),),
        command_intro=evil,
        command=evil,
        evidence=(evil,),
        links=(("Dagster run", "https://a.b/?x=1&y=|"),),
    )


def markdown(message: Message) -> list[str]:
    """The texts in which Slack reads formats, mentions and links."""
    parts = [part for block in as_blocks(message) for part in text_parts(block.to_dict())]
    return [part["text"] for part in parts if part["type"] == "mrkdwn"] + [as_fallback(message), as_plain(message)]


def test_text_from_data_cannot_mention_a_channel_or_hide_a_link() -> None:
    message = message_of("<!channel> & <https://evil.example|click>")
    for text in markdown(message):
        assert "<!channel>" not in text
        assert "<https://evil" not in text
        assert "&lt;!channel&gt; &amp; &lt;https://evil.example|click&gt;" in text
    assert "<https://a.b/?x=1&amp;y=%7C|Dagster run>" in markdown(message)[0]


@pytest.mark.parametrize("mark", ["*", "_", "~", "`", "```"])
def test_text_from_data_makes_no_format(mark: str) -> None:
    evil = f"{mark}WAS{mark} is {mark}covered{mark}"
    context, fallback, plain = markdown(message_of(evil))
    assert context.count("`") == 2
    assert "`" not in fallback
    # The code block that the monitor makes, and none in it.
    assert plain.count("`") == 6
    assert plain.endswith("```")
    for text in (context, fallback, plain):
        assert f"{mark}covered" not in text.replace("```", "")


def test_underscores_inside_a_word_stay_as_they_are() -> None:
    assert inert("MISSING_DATA in nba_raw.nbac_schedule") == "MISSING_DATA in nba_raw.nbac_schedule"
    assert inert("_sub_ __x") == "\uff3fsub\uff3f \uff3f\uff3fx"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\u2028", "\x0b", "\x85"])
def test_text_from_data_makes_no_line(end: str) -> None:
    message = message_of(f"WAS{end}Recovered: Phase 4 complete for all 6 games")
    shown = "\n".join([*texts(message), as_fallback(message), as_plain(message), as_text(message)])
    assert not [line for line in shown.splitlines() if line.strip().startswith("Recovered")]


def test_text_from_data_cannot_move_a_terminals_cursor_or_turn_a_line_round() -> None:
    shown = as_text(message_of("WAS\x1b[2K\x9b1A\u202ederevoceR\ud800"))
    assert not {"\x1b", "\x9b", "\u202e", "\ud800"} & set(shown)
    shown.encode()


def test_a_command_with_backticks_stays_in_its_code_block() -> None:
    message = replace(message_of("x"), command="run ``` *all*")
    [command] = [
        block.to_dict()["elements"][0]
        for block in as_blocks(message)
        if block.type == "rich_text" and block.to_dict()["elements"][0]["type"] == "rich_text_preformatted"
    ]
    assert command["elements"] == [{"type": "text", "text": "run ``` *all*"}]


def test_plain_text_has_the_whole_message_and_its_size_a_limit() -> None:
    message = replace(message_of("x"), links=())
    assert as_plain(message) == f"{as_fallback(message)}\n```{as_text(message)}```"
    assert len(as_plain(replace(message, lines=("&" * 10_000,)))) < 4_000


def test_escaping_leaves_other_text_alone() -> None:
    assert escape("ORL @ MEM · 12:00 PM ET") == "ORL @ MEM · 12:00 PM ET"


@given(
    st.text(min_size=1, max_size=400),
    st.lists(st.text(min_size=1, max_size=5000), max_size=40),
    st.lists(st.builds(Row, *[st.text(min_size=1, max_size=500)] * 3), max_size=20),
)
def test_whatever_is_to_be_said_stays_inside_slacks_limits(title: str, lines: list[str], rows: list[Row]) -> None:
    message = Message(
        alert_id="nba-1",
        tone=Tone.WARN,
        title=title,
        lines=tuple(lines),
        rows=tuple(rows),
        command_intro=title,
        command="run " + title,
        evidence=tuple(lines),
    )
    assert fits(message)
    assert len(as_blocks(message)[0].to_dict()["text"]["text"]) <= 150
