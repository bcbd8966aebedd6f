"""The morning of January 18, 2026 as production lives it: the 8:00 tick, the alert, its end; then a month's backfill."""

from __future__ import annotations

import json
import time
import zipfile
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest

from playwright.sync_api import Browser
from nba_monitoring.stage_table import load_stages
from nba_monitoring_tests.e2e.conftest import E2E, Deployed
from nba_monitoring_tests.e2e.january import DAY, MONTH
from nba_monitoring_tests.orchestration.conftest import at
from nba_monitoring_tests.orchestration.served import PROJECT

pytestmark = pytest.mark.timeout(1800)

ALMOST = timedelta(seconds=-10)


def test_the_wheel_holds_all_of_the_package_and_nothing_else() -> None:
    (wheel,) = (E2E / "wheel").glob("*.whl")
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    package = PROJECT / "nba_monitoring"
    files = {path for path in package.rglob("*") if path.is_file() and path.suffix != ".pyc"}
    assert packed == {str(path.relative_to(PROJECT)) for path in files}
    assert {"nba_monitoring/stages.yaml", "nba_monitoring/reports/season.html.jinja"} <= packed
    assert any(name.endswith(".sql") for name in packed)


def test_what_runs_is_the_wheel_and_its_clock_is_moved(deployed: Deployed) -> None:
    said = deployed.run("python", "-c", "import nba_monitoring, time; print(nba_monitoring.__file__, time.time())")
    assert said.returncode == 0, said.stderr
    place, now = said.stdout.split()
    assert Path(place).is_relative_to(E2E / "lib")
    assert abs(float(now) - at(7, 55).timestamp()) < 300


def test_init_makes_the_tables(deployed: Deployed) -> None:
    said = deployed.run("nba-monitoring", "init")
    assert said.returncode == 0, said.stderr
    print(said.stdout)


def test_the_8_am_tick_looks_and_one_alert_tells(deployed: Deployed) -> None:
    deployed.dagster.start()
    with dg.DagsterInstance.from_config(str(deployed.dagster.home)) as instance:
        deployed.dagster.wait_for("the schedules", lambda: len(instance.all_instigator_state()) >= 6)
        print(instance.all_instigator_state())
    deployed.clock.move_to(at(8) + ALMOST)
    deployed.dagster.wait_for("the alert", lambda: deployed.slack.accepted)
    print(deployed.slack.accepted)
    print(json.dumps(deployed.slack.server.requests_to("/api/chat.postMessage")[0].json, indent=1))


def test_recovery(deployed: Deployed) -> None:
    deployed.platform.catch_up(deployed.clock.now())
    deployed.clock.move_to(at(8, 30) + ALMOST)
    deployed.dagster.wait_for("the end", lambda: "Recovered" in deployed.slack.texts[-1])
    print(deployed.slack.accepted, deployed.slack.edits)


ASSETS = ("scheduled_games", *(f"{s.name}_coverage" for s in load_stages()), "data_availability_checks")


def test_browser(deployed: Deployed, browser: Browser, pictures: Path) -> None:
    page = browser.new_page(viewport={"width": 1800, "height": 1200})
    base = deployed.dagster.url
    places = {
        "lineage": "/asset-groups",
        "partition": f"/assets/data_availability_checks?view=partitions&partition={DAY}",
        "checks": "/assets/data_availability_checks?view=checks",
        "detail": f"/assets/data_availability_checks?view=checks&checkDetail=phase4_covers_scheduled_games",
        "cov": f"/assets/predictions_coverage?view=checks",
        "overview": "/overview",
        "lin": "/assets/data_availability_checks?view=lineage",
    }
    for name, place in places.items():
        page.goto(base + place)
        try:
            page.wait_for_load_state("networkidle", timeout=20000)
        except Exception as e:
            print(name, e)
        page.wait_for_timeout(4000)
        page.screenshot(path=pictures / f"{name}.png")
        print("=====", name, page.url)
        print(page.inner_text("body")[:6000])


def test_backfill(deployed: Deployed) -> None:
    dates = [str(day) for day in MONTH]
    began = time.monotonic()
    assert deployed.dagster.backfill(ASSETS, dates) == ["SUCCESS"]
    print("backfill", time.monotonic() - began)
    for asset in ASSETS:
        for check, found in deployed.dagster.check_statuses(asset, dates).items():
            print(asset, check, len(found), [d for d, x in found.items() if x != "SUCCEEDED"])
    time.sleep(70)
    print(deployed.slack.texts)
    said = deployed.run("nba-monitoring", "health")
    print(said)


