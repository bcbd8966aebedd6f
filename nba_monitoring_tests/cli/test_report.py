"""The report on the command line."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
import time_machine

from nba_monitoring.core.eastern import morning_of
from nba_monitoring_tests.cli.conftest import Command
from nba_monitoring_tests.cli.outcome import run_process
from nba_monitoring_tests.days import DAY
from nba_monitoring_tests.morning import FACTORS, NBAC, Platform
from nba_monitoring_tests.platform_tables import factor_rows, nbac_row


@pytest.fixture
def season(platform: Platform, command: Command) -> Platform:
    """One game per day, of which Phase 4 lacks the last, checked in the morning."""
    days = [DAY - timedelta(days=back) for back in range(12)]
    platform.add(NBAC, [nbac_row(day, "ORL", "MEM") for day in [DAY + timedelta(days=1), *days]])
    for day in days[1:]:
        platform.add(FACTORS, factor_rows(day, f"{day:%Y%m%d}_ORL_MEM", 16))
    with time_machine.travel(morning_of(DAY)):
        assert command("check", "--from", days[-1], "--to", DAY).status == 1
    return platform


@pytest.mark.slow
def test_a_page_is_written_and_reported_in_a_line(season: Platform, command: Command, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    done = command("report", "--season", "2025-26", "--out", path)
    assert (done.status, done.err) == (0, "")
    assert done.out == (
        f"{path}: 2025-26: 12 dates checked, 1 stage, 1 open gap (1 stage-date), no incidents, no messages\n"
    )
    text = path.read_text()
    assert '<td class="MISSING_DATA"><a href="#2026-01-18-phase4"' in text
    assert '<tr id="2026-01-17"><th scope="row">Sat 17</th><td class="AVAILABLE">✓</td></tr>' in text
    assert '<td data-label="Stage">Phase 4</td><td data-label="Earliest">5:00 AM ET</td>' in text


@pytest.mark.slow
def test_an_open_gap_of_rows_that_match_no_game_has_its_true_reason(
    platform: Platform, command: Command, tmp_path: Path
) -> None:
    platform.schedule(DAY, "ORL@MEM", "BKN@CHI")
    platform.add(FACTORS, factor_rows(DAY, "0022599998", 200) + factor_rows(DAY, "0022599999", 232))
    with time_machine.travel(morning_of(DAY)):
        checked = command("check", "--date", DAY, "--stages")
    path = tmp_path / "report.html"
    command("report", "--season", "2025-26", "--out", path)
    text = path.read_text()
    assert '<td class="why" data-label="Reason">432 rows under ids that match no expected game</td>' in text
    assert '<td class="number date" data-label="Ready">0 of 2</td>' in text
    assert "SUSPECT_JOIN" in checked.out
    assert "no rows" not in text + checked.out


@pytest.mark.slow
def test_without_a_season_it_is_today_s(season: Platform, command: Command, tmp_path: Path) -> None:
    with time_machine.travel(morning_of(DAY) + timedelta(minutes=5)):
        assert ": 2025-26: 12 dates" in command("report", "--out", tmp_path / "report.html").out
    with time_machine.travel(morning_of(date(2026, 11, 25))):
        done = command("report", "--out", tmp_path / "report.html")
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("nba-monitoring: the history has no checks for season 2026-27 (2026-10-21 to ")
    assert done.err.count("\n") == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--out", "x.html", "--season", "2025"], "'2025' is not a season; write 2025-26"),
        (["--out", "x.html", "--season", "1999-00"], "no opener is known for season 1999-00"),
        (["--season", "2025-26"], "Missing option '--out'"),
    ],
)
def test_an_impossible_request_gets_an_error(
    season: Platform, command: Command, arguments: list[str], complaint: str
) -> None:
    done = command("report", *arguments)
    assert (done.status, done.out) == (2, "")
    assert complaint in done.err


@pytest.mark.slow
def test_a_path_that_cant_be_written_is_one_error(season: Platform, command: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    for path, complaint in (
        (tmp_path / "file" / "report.html", "can't be written (File exists); choose a file in a folder"),
        (tmp_path, "is a folder; choose a file, such as"),
        (tmp_path / "file", "exists and is not a report; choose another file"),
        (season.path, "exists and is not a report; choose another file"),
    ):
        done = command("report", "--season", "2025-26", "--out", path)
        assert (done.status, done.out) == (2, "")
        assert complaint in done.err
        assert done.err.count("\n") == 1
    assert (tmp_path / "file").read_text() == "no folder"


@pytest.mark.slow
def test_an_unreadable_row_is_reported(season: Platform, command: Command, tmp_path: Path) -> None:
    season.rows(f"UPDATE nba_monitoring.data_availability_checks SET status = 'FINE' WHERE check_date = '{DAY}'")
    done = command("report", "--season", "2025-26", "--out", tmp_path / "report.html")
    assert (done.status, ": 2025-26: 11 dates" in done.out) == (0, True)
    assert "can't read the row with check_id" in done.err
    assert "; skipped" in done.err


@pytest.mark.slow
def test_another_command_loads_none_of_the_report_s_libraries(
    platform: Platform, held_open: duckdb.DuckDBPyConnection
) -> None:
    held_open.close()
    script = (
        "import atexit, sys; from nba_monitoring.cli.main import main; "
        "heavy = {'dagster', 'pandas', 'jinja2'}; "
        "atexit.register(lambda: print(sorted({name.split('.')[0] for name in sys.modules} & heavy))); "
        "main(['history'])"
    )
    done = run_process(sys.executable, "-c", script)
    assert (done.status, done.out.splitlines()[-1]) == (0, "[]")
