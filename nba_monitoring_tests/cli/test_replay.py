"""`nba-monitoring replay`, as a person and a CI job use it."""

from __future__ import annotations

from pathlib import Path

import pytest

from nba_monitoring.sample import write_sample
from nba_monitoring_tests.cli.conftest import Command
from nba_monitoring_tests.sample.conftest import NOW

THIN = ("--from", "2025-12-03", "--to", "2025-12-03")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("replay") / "sample.duckdb"
    write_sample(path, NOW)
    return path


@pytest.fixture
def season(written: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NBA_MONITORING_WAREHOUSE", f"duckdb://{written}")
    return written


def stages_file(folder: Path, least: int) -> Path:
    path = folder / "tried.yaml"
    path.write_text(f"extend: default\nstages:\n  phase4:\n    least: {{per_unit: {least}}}\n", encoding="utf-8")
    return path


@pytest.mark.slow
@pytest.mark.usefixtures("season")
def test_json_has_one_line_per_message_and_then_the_score(command: Command) -> None:
    done = command("replay", *THIN, "--json")
    *messages, score = done.records
    assert (done.status, messages[0]["kind"], messages[0]["at"]) == (0, "message", "2025-12-03T16:00:00+00:00")
    assert [line["reason"] for line in messages][-1] == "too late"
    assert (score["kind"], score["stages"]) == ("score", "in force")
    assert (score["dates"], score["messages"]) == (1, len(messages))


@pytest.mark.slow
@pytest.mark.usefixtures("season")
def test_a_blind_morning_of_the_trial_stages_exits_with_1(command: Command, tmp_path: Path) -> None:
    done = command("replay", *THIN, "--stages-file", stages_file(tmp_path, 1))
    assert done.status == 1
    assert "1: 2025-12-03" in done.out
    assert "Alerts with the current stages only: nba-2025-12-03" in done.out


@pytest.mark.slow
@pytest.mark.usefixtures("season")
def test_a_replay_records_nothing(command: Command) -> None:
    command("replay", *THIN)
    assert "No verdicts recorded" in command("history").out


@pytest.mark.slow
@pytest.mark.usefixtures("season")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--from", "2026-01-18"), "--to"),
        ((*THIN, "--every", "30"), "'30' is not a duration; write 30m, 2h or 1h30m"),
        ((*THIN, "--every", "1m"), "'1m' is not between 5m and 12h"),
        (("--from", "2026-01-18", "--to", "2026-01-17"), "--from 2026-01-18 is later than --to 2026-01-17"),
        ((*THIN, "--stages-file", "/no/such.yaml"), "/no/such.yaml"),
    ],
)
def test_a_wrong_option_is_one_clear_error(command: Command, arguments: tuple[str, ...], said: str) -> None:
    done = command("replay", *arguments)
    assert (done.status, said in done.err) == (2, True)
    assert "Traceback" not in done.err
