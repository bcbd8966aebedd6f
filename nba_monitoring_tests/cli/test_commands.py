"""The other commands, help, and how the program starts."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from nba_monitoring.cli.main import COMMANDS, LazyCommand
from nba_monitoring_tests.cli.conftest import Command
from nba_monitoring_tests.cli.outcome import run_process
from nba_monitoring_tests.cli.stages import make_stage_tables
from nba_monitoring_tests.loopback import Answer, LoopbackServer
from nba_monitoring_tests.morning import Platform

HOOK = "/services/T0/B0/hook-secret"
TOKEN = "xoxb-token-secret"


@pytest.fixture
def slack() -> Iterator[LoopbackServer]:
    with LoopbackServer() as server:
        yield server


@pytest.mark.slow
def test_sample_writes_a_warehouse_that_check_understands(
    tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "made" / "sample.duckdb"
    written = command("sample", path)
    assert written.status == 0
    assert str(path) in written.out
    assert "1,344 listed games" in written.out
    monkeypatch.setenv("NBA_MONITORING_WAREHOUSE", f"duckdb://{path}")
    morning = command("check", "--date", "2026-01-18", "--as-of", "2026-01-18T08:00-08:00", "--json")
    (record,) = morning.records
    assert (morning.status, record["scheduled_games"], record["phase4_ready"]) == (1, 6, 0)
    assert command("check", "--date", "2026-01-18", "--as-of", "2026-01-18T15:30-08:00").status == 0


def test_sample_leaves_an_existing_file_alone(platform: Platform, command: Command) -> None:
    before = platform.path.read_bytes()
    done = command("sample", platform.path)
    assert (done.status, done.out) == (2, "")
    assert "already exists; choose another path, or delete it first" in done.err
    assert platform.path.read_bytes() == before


def test_alert_test_sends_through_a_webhook(
    platform: Platform, slack: LoopbackServer, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    slack.answer(HOOK, Answer(b"ok"))
    monkeypatch.setenv("SLACK_WEBHOOK_URL", slack.url + HOOK)
    done = command("alert-test")
    assert done.out == "Slack accepted a test message, sent through SLACK_WEBHOOK_URL.\n"
    (request,) = slack.requests
    assert "test" in request.json["text"].lower()


def test_alert_test_sends_with_a_bot_s_token(
    platform: Platform, slack: LoopbackServer, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    slack.answer("/api/chat.postMessage", Answer.json({"ok": True, "ts": "1.2", "channel": "C0"}))
    for name, value in (("BOT_TOKEN", TOKEN), ("CHANNEL", "#nba"), ("API_URL", f"{slack.url}/api/")):
        monkeypatch.setenv(f"SLACK_{name}", value)
    done = command("alert-test")
    assert done.out.startswith("Slack accepted a test message for #nba, sent with SLACK_BOT_TOKEN.\n")
    (request,) = slack.requests_to("/api/chat.postMessage")
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"


def test_alert_test_prints_why_slack_rejected_it_and_keeps_the_secret(
    platform: Platform, slack: LoopbackServer, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    slack.answer(HOOK, Answer(b"no_service", status=404))
    monkeypatch.setenv("SLACK_WEBHOOK_URL", slack.url + HOOK)
    done = command("alert-test")
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("nba-monitoring: SLACK_WEBHOOK_URL: this webhook was removed or turned off")
    assert "secret" not in done.err


@pytest.mark.parametrize("listed", COMMANDS, ids=lambda listed: listed.name)
def test_each_command_explains_itself_as_the_list_of_commands_does(command: Command, listed: LazyCommand) -> None:
    done = command(listed.name, "--help")
    assert (done.status, done.err) == (0, "")
    assert done.out.split("\n\n")[1].strip() == f"{listed.short_help}."
    assert max(map(len, done.out.splitlines())) <= 80


def test_no_line_of_the_list_of_commands_is_cut_off_at_80_columns(command: Command) -> None:
    shown = command("--help").out
    for listed in COMMANDS:
        assert len(listed.short_help or "") <= 50
        assert re.search(rf"^  {listed.name} +{listed.short_help}$", shown, re.MULTILINE)
    assert max(map(len, shown.splitlines())) <= 80


SKILL = (Path(__file__).parents[2] / "SKILL.md").read_text()


@pytest.mark.slow
def test_the_read_only_commands_of_skill_md_run_and_write_nothing(platform: Platform, command: Command) -> None:
    make_stage_tables(platform)
    to_run = [shown.split()[1:] for shown in re.findall(r"\| `(nba-monitoring .*?)` \|", SKILL)]
    assert len(to_run) == 8
    for arguments in to_run:
        given = {"D": "2026-01-18", "TREE": str(Path(__file__).parents[2] / "deploy")}
        done = command(*(given.get(part, part) for part in arguments))
        assert done.status in (0, 1), done.err
        assert arguments[-1] == "--json"
        assert bool(done.records) is (arguments[0] in ("status", "health", "replay", "stages", "images"))
    assert platform.rows("SELECT 1 FROM information_schema.schemata WHERE schema_name = 'nba_monitoring'") == []


def test_the_list_of_commands_imports_none_of_them() -> None:
    script = (
        "import atexit, sys; from nba_monitoring.cli.main import main; "
        "atexit.register(lambda: print('pydantic' in sys.modules, 'nba_monitoring.cli.check' in sys.modules)); "
        "main(['--help'])"
    )
    done = run_process(sys.executable, "-c", script)
    assert (done.status, done.err) == (0, "")
    assert done.out.splitlines()[-1] == "False False"


def test_a_mistyped_command_gets_the_nearest_as_a_suggestion(command: Command) -> None:
    done = command("chek")
    assert done.status == 2
    assert "No such command 'chek'. Did you mean 'check'?" in done.err


def test_the_help_explains_the_exit_status_and_what_as_of_cannot_see(command: Command) -> None:
    shown = " ".join(command("check", "--help").out.split())
    assert "2 could not check; a message on standard error says why" in shown
    assert "Where a table loses the first write times, the result is a lower bound" in shown


@pytest.mark.slow
def test_a_check_imports_neither_dagster_nor_pandas(platform: Platform, held_open: duckdb.DuckDBPyConnection) -> None:
    held_open.close()
    script = (
        "import atexit, sys; from nba_monitoring.cli.main import main; "
        "heavy = {'dagster', 'pandas', 'google', 'requests'}; "
        "atexit.register(lambda: print(sorted({name.split('.')[0] for name in sys.modules} & heavy))); "
        "main(['check', '--date', '2026-01-18'])"
    )
    done = run_process(sys.executable, "-c", script)
    assert (done.status, done.err) == (1, "")
    assert done.out.splitlines()[-1] == "[]"


@pytest.mark.slow
def test_a_machine_without_time_zone_data_can_t_check(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONTZPATH", "")
    script = "import sys; sys.modules['tzdata'] = None; from nba_monitoring.cli.main import main; main(['check'])"
    done = run_process(sys.executable, "-c", script)
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("nba-monitoring: no time-zone data for America/New_York on this machine")
    assert "pip install tzdata" in done.err


def test_a_defect_is_not_a_failed_check(platform: Platform, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def defective(*_: object) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(duckdb, "connect", defective)
    done = command("check")
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("nba-monitoring: internal error; please report it: ZeroDivisionError: by zero (")
    assert done.err.count("\n") == 1
