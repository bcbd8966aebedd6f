"""Seasons by name and by date."""

from __future__ import annotations

from datetime import date

import pytest

from nba_monitoring.reports.season import Season, SeasonError


def test_a_season_lasts_from_its_opener_to_the_day_before_the_next() -> None:
    assert Season.named("2025-26") == Season("2025-26", date(2025, 10, 21), date(2026, 10, 20))


def test_the_last_known_season_lasts_as_long_as_one_can() -> None:
    assert Season.named("2026-27") == Season("2026-27", date(2026, 10, 21), date(2027, 10, 15))


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2025, 10, 20), "2024-25"),
        (date(2025, 10, 21), "2025-26"),
        (date(2026, 8, 1), "2025-26"),
        (date(2026, 10, 20), "2025-26"),
        (date(2026, 10, 21), "2026-27"),
    ],
)
def test_a_date_falls_in_the_season_that_opened_before_it(day: date, name: str) -> None:
    assert Season.of(day).name == name


@pytest.mark.parametrize(
    "name", ["2025", "2025-27", "2025-2026", "25-26", "", "\uff12\uff10\uff12\uff15-26", "2025-26\n"]
)
def test_another_name_gets_an_error_that_shows_the_format(name: str) -> None:
    with pytest.raises(SeasonError, match=r"is not a season; write 2025-26"):
        Season.named(name)


def test_an_unknown_season_gets_an_error_that_lists_the_known_ones() -> None:
    with pytest.raises(SeasonError, match=r"no opener is known for season 2019-20 \(known: 2021-22 to 2026-27\)"):
        Season.named("2019-20")
    with pytest.raises(SeasonError, match=r"2031-01-01 falls in no known season; use --season \(known: 2021-22"):
        Season.of(date(2031, 1, 1))
