"""`nba-monitoring check` of schedules as their writers leave them: what is no game, and its opposite."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from nba_monitoring_tests.cli.conftest import Command
from nba_monitoring_tests.core.slate.slates import whole_season
from nba_monitoring_tests.morning import ESPN, FACTORS, NBAC, Platform
from nba_monitoring_tests.platform_tables import Row, espn_row, factor_rows, nbac_row

DAY = date(2025, 12, 9)
NEXT = DAY + timedelta(days=1)


@pytest.fixture
def platform(platform: Platform) -> Platform:
    """A schedule that is loaded around the date."""
    platform.play_around(DAY)
    platform.add(NBAC, [nbac_row(DAY + timedelta(days=5), "UTA", "WAS")])
    return platform


def check(command: Command, day: date = DAY) -> Mapping[str, Any]:
    """The check of a date on its morning."""
    (record,) = command("check", "--date", day, "--now", f"{day}T11:00-05:00", "--json").records
    return record


def without_teams(day: date, game_id: str) -> Row:
    return nbac_row(day, "", "", game_id=game_id, game_code=f"{day:%Y%m%d}/TBDTBD")


@pytest.mark.parametrize("is_alone", [True, False])
@pytest.mark.parametrize(
    ("game_id", "is_explained"), [("0022501201", True), ("0022501202", False), ("0062500001", True)]
)
def test_a_row_without_teams_counts_unless_its_id_is_on_another_date_or_never_counts(
    platform: Platform, command: Command, game_id: str, is_explained: bool, is_alone: bool
) -> None:
    platform.add(NBAC, [without_teams(DAY, game_id), nbac_row(NEXT, "MIA", "ORL", game_id="0022501201")])
    if not is_alone:
        platform.add(NBAC, [nbac_row(DAY, "BOS", "NYK")])
        platform.add(FACTORS, factor_rows(DAY, f"{DAY:%Y%m%d}_BOS_NYK", 20))
    record = check(command)
    expected = (
        ("NO_GAMES" if is_alone else "AVAILABLE")
        if is_explained
        else "UNKNOWN_SCHEDULE"
        if is_alone
        else "PARTIAL_DATA"
    )
    assert record["status"] == expected
    assert bool(record["detail"]["unreadable"]) != is_explained
    assert ("no teams yet" in "".join(record["detail"]["problems"])) != is_explained


@pytest.mark.parametrize("matchup", ["SEA@OKC", "LVG@BOS", "SEA@LVG"])
@pytest.mark.parametrize("is_alike", [True, False])
def test_a_team_nobody_knows_is_judged_by_the_spelling_of_the_schedule(
    platform: Platform, command: Command, matchup: str, is_alike: bool
) -> None:
    away, home = matchup.split("@")
    platform.add(NBAC, [nbac_row(DAY, away, home)])
    spelled = f"{DAY:%Y%m%d}_{away}_{home}" if is_alike else f"{DAY:%Y%m%d}_XXX_{home}"
    platform.add(FACTORS, factor_rows(DAY, spelled, 20))
    record = check(command)
    assert record["status"] == ("AVAILABLE" if is_alike else "SUSPECT_JOIN")
    assert list(record["detail"]["games"]) == [f"{DAY:%Y%m%d}_{away}_{home}"]
    (problem,) = record["detail"]["problems"]
    assert problem.startswith(f"{NBAC}: unknown team ")
    assert record["detail"]["warnings"] == ([] if is_alike else [f"{spelled}: 20 rows, unknown team XXX"])


@pytest.mark.parametrize("is_listed_by_the_league", [True, False])
def test_a_row_on_the_utc_date_of_its_start_is_a_game_of_the_evening_before(
    platform: Platform, command: Command, is_listed_by_the_league: bool
) -> None:
    start = datetime(2025, 12, 10, 1, tzinfo=UTC)  # 8 PM ET of the 9th
    platform.add(NBAC, [nbac_row(DAY, "ORL", "MEM")])
    platform.add(ESPN, [espn_row(NEXT, "ORL", "MEM", tip_at=start)])
    if is_listed_by_the_league:
        platform.add(NBAC, [nbac_row(NEXT, "ORL", "MEM", game_id="0022500777")])
    record = check(command, NEXT)
    assert list(record["detail"]["games"]) == ["20251210_ORL_MEM", "20251210_UTA_WAS"][1 - is_listed_by_the_league :]
    (problem,) = [line for line in record["detail"]["problems"] if "ORL@MEM" in line]
    assert ("contradicts its own start" in problem) != is_listed_by_the_league
    assert ("impossible tip-off time" in problem) == is_listed_by_the_league
    assert list(check(command, DAY)["detail"]["games"]) == ["20251209_ORL_MEM"]


@pytest.mark.parametrize(
    ("day", "games", "status"),
    [
        (date(2026, 7, 20), 1200, "NO_GAMES"),
        (date(2026, 10, 10), 1200, "NO_GAMES"),
        (date(2026, 7, 20), 1100, "UNKNOWN_SCHEDULE"),
        (date(2026, 5, 20), 1200, "UNKNOWN_SCHEDULE"),
    ],
)
def test_a_season_loaded_whole_in_july_proves_the_summer_off(
    tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch, day: date, games: int, status: str
) -> None:
    platform = Platform(tmp_path / "summer.duckdb", stages=None)
    monkeypatch.setenv("NBA_MONITORING_WAREHOUSE", f"duckdb://{platform.path}")
    platform.add(
        NBAC,
        [
            nbac_row(entry.game.day, entry.game.away, entry.game.home, game_id=entry.league_id)
            for entry in whole_season(date(2026, 10, 20), games)
        ],
    )
    assert check(command, day)["status"] == status


@pytest.mark.parametrize(
    ("game_id", "problems"),
    [
        ("0022500643", []),
        ("0092500643", ["league id 0092500643 of BOS@NYK belongs to no known part of the season"]),
        ("0022599999", ["game_id '0022599999' is not a listed game"]),
    ],
)
def test_a_postponement_under_the_leagues_id_is_of_the_part_of_the_season_that_the_id_names(
    platform: Platform, command: Command, game_id: str, problems: list[str]
) -> None:
    listed_as = "0022500643" if game_id == "0022599999" else game_id
    platform.add(NBAC, [nbac_row(DAY, "BOS", "NYK", game_id=listed_as), nbac_row(DAY, "ORL", "MEM")])
    platform.add(FACTORS, factor_rows(DAY, f"{DAY:%Y%m%d}_ORL_MEM", 20))
    platform.rows("CREATE SCHEMA IF NOT EXISTS nba_orchestration")
    platform.rows(
        f"CREATE TABLE nba_orchestration.game_postponements AS SELECT '{game_id}' AS game_id, "
        f"DATE '{DAY}' AS original_date, NULL::DATE AS new_date, 'weather' AS reason"
    )
    record = check(command)
    assert record["status"] == ("MISSING_DATA" if game_id == "0022599999" else "AVAILABLE")
    found = record["detail"]["problems"]
    assert all(any(problem in line for line in found) for problem in problems)
    assert bool(found) == bool(problems)


NOT_COUNTED = "2 games of regular season not counted (NBA_MONITORING_GAME_STAGES)"


@pytest.mark.parametrize("is_left_out", [True, False])
def test_games_that_the_settings_leave_out_are_named_in_every_output_of_the_date(
    platform: Platform, command: Command, monkeypatch: pytest.MonkeyPatch, is_left_out: bool
) -> None:
    if is_left_out:
        monkeypatch.setenv("NBA_MONITORING_GAME_STAGES", "playoffs,play_in")
    platform.add(NBAC, [nbac_row(DAY, "BOS", "NYK"), nbac_row(DAY, "ORL", "MEM")])
    record = check(command)
    assert record["status"] == ("NO_GAMES" if is_left_out else "MISSING_DATA")
    assert record["detail"]["not_counted"] == (NOT_COUNTED if is_left_out else None)
    assert record["detail"]["off_day_proof"] == (NOT_COUNTED if is_left_out else None)
    words = " ".join(NOT_COUNTED.split()[-2:])
    for arguments in (("check", "--date", DAY, "--now", f"{DAY}T11:00-05:00"), ("history", "--from", DAY, "--to", DAY)):
        assert (words in " ".join(command(*arguments).out.split())) == is_left_out
    assert ("Regular season not counted" in command("status").out) == is_left_out
    assert ("Regular season not counted" in command("health").out) == is_left_out
    assert ("regular season not counted" in command("health", "--json").err) == is_left_out


def test_a_day_off_is_proved_off_whatever_the_settings_leave_out(
    platform: Platform, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NBA_MONITORING_GAME_STAGES", "playoffs")
    record = check(command, DAY)
    assert (record["status"], record["detail"]["not_counted"]) == ("NO_GAMES", None)
    assert record["detail"]["off_day_proof"].startswith(f"{NBAC}: games on 2025-12-08 and 2025-12-10")
