"""The sample warehouse is a faithful season: what a reader of the platform's facts would look for is there."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from nba_monitoring.core.game_ids import LeagueId
from nba_monitoring.core.games import Game, SeasonType
from nba_monitoring.core.teams import ALL_STAR_TEAMS
from nba_monitoring.sample import SampleError, ensure_sample, write_sample
from nba_monitoring.sample.platform_tables import PLATFORM_TABLES

WRITE_SAMPLE = "import pathlib, sys, nba_monitoring.sample as s; s.write_sample(pathlib.Path(sys.argv[1]))"
REAL_SLATE = {"ORLMEM", "BKNCHI", "CHADEN", "NOPHOU", "PORSAC", "TORLAL"}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    path = tmp_path_factory.mktemp("sample") / "sample.duckdb"
    write_sample(path)
    with duckdb.connect(path, read_only=True) as connection:
        yield connection


def rows(connection: duckdb.DuckDBPyConnection, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
    return connection.execute(sql, parameters or None).fetchall()


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
    games = games_played(sample, "002")
    appearances = Counter(team for game in games for team in (game.away, game.home))
    assert len(games) == 1230
    assert len(appearances) == 30
    assert set(appearances.values()) == {82}


def test_no_team_plays_twice_on_a_date(sample: duckdb.DuckDBPyConnection) -> None:
    appearances = Counter((game.day, team) for game in games_played(sample, "00") for team in (game.away, game.home))
    assert max(appearances.values()) == 1


def test_the_season_runs_from_the_opener_into_june(sample: duckdb.DuckDBPyConnection) -> None:
    regular = {game.day for game in games_played(sample, "002")}
    playoffs = {game.day for game in games_played(sample, "004")}
    assert (min(regular), max(regular), len(regular)) == (date(2025, 10, 21), date(2026, 4, 12), 163)
    assert {game.day for game in games_played(sample, "005")} == {
        date(2026, 4, 14),
        date(2026, 4, 15),
        date(2026, 4, 17),
    }
    assert min(playoffs) == date(2026, 4, 18)
    assert max(playoffs) == date(2026, 6, 19)
    assert max(game.day for game in games_played(sample, "001")) < date(2025, 10, 21)


def test_no_regular_game_falls_on_an_off_day(sample: duckdb.DuckDBPyConnection) -> None:
    regular = {game.day for game in games_played(sample, "002")}
    all_star_break = {date(2026, 2, day) for day in range(13, 19)}
    assert not regular & {date(2025, 11, 27), date(2025, 12, 24), *all_star_break}


def test_the_cup_final_and_the_all_star_game_stand_alone_on_their_dates(sample: duckdb.DuckDBPyConnection) -> None:
    assert [game.day for game in games_played(sample, "006")] == [date(2025, 12, 16)]
    (all_star,) = games_played(sample, "003")
    assert all_star.day == date(2026, 2, 15)
    assert {all_star.away, all_star.home} <= ALL_STAR_TEAMS
    assert not {date(2025, 12, 16), date(2026, 2, 15)} & {game.day for game in games_played(sample, "002")}


def test_league_ids_have_ten_digits_and_name_one_game_each(sample: duckdb.DuckDBPyConnection) -> None:
    listed = rows(
        sample, "SELECT game_id, away_team_tricode, home_team_tricode, is_regular_season FROM nba_raw.nbac_schedule"
    )
    teams_by_id: dict[str, set[tuple[str, str]]] = {}
    for game_id, away, home, is_regular_season in listed:
        parsed = LeagueId.from_text(game_id)
        assert parsed is not None
        assert parsed.season == 2025
        assert is_regular_season == (parsed.season_type is SeasonType.REGULAR_SEASON)
        teams_by_id.setdefault(game_id, set()).add((away, home))
    assert all(len(teams) == 1 for teams in teams_by_id.values())


def test_game_codes_say_the_row_s_date_and_teams(sample: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        sample,
        "SELECT count(*) FROM nba_raw.nbac_schedule WHERE game_code <> "
        "strftime(game_date, '%Y%m%d') || '/' || away_team_tricode || home_team_tricode",
    ) == [(0,)]


def test_a_played_game_stands_twice_in_the_append_only_schedule(sample: duckdb.DuckDBPyConnection) -> None:
    listings = rows(
        sample,
        "SELECT game_status, game_status_text, home_team_score IS NULL, processed_at < '2025-10-01' "
        "FROM nba_raw.nbac_schedule WHERE game_code = '20260118/ORLMEM' ORDER BY processed_at",
    )
    assert listings == [(1, "12:00 pm ET", True, True), (3, "Final", False, False)]


def test_tip_offs_are_on_the_eastern_clock_from_noon_to_half_past_ten(sample: duckdb.DuckDBPyConnection) -> None:
    (earliest, latest) = rows(
        sample,
        "SELECT min(CAST(game_date_est AS TIME)), max(CAST(game_date_est AS TIME)) FROM nba_raw.nbac_schedule "
        "WHERE CAST(game_date_est AS DATE) = game_date",
    )[0]
    assert (f"{earliest:%H:%M}", f"{latest:%H:%M}") == ("12:00", "22:30")
    assert rows(
        sample, "SELECT count(*) FROM nba_raw.nbac_schedule WHERE CAST(game_date_est AS DATE) <> game_date"
    ) == [(0,)]


@pytest.mark.parametrize(
    ("first", "played", "first_listings"),
    [
        ("20260108/MIACHI", "20260129/MIACHI", [(1, None)]),
        ("20260124/GSWMIN", "20260125/GSWMIN", [(1, None), (3, None)]),
    ],
    ids=["left as scheduled on its first date", "final without a score on its first date"],
)
def test_a_postponed_game_keeps_its_league_id_on_both_dates(
    sample: duckdb.DuckDBPyConnection, first: str, played: str, first_listings: list[tuple[int, int | None]]
) -> None:
    listings = "SELECT game_status, home_team_score FROM nba_raw.nbac_schedule WHERE game_code = $code ORDER BY ALL"
    assert rows(sample, listings, code=first) == first_listings
    assert [status for status, _ in rows(sample, listings, code=played)] == [1, 3]
    assert rows(
        sample,
        "SELECT count(DISTINCT game_id) FROM nba_raw.nbac_schedule WHERE game_code IN ($first, $played)",
        first=first,
        played=played,
    ) == [(1,)]


def test_a_team_whose_game_was_called_off_plays_no_other_that_day(sample: duckdb.DuckDBPyConnection) -> None:
    played = {(game.day, team) for game in games_played(sample, "002") for team in (game.away, game.home)}
    called_off = {
        (date(2026, 1, day), team) for day, teams in ((8, ("MIA", "CHI")), (24, ("GSW", "MIN"))) for team in teams
    }
    assert not played & called_off


def test_the_scoreboard_table_has_been_stale_since_june_2025(sample: duckdb.DuckDBPyConnection) -> None:
    ((newest, count),) = rows(sample, "SELECT max(game_date), count(*) FROM nba_raw.espn_scoreboard")
    assert newest == date(2025, 6, 22)
    assert count > 0


def test_the_first_fourteen_days_have_no_phase_4_rows(sample: duckdb.DuckDBPyConnection) -> None:
    ((first,),) = rows(sample, "SELECT min(game_date) FROM nba_precompute.player_composite_factors")
    assert first == date(2025, 11, 4)


def test_a_usual_game_has_25_to_40_rows_and_33_in_the_median(sample: duckdb.DuckDBPyConnection) -> None:
    ((median, most),) = rows(
        sample,
        "SELECT median(n), max(n) FROM (SELECT count(*) AS n FROM nba_precompute.player_composite_factors "
        "GROUP BY game_date, game_id)",
    )
    assert (median, most) == (33, 40)


def test_a_player_has_one_row_a_game(sample: duckdb.DuckDBPyConnection) -> None:
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


def test_on_2026_01_18_8_rows_were_there_at_8_am_pacific_and_144_by_the_afternoon(
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


def test_the_incidents_of_the_season_are_planted_on_their_dates(sample: duckdb.DuckDBPyConnection) -> None:
    for empty in ("2026-01-20", "2026-01-24", "2026-01-25"):
        assert factors(sample, empty) == {}
    both_orders = factors(sample, "2026-01-27")
    assert len(both_orders) == 10
    assert len({frozenset(game_id.split("_")[1:]) for game_id in both_orders}) == 7
    unready = factors(sample, "2026-02-19").values()
    assert (sum(count for count, _ in unready), sum(usable for _, usable in unready)) == (153, 2)
    other_ids = factors(sample, "2026-02-26")
    assert len(other_ids) == 10
    assert not any("_" in game_id for game_id in other_ids)


def test_two_samples_hold_the_same_rows_whatever_the_process(tmp_path: Path) -> None:
    first, second = tmp_path / "first.duckdb", tmp_path / "second.duckdb"
    write_sample(first)
    # Another hash seed and time zone: neither may leak into the rows.
    subprocess.run(
        [sys.executable, "-c", WRITE_SAMPLE, second],
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"},
    )
    assert contents(first) == contents(second)


def contents(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    with duckdb.connect(path, read_only=True) as connection:
        return {table: rows(connection, f"SELECT * FROM {table} ORDER BY ALL") for table in PLATFORM_TABLES}


def test_a_sample_takes_less_than_three_seconds(tmp_path: Path) -> None:
    started = time.perf_counter()
    write_sample(tmp_path / "sample.duckdb")
    assert time.perf_counter() - started < 3


def test_the_folder_is_made_and_nothing_else_is_left_in_it(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "sample.duckdb"
    write_sample(path)
    assert list(path.parent.iterdir()) == [path]


def test_an_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    path.write_text("precious")
    with pytest.raises(SampleError, match=r"warehouse\.duckdb: exists already .* name another file"):
        write_sample(path)
    ensure_sample(path)
    assert path.read_text() == "precious"


def test_a_file_that_appears_while_the_sample_is_made_is_not_overwritten(tmp_path: Path) -> None:
    # A dangling link is the one thing that is not there when looked for and there when written to.
    path = tmp_path / "sample.duckdb"
    path.symlink_to(tmp_path / "nowhere")
    with pytest.raises(SampleError, match="exists already"):
        write_sample(path)
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_can_t_be_made_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SampleError, match=r"can't be written .* name a file in a folder that you may write to"):
        write_sample(tmp_path / "file" / "sample.duckdb")
