"""What a person sees in a terminal and a program does not."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any

import duckdb
import pytest

from nba_monitoring.core.record import Mute
from nba_monitoring.warehouse import open_warehouse
from nba_monitoring_tests.cli.outcome import NBA_MONITORING
from nba_monitoring_tests.cli.stages import make_stage_tables
from nba_monitoring_tests.cli.test_incidents import FOUND
from nba_monitoring_tests.loopback import LoopbackServer
from nba_monitoring_tests.morning import NBAC, Platform
from nba_monitoring_tests.orchestration.slack import HOOK, Slack
from nba_monitoring_tests.platform_tables import nbac_row
from nba_monitoring_tests.stages import STAGES

pytestmark = pytest.mark.slow

RANGE = ["check", "--from", "2026-01-17", "--to", "2026-01-19"]
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
MUTED = date(2090, 1, 18)
MATCHUPS = "ORL@MEM BKN@CHI CHA@DEN NOP@HOU POR@SAC TOR@LAL ATL@BOS CLE@DET GSW@MIN DAL@MIA".split()


@pytest.fixture
def platform(platform: Platform, held_open: duckdb.DuckDBPyConnection) -> Platform:
    """Ten games on a date, none of them covered."""
    day = date(2026, 1, 18)
    platform.play_around(day)
    platform.add(NBAC, [nbac_row(day, *matchup.split("@")) for matchup in MATCHUPS])
    held_open.close()
    return platform


def in_a_terminal(arguments: list[str], stream: str, columns: int = 80, **environment: str) -> tuple[str, str]:
    """Run with one stream on a terminal; what that one got, and what the other did."""
    terminal, end = pty.openpty()
    fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", 25, columns, 0, 0))
    inherited = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR", "CI")}
    other = "stdout" if stream == "stderr" else "stderr"
    streams: dict[str, Any] = {stream: end, other: subprocess.PIPE}
    with subprocess.Popen(
        [NBA_MONITORING, *arguments], env={**inherited, "TERM": "xterm-256color", **environment}, **streams
    ) as process:
        os.close(end)
        shown = b""
        try:
            while piece := os.read(terminal, 4096):
                shown += piece
        except OSError:  # Linux's message that the other end is closed
            pass
        os.close(terminal)
        rest = getattr(process, other).read()
    return shown.decode(), rest.decode()


def test_a_range_shows_a_progress_bar_where_standard_error_is_a_terminal(platform: Platform) -> None:
    shown, printed = in_a_terminal([*RANGE, "--json"], "stderr")
    assert "Checking" in shown
    assert "100%" in shown
    assert printed.count("\n") == 3
    assert "Checking" not in printed


def test_a_single_date_shows_no_progress_bar(platform: Platform) -> None:
    shown, _ = in_a_terminal(["check", "--date", "2026-01-18"], "stderr")
    assert "%" not in shown


def test_a_command_that_takes_long_says_that_it_is_at_work_and_then_takes_the_line_away(
    platform: Platform,
) -> None:
    with LoopbackServer() as server:
        slack = Slack(server)
        server.answer(HOOK, lambda request: replace(slack.take_by_hook(request), delay=3))
        shown, printed = in_a_terminal(["alert-test"], "stderr", 80, **slack.webhook)
        assert "Sending ..." in shown
        assert shown.endswith("\r\x1b[K")
        assert "Slack" in printed


def test_standard_error_is_silent_without_a_terminal(platform: Platform) -> None:
    _, error = in_a_terminal(RANGE, "stdout")
    assert error == ""


def test_a_terminal_of_80_columns_shows_every_game_whole(platform: Platform) -> None:
    for command in (RANGE, ["check", "--date", "2026-01-18"], ["history"]):
        shown, _ = in_a_terminal(command, "stdout")
        lines = COLOUR.sub("", shown).splitlines()
        assert max(map(len, lines)) <= 80
        assert "…" not in shown
        assert set(MATCHUPS) <= set(re.findall(r"[A-Z]{3}@[A-Z]{3}", shown))


def test_colors_are_for_terminals_that_want_them(platform: Platform) -> None:
    coloured, _ = in_a_terminal(RANGE, "stdout")
    plain, _ = in_a_terminal(RANGE, "stdout", NO_COLOR="1")
    assert "\x1b[33mMISSING_DATA (WARN)\x1b[0m" in coloured
    assert "\x1b[33m" not in plain
    assert "MISSING_DATA (WARN)" in plain


NOW = "2026-01-18T18:30-05:00"
# What each command shows at any width: its keys and its state.
SHOWN = {
    ("check", "--now", NOW): ("2026-01-18", "MISSING_DATA"),
    ("check", "--stages", "--now", NOW): (*(stage.name for stage in STAGES), "MISSING_DATA"),
    ("history",): ("2026-01-18", "MISSING_DATA", "18:30"),
    ("history", "--stages"): (*(stage.name for stage in STAGES), "MISSING_DATA"),
    ("status", "--now", NOW): (*(stage.name for stage in STAGES), "no", "rows"),
    ("incidents",): ("nba-2026-01-18", "open,", "acknowledged", "phase4", "MISSING_DATA", "(ERROR)"),
    ("stages",): (*(stage.name for stage in STAGES), "10:45", "07:00"),
    ("health",): ("warehouse", "checks", "heartbeat", "holds"),
    ("mutes",): (str(MUTED), "rebuilt"),
}


@pytest.mark.parametrize("columns", [60, *(pytest.param(wide, marks=pytest.mark.thorough) for wide in (80, 120))])
def test_every_command_keeps_its_keys_and_its_state_at_any_width(platform: Platform, columns: int) -> None:
    make_stage_tables(platform)
    with open_warehouse(platform.settings.warehouse) as warehouse:
        warehouse.put_incidents([FOUND.acknowledged("Ann", "the catch-up run is under way", FOUND.found_at)])
        warehouse.append_mutes(
            [Mute(MUTED, FOUND.found_at, None, "Phase 4 is being rebuilt from the ground up", "Ann")]
        )
    for arguments, shown in SHOWN.items():
        printed, error = in_a_terminal(list(arguments), "stdout", columns)
        lines = COLOUR.sub("", printed).splitlines()
        # The command to paste is in one piece, and lines of text are for the terminal to break.
        tabled = [line for line in lines if not line.startswith(("gcloud", "Muted"))]
        assert max(map(len, tabled)) <= columns, arguments
        assert "…" not in printed
        words = re.split(r"[\s:]+", " ".join(lines)) + " ".join(lines).split()
        assert set(shown) <= set(words), arguments
        assert error == ""


def test_a_narrow_terminal_loses_the_least_important_columns_first(platform: Platform) -> None:
    make_stage_tables(platform)

    def headings(columns: int) -> str:
        shown, _ = in_a_terminal(["status", "--now", NOW], "stdout", columns)
        return next(line for line in COLOUR.sub("", shown).splitlines() if line.startswith("Stage"))

    assert headings(120).split()[:2] == headings(60).split()[:2] == ["Stage", "State"]
    assert "Written (ET)" in headings(120)
    assert "Written (ET)" not in headings(80)
    assert "Expected" in headings(80)
    assert "Expected" not in headings(60)


def test_ctrl_c_ends_with_130_and_no_traceback(platform: Platform) -> None:
    terminal, end = pty.openpty()
    years = ["replay", "--from", "2016-01-01", "--to", "2026-01-19"]
    with subprocess.Popen([NBA_MONITORING, *years], stdout=subprocess.PIPE, stderr=end) as process:
        os.close(end)
        shown = b""
        while b"Checking" not in shown:
            shown += os.read(terminal, 4096)
        process.send_signal(signal.SIGINT)
        with suppress(OSError):  # the other end is closed
            while piece := os.read(terminal, 4096):
                shown += piece
    os.close(terminal)
    assert process.returncode == 130
    assert shown.decode().strip().endswith("nba-monitoring: interrupted")
    assert b"Traceback" not in shown
