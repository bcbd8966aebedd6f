"""The page: self-contained, legible without colors, and safe whatever the history contains."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from nba_monitoring.core.status import Status
from nba_monitoring.core.usual_arrival import day_clock
from nba_monitoring.core.words import ready_of
from nba_monitoring.reports.page import PageError, page, write_page
from nba_monitoring.reports.pictures import MARKS
from nba_monitoring.reports.season import SeasonReplay, SeasonReport
from nba_monitoring_tests.reports.season import HOSTILE

pytestmark = pytest.mark.slow


class Parts(HTMLParser):
    """Tags with their attributes, and the text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def parts(report: SeasonReport, replayed: SeasonReplay) -> Parts:
    return Parts(page(report, replayed))


def test_one_cell_per_date_and_stage_shows_its_status_by_mark_and_on_hover(parts: Parts, report: SeasonReport) -> None:
    cells = {held["title"]: held["class"] for tag, held in parts.tags if tag == "td" and "title" in held}
    for stage, by_day in report.checks.items():
        for day, check in by_day.items():
            broken = ", first broken" if check.is_first_broken else ""
            ready = ready_of(check.ready, check.expected, check.is_least, "ready")
            said = f"{day} {report.title(stage)}: {check.status}, {ready}{broken}"
            assert cells[said] == check.status
    assert cells["2026-01-09 Phase 4: not checked"] == "unseen"


def test_the_page_loads_nothing_and_runs_nothing(parts: Parts) -> None:
    assert not {"script", "iframe", "object", "embed", "form", "a"} & {tag for tag, _ in parts.tags}
    addresses = [
        held[name] or "" for _, held in parts.tags for name in ("src", "href", "srcset", "data") if name in held
    ]
    assert addresses
    assert all(address.startswith("data:") for address in addresses)
    assert not [name for _, held in parts.tags for name in held if name.startswith("on")]


def test_styles_and_pictures_load_nothing_either(report: SeasonReport, replayed: SeasonReplay) -> None:
    text = page(report, replayed)
    assert "url(" not in text
    assert "@import" not in text
    pictures = [base64.b64decode(found) for found in re.findall(r"data:image/svg\+xml;base64,([^\"]+)", text)]
    assert len(pictures) == 2
    for picture in pictures:
        assert not re.search(rb"""(href|src)=["'](?!#)""", picture)


def test_hostile_text_is_shown_as_it_is(parts: Parts) -> None:
    assert HOSTILE in parts.text


def test_a_hostile_reason_and_title_are_shown_as_they_are(report: SeasonReport, replayed: SeasonReplay) -> None:
    gap = report.gaps[0]
    newest = replace(gap.newest, detail=replace(gap.newest.detail, reasons={"x": HOSTILE}, findings=()))
    table = report.table.with_stage(report.table["phase4"].model_copy(update={"title": f"$\\frac$ {HOSTILE}"}))
    hostile = replace(report, gaps=[replace(gap, rows=(newest,))], table=table, unreadable=[HOSTILE])
    shown = Parts(page(hostile, replayed))
    assert not {"script"} & {tag for tag, _ in shown.tags}
    assert [held["src"] for tag, held in shown.tags if tag == "img" and "example" in (held["src"] or "")] == []
    assert shown.text.count(HOSTILE) >= 4


def test_usual_arrivals_are_shown_with_their_spread(report: SeasonReport, replayed: SeasonReplay) -> None:
    table = page(report, replayed).partition('id="usual"')[2].partition("</tbody>")[0].partition("<tbody>")[2]
    rows = [re.findall(r"<td[^>]*>([^<]*)</td>", row) for row in table.splitlines() if row]
    assert [row[0] for row in rows] == [report.title(stage) for stage in report.usual]
    for row, usual in zip(rows, report.usual.values(), strict=True):
        times = sorted(usual.arrivals.values())
        shown = (times[0], usual.median, usual.nearly_always, times[-1])
        assert row[1:] == [*map(day_clock, shown), f"{len(times)} of {usual.game_days}"]
        assert list(shown) == sorted(shown)


def test_every_status_has_a_mark_of_its_own() -> None:
    assert list(MARKS) == list(Status)
    assert len({mark.letter for mark in MARKS.values()}) == len(MARKS)
    assert len({mark.fill for mark in MARKS.values()}) == len(MARKS)


def luminance(colour: str) -> float:
    """As WCAG 2 has it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("status", Status)
def test_marks_can_be_read_and_failing_is_dark_where_passing_is_light(status: Status) -> None:
    mark = MARKS[status]
    assert contrast(mark.fill, mark.ink) >= 4.5
    assert (luminance(mark.fill) > 0.5) is status.passes


def test_a_season_without_incidents_messages_and_arrivals_is_reported_as_such(
    report: SeasonReport, replayed: SeasonReplay
) -> None:
    quiet = replace(report, incidents=[], response=[], usual={}, gaps=[])
    text = Parts(page(quiet, replayed)).text
    for sentence in (
        "No open gaps.",
        "No incidents this season.",
        "Not known yet: no stage has been in time on ten game days.",
    ):
        assert sentence in text


def test_the_same_report_is_the_same_page(report: SeasonReport, replayed: SeasonReplay) -> None:
    assert page(report, replayed) == page(report, replayed)


def test_an_earlier_report_is_replaced_and_any_other_file_left_alone(
    report: SeasonReport, replayed: SeasonReplay, tmp_path: Path
) -> None:
    path = tmp_path / "made" / "report.html"
    write_page(replace(report, gaps=[]), replayed, path)
    earlier = path.read_text()
    write_page(report, replayed, path)
    assert path.read_text() != earlier
    other = tmp_path / "warehouse.duckdb"
    other.write_bytes(b"12345678DUCK")
    with pytest.raises(PageError, match="exists and is not a report; choose another file"):
        write_page(report, replayed, other)
    assert other.read_bytes() == b"12345678DUCK"
    empty = tmp_path / "empty.html"
    empty.touch()
    write_page(report, replayed, empty)
    assert empty.stat().st_size > 0
