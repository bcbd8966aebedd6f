"""The morning page where people read it: written each morning and after an incident's end, and linked from alerts."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import dagster as dg
import pytest
import time_machine

from nba_monitoring.definitions import definitions
from nba_monitoring.settings import Settings
from nba_monitoring_tests.days import DAY, at
from nba_monitoring_tests.loopback import Answer, LoopbackServer
from nba_monitoring_tests.morning import Platform
from nba_monitoring_tests.orchestration.sensor import Sensor
from nba_monitoring_tests.orchestration.slack import Slack
from nba_monitoring_tests.orchestration.test_alerts_sensor import cover, look

pytestmark = pytest.mark.slow

URL = "https://pages.example.com/nba/"


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where the page is to be written, and read."""
    monkeypatch.setenv("NBA_MONITORING_REPORT_TO", str(tmp_path / "pages"))
    monkeypatch.setenv("NBA_MONITORING_REPORT_URL", URL)
    return tmp_path / "pages"


def refreshed(instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    job = definitions(Settings.load()).resolve_job_def("season_report_job")
    return job.execute_in_process(instance=instance, raise_on_error=False)


def requested(sensor: Sensor) -> list[str | None]:
    return [request.job_name for request in sensor.requested]


def test_the_asset_writes_the_page_and_links_to_it(
    platform: Platform, quick_sensor: Sensor, webhook: Slack, folder: Path
) -> None:
    with time_machine.travel(at(8)):
        look(platform, quick_sensor)
    with time_machine.travel(at(8, 10), tick=False):
        (event,) = refreshed(quick_sensor.instance).get_asset_materialization_events()
    assert event.materialization.metadata["page"].value == URL
    text = (folder / "index.html").read_text()
    assert '<h1 id="today-title">Not ready</h1>' in text
    assert "nba-2026-01-18" in text
    assert re.search(r"Open for (9|10) min, since 11:00 AM ET\.", text)
    assert "Nobody has acknowledged it." in text
    # The sensor ticked a moment ago, but no daemon runs here.
    assert "<strong>channels</strong> holds" in text


def test_an_alert_links_to_the_page_at_its_date(
    platform: Platform, quick_sensor: Sensor, webhook: Slack, folder: Path
) -> None:
    with time_machine.travel(at(8)):
        look(platform, quick_sensor)
    (posted,) = (request.json for request in webhook.server.requests)
    assert f"<{URL}#{DAY}|Morning page>" in str(posted["blocks"])


def test_the_page_is_written_anew_once_after_an_incident_s_end(
    platform: Platform, quick_sensor: Sensor, webhook: Slack, folder: Path
) -> None:
    for minute in (0, 30):
        with time_machine.travel(at(8, minute)):
            look(platform, quick_sensor)
    assert requested(quick_sensor) == []
    cover(platform)
    with time_machine.travel(at(9)):
        look(platform, quick_sensor)
        assert requested(quick_sensor) == ["season_report_job"]
        quick_sensor.tick()
    assert requested(quick_sensor) == ["season_report_job"]
    with time_machine.travel(at(9, 1)):
        assert refreshed(quick_sensor.instance).success
    text = (folder / "index.html").read_text()
    assert '<h1 id="today-title">Ready</h1>' in text
    assert "recovered" in text


def test_without_a_place_for_the_page_none_is_requested(
    platform: Platform, quick_sensor: Sensor, webhook: Slack
) -> None:
    with time_machine.travel(at(8)):
        look(platform, quick_sensor)
    cover(platform)
    with time_machine.travel(at(9)):
        look(platform, quick_sensor)
    assert "Recovered" in webhook.texts[-1]
    assert requested(quick_sensor) == []


def test_a_page_that_can_t_be_written_is_a_monitor_alert_and_loses_nothing(
    platform: Platform, sensor: Sensor, webhook: Slack, folder: Path
) -> None:
    with time_machine.travel(at(8)):
        look(platform, sensor)
        assert refreshed(sensor.instance).success
    earlier = (folder / "index.html").read_text()
    folder.rename(folder.with_name("kept"))
    folder.write_text("no folder")
    with time_machine.travel(at(8, 10)):
        failed = refreshed(sensor.instance)
        assert not failed.success
        (event,) = failed.get_asset_materialization_events()
        assert event.materialization.metadata["incidents"].value == 1
    with time_machine.travel(at(8, 11)):
        sensor.tick()
        sensor.tick()
    (_, alert) = webhook.accepted
    assert "Monitor: season_report has failed since 2026-01-18 11:10 AM ET: " in alert.text
    assert "index.html: can't be written" in alert.text
    assert (folder.with_name("kept") / "index.html").read_text() == earlier
    folder.unlink()
    with time_machine.travel(at(8, 30)):
        assert refreshed(sensor.instance).success
        sensor.tick()
    assert "season_report has recovered" in webhook.texts[-1]
    assert '<h1 id="today-title">Not ready</h1>' in (folder / "index.html").read_text()


def test_a_bucket_that_refuses_the_page_is_a_monitor_alert_that_says_what_to_grant(
    platform: Platform, sensor: Sensor, webhook: Slack, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = "/upload/storage/v1/b/nba-pages/o"
    monkeypatch.setenv("NBA_MONITORING_REPORT_TO", "gs://nba-pages/today")
    with LoopbackServer() as storage:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", storage.url)
        storage.answer(
            upload, Answer.json({"error": {"message": "no"}}, status=403), Answer.json({"name": "index.html"})
        )
        with time_machine.travel(at(8)):
            look(platform, sensor)
        with time_machine.travel(at(8, 10)):
            assert not refreshed(sensor.instance).success
        with time_machine.travel(at(8, 11)):
            sensor.tick()
        assert "gs://nba-pages/today/index.html: Cloud Storage refuses this account (403)" in webhook.texts[-1]
        with time_machine.travel(at(8, 30)):
            assert refreshed(sensor.instance).success
            sensor.tick()
        assert "season_report has recovered" in webhook.texts[-1]
        assert '<h1 id="today-title">Not ready</h1>' in storage.requests_to(upload)[-1].body.decode()


def test_the_replay_is_made_once_a_day_however_often_the_page_is(
    platform: Platform, quick_sensor: Sensor, folder: Path
) -> None:
    before = date(2026, 1, 17)
    with time_machine.travel(at(8, day=before)):
        look(platform, quick_sensor, before)
    for hour in (8, 12):
        with time_machine.travel(at(hour, 10)):
            assert refreshed(quick_sensor.instance).success
    assert len(platform.rows("SELECT * FROM nba_monitoring.season_replays")) == 1
    text = (folder / "index.html").read_text()
    assert "with the stages of 2026-01-18 11:10 AM ET, when it was replayed" in text
