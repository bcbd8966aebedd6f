"""`nba-monitoring check` and `history`: verdicts, exit status, what is printed and what is kept."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from importlib.metadata import version
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
import time_machine

from nba_monitoring.core.eastern import PACIFIC
from nba_monitoring.core.record import Mute
from nba_monitoring.warehouse import open_warehouse
from nba_monitoring_tests.cli.conftest import Command
from nba_monitoring_tests.cli.outcome import NBA_MONITORING, run_process
from nba_monitoring_tests.cli.stages import fill, make_stage_tables
from nba_monitoring_tests.days import DAY
from nba_monitoring_tests.morning import FACTORS, NBAC, Platform
from nba_monitoring_tests.platform_tables import factor_rows, nbac_row
from nba_monitoring_tests.stages import STAGES

MORNING, AFTERNOON = "2026-01-18T08:00-08:00", "2026-01-18T15:30-08:00"
ORL_MEM, BKN_CHI = "20260118_ORL_MEM", "20260118_BKN_CHI"

COLUMNS = (
    "check_date check_time scheduled_games phase4_ready status severity check_id run_id trigger missing_games "
    "partial_games excluded_games first_tip_at detail first_broken"
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


@pytest.mark.slow
def test_the_exit_status_is_1_when_one_date_of_a_range_fails(platform: Platform, command: Command) -> None:
    assert command("check", "--from", "2026-01-17", "--to", "2026-01-18", "--json").status == 1
    platform.add(FACTORS, factor_rows(date(2026, 1, 17), "20260117_UTA_WAS", 12))
    assert command("check", "--from", "2026-01-17", "--to", "2026-01-18").status == 0


@pytest.mark.slow
def test_a_failing_date_ends_with_the_command_that_fixes_it(platform: Platform, command: Command) -> None:
    done = command("check", "--date", DAY, "--as-of", MORNING)
    assert done.out.splitlines()[-2:] == ["To fix phase4 for 2026-01-18:", STAGES.phase4.fix]
    (record,) = command("check", "--date", DAY, "--as-of", MORNING, "--json").records
    assert record["fix"] == STAGES.phase4.fix
    # The next day the job would fill another date.
    next_day = command("check", "--date", DAY, "--now", "2026-01-19T08:00-08:00", "--as-of", MORNING)
    assert "To fix" not in next_day.out


@pytest.mark.slow
def test_as_of_a_past_morning_hides_the_rows_that_came_later(platform: Platform, command: Command) -> None:
    done = command("check", "--date", DAY, "--as-of", MORNING, "--json")
    (record,) = done.records
    assert done.status == 1
    assert (record["status"], record["severity"]) == ("MISSING_DATA", "WARN")
    assert (record["missing_games"], record["partial_games"]) == ([BKN_CHI], [ORL_MEM])
    assert record["detail"]["phase"] == {"rows": 8, "written_at": "2026-01-18T15:00:00+00:00"}
    assert command("check", "--date", DAY, "--as-of", AFTERNOON).status == 0


@pytest.mark.parametrize(
    ("loaded", "shown"),
    [("2026-01-18T15:59:00+00:00", "2026-01-18T15:59:00+00:00"), ("2026-06-01T10:00:00+00:00", None)],
)
def test_as_of_a_past_morning_shows_no_later_write_of_the_schedule(
    platform: Platform, command: Command, loaded: str, shown: str | None
) -> None:
    with platform.held() as connection:
        connection.execute(f"UPDATE {NBAC} SET processed_at = TIMESTAMP '{loaded[:19]}'")
    (record,) = command("check", "--date", DAY, "--as-of", MORNING, "--json").records
    source = record["detail"]["sources"][NBAC]
    assert (source["freshness"], source["games"], source["scraped_at"]) == ("fresh", 2, shown)


def test_as_of_a_past_morning_shows_no_later_mute(platform: Platform, command: Command) -> None:
    set_at = datetime(2026, 1, 18, 18, tzinfo=UTC)
    with open_warehouse(platform.settings.warehouse) as warehouse:
        warehouse.append_mutes([Mute(DAY, set_at, None, "all-star", "Kim")])
    morning, afternoon = (
        command("check", "--date", DAY, "--as-of", moment, "--json").records[0]["detail"]["mute"]
        for moment in (MORNING, AFTERNOON)
    )
    assert (morning, afternoon["reason"]) == (None, "all-star")


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


def test_json_has_one_object_per_line_with_the_history_s_columns_in_order(platform: Platform, command: Command) -> None:
    done = command("check", "--from", "2026-01-16", "--to", "2026-01-20", "--json")
    assert [record["check_date"] for record in done.records] == [f"2026-01-{day}" for day in range(16, 21)]
    assert all(list(record) == [*COLUMNS, "fix", "links"] for record in done.records)
    described = platform.rows("DESCRIBE nba_monitoring.data_availability_checks")
    assert [column[0] for column in described] == COLUMNS
    assert [column[1] for column in described][:5] == ["DATE", "TIMESTAMP", "BIGINT", "BIGINT", "VARCHAR"]


@pytest.mark.slow
def test_a_process_prints_for_machines_what_it_keeps(platform: Platform, held_open: duckdb.DuckDBPyConnection) -> None:
    held_open.close()
    done = run_process(NBA_MONITORING, "check", "--date", DAY, "--as-of", MORNING, "--json")
    assert (done.status, done.err) == (1, "")
    (record,) = done.records
    kept = "check_date, status, scheduled_games, phase4_ready, trigger, missing_games, check_id"
    assert history(platform, kept) == [(DAY, "MISSING_DATA", 2, 0, "manual", [BKN_CHI], record["check_id"])]


def test_a_table_names_the_games_and_the_evidence(platform: Platform, command: Command) -> None:
    shown = command("check", "--date", DAY, "--as-of", MORNING).out
    assert "2026-01-18  MISSING_DATA (WARN): BKN@CHI, (ORL@MEM)  0 of 2" in shown
    assert "8 players (at least 12 expected)" in shown
    assert "7:30 PM ET" in shown
    assert "nba_raw.espn_scoreboard: 0 games, stale: no games for 2026-01-18" in shown
    assert "\x1b" not in shown


def test_a_date_without_a_schedule_gets_a_sentence_on_what_to_do(platform: Platform, command: Command) -> None:
    done = command("check", "--date", "2026-07-04")
    assert done.status == 1
    assert "UNKNOWN_SCHEDULE (ERROR)" in done.out
    assert "No source lists a game, and nothing proves a day off. Load the schedule." in done.out


def test_a_day_off_shows_its_proof(platform: Platform, command: Command) -> None:
    platform.add(NBAC, [nbac_row(date(2026, 1, 21), "UTA", "WAS")])
    done = command("check", "--date", "2026-01-20")
    assert done.status == 0
    assert "Day off, according to nba_raw.nbac_schedule: games on 2026-01-19 and 2026-01-21" in done.out


def test_ids_that_match_nothing_are_no_missing_games_to_read(platform: Platform, command: Command) -> None:
    platform.rows(f"UPDATE {FACTORS} SET game_id = 'x' || game_id")
    (first_line, *_) = command("check", "--date", DAY).out.splitlines()[1:]
    assert first_line.split() == ["2026-01-18", "SUSPECT_JOIN", "(ERROR)", "0", "of", "2"]


def test_every_check_stays_on_record(platform: Platform, command: Command) -> None:
    command("check", "--date", DAY, "--as-of", MORNING)
    before = history(platform)
    command("check", "--date", DAY, "--as-of", AFTERNOON)
    after = history(platform)
    assert after[:1] == before
    assert [row[4] for row in after] == ["MISSING_DATA", "AVAILABLE"]


def test_the_same_check_twice_is_two_equal_rows(platform: Platform, command: Command) -> None:
    first, second = (command("check", "--date", DAY, "--as-of", MORNING, "--json").records[0] for _ in range(2))
    changing = {"check_id", "run_id"}
    assert {key for key in COLUMNS if first[key] != second[key]} == changing
    assert len(history(platform)) == 2


@pytest.mark.slow
def test_history_shows_every_check_oldest_first(platform: Platform, command: Command) -> None:
    for clock in (AFTERNOON, MORNING):
        command("check", "--date", DAY, "--as-of", clock)
    command("check", "--date", "2026-01-17", "--now", AFTERNOON)
    shown = command("history")
    assert shown.status == 0
    assert re.findall(r"^(\S+).*?(\S+ \d\d:\d\d)", shown.out, re.MULTILINE) == [
        ("2026-01-17", "2026-01-18 18:30"),
        ("2026-01-18", "2026-01-18 11:00"),
        ("2026-01-18", "2026-01-18 18:30"),
    ]
    assert len(command("history", "--from", DAY).out.splitlines()) == 3
    assert len(command("history", "--to", "2026-01-17").out.splitlines()) == 2


def test_history_gives_back_what_check_printed(platform: Platform, command: Command) -> None:
    printed = command("check", "--from", "2026-01-17", "--to", "2026-01-19", "--now", MORNING, "--json").records
    assert command("history", "--json").records == [{name: row[name] for name in COLUMNS} for row in printed]


def test_an_empty_history_names_the_command_that_fills_it(platform: Platform, command: Command) -> None:
    done = command("history")
    assert (done.status, done.out) == (
        0,
        "No verdicts recorded for these dates. Run `nba-monitoring check` to record one.\n",
    )
    assert command("history", "--json").out == ""
    assert platform.rows("SELECT 1 FROM information_schema.schemata WHERE schema_name = 'nba_monitoring'") == []


@pytest.mark.slow
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


STAGE_COLUMNS = (
    "check_date check_time stage status severity check_id run_id trigger expected ready missing partial due_at "
    "written_at is_first_broken detail"
).split()
NAMES = [stage.name for stage in STAGES]
EVENING = "2026-01-18T18:30-05:00"
BEFORE_TIP = [name for name in NAMES if name not in ("player_summary", "grading")]


@pytest.fixture
def pipeline(platform: Platform) -> Platform:
    """Every stage with its rows of the date, but for those that come after the games."""
    make_stage_tables(platform)
    for name in BEFORE_TIP:
        if name != "phase4":
            fill(platform, name, DAY, ORL_MEM, BKN_CHI)
    platform.add(FACTORS, factor_rows(DAY, BKN_CHI, 24) + factor_rows(DAY, ORL_MEM, 16))
    return platform


def empty(platform: Platform, *stages: str) -> None:
    for name in stages:
        platform.rows(f"DELETE FROM {STAGES[name].table}")


def by_stage(command: Command, now: str = EVENING) -> dict[str, dict[str, Any]]:
    return {row["stage"]: row for row in command("check", "--date", DAY, "--now", now, "--stages", "--json").records}


@pytest.mark.slow
def test_stages_are_rows_in_the_pipeline_s_order_with_the_table_s_columns(pipeline: Platform, command: Command) -> None:
    done = command("check", "--from", "2026-01-17", "--to", DAY, "--now", EVENING, "--stages", "--json")
    assert [row["check_date"] for row in done.records] == ["2026-01-17"] * 10 + ["2026-01-18"] * 10
    assert [row["stage"] for row in done.records] == NAMES * 2
    assert all(list(row) == [*STAGE_COLUMNS, "fix", "links"] for row in done.records)
    described = pipeline.rows("DESCRIBE nba_monitoring.stage_checks")
    assert [column[0] for column in described] == STAGE_COLUMNS
    kept = pipeline.rows("SELECT check_date, stage, status, check_id FROM nba_monitoring.stage_checks")
    printed = {
        (date.fromisoformat(row["check_date"]), row["stage"], row["status"], row["check_id"]) for row in done.records
    }
    assert set(kept) == printed


@pytest.mark.slow
def test_a_check_with_stages_is_recorded_as_any_other(pipeline: Platform, command: Command) -> None:
    command("check", "--date", DAY, "--now", EVENING, "--stages")
    assert history(pipeline, "check_date, status, first_broken") == [(DAY, "AVAILABLE", None)]


@pytest.mark.slow
def test_history_by_stage_gives_back_what_check_printed(pipeline: Platform, command: Command) -> None:
    empty(pipeline, "phase4", "predictions")
    printed = command("check", "--from", "2026-01-17", "--to", DAY, "--now", EVENING, "--stages", "--json").records
    kept = command("history", "--stages", "--json").records
    assert kept == [{name: row[name] for name in STAGE_COLUMNS} for row in printed]
    shown = command("history", "--stages", "--from", DAY).out.splitlines()[1:]
    assert [line.split()[1] for line in shown if line.startswith("2026")] == NAMES


def test_an_empty_history_by_stage_names_the_command_that_fills_it(platform: Platform, command: Command) -> None:
    done = command("history", "--stages")
    assert (done.status, done.out.split(". ")[0]) == (0, "No verdicts recorded for these dates")


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["team_context", "predictions"])
def test_the_exit_status_is_that_of_the_rows_printed_or_of_what_is_to_fail(
    pipeline: Platform, command: Command, stage: str
) -> None:
    assert command("check", "--date", DAY, "--now", EVENING, "--stages").status == 0
    empty(pipeline, stage)
    assert command("check", "--date", DAY, "--now", EVENING, "--stages").status == 1
    assert command("check", "--date", DAY, "--now", EVENING, "--fail-on", "any").status == 1
    assert command("check", "--date", DAY, "--now", EVENING, "--stages", "--fail-on", "phase4").status == 0
    phase4 = command("check", "--date", DAY, "--now", EVENING)
    assert (phase4.status, f"first broken: {stage}" in phase4.out) == (0, True)


@pytest.mark.slow
def test_the_first_broken_stage_and_its_downstream_stages_are_shown(pipeline: Platform, command: Command) -> None:
    empty(pipeline, "player_context", "phase4", "predictions")
    shown = command("check", "--date", DAY, "--now", EVENING).out
    assert "first broken: player_context; downstream: phase4, predictions" in shown
    by_name = by_stage(command)
    assert [name for name, row in by_name.items() if row["is_first_broken"]] == ["player_context"]
    table = command("check", "--date", DAY, "--now", EVENING, "--stages").out
    assert "MISSING_DATA (ERROR, first broken): BKN@CHI, ORL@MEM" in table
    assert "MISSING_DATA (ERROR, downstream): BKN@CHI, ORL@MEM" in table


@pytest.mark.slow
def test_a_first_broken_stage_is_shown_though_phase_4_passes(pipeline: Platform, command: Command) -> None:
    empty(pipeline, "predictions")
    empty(pipeline, "shot_zones")
    lines = command("check", "--date", DAY, "--now", EVENING).out.splitlines()
    assert lines[1].split() == ["2026-01-18", "AVAILABLE", "2", "of", "2"]
    assert lines[2].strip() == "first broken: shot_zones; downstream: predictions"


@pytest.mark.slow
def test_two_broken_stages_are_distinguished_from_downstream_ones(pipeline: Platform, command: Command) -> None:
    empty(pipeline, "team_context", "shot_zones", "phase4")
    shown = command("check", "--date", DAY, "--now", EVENING).out
    assert "first broken: team_context; downstream: phase4; also broken: shot_zones" in shown


@pytest.mark.slow
def test_an_unknown_schedule_is_what_is_first_broken(pipeline: Platform, command: Command) -> None:
    done = command("check", "--date", "2026-07-04")
    assert "first broken: schedule\n" in "\n".join(line.rstrip() for line in done.out.splitlines())
    assert done.out.count("No source lists a game") == 1


@pytest.mark.slow
def test_a_stage_that_is_not_due_shows_its_due_time_and_passes(pipeline: Platform, command: Command) -> None:
    empty(pipeline, "predictions")
    done = command("check", "--date", DAY, "--now", MORNING, "--stages")
    assert done.status == 0
    assert "predictions: not due until 2026-01-18 2:00 PM ET" in done.out
    assert "player_summary: not due until 2026-01-19 7:00 AM ET" in done.out


@pytest.mark.slow
def test_a_halted_stage_shows_the_reason_and_since_when_and_passes(pipeline: Platform, command: Command) -> None:
    empty(pipeline, "predictions")
    pipeline.rows("CREATE SCHEMA nba_orchestration")
    pipeline.rows(
        "CREATE TABLE nba_orchestration.halt_state AS SELECT DATE '2026-01-18' AS effective_date, 'nba' AS sport, "
        "TRUE AS halt_active, 'fleet_blocked' AS halt_reason, DATE '2026-01-17' AS halt_since, "
        "TIMESTAMP '2026-01-18 08:00:00' AS written_at"
    )
    for stages in ([], ["--stages"]):
        done = command("check", "--date", DAY, "--now", EVENING, *stages)
        assert done.status == 0
        assert "halted since 2026-01-17: fleet_blocked" in done.out


@pytest.mark.slow
def test_bad_rows_show_which_rule_they_fail(pipeline: Platform, command: Command) -> None:
    pipeline.rows(
        f"UPDATE {STAGES['feature_store'].table} SET is_quality_ready = FALSE "
        "WHERE CAST(substr(player_lookup, 7) AS INT) >= 10"
    )
    done = command("check", "--date", DAY, "--now", EVENING, "--stages")
    assert done.status == 1
    assert "BAD_DATA (ERROR, first broken)" in done.out
    assert "feature_store: 20 of 40 rows are usable (50%, expected at least 60%) (usable_share, fail)" in done.out


@pytest.mark.slow
def test_rows_downstream_of_a_stage_without_rows_are_shown(pipeline: Platform, command: Command) -> None:
    empty(pipeline, "phase4")
    shown = command("check", "--date", DAY, "--now", EVENING, "--stages").out
    assert "feature_store has 40 rows although phase4 has none" in shown


@pytest.mark.slow
def test_stages_without_a_table_are_named_once_and_fail_nothing(pipeline: Platform, command: Command) -> None:
    pipeline.rows(f"DROP TABLE {STAGES['predictions'].table}")
    pipeline.rows(f"DROP TABLE {STAGES['grading'].table}")
    said = "nba-monitoring: not watched, because the file has no such table: predictions, grading\n"
    done = command("check", "--from", "2026-01-18", "--to", DAY, "--now", EVENING, "--stages", "--json")
    assert (done.status, done.err) == (0, said)
    assert [row["stage"] for row in done.records] == [name for name in NAMES if name not in ("predictions", "grading")]
    assert command("check", "--date", DAY, "--now", EVENING).err == ""


@pytest.mark.slow
def test_a_stage_whose_table_was_there_and_is_gone_is_a_finding(pipeline: Platform, command: Command) -> None:
    pipeline.rows(f"DROP TABLE {STAGES['grading'].table}")
    assert command("check", "--date", DAY, "--now", EVENING).status == 0
    pipeline.rows(f"ALTER TABLE {STAGES['predictions'].table} RENAME TO moved")
    done = command("check", "--date", DAY, "--now", EVENING, "--stages", "--json")
    assert done.status == 1
    assert done.err == "nba-monitoring: not watched, because the file has no such table: grading\n"
    (predictions,) = [row for row in done.records if row["stage"] == "predictions"]
    assert (predictions["status"], predictions["is_first_broken"]) == ("MISSING_DATA", True)
    shown = " ".join(command("check", "--date", DAY, "--now", EVENING, "--stages").out.split())
    assert "nba_predictions.player_prop_predictions: no such table in the warehouse" in shown
    board = command("status", "--now", EVENING, "--json")
    assert [row["state"] for row in board.records if row["stage"] == "predictions"] == ["unreadable"]


def test_a_date_may_be_an_argument_and_relative_to_the_clock(platform: Platform, command: Command) -> None:
    by_argument = command("check", "2026-01-18", "--as-of", MORNING, "--json").records
    for other in (("--date", "today", "--as-of", MORNING), ("tomorrow", "--now", "2026-01-17T11:00-05:00")):
        assert command("check", *other, "--json").records[0]["check_date"] == by_argument[0]["check_date"]
    with time_machine.travel(datetime(2026, 1, 19, 4, tzinfo=UTC)):  # still the 18th in the East
        assert command("check", "yesterday", "--json").records[0]["check_date"] == "2026-01-17"


def test_history_of_one_date(platform: Platform, command: Command) -> None:
    for day in ("2026-01-17", "2026-01-18", "2026-01-19"):
        command("check", day)
    assert [record["check_date"] for record in command("history", "--date", DAY, "--json").records] == [str(DAY)]


@pytest.mark.slow
def test_check_and_status_give_a_program_the_same_fix_and_links(
    platform: Platform, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NBA_MONITORING_DAGSTER_URL", "https://dagster.example.com")
    monkeypatch.setenv("NBA_MONITORING_RUNBOOK_URL", "https://runbook.example.com/phase4")
    (checked,) = command("check", "--date", DAY, "--as-of", MORNING, "--json").records
    of_status = {row["stage"]: row for row in command("status", "--as-of", MORNING, "--json").records}
    assert checked["fix"] == of_status["phase4"]["fix"] == STAGES.phase4.fix
    assert checked["links"] == of_status["phase4"]["links"]
    assert set(checked["links"]) == {"Partition", "Runbook"}


def test_its_version_is_the_package_s(command: Command) -> None:
    assert command("--version").out == f"nba-monitoring {version('nba_monitoring')}\n"


def test_a_shell_completes_commands_and_options() -> None:
    done = run_process(
        "env", "_NBA_MONITORING_COMPLETE=bash_complete", "COMP_WORDS=nba-monitoring check --fail", "COMP_CWORD=2",
        NBA_MONITORING,
    )  # fmt: skip
    assert done.out == "plain,--fail-on\n"
