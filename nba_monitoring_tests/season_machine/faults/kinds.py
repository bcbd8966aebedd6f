"""All kinds of faults by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from nba_monitoring_tests.season_machine.answers import Planted
from nba_monitoring_tests.season_machine.faults import absence, harmless, results, rules, schedules, services, times
from nba_monitoring_tests.season_machine.season import Season

# Plants a fault on a date and returns what is right. None, with nothing changed, if the date does not allow it.
Kind = Callable[[Season, date], Planted | None]

ALL: Mapping[str, Kind] = {
    "a game is missing": absence.a_game_is_missing,
    "a stage is missing": absence.a_stage_is_missing,
    "two stages are missing": absence.two_stages_are_missing,
    "a game is thin": absence.a_game_is_thin,
    "a date is thin": absence.a_date_is_thin,
    "the teams are behind": absence.the_teams_are_behind,
    "the zones are behind": absence.the_zones_are_behind,
    "nothing is usable": absence.nothing_is_usable,
    "no prediction is usable": absence.no_prediction_is_usable,
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
    "a service fails": services.a_service_fails,
    "a service fails and the rows come": services.a_service_fails_and_the_rows_come,
    "written twice": harmless.written_twice,
    "the league's ids": harmless.the_leagues_ids,
    "home and away reversed": harmless.home_and_away_reversed,
    "just in time": harmless.just_in_time,
    "halted": harmless.halted,
    "halted without a reason": harmless.halted_without_a_reason,
    "halted late": harmless.halted_late,
    "a game is called off": schedules.a_game_is_called_off,
    "one of two games is called off": schedules.one_of_two_games_is_called_off,
    "a game is called off before the morning": schedules.a_game_is_called_off_before_the_morning,
    "postponed by the league's id": schedules.postponed_by_the_leagues_id,
    "its id on an earlier date": schedules.its_id_on_an_earlier_date,
    "a cup final without teams": schedules.a_cup_final_without_teams,
    "a game without teams": schedules.a_game_without_teams,
    "on the next date": schedules.on_the_next_date,
    "an unknown team": schedules.an_unknown_team,
    "an all-star game": schedules.an_all_star_game,
    "rewritten daily": times.rewritten_daily,
    "in the last minutes": times.in_the_last_minutes,
    "between two checks": times.between_two_checks,
    "no tip-off time": times.no_tip_off_time,
    "due by what rests on it": times.due_by_what_rests_on_it,
    "a system is replaced": times.a_system_is_replaced,
    "loaded in July": times.loaded_in_july,
}
