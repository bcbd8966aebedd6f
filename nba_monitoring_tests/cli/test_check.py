"""`nba-monitoring check` and `history`: verdicts, exit status, what is printed and what is kept."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import duckdb
import pytest
import time_machine

from nba_monitoring.core.eastern import PACIFIC
from nba_monitoring_tests.cli.conftest import Command
from nba_monitoring_tests.cli.outcome import NBA_MONITORING, run_process
from nba_monitoring_tests.morning import FACTORS, NBAC, Platform
from nba_monitoring_tests.platform_tables import factor_rows, nbac_row

DAY = date(2026, 1, 18)
MORNING, AFTERNOON = "2026-01-18T08:00-08:00", "2026-01-18T15:30-08:00"
ORL_MEM, BKN_CHI = "20260118_ORL_MEM", "20260118_BKN_CHI"

COLUMNS = (
    "check_date check_time scheduled_games phase4_ready status severity check_id run_id trigger missing_games "
    "partial_games excluded_games first_tip_at detail"
).split()


@pytest.fixture
def platform(platform: Platform) -> Platform:
    """Two games on the date, one of them with rows of the morning, all with rows of the afternoon."""
    platform.play_around(DAY)
    platform.add(NBAC, [nbac_row(DAY, "ORL", "MEM"), nbac_row(DAY, "BKN", "CHI")])
    platform.add(FACTORS, factor_rows(DAY, ORL_MEM, 8, processed_at=datetime(2026, 1, 18, 15, tzinfo=UTC)))
    for game_id, rows in ((ORL_MEM, 16), (BKN_CHI, 24)):
        platform.add(FACTORS, factor_rows(DAY, game_id, rows, processed_at=datetime(2026, 1, 18, 21, tzinfo=UTC)))
    return platform


def history(platform: Platform, columns: str = "*") -> list[tuple[object, ...]]:
    return platform.rows(f"SELECT {columns} FROM nba_monitoring.data_availability_checks ORDER BY check_time")


def test_the_exit_status_is_0_when_every_date_passes(platform: Platform, command: Command) -> None:
    done = command("check", "--date", DAY)
    assert (done.status, done.err) == (0, "")


def test_the_exit_status_is_1_when_one_date_of_a_range_fails(platform: Platform, command: Command) -> None:
    assert command("check", "--from", "2026-01-17", "--to", "2026-01-18", "--json").status == 1
    platform.add(FACTORS, factor_rows(date(2026, 1, 17), "20260117_UTA_WAS", 12))
    assert command("check", "--from", "2026-01-17", "--to", "2026-01-18").status == 0


def test_as_of_a_past_morning_hides_the_rows_that_came_later(platform: Platform, command: Command) -> None:
    done = command("check", "--date", DAY, "--as-of", MORNING, "--json")
    (record,) = done.records
    assert done.status == 1
    assert (record["status"], record["severity"]) == ("MISSING_DATA", "WARN")
    assert (record["missing_games"], record["partial_games"]) == ([BKN_CHI], [ORL_MEM])
    assert record["detail"]["phase"] == {"rows": 8, "written_at": "2026-01-18T15:00:00+00:00"}
    assert command("check", "--date", DAY, "--as-of", AFTERNOON).status == 0


def test_now_moves_the_clock_and_hides_nothing(platform: Platform, command: Command) -> None:
    done = command("check", "--date", DAY, "--now", MORNING, "--json")
    (record,) = done.records
    assert (done.status, record["status"]) == (0, "AVAILABLE")
    assert record["check_time"] == "2026-01-18T16:00:00+00:00"


@pytest.mark.parametrize(
    ("now", "today"),
    [
        ("2026-01-18T20:59-08:00", "2026-01-18"),
        ("2026-01-18T21:00-08:00", "2026-01-19"),  # midnight Eastern
        ("2026-01-19T04:59Z", "2026-01-18"),
        ("2026-03-08T08:00-07:00", "2026-03-08"),  # clocks have gone forward that night
    ],
)
def test_without_a_date_it_is_the_eastern_date_of_the_clock(
    platform: Platform, command: Command, now: str, today: str
) -> None:
    (record,) = command("check", "--now", now, "--json").records
    assert record["check_date"] == today


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "UTC", "Pacific/Honolulu"])
def test_today_does_not_depend_on_the_machine_s_time_zone(platform: Platform, command: Command, zone: str) -> None:
    evening = datetime(2026, 1, 18, 20, 30, tzinfo=PACIFIC)  # 11:30 PM Eastern, the 19th in UTC and in Tokyo
    with time_machine.travel(evening.astimezone(ZoneInfo(zone))):  # which sets the machine's zone, too
        (record,) = command("check", "--json").records
    assert record["check_date"] == "2026-01-18"
    assert record["check_time"].startswith("2026-01-19T04:30:")


def test_json_is_one_object_a_line_with_the_history_s_columns_in_order(platform: Platform, command: Command) -> None:
    done = command("check", "--from", "2026-01-16", "--to", "2026-01-20", "--json")
    assert [record["check_date"] for record in done.records] == [f"2026-01-{day}" for day in range(16, 21)]
    assert all(list(record) == COLUMNS for record in done.records)
    described = platform.rows("DESCRIBE nba_monitoring.data_availability_checks")
    assert [column[0] for column in described] == COLUMNS
    assert [column[1] for column in described][:5] == ["DATE", "TIMESTAMP", "BIGINT", "BIGINT", "VARCHAR"]


def test_a_process_prints_for_machines_what_it_keeps(platform: Platform, held_open: duckdb.DuckDBPyConnection) -> None:
    held_open.close()
    done = run_process(NBA_MONITORING, "check", "--date", DAY, "--as-of", MORNING, "--json")
    assert (done.status, done.err) == (1, "")
    (record,) = done.records
    kept = "check_date, status, scheduled_games, phase4_ready, trigger, missing_games, check_id"
    assert history(platform, kept) == [(DAY, "MISSING_DATA", 2, 0, "manual", [BKN_CHI], record["check_id"])]


def test_a_table_names_the_games_and_what_the_verdict_rests_on(platform: Platform, command: Command) -> None:
    shown = command("check", "--date", DAY, "--as-of", MORNING).out
    assert "2026-01-18  0 of 2  MISSING_DATA (WARN): BKN@CHI, (ORL@MEM)" in shown
    assert "8 of at least 12 players" in shown
    assert "7:30 PM ET" in shown
    assert "nba_raw.espn_scoreboard: 0 games, stale: nothing for 2026-01-18" in shown
    assert "\x1b" not in shown


def test_a_date_that_no_source_knows_says_so_in_a_sentence(platform: Platform, command: Command) -> None:
    done = command("check", "--date", "2026-07-04")
    assert done.status == 1
    assert "UNKNOWN_SCHEDULE (ERROR)" in done.out
    assert "No source lists a game that counts, and nothing proves a day off: load the schedule." in done.out


def test_a_day_off_says_what_proves_it(platform: Platform, command: Command) -> None:
    platform.add(NBAC, [nbac_row(date(2026, 1, 21), "UTA", "WAS")])
    done = command("check", "--date", "2026-01-20")
    assert done.status == 0
    assert "No games, by nba_raw.nbac_schedule: games on 2026-01-19 and 2026-01-21" in done.out


def test_ids_that_match_nothing_are_no_missing_games_to_read(platform: Platform, command: Command) -> None:
    platform.rows(f"UPDATE {FACTORS} SET game_id = 'x' || game_id")
    (first_line, *_) = command("check", "--date", DAY).out.splitlines()[1:]
    assert first_line.split() == ["2026-01-18", "0", "of", "2", "SUSPECT_JOIN", "(ERROR)"]


def test_every_look_stays_on_record(platform: Platform, command: Command) -> None:
    command("check", "--date", DAY, "--as-of", MORNING)
    before = history(platform)
    command("check", "--date", DAY, "--as-of", AFTERNOON)
    after = history(platform)
    assert after[:1] == before
    assert [row[4] for row in after] == ["MISSING_DATA", "AVAILABLE"]


def test_the_same_check_twice_is_two_looks_that_say_the_same(platform: Platform, command: Command) -> None:
    first, second = (command("check", "--date", DAY, "--as-of", MORNING, "--json").records[0] for _ in range(2))
    changing = {"check_id", "run_id"}
    assert {key for key in COLUMNS if first[key] != second[key]} == changing
    assert len(history(platform)) == 2


def test_history_shows_every_look_oldest_first(platform: Platform, command: Command) -> None:
    for clock in (AFTERNOON, MORNING):
        command("check", "--date", DAY, "--as-of", clock)
    command("check", "--date", "2026-01-17", "--now", AFTERNOON)
    shown = command("history")
    assert shown.status == 0
    assert [line.split()[:3] for line in shown.out.splitlines()[1:]] == [
        ["2026-01-17", "2026-01-18", "15:30"],
        ["2026-01-18", "2026-01-18", "08:00"],
        ["2026-01-18", "2026-01-18", "15:30"],
    ]
    assert len(command("history", "--from", DAY).out.splitlines()) == 3
    assert len(command("history", "--to", "2026-01-17").out.splitlines()) == 2


def test_history_gives_back_what_check_printed(platform: Platform, command: Command) -> None:
    printed = command("check", "--from", "2026-01-17", "--to", "2026-01-19", "--now", MORNING, "--json").out
    assert command("history", "--json").out == printed


def test_a_history_without_a_verdict_says_how_to_get_one(platform: Platform, command: Command) -> None:
    done = command("history")
    assert (done.status, done.out) == (
        0,
        "No verdict is recorded for these dates. `nba-monitoring check` records one.\n",
    )
    assert command("history", "--json").out == ""
    assert platform.rows("SELECT 1 FROM information_schema.schemata WHERE schema_name = 'nba_monitoring'") == []


@pytest.mark.parametrize("name", ["nba_raw", "nba_monitoring", "nba_precompute", "two words", "o'clock@8"])
def test_a_warehouse_file_may_be_named_like_anything(
    platform: Platform,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
    held_open: duckdb.DuckDBPyConnection,
    name: str,
) -> None:
    held_open.close()
    renamed = platform.path.rename(platform.path.with_name(f"{name}.duckdb"))
    monkeypatch.setenv("NBA_MONITORING_WAREHOUSE", f"duckdb://{renamed}")
    assert command("check", "--date", DAY, "--as-of", MORNING, "--json").status == 1
    assert command("check", "--date", DAY).status == 0
    assert [record["status"] for record in command("history", "--json").records] == ["MISSING_DATA", "AVAILABLE"]
