"""Openers of seasons, from the league's schedule or from the table."""

from __future__ import annotations

from datetime import date

import pytest

from nba_monitoring.core.slate.seasons import OPENERS, SeasonOpeners
from nba_monitoring.core.slate.sources import ListedGame
from nba_monitoring_tests.core.slate.slates import listed


def opener(day: str, *schedule: ListedGame) -> date | None:
    return SeasonOpeners.from_listed(schedule).opener_before(date.fromisoformat(day))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2021-10-19", "2021-10-19"),
        ("2022-06-16", "2021-10-19"),
        ("2022-10-18", "2022-10-18"),
        ("2025-06-22", "2024-10-22"),
        ("2025-10-20", None),
        ("2026-01-18", "2025-10-21"),
        ("2026-10-21", "2026-10-21"),
    ],
)
def test_without_a_schedule_the_table_knows_the_openers(day: str, expected: str | None) -> None:
    assert opener(day) == (expected and date.fromisoformat(expected))


@pytest.mark.parametrize("day", ["2019-11-01", "2021-03-01", "2027-11-01"])
def test_a_season_in_neither_table_nor_schedule_has_no_opener(day: str) -> None:
    assert opener(day) is None


def test_a_schedule_that_starts_with_the_preseason_shows_the_opener() -> None:
    preseason = listed("league", "2027-10-14", "BOS@NYK", league_id="0012700070")
    first = listed("league", "2027-10-19", "BOS@NYK", league_id="0022700061")
    later = listed("league", "2027-11-12", "BOS@ATL", league_id="0022700001")
    assert opener("2027-11-20", preseason, later, first) == date(2027, 10, 19)


def test_the_leagues_word_on_an_opener_beats_the_provisional_date_of_the_table() -> None:
    preseason = listed("league", "2026-10-16", "BOS@NYK", league_id="0012600070")
    for day in ("2026-10-20", "2026-10-22"):
        first = listed("league", day, "BOS@NYK", league_id="0022600061")
        assert opener("2026-11-20", preseason, first) == date.fromisoformat(day)


def test_a_game_listed_before_the_tables_opener_proves_the_table_wrong() -> None:
    assert opener("2026-11-01", listed("league", "2026-10-20", "BOS@NYK", league_id="0022600061")) == date(2026, 10, 20)


@pytest.mark.parametrize(
    ("season", "first_game", "league_id"),
    [
        ("the 72 games of 2020-21", "2020-12-22", "0022000001"),
        ("the lockout of 2011-12", "2011-12-25", "0021100001"),
        ("the lockout of 1998-99", "1999-02-05", "0029800001"),
    ],
)
def test_a_late_season_opens_with_its_game_number_one(season: str, first_game: str, league_id: str) -> None:
    assert opener(first_game, listed("league", first_game, "BOS@NYK", league_id=league_id)) is not None, season


def test_a_schedule_loaded_from_january_makes_no_opener_of_january() -> None:
    january = listed("league", "2028-01-03", "BOS@NYK", league_id="0022700480")
    assert opener("2028-01-05", january) is None


def test_not_even_with_the_season_before_loaded_whole() -> None:
    finals = listed("league", "2027-06-20", "BOS@LAL", league_id="0042600407")
    january = listed("league", "2028-01-03", "BOS@NYK", league_id="0022700480")
    assert opener("2028-01-05", finals, january) is None


def test_nor_with_the_preseason_loaded_and_the_autumn_not() -> None:
    preseason = listed("league", "2027-10-14", "BOS@NYK", league_id="0012700070")
    january = listed("league", "2028-01-03", "BOS@NYK", league_id="0022700480")
    assert opener("2028-01-05", preseason, january) is None


def test_an_all_star_game_before_the_first_game_is_no_preseason() -> None:
    all_star = listed("league", "2028-02-20", "EAST@WEST", league_id="0032700001")
    february = listed("league", "2028-02-24", "BOS@NYK", league_id="0022700800")
    assert opener("2028-02-25", all_star, february) is None


def test_a_schedule_loaded_from_january_leaves_the_tables_opener_alone() -> None:
    finals = listed("league", "2025-06-22", "IND@OKC", league_id="0042400407")
    january = listed("league", "2026-01-03", "BOS@NYK", league_id="0022500480")
    assert opener("2026-01-05", finals, january) == OPENERS[2025]


def test_a_cup_game_with_number_one_in_november_is_no_opener() -> None:
    assert opener("2024-11-20", listed("league", "2024-11-12", "NYK@PHI", league_id="0022400001")) == OPENERS[2024]


def test_the_bubble_belongs_to_the_season_that_opened_355_days_before() -> None:
    opening = listed("league", "2019-10-22", "NOP@TOR", league_id="0021900001")
    assert opener("2020-10-11", opening) == date(2019, 10, 22)


def test_no_season_reaches_into_the_next_one() -> None:
    assert opener("2027-10-20") is None, "364 days after the opener of 2026"


def test_the_next_opener_is_the_first_after_the_date() -> None:
    openers = SeasonOpeners.from_listed([])
    assert openers.next_opener(date(2025, 10, 20)) == date(2025, 10, 21)
    assert openers.next_opener(date(2025, 10, 21)) == date(2026, 10, 21)
    assert openers.next_opener(date(2027, 1, 1)) is None
