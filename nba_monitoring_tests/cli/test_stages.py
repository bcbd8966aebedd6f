"""`nba-monitoring stages`: the table of stages on the command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from nba_monitoring.stages_file import SHIPPED, load_stages
from nba_monitoring_tests.cli.conftest import Command
from nba_monitoring_tests.cli.outcome import run_process
from nba_monitoring_tests.morning import Platform


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of stages that is set, not yet there."""
    path = tmp_path / "stages.yaml"
    monkeypatch.setenv("NBA_MONITORING_STAGES", str(path))
    return path


def test_stages_shows_one_line_per_stage_in_pipeline_order(command: Command) -> None:
    done = command("stages")
    assert (done.status, done.err) == (0, "")
    heading, *lines = done.out.splitlines()
    assert heading.split("  ")[0] == "Stage"
    assert [line.split()[0] for line in lines] == [stage.name for stage in load_stages()]
    shown = {line.split()[0]: " ".join(line.split()) for line in lines}
    assert shown["phase4"] == (
        "phase4 07:00 12 players per game player_context, team_context, team_defense, shot_zones game "
        "nba_precompute.player_composite_factors Phase 4 phase4"
    )
    assert "07:00 30 teams per date, from day 36 schedule" in shown["team_defense"]
    assert "14:00, 2:00 before the first tip-off 8 players per game feature_store" in shown["predictions"]
    assert "10:00 next day 1 player per date predictions, player_summary" in shown["grading"]


def test_stages_as_json_has_every_field_of_a_stage(command: Command) -> None:
    records = command("stages", "--json").records
    shipped = yaml.safe_load(SHIPPED.read_text())["stages"]
    assert [record["name"] for record in records] == list(shipped)
    for record in records:
        written = shipped[record["name"]]
        for field in written.keys() - {"least", "due", "placeholder", "excused_by", "rules"}:
            assert record[field] == written[field]
    predictions = records[7]
    assert predictions["due"] == {"at": "14:00", "next_day": False, "before_first_tip": "2h"}
    assert predictions["excused_by"]["table"] == "nba_orchestration.halt_state"
    assert predictions["season_types"] is None


def test_stages_shows_what_the_file_and_the_variables_change(
    command: Command, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text("extend: default\ndrop: [grading]\nstages: {phase4: {season_types: [playoffs, play_in]}}")
    monkeypatch.setenv("NBA_MONITORING_MIN_ROWS_PER_GAME", "9")
    records = {record["name"]: record for record in command("stages", "--json").records}
    assert "grading" not in records
    assert records["phase4"]["season_types"] == ["play_in", "playoffs"]
    assert records["phase4"]["least"]["per_unit"] == 9
    assert "9 players per game" in command("stages").out


def test_a_title_in_brackets_is_shown_as_it_is(command: Command, file: Path) -> None:
    file.write_text('extend: default\nstages: {phase4: {title: "[red]Factors[/]"}}')
    assert "[red]Factors[/]" in command("stages").out


def test_the_schema_is_printed_and_takes_the_shipped_table(command: Command) -> None:
    done = command("stages", "--schema")
    assert (done.status, done.err) == (0, "")
    assert Draft202012Validator(json.loads(done.out)).is_valid(yaml.safe_load(SHIPPED.read_text()))


def test_the_schema_is_there_for_one_whose_file_is_wrong(command: Command, file: Path) -> None:
    file.write_text("extends: default")
    assert command("stages", "--schema").status == 0


@pytest.mark.parametrize("arguments", [("stages",), ("stages", "--json"), ("check", "--date", "2026-01-18")])
def test_a_wrong_stages_file_gets_one_line_per_error(
    command: Command, file: Path, platform: Platform, arguments: tuple[str, ...]
) -> None:
    file.write_text("extend: default\nstages:\n  phase4:\n    unit: row\n    titel: Factors")
    done = command(*arguments)
    assert (done.status, done.out) == (2, "")
    assert done.err == (
        f"nba-monitoring: {file}:4: stages.phase4.unit: must be 'game', 'team', 'player' or 'date', not 'row'\n"
        f"{file}:5: stages.phase4.titel: unknown field; did you mean 'title'?\n"
    )


def test_json_and_schema_exclude_each_other(command: Command) -> None:
    done = command("stages", "--json", "--schema")
    assert (done.status, done.out) == (2, "")
    assert "use either --json or --schema, not both" in done.err


@pytest.mark.slow
def test_stages_imports_neither_dagster_nor_pandas() -> None:
    script = (
        "import atexit, sys; from nba_monitoring.cli.main import main; "
        "heavy = {'dagster', 'pandas', 'google', 'requests', 'duckdb', 'jsonschema'}; "
        "atexit.register(lambda: print(sorted({name.split('.')[0] for name in sys.modules} & heavy))); "
        "main(['stages'])"
    )
    done = run_process(sys.executable, "-c", script)
    assert (done.status, done.err) == (0, "")
    assert done.out.splitlines()[-1] == "[]"
