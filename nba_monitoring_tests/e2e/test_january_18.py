"""The morning of January 18, 2026 as production lives it: the 8:00 tick, the alert, its end; then a month's backfill.

One story in the order of the clock, each test from where the one before it ended.
"""

from __future__ import annotations

import html
import json
import re
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
import pytest

from nba_monitoring.stages_file import load_stages
from nba_monitoring_tests.days import at
from nba_monitoring_tests.e2e.conftest import E2E, Deployed
from nba_monitoring_tests.e2e.january import DAY, MONTH
from nba_monitoring_tests.orchestration.served import PROJECT
from nba_monitoring_tests.orchestration.slack import POST

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.timeout(1800)

# So that the hour itself is seen to pass.
ALMOST = timedelta(seconds=-10)
STAGES = [stage.name for stage in load_stages()]
ASSETS = ("scheduled_games", *(f"{stage}_coverage" for stage in STAGES), "data_availability_checks")
CHECKS = {
    "schedule_sources_agree",
    "phase4_covers_scheduled_games",
    *(f"{stage}_is_complete" for stage in STAGES if stage != "phase4"),
}
GAMES = ("ORL@MEM", "BKN@CHI", "NOP@HOU", "CHA@DEN", "POR@SAC", "TOR@LAL")
# By the sample's story: predictions for a game that was called off, and without their models' versions.
FAILED = {"2026-01-08", "2026-01-17"}


def test_the_wheel_holds_all_of_the_package_and_nothing_else() -> None:
    (wheel,) = (E2E / "wheel").glob("*.whl")
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    files = [path for path in (PROJECT / "nba_monitoring").rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert packed == {str(path.relative_to(PROJECT)) for path in files}
    assert {Path(name).suffix for name in packed} >= {".py", ".yaml", ".sql", ".jinja", ".typed"}


def test_what_runs_is_the_wheel_on_a_moved_clock(deployed: Deployed) -> None:
    said = deployed.run("python", "-c", "import nba_monitoring, time; print(nba_monitoring.__file__, time.time())")
    assert said.returncode == 0, said.stderr
    place, shown = said.stdout.split()
    assert Path(place).is_relative_to(E2E / "lib")
    assert at(7, 40).timestamp() <= float(shown) < at(8).timestamp()


def test_init_makes_the_tables_and_finds_nothing_to_do_again(deployed: Deployed) -> None:
    made, again = (deployed.run("nba-monitoring", "init") for _ in range(2))
    assert (made.returncode, again.returncode) == (0, 0), made.stderr + again.stderr
    assert {line.partition(": ")[2] for line in made.stdout.splitlines()} == {"created"}
    assert "created" not in again.stdout


def test_the_8_am_tick_finds_phase_4_missing_and_slack_is_told_once(deployed: Deployed) -> None:
    deployed.dagster.start()
    # A schedule is watched from when the daemon has first seen it: five of them, and the sensor.
    deployed.dagster.wait_for("the schedules' watch", lambda: len(deployed.instance.all_instigator_state()) == 6)
    assert deployed.clock.now() < at(8)
    assert deployed.instance.get_run_records() == []
    deployed.move_clock_to(at(8) + ALMOST)
    (alert,) = deployed.dagster.wait_for("the alert", lambda: deployed.slack.texts)
    assert f"[e2e] ERROR Phase 4 missing for 5 of 6 games, incomplete for 1, Sun {DAY}" in alert
    # One that runs would be taken for one that hangs when the clock is moved next.
    deployed.wait_for_all_runs()
    looked = deployed.instance.get_run_records(dg.RunsFilter(job_name="morning_check"))
    assert {record.dagster_run.tags["dagster/schedule_name"] for record in looked} == {
        "morning_check_8am",
        "results_check_8am",
    }
    assert all(game in alert for game in GAMES)
    assert alert.endswith(f"Also failing downstream: Feature store, Predictions [nba-{DAY}]")


def test_the_alert_s_link_leads_to_the_reasons(deployed: Deployed, page: Page, pictures: Path) -> None:
    (request,) = deployed.slack.server.requests_to(POST)
    (link,) = set(re.findall(r"http[^|>]*partition=[\d-]*", html.unescape(json.dumps(request.json))))
    page.goto(link)
    page.get_by_text("uncovered_games", exact=True).first.wait_for()
    page.screenshot(path=pictures / "partition.png", full_page=True)
    shown = page.inner_text("body")
    assert "MISSING_DATA" in shown
    for game in GAMES:
        (reason,) = (line for line in shown.splitlines() if line.startswith(f"{game}\t"))
        assert re.fullmatch(r".* ET\t\d\t(no rows|\d players \(at least 12 expected\))", reason)


def test_the_recheck_finds_what_came_late_and_the_alert_s_thread_is_told(deployed: Deployed) -> None:
    deployed.platform.catch_up(deployed.clock.now())
    deployed.move_clock_to(at(8, 30) + ALMOST)
    deployed.dagster.wait_for("the end", lambda: deployed.slack.edits)
    alert, recovered = deployed.slack.accepted
    assert f"[e2e] Recovered: Phase 4 complete for all 6 games, Sun {DAY}. MISSING_DATA for" in recovered.text
    assert recovered.thread == alert.ts
    assert deployed.slack.edits == [(alert.ts, recovered.text)]


def test_a_month_s_backfill_judges_each_date_and_is_one_digest_in_slack(deployed: Deployed) -> None:
    dates = [str(day) for day in MONTH]
    assert deployed.dagster.backfill(ASSETS, dates) == ["SUCCESS"]
    found = {
        check: statuses for asset in ASSETS for check, statuses in deployed.dagster.check_statuses(asset, dates).items()
    }
    assert found.keys() == CHECKS
    failed = {check: {day for day, status in of.items() if status == "FAILED"} for check, of in found.items()}
    assert all(statuses.keys() == set(dates) for statuses in found.values())
    assert failed["predictions_is_complete"] == FAILED
    assert failed["phase4_covers_scheduled_games"] == set()
    # No date of the past is an alert of its own.
    (digest,) = deployed.dagster.wait_for("the digest", lambda: deployed.slack.texts[2:])
    assert f"Backfill: 2 of 31 dates failed, {dates[0]} to {dates[-1]}" in digest


def test_a_browser_sees_the_lineage(deployed: Deployed, page: Page, pictures: Path) -> None:
    page.goto(f"{deployed.dagster.url}/assets/data_availability_checks?view=lineage")
    page.get_by_text("season_report", exact=True).first.wait_for()
    page.screenshot(path=pictures / "lineage.png")
    # A long name is cut in its middle.
    shown = [line.partition("…") for line in page.inner_text("body").splitlines() if line]
    for asset in (*ASSETS, "pipeline_status", "season_report"):
        assert any(
            asset == begin or (cut and asset.startswith(begin) and asset.endswith(end)) for begin, cut, end in shown
        )


def test_a_browser_sees_the_state_of_a_check_on_each_date(deployed: Deployed, page: Page, pictures: Path) -> None:
    page.goto(f"{deployed.dagster.url}/assets/predictions_coverage?view=checks")
    page.locator("button[title=Partitions]").click()  # the check's; the asset's is a link
    # Those of the month, and of the day itself.
    for state in ("Failed (2)", "Passed (30)", "In Progress (0)"):
        page.get_by_text(state, exact=True).wait_for()
    page.get_by_text(max(FAILED), exact=True).first.click()
    page.get_by_text("model_version is NULL in 100%").first.wait_for()
    page.screenshot(path=pictures / "check.png", full_page=True)


def test_all_runs_were_well_and_so_is_the_monitor(deployed: Deployed) -> None:
    deployed.wait_for_all_runs()
    runs = [record.dagster_run for record in deployed.instance.get_run_records()]
    assert {run.status for run in runs} == {dg.DagsterRunStatus.SUCCESS}
    assert {run.job_name for run in runs} >= {"morning_check", "pipeline_status_job", "season_report_job"}
    said = deployed.run("nba-monitoring", "health")
    assert (said.returncode, said.stdout.splitlines()[-1]) == (0, "healthy"), said.stdout + said.stderr
    assert len(deployed.slack.accepted) == 3
