"""The page in a real browser, as different readers have it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from nba_monitoring.core.status import Status
from nba_monitoring.reports.page import write_page
from nba_monitoring.reports.replayed import SeasonReplay
from nba_monitoring.reports.season import SeasonReport
from nba_monitoring_tests.chromium import CHROMIUM, NO_CHROMIUM, running_chromium
from nba_monitoring_tests.reports.season import page_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytest.importorskip("playwright", reason="no playwright: pip install playwright")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="no axe: pip install axe-playwright-python")
pytestmark = [pytest.mark.thorough, pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM)]

FAILING = "2026-01-24-phase4"
DESKTOP, PHONE = {"width": 1180, "height": 900}, {"width": 390, "height": 844}
# A4 at 96 dots per inch, less 12 mm on either side.
A4 = {"width": 703, "height": 1032}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def address(morning: SeasonReport, replayed: SeasonReplay, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("page") / "report.html"
    write_page(page_of(morning, replayed, NBA_MONITORING_DAGSTER_URL="https://dagster.example.com"), path)
    return path.as_uri()


@contextmanager
def opened(browser: Browser, address: str, **reader: Any) -> Iterator[Page]:
    page = browser.new_page(**{"viewport": DESKTOP, **reader})
    page.goto(address, wait_until="load")
    yield page
    page.close()


@pytest.mark.parametrize("has_scripts", [True, False])
def test_the_page_is_read_without_an_error_or_a_request(browser: Browser, address: str, has_scripts: bool) -> None:
    page = browser.new_page(java_script_enabled=has_scripts)
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address, wait_until="load")
    assert said == []
    assert [url for url in asked if not url.startswith("data:")] == [address]
    assert page.title() == "Not ready, 2026-01-24 - NBA monitoring"
    page.close()


def test_the_marks_are_those_of_the_report(browser: Browser, address: str, morning: SeasonReport) -> None:
    with opened(browser, address) as page:
        for status in Status:
            dates = sum(morning.counts(stage).get(status, 0) for stage in morning.checks)
            assert page.locator(f".month td.{status}").count() == dates
        shown = [row.inner_text().split("\t") for row in page.locator("#counts tbody tr").all()]
        assert shown == [
            [morning.title(stage), *(str(count or "") for count in morning.counts(stage).values())]
            for stage in morning.checks
        ]
        assert morning.summary in page.inner_text("footer")


def test_today_comes_first(browser: Browser, address: str, morning: SeasonReport) -> None:
    with opened(browser, address) as page:
        assert page.inner_text("h1") == "Not ready"
        in_view = page.locator("#games tbody tr")
        assert in_view.count() == len(morning.today.games) == 7
        box = in_view.last.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= DESKTOP["height"]
        assert page.locator(".incident").first.inner_text().startswith("Predictions MISSING_DATA nba-2026-01-24")


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE, {"width": 360, "height": 640}])
def test_nothing_is_wider_than_the_screen(browser: Browser, address: str, viewport: dict[str, int]) -> None:
    with opened(browser, address, viewport=viewport) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


@pytest.mark.parametrize("has_scripts", [True, False])
def test_a_failing_cell_opens_what_was_missing_by_touch(browser: Browser, address: str, has_scripts: bool) -> None:
    with opened(browser, address, viewport=PHONE, has_touch=True, java_script_enabled=has_scripts) as page:
        details = page.locator(f'[id="{FAILING}"]')
        assert not details.is_visible()
        page.locator(f'.month a[href="#{FAILING}"]').tap()
        assert details.is_visible()
        assert "no rows: " in details.inner_text()
        assert "gcloud scheduler jobs run" in details.inner_text()
        link = details.get_by_text("Partition").get_attribute("href")
        assert link is not None
        assert link.startswith("https://dagster.example.com/assets/")
        details.get_by_text("Close").tap()
        assert not details.is_visible()


def test_a_failing_cell_opens_by_keyboard_alone_and_gives_the_place_back(browser: Browser, address: str) -> None:
    focused = "document.activeElement.textContent"
    with opened(browser, address, java_script_enabled=True) as page:
        for _ in range(100):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.getAttribute('href')") == f"#{FAILING}":
                break
        page.keyboard.press("Enter")
        details = page.locator(f'[id="{FAILING}"]')
        assert details.is_visible()
        page.keyboard.press("Tab")
        assert page.evaluate(focused) == "Close"
        page.keyboard.press("Enter")
        assert not details.is_visible()
        page.keyboard.press("Tab")
        row = page.evaluate("document.activeElement.closest('tr').id")
        assert row == "2026-01-24"


def test_the_filters_show_one_stage_and_the_dates_with_one_status(browser: Browser, address: str) -> None:
    with opened(browser, address) as page:
        page.locator("#filter-stage").select_option("phase4")
        page.locator("#filter-status").select_option("MISSING_DATA")
        shown = page.locator(".month td:visible")
        assert {cell.get_attribute("class") for cell in shown.all()} == {"MISSING_DATA"}
        assert page.locator(".month tbody tr:visible").count() == shown.count() == 2
        assert page.locator("#gaps tbody tr[data-stage]:visible").count() >= 1
        assert page.locator("#gaps tbody tr[data-stage=predictions]:visible").count() == 0
        # What is open now is never hidden, and what has no status goes by its stage.
        assert page.locator(".incident:visible").count() == 1
        assert page.locator("#usual tbody tr:visible").count() == 1
        page.locator("#filter-stage").select_option("")
        page.locator("#filter-status").select_option("")
        assert page.locator(".month td:visible").count() == page.locator(".month td").count()


def test_without_scripts_there_are_no_filters_and_everything_is_shown(browser: Browser, address: str) -> None:
    with opened(browser, address, java_script_enabled=False) as page:
        assert not page.locator("#filters").is_visible()
        assert page.locator(".month td:visible").count() == page.locator(".month td").count() > 0


def paper_and_ink(page: Page) -> list[float]:
    """How bright the page and its text are: 0 to 765."""
    bright = "[...arguments].map(name => getComputedStyle(document.body)[name].match(/\\d+/g).slice(0, 3))"
    found = page.evaluate(f"(function () {{ return {bright} }})('backgroundColor', 'color')")
    return [sum(map(float, colors)) for colors in found]


def test_it_is_dark_for_who_likes_it_dark_and_light_on_paper(browser: Browser, address: str) -> None:
    with opened(browser, address, color_scheme="light") as page:
        light = paper_and_ink(page)
        assert light[0] - light[1] > 400
        page.emulate_media(color_scheme="dark")
        dark = paper_and_ink(page)
        assert dark[1] - dark[0] > 400
        page.emulate_media(color_scheme="dark", media="print")
        assert paper_and_ink(page) == [765, light[1]]


def test_every_table_fits_on_a4_and_what_is_for_the_screen_is_not_printed(browser: Browser, address: str) -> None:
    with opened(browser, f"{address}#{FAILING}", viewport=A4) as page:
        page.emulate_media(media="print")
        boxes = [box for table in page.locator("table").all() if (box := table.bounding_box()) is not None]
        assert len(boxes) > 5
        assert [box for box in boxes if box["x"] + box["width"] > A4["width"] + 1] == []
        assert not page.locator("nav, #filters, .panel").filter(visible=True).count()
        assert page.pdf(format="A4", prefer_css_page_size=True).startswith(b"%PDF")


@pytest.mark.parametrize("opens", ["", f"#{FAILING}"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE])
@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(
    browser: Browser, address: str, color_scheme: str, viewport: dict[str, int], opens: str
) -> None:
    with opened(browser, f"{address}{opens}", color_scheme=color_scheme, viewport=viewport) as page:
        found = axe.Axe().run(page).response
        assert len(found["passes"]) > 20
        assert [
            (broken["id"], [node["html"] for node in broken["nodes"]])
            for broken in found["violations"]
            if broken["impact"] in ("serious", "critical")
        ] == []
