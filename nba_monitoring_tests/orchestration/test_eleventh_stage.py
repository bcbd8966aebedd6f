"""A stage that a user adds by an entry alone: checked, kept, shown on the board, and told."""

from __future__ import annotations

from pathlib import Path

import pytest
import time_machine

from nba_monitoring.cli.main import main
from nba_monitoring.settings import Settings
from nba_monitoring_tests.days import DAY, at
from nba_monitoring_tests.morning import FACTORS, Platform, run_check
from nba_monitoring_tests.orchestration.sensor import Sensor
from nba_monitoring_tests.orchestration.slack import Slack
from nba_monitoring_tests.platform_tables import factor_rows

ODDS = """
extend: default
stages:
  odds:
    title: Player lines
    group: phase2
    table: nba_raw.odds_api_player_points_props
    date_column: game_date
    unit: game
    unit_column: game_id
    key: player_lookup
    noun: players
    usable: points_line IS NOT NULL
    written: [created_at]
    least: {per_unit: 5}
    due: {at: 7:00}
    fix: gcloud scheduler jobs run odds --location=us-west2
"""


@pytest.mark.slow
def test_an_eleventh_stage_by_an_entry_alone_is_checked_kept_shown_and_told(
    platform: Platform,
    quick_sensor: Sensor,
    webhook: Slack,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "stages.yaml").write_text(ODDS, encoding="utf-8")
    monkeypatch.setenv("NBA_MONITORING_STAGES", str(tmp_path / "stages.yaml"))
    platform.rows(
        "CREATE TABLE nba_raw.odds_api_player_points_props "
        "(game_date DATE, game_id VARCHAR, player_lookup VARCHAR, points_line DOUBLE, created_at TIMESTAMP)"
    )
    platform.rows(
        "INSERT INTO nba_raw.odds_api_player_points_props "
        f"SELECT DATE '{DAY}', '20260118_ORL_MEM', 'player' || n, 20.5, NULL FROM range(6) AS r(n)"
    )
    for game_id in ("20260118_ORL_MEM", "20260118_BKN_CHI"):
        platform.add(FACTORS, factor_rows(DAY, game_id, 24))
    with time_machine.travel(at(8)):
        result = run_check(Settings.load(), quick_sensor.instance, DAY)
        quick_sensor.tick()
    passed = {found.check_name: found.passed for found in result.get_asset_check_evaluations()}
    assert (passed["odds_is_complete"], passed["phase4_covers_scheduled_games"]) == (False, True)
    kept = platform.rows(
        "SELECT status, expected, ready, missing, is_first_broken FROM nba_monitoring.stage_checks WHERE stage = 'odds'"
    )
    assert kept == [("MISSING_DATA", 2, 1, ["20260118_BKN_CHI"], True)]
    (text,) = webhook.texts
    for part in ("Player lines missing for BKN@CHI", "BKN@CHI"):
        assert part in text
    with pytest.raises(SystemExit) as ended:
        main(["status", "--now", at(8).isoformat()])
    board = capsys.readouterr().out
    assert ended.value.code == 1
    assert next(line for line in board.splitlines() if line.startswith("odds")).split()[0] == "odds"
