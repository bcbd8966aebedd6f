"""`nba-monitoring status`: the board as it is printed, its exit status, and that it keeps nothing."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from pathlib import Path

import pytest
import time_machine
from jsonschema import Draft202012Validator

from nba_monitoring_tests.cli.conftest import Command
from nba_monitoring_tests.cli.stages import fill, make_stage_tables
from nba_monitoring_tests.morning import FACTORS, NBAC, Platform
from nba_monitoring_tests.platform_tables import nbac_row
from nba_monitoring_tests.stages import STAGES

pytestmark = pytest.mark.slow

DAYS = [date(2026, 1, 16), date(2026, 1, 17), date(2026, 1, 18)]
NAMES = [stage.name for stage in STAGES]
GAME = {day: f"{day:%Y%m%d}_ORL_MEM" for day in DAYS}
EIGHT = "2026-01-18T08:00-08:00"
KEYS = (
    "stage title group state newest_complete newest_expected lag_game_days reason halted_since written_at due_next "
    "usually_by nearly_always_by is_first_behind blocked_by fix links game_date features_ready features_reason "
    "first_tip_at"
).split()


@pytest.fixture
def platform(platform: Platform) -> Platform:
    """One game per day; the first two days complete, and of the third what exists by 11:00 AM ET."""
    make_stage_tables(platform)
    platform.add(NBAC, [nbac_row(day, "ORL", "MEM") for day in [*DAYS, date(2026, 1, 19)]])
    for day in DAYS:
        for name in NAMES:
            if day < DAYS[-1] or name not in ("predictions", "player_summary", "grading", "feature_store"):
                fill(platform, name, day, GAME[day])
    return platform


def by_stage(command: Command, *arguments: object) -> dict[str, dict[str, object]]:
    return {row["stage"]: row for row in command("status", "--now", EIGHT, "--json", *arguments).records}


def test_a_healthy_morning_has_no_late_stage(platform: Platform, command: Command) -> None:
    done = command("status", "--now", EIGHT)
    assert (done.status, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0] == "Pipeline status, 2026-01-18 11:00 AM ET"
    assert lines[-2:] == ["Services are not watched (NBA_MONITORING_SERVICES is not set).", "No stage is behind."]
    assert [line.split()[0] for line in lines[3:-3]] == NAMES
    phase4 = next(line for line in lines if line.startswith("phase4")).split()
    assert phase4 == "phase4 complete Jan 18 Jan 18 Jan 19 07:00 Jan 18 05:00".split()


def test_the_last_line_is_the_command_that_fixes_the_first_late_stage(platform: Platform, command: Command) -> None:
    platform.rows(f"DELETE FROM {FACTORS} WHERE game_date = '2026-01-18'")
    assert command("status", "--now", EIGHT).out.splitlines()[-2:] == [
        "To fix phase4 for 2026-01-18:",
        STAGES.phase4.fix,
    ]


def test_the_first_late_stage_is_named_below_the_table(platform: Platform, command: Command) -> None:
    platform.rows(f"DELETE FROM {FACTORS} WHERE game_date = '2026-01-18'")
    done = command("status", "--now", EIGHT)
    assert done.status == 1
    assert (
        "Phase 4 is the first stage behind: latest 2026-01-17, expected 2026-01-18 (MISSING_DATA, missing for 1 game). "
        "Waiting for it: Feature store, Predictions, Grading."
    ) in " ".join(done.out.split())
    assert "not due until 2:00 PM ET; waiting for phase4" in done.out
    assert re.search(r"^grading +complete; its next date waits for phase4", done.out, re.MULTILINE)
    assert "\x1b" not in done.out


@pytest.mark.parametrize("is_checked", [True, False])
def test_the_last_row_is_the_monitor_itself(platform: Platform, command: Command, is_checked: bool) -> None:
    with time_machine.travel(datetime.fromisoformat("2026-01-18T09:00-08:00")):
        if is_checked:
            command("check")
        shown = command("status").out
    (row,) = [line for line in shown.splitlines() if line.startswith("Monitor ")]
    assert ("healthy" in row) is is_checked
    assert ("broken: checks" in row) is not is_checked


def test_of_a_moved_clock_nothing_is_known_of_the_monitor(platform: Platform, command: Command) -> None:
    assert "Monitor" not in command("status", "--now", EIGHT).out


def test_json_has_one_object_per_stage_with_the_keys_that_the_help_names(platform: Platform, command: Command) -> None:
    platform.rows(f"DELETE FROM {FACTORS} WHERE game_date >= '2026-01-17'")
    rows = by_stage(command)
    assert list(rows) == NAMES
    assert all(list(row) == KEYS for row in rows.values())
    assert {name: rows["phase4"][name] for name in KEYS if name not in ("title", "group")} == {
        "stage": "phase4",
        "state": "behind",
        "newest_complete": "2026-01-16",
        "newest_expected": "2026-01-18",
        "lag_game_days": 2,
        "reason": "MISSING_DATA, missing for 1 game",
        "halted_since": None,
        "written_at": "2026-01-16T10:00:00+00:00",
        "due_next": "2026-01-19T12:00:00+00:00",
        "usually_by": None,
        "nearly_always_by": None,
        "is_first_behind": True,
        "blocked_by": None,
        "fix": STAGES.phase4.fix,
        "links": {},
        "game_date": "2026-01-18",
        "features_ready": "no",
        "features_reason": "MISSING_DATA, missing for 1 game",
        "first_tip_at": "2026-01-19T00:30:00+00:00",
    }
    assert (rows["predictions"]["state"], rows["predictions"]["blocked_by"]) == ("not_due", "phase4")
    said = command("status", "--help").out
    assert all(key in said for key in KEYS)


def test_each_line_has_whether_today_s_features_are_ready(platform: Platform, command: Command) -> None:
    platform.rows(f"DELETE FROM {FACTORS} WHERE game_date = '2026-01-18'")

    def said(now: str) -> set[tuple[object, ...]]:
        rows = command("status", "--now", now, "--json").records
        return {(row["game_date"], row["features_ready"], row["features_reason"]) for row in rows}

    assert said("2026-01-17T23:59-05:00") == {("2026-01-17", "yes", None)}
    assert said("2026-01-18T06:59-05:00") == {("2026-01-18", "not yet", "missing for 1 game, due by 7:00 AM ET")}
    assert said("2026-01-18T07:00-05:00") == {("2026-01-18", "no", "MISSING_DATA, missing for 1 game")}


SCHEMA = Path(__file__).parents[2] / "docs" / "status.schema.json"


def test_the_schema_in_docs_is_what_the_command_prints(command: Command) -> None:
    done = command("status", "--schema")
    assert (done.status, done.err) == (0, "")
    assert SCHEMA.read_text() == done.out, "write it anew: nba-monitoring status --schema > docs/status.schema.json"
    assert list(json.loads(done.out)["properties"]) == KEYS


def test_each_line_matches_the_schema(platform: Platform, command: Command) -> None:
    platform.rows(f"DELETE FROM {FACTORS} WHERE game_date >= '2026-01-17'")
    validator = Draft202012Validator(json.loads(SCHEMA.read_text()), format_checker=Draft202012Validator.FORMAT_CHECKER)
    for now in (EIGHT, "2026-01-18T06:00-05:00", "2026-07-20T12:00Z"):
        records = command("status", "--now", now, "--json").records
        assert [list(validator.iter_errors(record)) for record in records] == [[]] * len(NAMES)
        wrong = records[0] | {"features_ready": "maybe", "newest_complete": "yesterday", "lag_game_days": None}
        assert len(list(validator.iter_errors(wrong))) == 3


def test_json_and_schema_exclude_each_other(command: Command) -> None:
    done = command("status", "--json", "--schema")
    assert (done.status, done.out) == (2, "")
    assert "use either --json or --schema, not both" in done.err


def test_as_of_hides_what_was_written_later(platform: Platform, command: Command) -> None:
    assert command("status", "--as-of", "2026-01-18T15:00Z", "--json").records[0]["newest_complete"] == "2026-01-18"
    early = command("status", "--as-of", "2026-01-18T09:00Z", "--json").records
    assert {row["newest_complete"] for row in early} == {"2026-01-17"}


def test_a_stage_without_a_table_in_the_file_is_named_once_and_is_not_late(
    platform: Platform, command: Command
) -> None:
    platform.rows(f"DROP TABLE {STAGES['predictions'].table}")
    platform.rows(f"DROP TABLE {STAGES['grading'].table}")
    done = command("status", "--now", EIGHT, "--json")
    assert done.status == 0
    assert done.err == "nba-monitoring: not watched, because the file has no such table: predictions, grading\n"
    assert [row["stage"] for row in done.records] == [name for name in NAMES if name not in ("predictions", "grading")]


def test_a_halt_is_shown_with_its_reason(platform: Platform, command: Command) -> None:
    platform.rows("CREATE SCHEMA nba_orchestration")
    platform.rows(
        "CREATE TABLE nba_orchestration.halt_state AS SELECT DATE '2026-01-18' AS effective_date, 'nba' AS sport, "
        "TRUE AS halt_active, 'edge_collapse' AS halt_reason, DATE '2026-01-17' AS halt_since, "
        "TIMESTAMP '2026-01-18 08:00:00' AS written_at"
    )
    done = command("status", "--now", "2026-01-18T13:00-08:00")
    assert "halted since 2026-01-17: edge_collapse" in done.out
    row = next(row for row in command("status", "--now", EIGHT, "--json").records if row["stage"] == "predictions")
    assert (row["state"], row["reason"], row["halted_since"]) == ("halted", "edge_collapse", "2026-01-17")


def test_status_records_nothing(platform: Platform, command: Command) -> None:
    command("status", "--now", EIGHT)
    assert platform.rows("SELECT 1 FROM information_schema.schemata WHERE schema_name = 'nba_monitoring'") == []
    assert command("history").out.startswith("No verdicts recorded")


def test_a_status_that_can_t_be_read_exits_with_2(platform: Platform, command: Command) -> None:
    platform.rows(f"DROP TABLE {FACTORS}")
    done = command("status")
    assert (done.status, done.out) == (2, "")
    assert f"{FACTORS}: no such table" in done.err
