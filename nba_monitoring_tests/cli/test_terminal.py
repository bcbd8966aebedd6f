"""What a person sees in a terminal and a program does not."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
from datetime import date
from typing import Any

import duckdb
import pytest

from nba_monitoring_tests.cli.outcome import NBA_MONITORING
from nba_monitoring_tests.cli.stages import make_stage_tables
from nba_monitoring_tests.morning import NBAC, Platform
from nba_monitoring_tests.platform_tables import nbac_row
from nba_monitoring_tests.stages import STAGES

pytestmark = pytest.mark.slow

RANGE = ["check", "--from", "2026-01-17", "--to", "2026-01-19"]
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
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
    assert shown == ""


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


def test_stages_and_status_fit_a_terminal_of_80_columns(platform: Platform) -> None:
    make_stage_tables(platform)
    for arguments in (
        ["check", "--date", "2026-01-18", "--stages"],
        ["history", "--stages"],
        ["status", "--now", "2026-01-18T18:30-05:00"],
    ):
        shown, error = in_a_terminal(arguments, "stdout")
        lines = COLOUR.sub("", shown).splitlines()
        assert max(map(len, lines)) <= 80
        assert "…" not in shown
        assert {stage.name for stage in STAGES} <= set(" ".join(lines).split())
        assert error == ""
