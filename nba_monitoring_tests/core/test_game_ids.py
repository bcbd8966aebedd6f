"""Reading game ids."""

from __future__ import annotations

from datetime import date

import pytest

from nba_monitoring.core.game_ids import LeagueId, UnreadableId, game_named, parse_game_id
from nba_monitoring.core.games import LEAGUE_PREFIXES, Game, SeasonType

ORLANDO_AT_MEMPHIS = Game(date(2026, 1, 18), "ORL", "MEM")


@pytest.mark.parametrize(
    "game_id",
    [
        "20260118_ORL_MEM",
        "20260118ORL_MEM",
        "20260118/ORLMEM",
        "20260118ORLMEM",
        "20260118_ORLMEM",
        "20260118_orl_mem",
        " 20260118_ORL_MEM\n",
    ],
)
def test_every_format_in_the_tables_names_the_same_game(game_id: str) -> None:
    assert parse_game_id(game_id) == ORLANDO_AT_MEMPHIS


def test_the_id_with_one_underscore_that_was_once_seen_is_read() -> None:
    assert parse_game_id("20251101LAL_GSW") == Game(date(2025, 11, 1), "LAL", "GSW")


def test_espns_own_abbreviations_become_tricodes() -> None:
    assert parse_game_id("20260118_UTAH_NY") == Game(date(2026, 1, 18), "UTA", "NYK")
    assert parse_game_id("20260118_GS_WSH") == Game(date(2026, 1, 18), "GSW", "WAS")


def test_home_and_away_reversed_is_the_same_game() -> None:
    reversed_game = parse_game_id("20260118_MEM_ORL")
    assert isinstance(reversed_game, Game)
    assert reversed_game != ORLANDO_AT_MEMPHIS
    assert reversed_game.key == ORLANDO_AT_MEMPHIS.key


def test_the_same_teams_on_another_date_are_another_game() -> None:
    assert Game(date(2026, 1, 19), "ORL", "MEM").key != ORLANDO_AT_MEMPHIS.key


def test_a_game_is_written_as_the_platform_and_as_people_write_it() -> None:
    assert ORLANDO_AT_MEMPHIS.id == "20260118_ORL_MEM"
    assert ORLANDO_AT_MEMPHIS.matchup == "ORL@MEM"
    assert parse_game_id(ORLANDO_AT_MEMPHIS.id) == ORLANDO_AT_MEMPHIS


def league_id(text: str) -> LeagueId:
    found = LeagueId.from_text(text)
    assert found is not None
    return found


def test_the_leagues_ten_digits_give_stage_season_and_number() -> None:
    assert parse_game_id("0022500578") == LeagueId("0022500578", SeasonType.REGULAR_SEASON, 2025, 578)


@pytest.mark.parametrize(("prefix", "season_type"), LEAGUE_PREFIXES.items())
def test_the_prefix_of_a_league_id_names_the_part_of_the_season(prefix: str, season_type: SeasonType) -> None:
    assert league_id(f"{prefix}2500001").season_type is season_type


def test_a_league_id_of_the_last_century_is_not_mistaken_for_a_future_one() -> None:
    assert league_id("0029800001").season == 1998
    assert league_id("0021100001").season == 2011


def test_a_prefix_nobody_knows_is_still_a_league_id() -> None:
    assert league_id("0092500001").season_type is None


@pytest.mark.parametrize(
    ("game_id", "reason"),
    [
        (None, "no game id"),
        ("", "no game id"),
        ("   ", "no game id"),
        ("22500578", "not in a known format"),
        ("00225005780", "not in a known format"),
        ("401810000", "not in a known format"),
        ("2026-01-18_ORL_MEM", "not in a known format"),
        ("20260118_ORL", "not in a known format"),
        ("20260118_ORL_MEM_2", "not in a known format"),
        ("٢٠٢٦٠١١٨_ORL_MEM", "not in a known format"),
        ("20260230_ORL_MEM", "20260230 is not a date"),
        ("20260118_SEAT_MEM", "unknown team SEAT"),
        ("20260118_ORL_XYZ", "unknown team XYZ"),
        ("20260118_ORL_ORL", "ORL can't play itself"),
        ("20260118_GS_GSW", "GSW can't play itself"),
    ],
)
def test_an_id_that_names_no_game_is_reported_with_the_reason(game_id: str | None, reason: str) -> None:
    assert parse_game_id(game_id) == UnreadableId(game_id or "", reason)


def test_an_id_of_a_team_nobody_knows_says_which_game_it_would_name() -> None:
    found = parse_game_id("20260118_sea_OKC")
    assert isinstance(found, UnreadableId)
    assert found.spelled == Game(date(2026, 1, 18), "SEA", "OKC")
    assert game_named("20260118_SEA_OKC") == found.spelled
    assert [game_named(text) for text in ("20260118_XYZ_XYZ", "20260118/TBDTBD", "0022500578", "junk")] == [None] * 4


def test_a_game_code_without_a_separator_is_never_split_by_guessing() -> None:
    assert parse_game_id("20260118UTAHNY") == UnreadableId("20260118UTAHNY", "unknown team HNY")
