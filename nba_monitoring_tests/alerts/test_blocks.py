from __future__ import annotations

from dataclasses import replace
from datetime import time

from hypothesis import given, settings
from hypothesis import strategies as st

from nba_monitoring.alerts.blocks import as_blocks, as_fallback, cut, escape
from nba_monitoring.alerts.message import Message, Row, Tone
from nba_monitoring.core.record import CheckRecord
from nba_monitoring_tests.alerts.gallery import spoken
from nba_monitoring_tests.alerts.looks import eastern, look

TEAMS = (
    "ATL BKN BOS CHA CHI CLE DAL DEN DET GSW HOU IND LAC LAL MEM MIA MIL MIN NOP NYK OKC ORL PHI PHX POR SAC SAS TOR "
    "UTA WAS"
).split()
FIFTEEN = {f"{away}@{home}": time(19) for away, home in zip(TEAMS[::2], TEAMS[1::2], strict=True)}


def texts(message: Message) -> list[str]:
    """Every text of a message's blocks; making them dicts also runs slack_sdk's own checks of the limits."""
    found = []
    for block in (block.to_dict() for block in as_blocks(message)):
        found += [part["text"] for part in (block.get("text"), *block.get("elements", ())) if part]
    return found


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
    message = Message("nba-1", Tone.WARN, "title", "fallback", lines=tuple("x" * 299 for _ in range(200)))
    assert fits(message)
    assert any(text == "and 192 more lines" for text in texts(message))


def test_text_from_data_cannot_mention_a_channel_or_hide_a_link() -> None:
    evil = "<!channel> & <https://evil.example|click>"
    message = Message(
        evil,
        Tone.ERROR,
        evil,
        evil,
        (evil,),
        (Row(evil, evil, evil),),
        (evil,),
        evil,
        (("Run", "https://a.b/?x=1&y=|"),),
    )
    # A header is plain text, which Slack shows as it is; everything else is markdown.
    markdown = [*texts(message)[1:], as_fallback(message)]
    for text in markdown:
        assert "<!channel>" not in text
        assert "<https://evil" not in text
    assert "&lt;!channel&gt; &amp; &lt;https://evil.example|click&gt;" in markdown
    assert "<https://a.b/?x=1&amp;y=%7C|Run>" in markdown[-2]


def test_escaping_leaves_other_text_alone() -> None:
    assert escape("ORL @ MEM · 12:00 PM ET") == "ORL @ MEM · 12:00 PM ET"


@settings(deadline=None)
@given(
    st.text(min_size=1, max_size=400),
    st.lists(st.text(min_size=1, max_size=5000), max_size=40),
    st.lists(st.builds(Row, *[st.text(min_size=1, max_size=500)] * 3), max_size=20),
)
def test_whatever_is_to_be_said_stays_inside_slacks_limits(title: str, lines: list[str], rows: list[Row]) -> None:
    message = Message("nba-1", Tone.WARN, title, title, tuple(lines), tuple(rows), tuple(lines), "run " + title)
    assert fits(message)
    assert len(as_blocks(message)[0].to_dict()["text"]["text"]) <= 150
