"""Where the links of an alert lead, in Chromium on Dagster's own pages."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nba_monitoring.core.eastern import game_date
from nba_monitoring_tests.chromium import CHROMIUM, NO_CHROMIUM, running_chromium
from nba_monitoring_tests.morning import FACTORS, NBAC
from nba_monitoring_tests.orchestration.served import served_monitor
from nba_monitoring_tests.orchestration.slack import POST
from nba_monitoring_tests.platform_tables import factor_rows, nbac_row

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = [pytest.mark.daemon, pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM), pytest.mark.timeout(600)]

COMMAND = "gcloud scheduler jobs run player-composite-factors-upcoming --location=us-west2"
# A laptop's window.
WIDTH, HEIGHT = 1280, 800


@pytest.fixture(scope="module")
def links(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The links of an alert about today by label. A check of yesterday, which passes, came after today's."""
    with served_monitor(tmp_path_factory.mktemp("served")) as served:
        today = game_date(datetime.now(UTC))
        yesterday = today - timedelta(days=1)
        for day, away, home in ((today, "CHA", "DEN"), (today, "POR", "SAC"), (yesterday, "ORL", "MEM")):
            served.platform.add(NBAC, [nbac_row(day, away, home, tip=time(23, 59))])
        served.platform.add(FACTORS, factor_rows(yesterday, f"{yesterday:%Y%m%d}_ORL_MEM", 30))
        served.dagster.run_job(str(today))
        (alert,) = served.dagster.wait_for("the alert", lambda: served.slack.server.requests_to(POST))
        served.dagster.run_job(str(yesterday))
        found = re.findall(r"<(http[^|>]+)\|([^>]+)>", html.unescape(json.dumps(alert.json, ensure_ascii=False)))
        yield {label: url for url, label in found}


@pytest.fixture
def page() -> Iterator[Page]:
    with running_chromium() as browser:
        yield browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})


def test_the_failed_check_s_link_opens_on_red_with_status_reason_command_and_runbook(
    links: dict[str, str], page: Page, tmp_path: Path
) -> None:
    page.goto(links["Failed check"])
    failed = page.get_by_text("failed for materialization of")
    failed.wait_for()
    shown = [
        failed,
        page.get_by_text("MISSING_DATA", exact=True).first,
        page.get_by_text("0 of 2 ready; CHA@DEN, POR@SAC: no rows"),
        page.get_by_text(COMMAND, exact=True),
        page.get_by_text("https://wiki.example.com/phase4"),
    ]
    page.screenshot(path=tmp_path / "failed_check.png")
    places = [place_of(one) for one in shown]
    assert places == sorted(places)
    assert places[-1] < HEIGHT
    red, green, blue = (int(part) for part in re.findall(r"\d+", failed.evaluate("e => getComputedStyle(e).color"))[:3])
    assert red > 2 * green
    assert red > 2 * blue


def test_the_partition_s_link_begins_with_the_same(links: dict[str, str], page: Page, tmp_path: Path) -> None:
    page.goto(links["Partition"])
    page.get_by_text("reason", exact=True).first.wait_for()
    page.screenshot(path=tmp_path / "partition.png")
    assert page.get_by_text(COMMAND).is_visible()
    names = [page.get_by_text(name, exact=True).first for name in ("status", "reason", "fix", "runbook")]
    places = [place_of(name) for name in names]
    assert places == sorted(places)
    assert places[-1] < HEIGHT


def place_of(found: Locator) -> float:
    """The bottom edge of what is shown, in pixels from the window's top."""
    box = found.bounding_box()
    assert box is not None
    return box["y"] + box["height"]
