"""Team codes."""

from __future__ import annotations

import pytest

from nba_monitoring.core.teams import ALIASES, ALL_STAR_TEAMS, TRICODES, is_known, team_of, tricode


def test_there_are_thirty_teams() -> None:
    assert len(TRICODES) == 30


@pytest.mark.parametrize(
    ("espn", "nba"), [("GS", "GSW"), ("NO", "NOP"), ("NY", "NYK"), ("SA", "SAS"), ("UTAH", "UTA"), ("WSH", "WAS")]
)
def test_espns_abbreviations_are_translated(espn: str, nba: str) -> None:
    assert tricode(espn) == nba


@pytest.mark.parametrize(
    ("historic", "today"),
    [("NOH", "NOP"), ("NOK", "NOP"), ("CHH", "CHA"), ("UTH", "UTA"), ("BRK", "BKN")],
)
def test_historic_codes_are_translated_to_the_team_of_today(historic: str, today: str) -> None:
    assert tricode(historic) == today


@pytest.mark.parametrize("city", ["SEA", "VAN", "NJN"])
def test_a_city_without_a_team_is_no_name_of_the_team_that_left_it(city: str) -> None:
    assert tricode(city) is None
    assert team_of(f" {city.lower()}") == city


def test_case_and_blanks_make_no_difference() -> None:
    assert tricode(" gsw ") == "GSW"
    assert tricode("utah") == "UTA"


def test_every_translation_leads_to_a_team_and_none_hides_one() -> None:
    assert set(ALIASES.values()) <= TRICODES
    assert TRICODES.isdisjoint(ALIASES)


def test_an_unknown_code_is_not_guessed() -> None:
    assert tricode("XYZ") is None
    assert not is_known("XYZ")
    assert not is_known("GS"), "a code must be translated before it is looked up"


def test_no_all_star_side_is_mistaken_for_a_team() -> None:
    assert ALL_STAR_TEAMS.isdisjoint(TRICODES | ALIASES.keys())
    assert set("EAST WEST CHK SHQ KEN CAN TMT TMC TMG TMM".split()) <= ALL_STAR_TEAMS
