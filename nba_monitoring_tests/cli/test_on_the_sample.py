"""The commands without a warehouse: whatever they show is the sample's, and says so."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine

from nba_monitoring import settings
from nba_monitoring.core.words import SAMPLE_DATA
from nba_monitoring.sample import write_sample
from nba_monitoring_tests.cli.conftest import Command
from nba_monitoring_tests.morning import Platform
from nba_monitoring_tests.sample.conftest import NOW

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("sample on the command line")]

DAY = "2026-01-18"
SPAN = ("--from", DAY, "--to", DAY)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample") / "sample.duckdb"
    write_sample(path, NOW)
    return path


@pytest.fixture(autouse=True)
def _today_on_the_sample(sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    folder = tmp_path / ".local"
    folder.mkdir()
    shutil.copy(sample, folder)
    monkeypatch.setattr(settings, "local_folder", lambda: folder)
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    with time_machine.travel(NOW):
        yield


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "--date", DAY),
        ("history", *SPAN),
        ("status", "--as-of", "2026-01-18T11:00-05:00"),
        ("incidents",),
        ("mute", "--date", "2026-11-26", "--reason", "a try"),
        ("unmute", "--date", "2026-11-26"),
        ("replay", *SPAN),
        ("init",),
    ],
    ids=lambda arguments: str(arguments[0]),
)
def test_the_first_line_of_a_command_says_so(command: Command, arguments: tuple[str, ...]) -> None:
    assert command(*arguments).out.splitlines()[0] == SAMPLE_DATA


@pytest.mark.parametrize(
    "arguments",
    [("check", "--date", DAY), ("history", *SPAN), ("status",), ("incidents",), ("replay", *SPAN)],
    ids=lambda arguments: str(arguments[0]),
)
def test_json_is_as_ever_and_standard_error_says_so(command: Command, arguments: tuple[str, ...]) -> None:
    done = command(*arguments, "--json")
    assert done.err.splitlines()[0] == SAMPLE_DATA
    assert all(isinstance(line, dict) for line in done.records)


def test_the_report_says_so_first(command: Command, tmp_path: Path) -> None:
    command("check", "--date", DAY)
    path = tmp_path / "report.html"
    done = command("report", "--season", "2025-26", "--out", path)
    assert done.out.splitlines()[0] == SAMPLE_DATA
    body = path.read_text().partition("<body>")[2]
    assert SAMPLE_DATA.replace("'", "&#39;") in body.partition("<h2")[0]


def test_it_is_never_healthy(command: Command) -> None:
    command("check")
    done = command("health")
    assert (done.status, done.err) == (1, "")
    assert done.out.splitlines()[0] == SAMPLE_DATA
    assert done.out.splitlines()[-1] == "broken: warehouse"
    done = command("health", "--json")
    assert (done.status, done.err) == (1, f"{SAMPLE_DATA}\n")


def test_a_warehouse_of_one_s_own_is_no_sample(platform: Platform, command: Command) -> None:
    platform.schedule(NOW.date(), "ORL@MEM")
    done = command("check")
    assert "ORL@MEM" in done.out
    assert "ample" not in done.out + done.err
    assert command("health").out.splitlines()[-1] == "healthy"


@pytest.mark.parametrize("drill", [(), ("--drill",)], ids=["a message", "a drill"])
def test_an_alert_test_without_a_channel_fails_and_names_what_to_set(command: Command, drill: tuple[str, ...]) -> None:
    done = command("alert-test", *drill)
    assert (done.status, done.out) == (2, "")
    assert "SLACK_BOT_TOKEN with SLACK_CHANNEL, or SLACK_WEBHOOK_URL" in done.err


def test_what_is_late_today_recovers_once_the_sample_is_advanced(command: Command) -> None:
    late = command("check")
    assert late.status == 1
    assert "MISSING_DATA" in late.out
    assert "Today's stages are up to date." in command("sample", "--advance").out
    recovered = command("check")
    assert recovered.status == 0
    assert "AVAILABLE" in recovered.out
    assert command("sample", "--advance").out == "Nothing was late.\n"


def test_it_has_incidents_that_were_acknowledged_and_recovered(command: Command) -> None:
    past = command("incidents").out
    assert "recovered" in past
    assert "too late" in past
    assert "nba-2026-11-17" in past
