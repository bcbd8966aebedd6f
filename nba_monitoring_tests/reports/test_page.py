"""The page: self-contained, legible without colors, and safe whatever the history contains."""

from __future__ import annotations

import re
import resource
from base64 import b64encode
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest

from nba_monitoring.alerts.links import Subject, links_for
from nba_monitoring.core.chain import Break, Chain, Link, LinkName
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.core.stages import Due
from nba_monitoring.core.status import Status
from nba_monitoring.core.usual_arrival import day_clock
from nba_monitoring.core.words import day_name
from nba_monitoring.reports.charts import arrivals, weekly_bars
from nba_monitoring.reports.day import day_of
from nba_monitoring.reports.marks import MARKS
from nba_monitoring.reports.page import PageError, write_page
from nba_monitoring.reports.replayed import SeasonReplay
from nba_monitoring.reports.season import SeasonReport
from nba_monitoring_tests.morning import settings_for
from nba_monitoring_tests.reports.season import HOSTILE, MORNING, NOW, page_of

pytestmark = pytest.mark.slow


class Parts(HTMLParser):
    """Tags with their attributes, the text, and what is in the element of each id."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def section(text: str, anchor: str, tag: str) -> str:
    """The text of the element with an id."""
    return Parts(text.partition(f'id="{anchor}"')[2].partition(f"</{tag}>")[0].partition(">")[2]).text


@pytest.fixture(scope="module")
def text(report: SeasonReport, replayed: SeasonReplay) -> str:
    return page_of(report, replayed)


@pytest.fixture(scope="module")
def parts(text: str) -> Parts:
    return Parts(text)


def test_one_row_per_date_newest_first_with_a_mark_per_stage(text: str, report: SeasonReport) -> None:
    rows = re.findall(r'<tr id="(\d{4}-\d\d-\d\d)"[^>]*><th scope="row">([^<]*)</th>(.*)</tr>', text)
    assert [day for day, *_ in rows] == sorted((day for day, *_ in rows), reverse=True)
    shown = {day: (name, re.findall(r'<td class="(\w+)">', cells)) for day, name, cells in rows}
    for day in report.days:
        expected = [str(by_day[day].status) for by_day in report.checks.values()]
        assert shown[str(day)] == (f"{day_name(day)[:3]} {day.day}", expected)
    assert shown["2026-01-09"] == ("Fri 9", ["unseen"] * len(report.checks))


def test_each_failing_cell_leads_to_what_was_missing_and_what_to_do(
    text: str, parts: Parts, report: SeasonReport
) -> None:
    links = [held["href"] for tag, held in parts.tags if tag == "a"]
    ids = {held["id"] for _, held in parts.tags if "id" in held}
    failing = [row for by_day in report.checks.values() for row in by_day.values() if not row.status.passes]
    assert failing
    for row in failing:
        anchor = f"{row.check_date}-{row.stage}"
        assert f"#{anchor}" in links
        assert anchor in ids
    assert {link for link in links if link} <= {f"#{anchor}" for anchor in ids}


def test_what_it_opens_is_what_was_missing_since_when_the_command_and_the_query(morning: SeasonReport) -> None:
    opened = section(page_of(morning), "2026-01-24-phase4", "article")
    assert "Phase 4, Sat 2026-01-24 MISSING_DATA" in opened
    assert "0 of 7 ready. Failing since 11:00 AM ET, last checked 11:00 AM ET, due 7:00 AM ET." in opened
    assert "no rows: " in opened
    assert "gcloud scheduler jobs run player-composite-factors-upcoming --location=us-west2" in opened
    assert "FROM nba_precompute.player_composite_factors" in opened
    assert "DATE '2026-01-24'" in opened


def test_a_failing_cell_leads_into_dagster_and_to_the_runbook_as_an_alert_does(
    morning: SeasonReport, text: str
) -> None:
    assert "dagster.example.com" not in text
    addresses = {
        "NBA_MONITORING_DAGSTER_URL": "https://dagster.example.com/",
        "NBA_MONITORING_RUNBOOK_URL": "https://wiki.example.com/nba",
        "NBA_MONITORING_REPORT_URL": "https://pages.example.com/nba",
    }
    opened = page_of(morning, None, None, **addresses).partition('id="2026-01-24-phase4"')[2].partition("</article>")[0]
    subject = Subject(None, MORNING, "phase4", Status.MISSING_DATA)
    labels = [label for label, _ in links_for(settings_for(Path("/no/such.duckdb"), **addresses), subject)]
    assert re.findall(r'<a href="https://[^"]*">([^<]*)</a>', opened) == [
        label for label in labels if label != "Morning page"
    ]
    # Checked by hand, so it is no run of Dagster's.
    assert "/runs/" not in opened
    by_schedule = {
        stage: {day: replace(row, trigger=Trigger.SCHEDULED) for day, row in by_day.items()}
        for stage, by_day in morning.checks.items()
    }
    assert "https://dagster.example.com/runs/" in page_of(replace(morning, checks=by_schedule), None, None, **addresses)


def test_the_page_loads_nothing_and_runs_its_filters_alone(text: str, parts: Parts) -> None:
    assert not {"iframe", "object", "embed", "form", "img"} & {tag for tag, _ in parts.tags}
    addresses = [
        held[name] or "" for _, held in parts.tags for name in ("src", "href", "srcset", "data") if name in held
    ]
    assert addresses
    assert all(address.startswith(("data:", "#")) for address in addresses)
    assert not [name for _, held in parts.tags for name in held if name.startswith("on")]
    assert "url(" not in text
    assert "@import" not in text
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    (policy,) = [held["content"] for tag, held in parts.tags if held.get("http-equiv") == "Content-Security-Policy"]
    assert policy is not None
    assert f"script-src 'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" in policy
    assert policy.startswith("default-src 'none'; ")


def test_every_header_cell_says_of_what_it_is_the_header(morning: SeasonReport, replayed: SeasonReplay) -> None:
    headers = [held.get("scope") for tag, held in Parts(page_of(morning, replayed)).tags if tag == "th"]
    assert len(headers) > 100
    assert set(headers) == {"col", "row"}


def test_a_season_s_page_is_under_500_kb(text: str) -> None:
    # A fifth of a season.
    assert len(text.encode()) < 100_000


def test_hostile_text_is_shown_as_it_is(parts: Parts) -> None:
    assert HOSTILE in parts.text


def test_a_hostile_reason_and_title_are_shown_as_they_are(report: SeasonReport, replayed: SeasonReplay) -> None:
    gap = report.gaps[0]
    newest = replace(gap.newest, detail=replace(gap.newest.detail, reasons={"x": HOSTILE}, findings=()))
    table = report.table.with_stage(report.table["phase4"].model_copy(update={"title": HOSTILE}))
    hostile = replace(report, gaps=[replace(gap, rows=(newest,))], table=table, unreadable=[HOSTILE])
    shown = Parts(page_of(hostile, replayed))
    assert [tag for tag, _ in shown.tags].count("script") == 1
    assert "img" not in {tag for tag, _ in shown.tags}
    assert shown.text.count(HOSTILE) >= 4


def test_usual_arrivals_are_shown_with_their_spread(text: str, report: SeasonReport) -> None:
    table = text.partition('id="usual"')[2].partition("</tbody>")[0].partition("<tbody>")[2]
    rows = [re.findall(r"<td[^>]*>([^<]*)</td>", row) for row in table.splitlines() if row]
    assert [row[0] for row in rows] == [report.title(stage) for stage in report.usual]
    for row, usual in zip(rows, report.usual.values(), strict=True):
        times = sorted(usual.arrivals.values())
        shown = (times[0], usual.median, usual.nearly_always, times[-1])
        assert row[1:] == [*map(day_clock, shown), f"{len(times)} of {usual.game_days}"]
        assert list(shown) == sorted(shown)


def test_the_arrivals_are_drawn_on_one_axis_from_left_to_right(report: SeasonReport) -> None:
    drawn = arrivals(report.usual, report.table)
    assert drawn is not None
    assert [at for at, _ in drawn.ticks] == sorted({at for at, _ in drawn.ticks})
    assert (drawn.ticks[0][0], drawn.ticks[-1][0]) == (0, 100)
    for name, usual in report.usual.items():
        strip = drawn.strips[name]
        assert len(strip.arrivals) == len(usual.arrivals)
        assert strip.due is not None
        assert 0 <= min(strip.arrivals) <= strip.median <= strip.nearly_always <= max(strip.arrivals) <= 100
    results, before = drawn.strips["player_summary"].due, drawn.strips["predictions"].due
    assert results is not None
    assert before is not None
    assert results > before
    assert arrivals({}, report.table) is None


def test_the_busiest_week_has_the_highest_bar(report: SeasonReport) -> None:
    bars = weekly_bars(report.messages.by_week)
    assert [bar.number for bar in bars] == list(report.messages.by_week.values())
    assert max(bar.height for bar in bars) == 100
    assert all(bar.height == 0 for bar in bars if not bar.number)
    assert weekly_bars(dict.fromkeys(report.messages.by_week, 0)) == []


def test_every_status_has_a_mark_of_its_own() -> None:
    assert list(MARKS) == list(Status)
    assert len({mark.letter for mark in MARKS.values()}) == len(MARKS)
    assert len({mark.fill for mark in MARKS.values()}) == len({mark.dark_fill for mark in MARKS.values()}) == len(MARKS)


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
    assert contrast(mark.dark_fill, mark.dark_ink) >= 4.5
    assert (luminance(mark.fill) > 0.5) is status.passes


def test_a_season_without_incidents_messages_and_arrivals_is_reported_as_such(
    report: SeasonReport, replayed: SeasonReplay
) -> None:
    quiet = replace(report, incidents=[], response=[], usual={}, gaps=[])
    shown = Parts(page_of(quiet, replayed)).text
    for sentence in (
        "No open gaps.",
        "No incidents this season.",
        "Not known yet: no stage has been in time on ten game days.",
    ):
        assert sentence in shown


def test_the_same_report_is_the_same_page(report: SeasonReport, replayed: SeasonReplay, text: str) -> None:
    assert page_of(report, replayed) == text


def test_the_monitor_s_health_is_shown_with_what_to_do_about_a_broken_link(report: SeasonReport) -> None:
    broken = Link(LinkName.DAEMON, "runs", breaks=(Break("daemon", "No heartbeat.", "Restart the daemon."),))
    shown = page_of(report, None, Chain((Link(LinkName.WAREHOUSE, "can be read", NOW), broken)))
    assert "<dt>Monitor</dt><dd>broken</dd>" in shown
    assert "daemon broken" in Parts(shown).text
    assert "No heartbeat. Restart the daemon." in shown
    assert "can be read, 8:00 AM ET" in shown


def test_a_season_that_is_over_has_no_today(report: SeasonReport) -> None:
    later = report.season.last + timedelta(days=1)
    over = replace(report, today=day_of(later, Due.BEFORE_TIP, None, report.table))
    shown = page_of(over)
    assert "<h1>Season 2025-26</h1>" in shown
    assert 'id="today"' not in shown
    assert 'id="recent"' not in shown
    assert 'id="today"' in page_of(report)


def test_an_earlier_report_is_replaced_and_any_other_file_left_alone(text: str, tmp_path: Path) -> None:
    path = tmp_path / "made" / "report.html"
    write_page(text.replace("Calendar", "Earlier"), path)
    write_page(text, path)
    assert path.read_text() == text
    assert [found.name for found in path.parent.iterdir()] == ["report.html"]
    other = tmp_path / "warehouse.duckdb"
    other.write_bytes(b"12345678DUCK")
    with pytest.raises(PageError, match="exists and is not a report; choose another file"):
        write_page(text, other)
    assert other.read_bytes() == b"12345678DUCK"
    empty = tmp_path / "empty.html"
    empty.touch()
    write_page(text, empty)
    assert empty.stat().st_size > 0
    with pytest.raises(PageError, match="/dev/null: can't be written"):
        write_page(text, Path("/dev/null"))


def test_a_page_that_does_not_fit_on_the_disk_leaves_the_earlier_one(text: str, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    write_page(text, path)
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limit[1]))
    try:
        with pytest.raises(PageError, match=": can't be written"):
            write_page(text.replace("Calendar", "Later"), path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert path.read_text() == text
    assert [found.name for found in tmp_path.iterdir()] == ["report.html"]
