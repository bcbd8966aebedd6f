"""All kinds of faults by name, and those that the product does not judge rightly yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from nba_monitoring_tests.season_machine.answers import Planted
from nba_monitoring_tests.season_machine.faults import absence, harmless, results, rules
from nba_monitoring_tests.season_machine.season import Season

# Plants itself on a date and says what is right; None where the date has no place for it. Nothing is changed then.
Kind = Callable[[Season, date], Planted | None]

ALL: Mapping[str, Kind] = {
    "a game is missing": absence.a_game_is_missing,
    "a stage is missing": absence.a_stage_is_missing,
    "a game is thin": absence.a_game_is_thin,
    "a date is thin": absence.a_date_is_thin,
    "the teams are behind": absence.the_teams_are_behind,
    "the zones are behind": absence.the_zones_are_behind,
    "nothing is usable": absence.nothing_is_usable,
    "only placeholders": absence.only_placeholders,
    "teams are missing": absence.teams_are_missing,
    "no model version": rules.no_model_version,
    "placeholder lines": rules.placeholder_lines,
    "a system is silent": rules.a_system_is_silent,
    "features of poor quality": rules.features_of_poor_quality,
    "copied forward": rules.copied_forward,
    "ids of no game": rules.ids_of_no_game,
    "summaries are missing": results.summaries_are_missing,
    "summaries are thin": results.summaries_are_thin,
    "grades are missing": results.grades_are_missing,
    "grades are few": results.grades_are_few,
    "written twice": harmless.written_twice,
    "the league's ids": harmless.the_leagues_ids,
    "home and away reversed": harmless.home_and_away_reversed,
    "just in time": harmless.just_in_time,
    "halted": harmless.halted,
    "halted without a reason": harmless.halted_without_a_reason,
    "halted late": harmless.halted_late,
}

# By name, with what is wrong about it.
KNOWN_WRONG: Mapping[str, str] = {
    "a date is thin": "an ERROR from the first look on, however late the first tip-off",
    "the zones are behind": "an ERROR from the first look on, however late the first tip-off",
}
