"""Openers of seasons, from the league's schedule or from the table."""

from __future__ import annotations

from datetime import date

import pytest

from nba_monitoring.core.slate.seasons import OPENERS, SeasonOpeners
from nba_monitoring.core.slate.sources import ListedGame
from nba_monitoring_tests.core.slate.slates import listed, whole_season


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


def test_a_season_loaded_whole_opens_with_its_first_game() -> None:
    first = date(2027, 10, 19)
    assert opener("2027-11-20", *whole_season(first)) == first


def test_it_is_whole_with_the_1200_games_that_are_published_first() -> None:
    first = date(2027, 10, 19)
    assert opener("2027-11-20", *whole_season(first, games=1200)) == first


def test_it_is_not_without_its_first_fortnight() -> None:
    assert opener("2027-11-20", *whole_season(date(2027, 11, 2), games=1130)) is None


@pytest.mark.parametrize("first", ["2026-10-20", "2026-10-22"])
def test_a_whole_schedules_opener_overrides_the_provisional_date_of_the_table(first: str) -> None:
    day = date.fromisoformat(first)
    assert opener("2026-11-20", *whole_season(day)) == day


def test_a_game_listed_before_the_tables_opener_proves_the_table_wrong() -> None:
    assert opener("2026-11-01", listed("league", "2026-10-20", "BOS@NYK", league_id="0022600061")) == date(2026, 10, 20)


def test_a_schedule_loaded_from_january_makes_no_opener_of_january() -> None:
    january = listed("league", "2028-01-03", "BOS@NYK", league_id="0022700480")
    assert opener("2028-01-05", january) is None


def test_not_even_with_the_season_before_loaded_whole() -> None:
    finals = listed("league", "2027-06-20", "BOS@LAL", league_id="0042600407")
    january = listed("league", "2028-01-03", "BOS@NYK", league_id="0022700480")
    assert opener("2028-01-05", finals, january) is None


def test_a_schedule_loaded_from_january_leaves_the_tables_opener_alone() -> None:
    finals = listed("league", "2025-06-22", "IND@OKC", league_id="0042400407")
    january = listed("league", "2026-01-03", "BOS@NYK", league_id="0022500480")
    assert opener("2026-01-05", finals, january) == OPENERS[2025]


def test_a_cup_game_with_number_one_in_november_is_not_an_opener() -> None:
    assert opener("2024-11-20", listed("league", "2024-11-12", "NYK@PHI", league_id="0022400001")) == OPENERS[2024]


def test_a_long_season_belongs_to_the_opener_355_days_before() -> None:
    opening = date(2019, 10, 22)
    assert opener("2020-10-11", *whole_season(opening)) == opening


def test_no_season_reaches_into_the_next_one() -> None:
    assert opener("2027-10-20") is None, "364 days after the opener of 2026"


def test_the_next_opener_is_the_first_after_the_date() -> None:
    openers = SeasonOpeners.from_listed([])
    assert openers.next_opener(date(2025, 10, 20)) == date(2025, 10, 21)
    assert openers.next_opener(date(2025, 10, 21)) == date(2026, 10, 21)
    assert openers.next_opener(date(2027, 1, 1)) is None


@pytest.mark.parametrize(
    ("day", "ended", "off"),
    [
        ("2025-06-22", "2025-06-22", False),
        ("2025-06-23", "2025-06-22", True),
        ("2025-10-06", "2025-06-22", True),
        ("2025-10-07", "2025-06-22", False),
        ("2027-09-30", "2027-06-20", True),
        ("2027-10-01", "2027-06-20", False),
        ("2020-10-15", "2020-10-11", False),
    ],
)
def test_the_off_season_lasts_until_the_next_schedule_is_due(day: str, ended: str, off: bool) -> None:
    openers = SeasonOpeners.from_listed([])
    assert openers.is_off_season(date.fromisoformat(day), date.fromisoformat(ended)) is off
