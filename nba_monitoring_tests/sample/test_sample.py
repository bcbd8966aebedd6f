"""The sample's 2025-26 is a faithful season: it has what a reader of the platform's facts expects."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, date
from datetime import time as clock
from pathlib import Path

import duckdb
import pytest

from nba_monitoring.core.eastern import EASTERN
from nba_monitoring.core.game_ids import LeagueId
from nba_monitoring.core.games import Game, SeasonType
from nba_monitoring.sample import SampleError, ensure_sample, write_sample
from nba_monitoring_tests.sample.conftest import NOW
from nba_monitoring_tests.sample.queries import differing_tables, rows

pytestmark = pytest.mark.xdist_group("sample")

WRITE_SAMPLE = (
    "import datetime, pathlib, sys, nba_monitoring.sample as s; "
    "s.write_sample(pathlib.Path(sys.argv[1]), datetime.datetime.fromisoformat(sys.argv[2]))"
)
REAL_SLATE = {"ORLMEM", "BKNCHI", "CHADEN", "NOPHOU", "PORSAC", "TORLAL"}


def games_played(connection: duckdb.DuckDBPyConnection, prefix: str) -> list[Game]:
    return [
        Game(*row)
        for row in rows(
            connection,
            "SELECT game_date, away_team_tricode, home_team_tricode FROM nba_raw.nbac_schedule "
            "WHERE game_id LIKE $prefix AND game_status = 3 AND home_team_score IS NOT NULL",
            prefix=f"{prefix}%",
        )
    ]


def factors(connection: duckdb.DuckDBPyConnection, day: str) -> dict[str, tuple[int, int]]:
    """Rows and usable rows by game id."""
    return {
        game_id: (count, usable)
        for game_id, count, usable in rows(
            connection,
            "SELECT game_id, count(*), count(*) FILTER (is_production_ready IS NOT FALSE) "
            "FROM nba_precompute.player_composite_factors WHERE game_date = $day GROUP BY game_id",
            day=day,
        )
    }


def test_every_team_plays_82_games_of_1230(sample: duckdb.DuckDBPyConnection) -> None:
    games = games_played(sample, "00225")
    appearances = Counter(team for game in games for team in (game.away, game.home))
    assert len(games) == 1230
    assert len(appearances) == 30
    assert set(appearances.values()) == {82}


def test_no_team_plays_twice_on_a_date(sample: duckdb.DuckDBPyConnection) -> None:
    appearances = Counter((game.day, team) for game in games_played(sample, "00") for team in (game.away, game.home))
    assert max(appearances.values()) == 1


def test_the_season_runs_from_the_opener_into_june(sample: duckdb.DuckDBPyConnection) -> None:
    regular = {game.day for game in games_played(sample, "00225")}
    playoffs = {game.day for game in games_played(sample, "00425")}
    assert (min(regular), max(regular), len(regular)) == (date(2025, 10, 21), date(2026, 4, 12), 163)
    assert {game.day for game in games_played(sample, "00525")} == {
        date(2026, 4, 14),
        date(2026, 4, 15),
        date(2026, 4, 17),
    }
    assert min(playoffs) == date(2026, 4, 18)
    assert max(playoffs) == date(2026, 6, 19)


def test_no_preseason_and_no_all_star_game_is_loaded(sample: duckdb.DuckDBPyConnection) -> None:
    prefixes = {
        prefix for (prefix,) in rows(sample, "SELECT DISTINCT substr(game_id, 1, 3) FROM nba_raw.nbac_schedule")
    }
    assert prefixes == {"002", "004", "005", "006"}


def test_the_cup_final_stands_alone_on_its_date(sample: duckdb.DuckDBPyConnection) -> None:
    assert [game.day for game in games_played(sample, "00625")] == [date(2025, 12, 16)]
    assert date(2025, 12, 16) not in {game.day for game in games_played(sample, "00225")}


def test_a_playoff_series_ends_with_a_fourth_win_and_what_is_listed_after_it_stays_scheduled(
    sample: duckdb.DuckDBPyConnection,
) -> None:
    games = rows(
        sample,
        "SELECT substr(game_id, 1, 9), game_status, CASE WHEN away_team_score > home_team_score "
        "THEN away_team_tricode ELSE home_team_tricode END FROM nba_raw.nbac_schedule WHERE game_id LIKE '004%' "
        "ORDER BY game_id",
    )
    for series in {name for name, _, _ in games}:
        played = [winner for name, status, winner in games if name == series and status == 3]
        assert Counter(played)[played[-1]] == 4
        assert max(Counter(played[:-1]).values()) == 3
        assert [status for name, status, _ in games if name == series] == [3] * len(played) + [1] * (7 - len(played))


def test_league_ids_have_ten_digits_and_name_one_game_each(sample: duckdb.DuckDBPyConnection) -> None:
    listed = rows(
        sample, "SELECT game_id, away_team_tricode, home_team_tricode, is_regular_season FROM nba_raw.nbac_schedule"
    )
    teams_by_id: dict[str, set[tuple[str, str]]] = {}
    for game_id, away, home, is_regular_season in listed:
        parsed = LeagueId.from_text(game_id)
        assert parsed is not None
        assert parsed.season in {2025, 2026}
        assert is_regular_season == (parsed.season_type is SeasonType.REGULAR_SEASON)
        teams_by_id.setdefault(game_id, set()).add((away, home))
    assert all(len(teams) == 1 for teams in teams_by_id.values())


def test_game_codes_have_the_row_s_date_and_teams(sample: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        sample,
        "SELECT count(*) FROM nba_raw.nbac_schedule WHERE game_code <> "
        "strftime(game_date, '%Y%m%d') || '/' || away_team_tricode || home_team_tricode",
    ) == [(0,)]


def test_a_game_stands_twice_where_loads_were_appended_and_once_since_they_are_merged(
    sample: duckdb.DuckDBPyConnection,
) -> None:
    listings = (
        "SELECT game_date < '2026-01-10', list(game_status ORDER BY processed_at), "
        "list(game_status_text ORDER BY processed_at) FROM nba_raw.nbac_schedule "
        "WHERE game_id LIKE '00225%' AND game_code NOT IN ('20260108/MIACHI') GROUP BY game_id, game_date"
    )
    assert {(old, *statuses, *texts) for old, statuses, texts in rows(sample, listings)} == {
        (True, 1, 3, "Scheduled", "Final"),
        (False, 3, "Final"),
    }


def test_tip_offs_are_true_instants_from_noon_to_half_past_ten_eastern(sample: duckdb.DuckDBPyConnection) -> None:
    instants = rows(sample, "SELECT game_date, game_date_est FROM nba_raw.nbac_schedule")
    local = [(day, written.replace(tzinfo=UTC).astimezone(EASTERN)) for day, written in instants]
    assert all(tip.date() == day for day, tip in local)
    clocks = {tip.time() for _, tip in local}
    assert (min(clocks), max(clocks)) == (clock(12), clock(22, 30))


@pytest.mark.parametrize(
    ("first", "played", "first_listings"),
    [
        ("20260108/MIACHI", "20260129/MIACHI", [(1, None)]),
        ("20260124/GSWMIN", "20260125/GSWMIN", [(3, None)]),
    ],
    ids=["left as scheduled on its first date", "final without a score on its first date"],
)
def test_a_postponed_game_keeps_its_league_id_on_both_dates(
    sample: duckdb.DuckDBPyConnection, first: str, played: str, first_listings: list[tuple[int, int | None]]
) -> None:
    listings = "SELECT game_status, home_team_score FROM nba_raw.nbac_schedule WHERE game_code = $code ORDER BY ALL"
    assert rows(sample, listings, code=first) == first_listings
    assert [status for status, _ in rows(sample, listings, code=played)] == [3]
    assert rows(
        sample,
        "SELECT count(DISTINCT game_id) FROM nba_raw.nbac_schedule WHERE game_code IN ($first, $played)",
        first=first,
        played=played,
    ) == [(1,)]


def test_a_team_whose_game_was_called_off_plays_no_other_that_day(sample: duckdb.DuckDBPyConnection) -> None:
    played = {(game.day, team) for game in games_played(sample, "00225") for team in (game.away, game.home)}
    called_off = {
        (date(2026, 1, day), team) for day, teams in ((8, ("MIA", "CHI")), (24, ("GSW", "MIN"))) for team in teams
    }
    assert not played & called_off


def test_the_scoreboard_table_has_been_stale_since_june_2025(sample: duckdb.DuckDBPyConnection) -> None:
    ((newest, count),) = rows(sample, "SELECT max(game_date), count(*) FROM nba_raw.espn_scoreboard")
    assert newest == date(2025, 6, 22)
    assert count > 0


def test_a_usual_game_has_25_to_40_rows_and_33_in_the_median(sample: duckdb.DuckDBPyConnection) -> None:
    ((median, most),) = rows(
        sample,
        "SELECT median(n), max(n) FROM (SELECT count(*) AS n FROM nba_precompute.player_composite_factors "
        "GROUP BY game_date, game_id)",
    )
    assert (median, most) == (33, 40)


def test_a_player_has_one_row_per_game(sample: duckdb.DuckDBPyConnection) -> None:
    assert (
        rows(
            sample,
            "SELECT player_lookup, game_id FROM nba_precompute.player_composite_factors "
            "GROUP BY game_date, player_lookup, game_id HAVING count(*) > 1",
        )
        == []
    )


def test_the_slate_of_2026_01_18_is_the_real_one(sample: duckdb.DuckDBPyConnection) -> None:
    codes = rows(
        sample,
        "SELECT DISTINCT substr(game_code, 10) FROM nba_raw.nbac_schedule WHERE game_date = '2026-01-18'",
    )
    assert {code for (code,) in codes} == REAL_SLATE


def test_on_2026_01_18_there_were_8_rows_at_11_am_eastern_and_144_by_the_afternoon(
    sample: duckdb.DuckDBPyConnection,
) -> None:
    seen = (
        "SELECT count(*), count(DISTINCT game_id) FROM nba_precompute.player_composite_factors "
        "WHERE game_date = '2026-01-18' AND processed_at <= $instant"
    )
    assert rows(sample, seen, instant="2026-01-18 16:00:00") == [(8, 1)]
    assert rows(sample, seen, instant="2026-01-18 21:00:00") == [(8, 1)]
    assert rows(sample, seen, instant="2026-01-18 23:00:00") == [(144, 6)]
    assert set(factors(sample, "2026-01-18").values()) == {(24, 24)}


@pytest.mark.slow
def test_two_samples_have_the_same_rows_whatever_the_process(sample_path: Path, tmp_path: Path) -> None:
    # Another hash seed and time zone: neither may leak into the rows.
    second = tmp_path / "second.duckdb"
    subprocess.run(
        [sys.executable, "-c", WRITE_SAMPLE, second, NOW.isoformat()],
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"},
    )
    assert differing_tables(sample_path, second) == []


@pytest.mark.slow
def test_the_folder_is_made_and_nothing_else_is_left_in_it(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "sample.duckdb"
    write_sample(path)
    assert list(path.parent.iterdir()) == [path]


def test_an_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    path.write_text("precious")
    with pytest.raises(SampleError, match=r"warehouse\.duckdb: already exists; choose another path"):
        write_sample(path)
    ensure_sample(path)
    assert path.read_text() == "precious"


@pytest.mark.slow
def test_a_file_that_appears_while_the_sample_is_made_is_not_overwritten(tmp_path: Path) -> None:
    # Only a dangling link does not exist when searched for and exists when written to.
    path = tmp_path / "sample.duckdb"
    path.symlink_to(tmp_path / "nowhere")
    with pytest.raises(SampleError, match="already exists"):
        write_sample(path)
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_can_t_be_made_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SampleError, match=r"can't be written .* choose a path in a folder that you may write to"):
        write_sample(tmp_path / "file" / "sample.duckdb")
