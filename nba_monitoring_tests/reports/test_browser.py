"""The page in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nba_monitoring.core.status import Status
from nba_monitoring.reports.page import write_page
from nba_monitoring.reports.season import SeasonReplay, SeasonReport
from nba_monitoring_tests.chromium import CHROMIUM, NO_CHROMIUM, running_chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytest.importorskip("playwright", reason="no playwright: pip install playwright")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM)]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_chromium() as opened:
        yield opened


@pytest.mark.parametrize("has_scripts", [True, False])
def test_the_page_is_read_without_an_error_or_a_request(
    browser: Browser, report: SeasonReport, replayed: SeasonReplay, tmp_path: Path, has_scripts: bool
) -> None:
    path = tmp_path / "report.html"
    write_page(report, replayed, path)
    page = browser.new_page(java_script_enabled=has_scripts)
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri(), wait_until="load")

    assert said == []
    assert [url for url in asked if not url.startswith("data:")] == [path.as_uri()]
    assert page.title() == "NBA monitoring, season 2025-26"
    for status in Status:
        dates = sum(report.counts(stage).get(status, 0) for stage in report.checks)
        assert page.locator(f".calendar td.{status}").count() == dates
    for picture in page.locator("img").all():
        box = picture.bounding_box()
        assert box is not None
        assert box["height"] > 100  # a picture that could not be read is a line of text
    page.close()


def test_every_table_fits_on_a_page_when_printed(
    browser: Browser, report: SeasonReport, replayed: SeasonReplay, tmp_path: Path
) -> None:
    path = tmp_path / "report.html"
    write_page(report, replayed, path)
    # US Letter on its side, less a centimetre on either side.
    page = browser.new_page(viewport={"width": 980, "height": 740})
    page.emulate_media(media="print")
    page.goto(path.as_uri())
    boxes = [table.bounding_box() for table in page.locator("table").all()]
    assert boxes
    assert all(box is not None and box["x"] + box["width"] <= 980 for box in boxes)
    page.close()


def test_the_numbers_are_the_report_s(
    browser: Browser, report: SeasonReport, replayed: SeasonReplay, tmp_path: Path
) -> None:
    path = tmp_path / "report.html"
    write_page(report, replayed, path)
    page = browser.new_page()
    page.goto(path.as_uri())
    shown = [row.inner_text().split("\t") for row in page.locator("#counts tbody tr").all()]
    assert shown == [
        [report.title(stage), *(str(count or "") for count in report.counts(stage).values())] for stage in report.checks
    ]
    assert report.summary in page.inner_text("body")
    assert page.locator("#gaps ~ .wide").first.locator("tbody tr").count() == len(report.gaps)
    page.close()
