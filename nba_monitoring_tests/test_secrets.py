"""Secrets from the environment or from files, and where none of them may be found again, whatever fails."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from pathlib import Path

import dagster as dg
import pytest
import time_machine
from apprise.plugins import opsgenie, pagerduty

from nba_monitoring.cli.main import main
from nba_monitoring.core.eastern import PACIFIC
from nba_monitoring.orchestration.partitions import TRIGGER_TAG
from nba_monitoring.orchestration.tick import KEY as KEPT
from nba_monitoring.settings import Settings, SettingsError
from nba_monitoring_tests.days import DAY
from nba_monitoring_tests.loopback import Answer, LoopbackServer
from nba_monitoring_tests.morning import NBAC, PHASE4_ALONE, Platform, run_check
from nba_monitoring_tests.orchestration.sensor import Sensor
from nba_monitoring_tests.orchestration.slack import Slack, refusal
from nba_monitoring_tests.platform_tables import nbac_row

PLANTED = "planted5f1c"
TOKEN, KEY = f"xoxb-{PLANTED}-token", f"{PLANTED}-key"
HOOK, NOTIFY, BEAT = f"/services/T0/B0/{PLANTED}-hook", f"/{PLANTED}-notify", f"/{PLANTED}-beat"
SECRETS = (
    "SLACK_BOT_TOKEN",
    "SLACK_WEBHOOK_URL",
    "NBA_MONITORING_NOTIFY_URLS",
    "NBA_MONITORING_HEARTBEAT_URL",
    "BALLDONTLIE_API_KEY",
)
NOWHERE = "http://127.0.0.1:9"  # the discard port: nothing listens there


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        is_ours = name.startswith(("NBA_MONITORING_", "SLACK_", "BALLDONTLIE_", "BIGQUERY_", "DAGSTER_"))
        if (is_ours and name != "NBA_MONITORING_EVIDENCE") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


class Files:
    """Secrets put into files, as a container gets them."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self._folder, self._patch = folder, patch

    def put(self, variable: str, content: str) -> Path:
        path = self._folder / variable.lower()
        path.write_text(content)
        self._patch.setenv(f"{variable}_FILE", str(path))
        return path


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Files:
    return Files(tmp_path, monkeypatch)


def refused() -> str:
    with pytest.raises(SettingsError) as caught:
        Settings.load()
    return str(caught.value)


def test_each_secret_may_stand_in_a_file(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NBA_MONITORING_WAREHOUSE", "duckdb:///data/nba.duckdb")
    monkeypatch.setenv("SLACK_CHANNEL", "#alerts")
    files.put("SLACK_BOT_TOKEN", f"{TOKEN}\n")
    files.put("SLACK_WEBHOOK_URL", f"https://hooks.slack.com{HOOK}\n")
    files.put("NBA_MONITORING_NOTIFY_URLS", "json://one.example.com/, json://two.example.com/\n")
    files.put("NBA_MONITORING_HEARTBEAT_URL", f"https://hc-ping.com{BEAT}")
    files.put("BALLDONTLIE_API_KEY", f"  {KEY}  ")
    settings = Settings.load()
    assert settings.slack_bot_token is not None
    assert settings.slack_bot_token.get_secret_value() == TOKEN
    assert settings.slack_webhook_url is not None
    assert settings.slack_webhook_url.get_secret_value() == f"https://hooks.slack.com{HOOK}"
    addresses = [address.get_secret_value() for address in settings.notify_urls]
    assert addresses == ["json://one.example.com/", "json://two.example.com/"]
    assert settings.heartbeat_url is not None
    assert settings.bdl_key is not None
    assert settings.bdl_key.get_secret_value() == KEY
    assert PLANTED not in f"{settings!r} {settings}"


@pytest.mark.parametrize("variable", SECRETS)
def test_a_secret_both_set_and_in_a_file_is_refused(
    variable: str, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.put(variable, PLANTED)
    monkeypatch.setenv(variable, f"https://example.com/{PLANTED}")
    said = refused()
    assert said == f"{variable}: both it and {variable}_FILE are set; keep one"


def test_a_blank_variable_beside_its_file_counts_as_unset(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    files.put("BALLDONTLIE_API_KEY", KEY)
    monkeypatch.setenv("BALLDONTLIE_API_KEY", "  ")
    assert Settings.load().bdl_key is not None
    monkeypatch.setenv("BALLDONTLIE_API_KEY_FILE", " ")
    assert Settings.load().bdl_key is None


@pytest.mark.parametrize("variable", SECRETS)
def test_a_file_that_can_t_be_read_is_named(variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{variable}_FILE", str(tmp_path / "none"))
    assert refused() == f"{variable}: {variable}_FILE: {tmp_path}/none can't be read: No such file or directory"
    monkeypatch.setenv(f"{variable}_FILE", str(tmp_path))
    assert refused() == f"{variable}: {variable}_FILE: {tmp_path} can't be read: Is a directory"


def test_an_empty_file_is_no_secret(files: Files) -> None:
    path = files.put("SLACK_WEBHOOK_URL", " \n")
    assert refused() == f"SLACK_WEBHOOK_URL: SLACK_WEBHOOK_URL_FILE: {path} is empty"


def test_a_file_that_is_no_text_is_named_and_not_quoted(files: Files) -> None:
    path = files.put("SLACK_WEBHOOK_URL", "")
    path.write_bytes(b"\xff\xfe" + PLANTED.encode())
    assert refused() == f"SLACK_WEBHOOK_URL: SLACK_WEBHOOK_URL_FILE: {path} is not UTF-8 text"


@pytest.mark.parametrize("variable", SECRETS)
def test_a_secret_put_where_its_file_s_name_belongs_is_not_shown(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"{variable}_FILE", f"https://example.com/{PLANTED}")
    said = refused()
    assert f"{variable}_FILE must be the absolute path" in said
    assert PLANTED not in said


def test_a_wrong_secret_in_a_file_is_told_as_one_in_its_variable(files: Files) -> None:
    files.put("SLACK_WEBHOOK_URL", PLANTED)
    assert refused() == "SLACK_WEBHOOK_URL: must be an http:// or https:// address"


@dataclass
class Trail:
    """All that the monitor leaves behind: events with their metadata, log, output, messages, tables, errors."""

    instance: dg.DagsterInstance
    platform: Platform
    server: LoopbackServer
    slack: Slack
    sensor: Sensor
    log: StringIO
    capture: pytest.CaptureFixture[str]
    said: list[str]

    def morning(self) -> None:
        """The scheduled run and the ticks after it, whatever they raise."""
        tags = {TRIGGER_TAG: "scheduled"}  # which the heartbeat waits for
        self._whatever(lambda: run_check(Settings.load(), self.instance, DAY, tags=tags))
        self._whatever(self.sensor.tick)
        self._whatever(self.sensor.tick)

    def command(self, *arguments: str) -> None:
        try:
            main(arguments)
        except SystemExit:
            self.said += self.capture.readouterr()

    def _whatever(self, work: Callable[[], object]) -> None:
        try:
            work()
        except Exception as error:
            self.said += traceback.format_exception(error)

    def text(self) -> str:
        for run in self.instance.get_runs():
            self.said += [str(run), *map(str, self.instance.all_logs(run.run_id))]
        self.said += [request.body.decode() for request in self.server.requests]
        tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'nba_monitoring'"
        if self.platform.path.exists():
            for (name,) in self.platform.rows(tables):
                self.said += map(str, self.platform.rows(f"SELECT * FROM nba_monitoring.{name}"))
        self.said += map(str, self.instance.daemon_cursor_storage.get_cursor_values({KEPT}).values())
        return "\n".join([*self.said, *self.capture.readouterr(), self.log.getvalue(), self.sensor.cursor or ""])


@pytest.fixture
def trail(
    tmp_path: Path,
    files: Files,
    instance: dg.DagsterInstance,
    root_log: StringIO,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Trail]:
    """Nine in the morning, every secret planted, half of them by file, and a game that Phase 4 does not cover."""
    with LoopbackServer() as server, time_machine.travel(datetime(2026, 1, 18, 9, tzinfo=PACIFIC)):
        slack = Slack(server)
        platform = Platform(tmp_path / "warehouse.duckdb")
        platform.play_around(DAY)
        platform.add(NBAC, [nbac_row(DAY, "ORL", "MEM")])
        monkeypatch.setenv("NBA_MONITORING_WAREHOUSE", f"duckdb://{platform.path}")
        monkeypatch.setenv("NBA_MONITORING_STAGES", str(PHASE4_ALONE))
        for name, value in slack.web_api.items():
            monkeypatch.setenv(name, value)
        monkeypatch.delenv("SLACK_BOT_TOKEN")
        files.put("SLACK_BOT_TOKEN", TOKEN)
        files.put("NBA_MONITORING_HEARTBEAT_URL", server.url + BEAT)
        monkeypatch.setenv("NBA_MONITORING_NOTIFY_URLS", f"json://{server.url.partition('//')[2]}{NOTIFY}")
        monkeypatch.setenv("BALLDONTLIE_API_KEY", KEY)
        monkeypatch.setenv("NBA_MONITORING_ESPN_URL", server.url)
        monkeypatch.setenv("NBA_MONITORING_BDL_URL", server.url)
        sensor = Sensor(instance)
        sensor.tick()
        yield Trail(instance, platform, server, slack, sensor, root_log, capsys, [])


def slack_answers_wrongly(trail: Trail, patch: pytest.MonkeyPatch) -> None:
    trail.slack.answers(Answer(f"<html>{'x' * 50}</html>".encode(), status=500))
    trail.morning()


def token_is_refused(trail: Trail, patch: pytest.MonkeyPatch) -> None:
    trail.slack.answers(refusal("invalid_auth"))
    trail.morning()
    trail.command("alert-test")


def webhook_is_gone(trail: Trail, patch: pytest.MonkeyPatch) -> None:
    patch.delenv("SLACK_BOT_TOKEN_FILE")
    patch.setenv("SLACK_WEBHOOK_URL", trail.server.url + HOOK)
    trail.server.answer(HOOK, Answer(b"no_service", status=404))
    trail.morning()
    trail.command("alert-test")


def slack_is_out_of_reach(trail: Trail, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("SLACK_API_URL", f"{NOWHERE}/api/")
    trail.morning()
    patch.delenv("SLACK_BOT_TOKEN_FILE")
    patch.setenv("SLACK_WEBHOOK_URL", NOWHERE + HOOK)
    trail.morning()
    trail.command("alert-test")


def second_channel_fails(trail: Trail, patch: pytest.MonkeyPatch) -> None:
    trail.server.answer(NOTIFY, Answer(b"", status=403))
    trail.morning()
    trail.command("alert-test")


def pagers_fail_for_long(trail: Trail, patch: pytest.MonkeyPatch) -> None:
    """Slack is told of each, and they have keys where an address has its host, its user and its options."""
    patch.setitem(pagerduty.PAGERDUTY_API_LOOKUP, "us", f"{trail.server.url}/pagerduty")
    patch.setitem(opsgenie.OPSGENIE_API_LOOKUP, "us", f"{trail.server.url}/opsgenie")
    there = trail.server.url.partition("//")[2]
    addresses = (
        f"pagerduty://{PLANTED}integration@{PLANTED}key",
        f"opsgenie://12345678-1234-1234-1234-{PLANTED}00",
        f"json://{PLANTED}-user:{PLANTED}-password@{there}{NOTIFY}?+X-Token={PLANTED}",
    )
    patch.setenv("NBA_MONITORING_NOTIFY_URLS", ",".join(addresses))
    for path in ("/pagerduty", "/opsgenie", NOTIFY):
        trail.server.answer(path, Answer(b"", status=401))
    trail.morning()
    for minute in (1, 15, 30):  # less than three hours before the game, so that it pages
        with time_machine.travel(datetime(2026, 1, 18, 15, minute, tzinfo=PACIFIC)):
            trail.sensor.tick()
    told = [message.text for message in trail.slack.accepted if "accepted no alerts" in message.text]
    assert len(told) == 3
    trail.server.answer("/pagerduty", Answer(drop=True))
    trail.server.answer("/opsgenie", Answer(b"", delay=0.1, status=500))
    with time_machine.travel(datetime(2026, 1, 18, 16, tzinfo=PACIFIC)):
        trail.sensor.tick()
    trail.command("health")
    # PagerDuty is sent its key in what it is asked.
    trail.server.requests[:] = [request for request in trail.server.requests if request.path != "/pagerduty"]


def heartbeat_fails(trail: Trail, patch: pytest.MonkeyPatch) -> None:
    trail.morning()
    assert trail.server.requests_to(BEAT)  # which nothing answers there
    patch.delenv("NBA_MONITORING_HEARTBEAT_URL_FILE")
    patch.setenv("NBA_MONITORING_HEARTBEAT_URL", NOWHERE + BEAT)
    trail.morning()


def run_fails(trail: Trail, patch: pytest.MonkeyPatch) -> None:
    trail.platform.rows("ALTER TABLE nba_precompute.player_composite_factors DROP COLUMN is_production_ready")
    trail.morning()


def schedule_services_are_out_of_reach(trail: Trail, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("NBA_MONITORING_ESPN_URL", NOWHERE)
    patch.setenv("NBA_MONITORING_BDL_URL", NOWHERE)
    trail.morning()
    trail.command("check")


def key_is_refused(trail: Trail, patch: pytest.MonkeyPatch) -> None:
    trail.server.answer("/v1/games", Answer(b"Unauthorized", status=401))
    trail.morning()
    trail.command("check")


def health_is_bad(trail: Trail, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("DAGSTER_HOME", str(trail.platform.path.parent))
    trail.command("health")
    trail.platform.path.unlink()
    trail.command("health")


def settings_are_wrong(trail: Trail, patch: pytest.MonkeyPatch) -> None:
    for name in SECRETS:
        patch.delenv(f"{name}_FILE", raising=False)
        patch.setenv(name, f"ftp://{PLANTED} ,{PLANTED}")
    patch.delenv("SLACK_CHANNEL")
    trail.command("check")
    trail.morning()


def warehouse_address_is_broken(trail: Trail, patch: pytest.MonkeyPatch) -> None:
    for address in (
        f"bigquery://user:{PLANTED}@project",
        f"duckdb://user:{PLANTED}@host/file",
        f"postgres://user:{PLANTED}@host/db?password={PLANTED}",
        f"//[{PLANTED}",
        f"duckdb:///no/such/file?{PLANTED}",
    ):
        patch.setenv("NBA_MONITORING_WAREHOUSE", address)
        trail.command("check")
        trail.command("health")


FAILURES = [
    slack_answers_wrongly,
    token_is_refused,
    webhook_is_gone,
    slack_is_out_of_reach,
    second_channel_fails,
    pagers_fail_for_long,
    heartbeat_fails,
    run_fails,
    schedule_services_are_out_of_reach,
    key_is_refused,
    health_is_bad,
    settings_are_wrong,
    warehouse_address_is_broken,
]


@pytest.mark.slow
@pytest.mark.parametrize("fails", FAILURES, ids=lambda failure: failure.__name__)
def test_no_secret_is_found_again_after_a_failure(
    trail: Trail, monkeypatch: pytest.MonkeyPatch, fails: Callable[[Trail, pytest.MonkeyPatch], None]
) -> None:
    fails(trail, monkeypatch)
    text = trail.text()
    assert len(text) > 100  # something was left behind
    lines = [line for line in text.splitlines() if PLANTED in line]
    assert lines == []


@pytest.mark.slow
def test_a_secret_in_a_run_s_error_would_be_found(trail: Trail) -> None:
    @dg.job
    def leaks() -> None:
        @dg.op
        def fails() -> None:
            raise ValueError(KEY)

        fails()

    leaks.execute_in_process(instance=trail.instance, raise_on_error=False)
    assert PLANTED in trail.text()
