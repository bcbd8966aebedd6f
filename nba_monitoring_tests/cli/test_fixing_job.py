"""`check` asks Cloud Scheduler what the job did that fills the first broken stage, if that is set."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import duckdb
import pytest
import time_machine

from nba_monitoring.core.record import Mute
from nba_monitoring.warehouse import open_warehouse
from nba_monitoring_tests.cli.conftest import Command
from nba_monitoring_tests.cli.outcome import run_process
from nba_monitoring_tests.cloud_scheduler import DEADLINE_EXCEEDED, JOB, Scheduler
from nba_monitoring_tests.days import DAY, EVE, eastern
from nba_monitoring_tests.loopback import Answer, LoopbackServer
from nba_monitoring_tests.morning import FACTORS, NBAC, Platform
from nba_monitoring_tests.platform_tables import factor_rows, nbac_row

FAILED = f"{JOB} last ran 7:00 AM ET and failed (DEADLINE_EXCEEDED)"
MATCHUPS = ("BKN@CHI", "ORL@MEM", "NOP@HOU", "CHA@DEN", "TOR@LAL", "POR@SAC")


@pytest.fixture
def platform(platform: Platform) -> Platform:
    """The six games of the day on which Phase 4's job timed out; nothing else is loaded."""
    platform.play_around(DAY)
    platform.add(NBAC, [nbac_row(DAY, *matchup.split("@")) for matchup in MATCHUPS])
    return platform


@pytest.fixture
def scheduler(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scheduler]:
    with LoopbackServer() as server:
        found = Scheduler(server)
        for name, value in found.environment.items():
            monkeypatch.setenv(name, value)
        found.has(ran_at=eastern(7), code=DEADLINE_EXCEEDED)
        yield found


@pytest.fixture
def in_the_morning() -> Iterator[None]:
    with time_machine.travel(eastern(11), tick=False):
        yield


pytestmark = pytest.mark.usefixtures("in_the_morning")


@pytest.mark.parametrize("options", [(), ("--stages",)])
def test_a_failing_check_says_what_the_job_did(
    platform: Platform, scheduler: Scheduler, command: Command, options: tuple[str, ...]
) -> None:
    done = command("check", *options)
    assert done.status == 1
    assert FAILED in done.out
    assert scheduler.asked == [JOB]


def test_the_record_has_what_was_seen_of_the_job(platform: Platform, scheduler: Scheduler, command: Command) -> None:
    command("check")
    (row,) = command("history", "--stages", "--json").records
    seen = row["detail"]["job"]
    assert (seen["job"], seen["state"], seen["failure"]) == (JOB, "ENABLED", "DEADLINE_EXCEEDED")
    assert seen["ran_at"].startswith("2026-01-18T12:00:00")


def test_the_report_has_it_with_the_open_gap(
    platform: Platform, scheduler: Scheduler, command: Command, tmp_path_factory: pytest.TempPathFactory
) -> None:
    command("check")
    page = tmp_path_factory.mktemp("report") / "season.html"
    assert command("report", "--out", page).status == 0
    assert f"NOP@HOU, ORL@MEM, POR@SAC, TOR@LAL; {FAILED}" in page.read_text()


def test_a_hanging_scheduler_delays_a_verdict_by_5_seconds_at_most_and_changes_nothing(
    platform: Platform, scheduler: Scheduler, command: Command
) -> None:
    scheduler.answers(Answer(delay=30))
    started = time.monotonic()
    (row,) = command("check", "--json").records
    assert time.monotonic() - started < 15
    assert (row["status"], row["phase4_ready"], row["scheduled_games"]) == ("MISSING_DATA", 0, 6)
    problem = row["detail"]["stages"]["phase4"]["detail"]["job"]["problem"]
    assert problem == "the job could not be read (Cloud Scheduler did not answer within 5 s)"


def test_a_passing_date_asks_nothing(platform: Platform, scheduler: Scheduler, command: Command) -> None:
    for matchup in MATCHUPS:
        platform.add(FACTORS, factor_rows(DAY, f"20260118_{matchup.replace('@', '_')}", 24))
    assert command("check").status == 0
    assert scheduler.asked == []


def test_a_date_that_is_over_asks_nothing(platform: Platform, scheduler: Scheduler, command: Command) -> None:
    assert command("check", "--date", EVE).status == 1
    assert scheduler.asked == []


def test_a_moved_clock_asks_nothing(platform: Platform, scheduler: Scheduler, command: Command) -> None:
    assert command("check", "--date", DAY, "--as-of", "2026-01-18T11:00-05:00").status == 1
    assert scheduler.asked == []


def test_a_muted_date_asks_nothing(platform: Platform, scheduler: Scheduler, command: Command) -> None:
    now = datetime.now(UTC)
    with open_warehouse(platform.settings.warehouse) as warehouse:
        warehouse.append_mutes([Mute(DAY, now, None, "rebuilt", "Ann")])
    assert command("check").status == 1
    assert scheduler.asked == []


@pytest.mark.slow
def test_without_the_setting_a_check_never_imports_googles_apis(
    platform: Platform, held_open: duckdb.DuckDBPyConnection
) -> None:
    held_open.close()
    script = (
        "import atexit, sys; from nba_monitoring.cli.main import main; "
        "atexit.register(lambda: print([name for name in sys.modules if 'google' in name])); "
        f"main(['check', '--date', '{DAY}'])"
    )
    done = run_process(sys.executable, "-c", script)
    assert (done.status, done.err) == (1, "")
    assert done.out.splitlines()[-1] == "[]"
