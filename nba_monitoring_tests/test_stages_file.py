"""The table of stages: what a file may say, and what is said about one that is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from nba_monitoring.core.counting import Placeholder
from nba_monitoring.core.games import SeasonType
from nba_monitoring.core.rules.shares import UsableShare
from nba_monitoring.core.stages import DueTime, LateAfter, Least, Stage, StageTable, State
from nba_monitoring.stages_file import SHIPPED, StagesError, load_stages
from nba_monitoring.stages_file.schema import stages_schema

Load = Callable[[str], StageTable]

PIPELINE = (
    "player_context team_context team_defense shot_zones daily_cache phase4 feature_store predictions player_summary "
    "grading"
).split()
ODDS = """
  odds:
    title: Odds
    group: phase2
    table: nba_raw.odds
    date_column: game_date
    unit: game
    unit_column: game_id
    key: player_lookup
    usable: line > 0 AND (book = 'a' OR book IS NULL)
    written: [created_at]
    least: {per_unit: 5}
    due: {at: 9:30}
    fix: gcloud scheduler jobs run odds
"""


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Loads a text as a file of stages."""

    def load(text: str) -> StageTable:
        path = tmp_path / "stages.yaml"
        path.write_text(text)
        return load_stages(path)

    return load


def test_more_stages_than_anyone_has_are_refused_in_one_line(load: Load) -> None:
    one = "{title: T, group: phase2, table: nba_raw.t, date_column: d, unit: date, written: [w], upstream: [%s]}"
    chain = [f"  s{number}: " + one % (f"s{number - 1}" if number else "") for number in range(1500)]
    with pytest.raises(StagesError) as caught:
        load("\n".join(["extend: default", "stages:", *chain]))
    (line,) = str(caught.value).splitlines()
    assert line.endswith("stages: has 1500 stages; at most 200 are supported")


@pytest.mark.parametrize("depth", [990, 100_000])
def test_a_file_that_is_nested_without_end_is_refused(load: Load, depth: int) -> None:
    with pytest.raises(StagesError, match="nest"):
        load("stages: " + "[" * depth + "]" * depth)


def extended(*stages: str) -> str:
    return "\n".join(["extend: default", "stages:", *(f"  {line}" for line in stages)])


def names(table: StageTable) -> list[str]:
    return [stage.name for stage in table]


def test_the_shipped_table_has_the_pipelines_stages_in_its_order() -> None:
    table = load_stages()
    assert names(table) == PIPELINE
    assert table["predictions"].due.before_first_tip == timedelta(hours=2)
    assert table["predictions"].excused_by == table["grading"].excused_by
    assert table.upstreams["grading"] == set(PIPELINE) - {"grading"}


def test_a_file_that_changes_nothing_is_the_shipped_table(load: Load) -> None:
    assert load("extend: default") == load("extend: default\nstates:\nstages:\ndrop: []") == load_stages()


def test_the_shipped_file_is_a_whole_table_of_its_own(load: Load) -> None:
    assert load(SHIPPED.read_text()) == load_stages()


def test_a_changed_field_replaces_the_shipped_one_and_leaves_the_others(load: Load) -> None:
    shipped = load_stages()["shot_zones"]
    changed = load(extended("shot_zones:", "  least: {per_date: 250}", "  noun: shooters"))["shot_zones"]
    # A field is replaced whole: the ramp beside per_date is gone.
    assert changed == shipped.model_copy(update={"least": Least(per_date=250), "noun": "shooters"})


def test_an_empty_field_takes_the_shipped_one_away(load: Load) -> None:
    table = load(extended("predictions: {excused_by: null, bootstrap_days: }", "grading: {rules: []}"))
    assert table["predictions"].excused_by is None
    assert table["predictions"].bootstrap_days == 0
    assert table["grading"].rules == ()


def test_a_stage_is_late_after_it_is_usual_where_its_entry_says_so_alone(load: Load) -> None:
    assert {stage.late_after for stage in load_stages()} == {None}
    table = load(extended("predictions: {late_after: usual}", "phase4: {late_after: null}"))
    assert {stage.name: stage.late_after for stage in table if stage.late_after} == {"predictions": LateAfter.USUAL}


@pytest.mark.parametrize(("late_after", "is_right"), [("usual", True), (None, True), ("median", False), (7, False)])
def test_the_schema_knows_what_a_stage_may_be_late_after(late_after: object, is_right: bool) -> None:
    file = {"extend": "default", "stages": {"phase4": {"late_after": late_after}}}
    assert Draft202012Validator(stages_schema()).is_valid(file) is is_right


def test_a_changed_state_is_that_of_every_stage_it_excuses(load: Load) -> None:
    table = load("extend: default\nstates:\n  halt: {explains: [off_season, off], active: null}")
    for stage in (table["predictions"], table["grading"]):
        assert stage.excused_by is not None
        assert stage.excused_by.explains == ("off_season", "off")
        assert stage.excused_by.table == "nba_orchestration.halt_state"
        assert stage.excused_by.active == "TRUE"


def test_an_eleventh_stage_is_the_last_or_where_it_says(load: Load) -> None:
    odds = f"extend: default\nstages:{ODDS}"
    assert names(load(odds)) == [*PIPELINE, "odds"]
    assert names(load(f"{odds}    after: shot_zones")) == [*PIPELINE[:4], "odds", *PIPELINE[4:]]
    first = load(f"{odds}    after: schedule\n  player_context: {{upstream: [odds]}}")
    assert names(first) == ["odds", *PIPELINE]
    assert first.upstreams["team_context"] == frozenset()
    assert "odds" in first.upstreams["grading"]


def test_what_rested_on_a_dropped_stage_rests_on_what_that_rested_on(load: Load) -> None:
    table = load("extend: default\ndrop: [feature_store, daily_cache]")
    assert names(table) == [name for name in PIPELINE if name not in ("feature_store", "daily_cache")]
    # feature_store rested on phase4 and daily_cache, and that on shot zones and player context.
    assert table["predictions"].upstream == ("phase4", "shot_zones", "player_context")
    assert table["grading"].upstream == ("predictions", "player_summary")


def test_an_upstream_of_the_users_own_stays_as_it_is_when_a_stage_is_dropped(load: Load) -> None:
    table = load("extend: default\ndrop: [feature_store]\nstages:\n  predictions: {upstream: [phase4]}")
    assert table["predictions"].upstream == ("phase4",)


def test_a_file_without_extend_is_the_whole_table(load: Load) -> None:
    table = load(f"stages:{ODDS.replace('odds:', 'phase4:', 1)}")
    assert names(table) == ["phase4"]
    assert table.phase4.title == "Odds"


@pytest.mark.parametrize("at", ["10:45", '"10:45"', "'10:45'"])
def test_a_time_is_the_same_in_quotes_and_without(load: Load, at: str) -> None:
    assert load(extended(f"phase4: {{due: {{at: {at}}}}}")).phase4.due.at == time(10, 45)


@pytest.mark.parametrize(
    ("span", "minutes"), [("2h", 120), ("90m", 90), ("1h30m", 90), ("0m", 0)], ids=["hours", "minutes", "both", "none"]
)
def test_a_span_of_time_is_hours_and_minutes(load: Load, span: str, minutes: int) -> None:
    phase4 = load(extended(f"phase4: {{due: {{at: 7:00, before_first_tip: {span}}}}}")).phase4
    assert phase4.due.before_first_tip == timedelta(minutes=minutes)


def test_plain_words_are_what_they_look_like(load: Load) -> None:
    phase4 = load(extended("phase4: {noun: off, title: 2026-01-18, usable_word: no, bootstrap_days: 014}")).phase4
    assert (phase4.noun, phase4.title, phase4.usable_word, phase4.bootstrap_days) == ("off", "2026-01-18", "no", 14)


def test_a_stage_may_be_written_once_and_used_twice(load: Load) -> None:
    text = f"extend: default\nstages:{ODDS.replace('odds:', 'odds: &odds', 1)}"
    table = load(f"{text}  lines:\n    <<: *odds\n    title: Lines\n    upstream: [odds]")
    assert names(table)[-2:] == ["odds", "lines"]
    assert (table["lines"].title, table["lines"].table) == ("Lines", "nba_raw.odds")


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    path = tmp_path / "stages.yaml"
    path.write_bytes("\N{BYTE ORDER MARK}extend: default".encode())
    assert load_stages(path) == load_stages()


GOOD = {
    "a unit that has no column": "shot_zones: {unit: date}",
    "a team's column": "team_context: {unit: team, unit_column: team_abbr, least: {per_unit: 1}}",
    "so many times the games": "daily_cache: {least: {per_game: 10}}",
    "a ramp": "shot_zones: {least: {per_date: 300, ramp: [[0, 0], [18, 50], [33, 300]]}}",
    "a condition with a function": "phase4: {usable: \"COALESCE(score, 0) > 0 AND source IN ('a)', 'c')\"}",
    "a condition over lines": "phase4: {usable: TRUE AND\n    is_production_ready}",
    "every row": 'phase4: {usable: "TRUE"}',
    "no writing time": "phase4: {written: []}",
    "parts of a season": "phase4: {season_types: [regular_season, playoffs]}",
    "a rule": "phase4: {rules: [{rule: usable_share, warn: 0.8}]}",
    "due when it tips off": "phase4: {due: {at: 23:59, before_first_tip: 0m}}",
    "due the next day": "phase4: {due: {at: 0:00, next_day: true}}",
    "an upstream before it": "team_context: {upstream: [player_context]}",
    "a group of another name": "phase4: {group: Phase_4}",
}


@pytest.mark.parametrize("stage", GOOD.values(), ids=GOOD.keys())
def test_what_is_right_is_taken(load: Load, stage: str) -> None:
    assert names(load(extended(stage))) == PIPELINE


# A file, and the whole of what is said about it: the lines of `extended` begin with the third.
WRONG: Mapping[str, tuple[str, str]] = {
    "a misspelt field": (
        extended("phase4:", "  title: Phase 4", "  unit_colum: game_id"),
        "{file}:5: stages.phase4.unit_colum: unknown field; did you mean 'unit_column'?",
    ),
    "a misspelt field inside": (
        extended("phase4:", "  least: {per_units: 12}"),
        "{file}:4: stages.phase4.least.per_units: unknown field; did you mean 'per_unit'?",
    ),
    "a field that nobody knows": (
        extended("phase4: {due: {at: 7:00, zone: PST}}"),
        "{file}:3: stages.phase4.due.zone: unknown field; use at, before_first_tip, next_day",
    ),
    "a field twice": (
        extended("phase4:", "  title: Factors", "  noun: players", "  title: Composite factors"),
        "{file}:6: stages.phase4.title: appears twice; keep one",
    ),
    "a stage twice": (
        extended("phase4:", "  title: Factors", "phase4:", "  noun: players"),
        "{file}:5: stages.phase4: appears twice; keep one",
    ),
    "an unknown placeholder": (
        extended("grading:", "  title: Grading", "  fix: recover.sh {first} {lst}"),
        "{file}:5: stages.grading.fix: unknown placeholder {lst}; use {date}, {first}, {last}, or ${lst} for a "
        "variable of the shell",
    ),
    "an unknown placeholder for past dates": (
        extended("grading: {fix_past: 'recover.sh {day}'}"),
        "{file}:3: stages.grading.fix_past: unknown placeholder {day}; use {date}, {first}, {last}, or ${day} for a "
        "variable of the shell",
    ),
    "a new stage without a field": (
        f"extend: default\nstages:{ODDS.replace('    key: player_lookup', '')}",
        "{file}:3: stages.odds.key: required, but missing",
    ),
    "a new stage with little": (
        extended("odds:", "  title: Odds", "  table: nba_raw.odds"),
        "{file}:3: stages.odds: group, date_column, unit, key, usable, written, least, due, fix: required, but missing",
    ),
    "a misspelt stage": (
        extended("prediction:", "  least: {per_unit: 5}"),
        "{file}:3: stages.prediction: not a shipped stage; did you mean 'predictions'? A new stage needs `table`",
    ),
    "an unknown upstream": (
        extended("grading:", "  upstream:", "    - predictions", "    - player_sumary"),
        "{file}:6: stages.grading.upstream[1]: no stage 'player_sumary'; did you mean 'player_summary'?",
    ),
    "an upstream that comes later": (
        extended("player_context: {upstream: [team_context]}"),
        "{file}:3: stages.player_context.upstream[0]: team_context comes later, but a stage must come after its "
        "upstream stages; write `after: team_context` in its entry",
    ),
    "a stage that depends on itself": (
        extended("grading: {upstream: [grading]}"),
        "{file}:3: stages.grading.upstream[0]: a stage can't depend on itself",
    ),
    "a circle": (
        extended("shot_zones: {upstream: [daily_cache]}", "daily_cache: {upstream: [shot_zones]}"),
        "{file}:3: stages.shot_zones.upstream[0]: daily_cache and shot_zones depend on each other; remove one of "
        "the two\n"
        "{file}:4: stages.daily_cache.upstream[0]: shot_zones and daily_cache depend on each other; remove one of "
        "the two",
    ),
    "the schedule as an upstream": (
        extended("player_context: {upstream: [schedule]}"),
        "{file}:3: stages.player_context.upstream[0]: every stage depends on the schedule; leave it out",
    ),
    "a place after no stage": (
        f"extend: default\nstages:{ODDS}    after: phase_4\n",
        "{file}:16: stages.odds.after: no other stage 'phase_4'; did you mean 'phase4'?",
    ),
    "an unknown state": (
        extended("grading: {excused_by: hlat}"),
        "{file}:3: stages.grading.excused_by: no state 'hlat'; did you mean 'halt'?",
    ),
    "two leasts": (
        extended("phase4:", "  least: {per_unit: 12, per_date: 60}"),
        "{file}:4: stages.phase4.least: set one of per_unit, per_game and per_date, not per_unit and per_date",
    ),
    "a ramp without per_date": (
        extended("phase4:", "  least: {per_unit: 12, ramp: [[14, 6]]}"),
        "{file}:4: stages.phase4.least.ramp: works only with per_date, which it lowers in a season's first weeks",
    ),
    "a ramp that goes back": (
        extended("shot_zones:", "  least:", "    per_date: 300", "    ramp: [[33, 300], [18, 50]]"),
        "{file}:6: stages.shot_zones.least.ramp: days must be in ascending order, not 33, 18",
    ),
    "a least of no unit": (
        extended("phase4: {least: {per_date: 60}}", "shot_zones: {least: {per_unit: 60}}"),
        "{file}:3: stages.phase4.least: must be per_unit if unit is game\n"
        "{file}:4: stages.shot_zones.least: can't be per_unit if unit is player: write per_date or per_game",
    ),
    "an unknown unit": (
        extended("phase4: {unit: games}"),
        "{file}:3: stages.phase4.unit: must be 'game', 'team', 'player' or 'date', not 'games'",
    ),
    "a unit without its column": (
        extended("grading:", "  unit: team"),
        "{file}:3: stages.grading.unit_column: is required: the column that names a row's team",
    ),
    "a column without a unit": (
        extended("grading:", "  unit_column: game_id"),
        "{file}:4: stages.grading.unit_column: is only for stages counted by game or team; "
        "leave it out if unit is date",
    ),
    "phase4 by date": (
        extended("phase4: {unit: date, unit_column: null, least: {per_date: 60}}"),
        "{file}:3: stages.phase4.unit: must be game for phase4: data_availability_checks counts its games",
    ),
    "a table with its project": (
        extended("phase4: {table: nba-props.nba_precompute.factors}"),
        "{file}:3: stages.phase4.table: 'nba-props.nba_precompute.factors' is not a table; write dataset.table",
    ),
    "a name with a hyphen": (
        f"extend: default\nstages:{ODDS.replace('odds:', 'Odds-1:', 1)}",
        "{file}:3: stages.Odds-1: 'Odds-1' is not a stage name: use lowercase letters, digits and _, "
        "starting with a letter",
    ),
    "a name that is taken": (
        f"extend: default\nstages:{ODDS.replace('odds:', 'scheduled_games:', 1)}",
        "{file}:3: stages.scheduled_games: 'scheduled_games' is reserved; choose another name",
    ),
    "a name of its own": (
        extended("phase4: {name: factors}"),
        "{file}:3: stages.phase4.name: unknown field; a stage's name is the key of its entry",
    ),
    "a column that is an expression": (
        extended("phase4: {key: LOWER(player_lookup)}"),
        "{file}:3: stages.phase4.key: 'LOWER(player_lookup)' is not a column name: use letters, digits "
        "and _, starting with a letter",
    ),
    "a time of twelve hours": (
        extended("phase4:", "  due:", "    at: 2 PM"),
        "{file}:5: stages.phase4.due.at: '2 PM' is not a time of day; write US Eastern time, such as 10:45 or 14:00",
    ),
    "a time that is a number": (
        extended("phase4: {due: {at: 645}}"),
        "{file}:3: stages.phase4.due.at: 645 is not a time of day; write US Eastern time, such as 10:45 or 14:00",
    ),
    "a span without its unit": (
        extended("phase4: {due: {at: 7:00, before_first_tip: 2}}"),
        "{file}:3: stages.phase4.due.before_first_tip: 2 is not a duration; write it as 2h, 90m or 1h30m",
    ),
    "before the tip-off of the day before": (
        extended("grading: {due: {at: 7:00, next_day: true, before_first_tip: 2h}}"),
        "{file}:3: stages.grading.due.before_first_tip: can't be combined with next_day, "
        "because the games are over by then",
    ),
    "a word that makes nothing late": (
        extended("phase4:", "  due: {at: 7:00}", "  late_after: median"),
        "{file}:5: stages.phase4.late_after: must be 'usual', not 'median'",
    ),
    "a time after which it is late": (
        extended("phase4: {late_after: 10:45}"),
        "{file}:3: stages.phase4.late_after: must be 'usual', not '10:45'",
    ),
    "a part of no season": (
        extended("phase4: {season_types: [finals]}"),
        "{file}:3: stages.phase4.season_types[0]: must be 'preseason', 'regular_season', 'all_star', 'playoffs', "
        "'play_in' or 'cup_final', not 'finals'",
    ),
    "no part of a season": (
        extended("phase4: {season_types: []}"),
        "{file}:3: stages.phase4.season_types: must have at least 1, not 0",
    ),
    "more days than a year": (
        extended("phase4: {bootstrap_days: 400}"),
        "{file}:3: stages.phase4.bootstrap_days: must be less than or equal to 366, not 400",
    ),
    "a word for a list": (
        extended("phase4: {written: processed_at}"),
        "{file}:3: stages.phase4.written: must be a list, such as [a, b], not 'processed_at'",
    ),
    "a number for fields": (
        extended("phase4: {least: 12}"),
        "{file}:3: stages.phase4.least: must be fields, such as {name: value}, not 12",
    ),
    "a number for text": (
        extended("phase4: {title: 4}"),
        "{file}:3: stages.phase4.title: must be text (quote it if it looks like a number or a date), not 4",
    ),
    "a title of two lines": (
        extended('phase4: {title: "Composite\\nfactors"}'),
        "{file}:3: stages.phase4.title: must be one line of text (it is shown in alerts)",
    ),
    "a group that Dagster refuses": (
        extended("phase4: {group: phase 4}"),
        "{file}:3: stages.phase4.group: 'phase 4' is not a group name: use letters, digits and _",
    ),
    "an unknown rule": (
        extended("phase4:", "  rules:", "    - rule: usable_share", "      warn: 0.8", "    - rule: usable_shar"),
        "{file}:7: stages.phase4.rules[1]: no rule 'usable_shar'; did you mean 'usable_share'?",
    ),
    "a rule without its name": (
        extended("phase4: {rules: [{warn: 0.8}]}"),
        "{file}:3: stages.phase4.rules[0]: name the rule in the field `rule`",
    ),
    "a misspelt field of a rule": (
        extended("phase4:", "  rules:", "    - rule: usable_share", "      wran: 0.8"),
        "{file}:6: stages.phase4.rules[0].usable_share.wran: unknown field; did you mean 'warn'?",
    ),
    "a threshold in percent": (
        extended("phase4: {rules: [{rule: usable_share, warn: 80}]}"),
        "{file}:3: stages.phase4.rules[0].usable_share.warn: must be less than or equal to 1, not 80",
    ),
    "a state's fields": (
        "extend: default\nstates:\n  halt: {tabel: a.b}\n  pause: {table: a.b, active: 'on;'}",
        "{file}:3: states.halt.tabel: unknown field; did you mean 'table'?\n"
        "{file}:4: states.pause.active: must not contain ';': write one condition over the table's own columns\n"
        "{file}:4: states.pause: date_column, reason_column, since_column, written_column, explains: required, "
        "but missing",
    ),
    "a stage that is none": (
        extended("phase4: 12"),
        "{file}:3: stages.phase4: must be fields, such as {name: value}, not 12",
    ),
    "a drop of no stage": (
        "extend: default\ndrop: [shotzones]",
        "{file}:2: drop[0]: no shipped stage 'shotzones'; did you mean 'shot_zones'?",
    ),
    "a drop of phase4": (
        "extend: default\ndrop: [phase4]",
        "{file}:2: drop[0]: phase4 can't be dropped: data_availability_checks records it",
    ),
    "a drop of what is changed": (
        "extend: default\ndrop: [grading]\nstages:\n  grading: {title: Grades}",
        "{file}:2: drop[0]: grading also has an entry in this file; keep one",
    ),
    "an upstream that is dropped": (
        "extend: default\ndrop: [shot_zones]\nstages:\n  daily_cache: {upstream: [shot_zones]}",
        "{file}:4: stages.daily_cache.upstream[0]: shot_zones is dropped in this file; remove it here",
    ),
    "a drop from nothing": (
        f"drop: [grading]\nstages:{ODDS.replace('odds:', 'phase4:', 1)}",
        "{file}:1: drop: works only with `extend: default`; delete the entry instead",
    ),
    "a later upstream in a whole table": (
        f"stages:{ODDS.replace('odds:', 'phase4:', 1)}    upstream: [odds]{ODDS}",
        "{file}:15: stages.phase4.upstream[0]: odds comes later, but a stage must come after its upstream stages; move "
        "its entry",
    ),
    "a whole table without phase4": (
        f"stages:{ODDS}",
        "{file}:1: stages: phase4 is required, but missing: data_availability_checks records it; see `extend: default`",
    ),
    "an extension of what is not there": ("extend: shipped", "{file}:1: extend: must be 'default', not 'shipped'"),
    "a misspelt extend": ("extends: default", "{file}:1: extends: unknown field; did you mean 'extend'?"),
    "nothing": (
        "",
        "{file}: is empty; start with `extend: default` to change the shipped stages, or with `stages:`",
    ),
    "a comment": (
        "# to do",
        "{file}: is empty; start with `extend: default` to change the shipped stages, or with `stages:`",
    ),
    "a list": (
        "- phase4",
        "{file}: has no fields; start with `extend: default` to change the shipped stages, or with `stages:`",
    ),
    "a bracket that is not closed": (
        extended("phase4:", "  least: {per_unit: 12", "  title: Factors"),
        "{file}:5: is not YAML: while parsing a flow mapping, did not find expected ',' or '}'",
    ),
    "a tab": (
        "extend: default\nstages:\n\tphase4:",
        "{file}:3: is not YAML: while scanning for the next token, found character that cannot start any token",
    ),
    "two documents": (
        "extend: default\n---\nextend: default",
        "{file}:2: is not YAML: expected a single document in the stream, but found another document",
    ),
    "an object": (
        extended("phase4: !!python/object:os.system {}"),
        "{file}:3: is not YAML: could not determine a constructor for the tag "
        "'tag:yaml.org,2002:python/object:os.system'",
    ),
    "a list for a key": (
        extended("[a, b]: {}"),
        "{file}:3: is not YAML: while constructing a mapping, found unhashable key",
    ),
    "an entry inside itself": (
        extended("phase4: &factors", "  least: *factors"),
        "{file}:4: stages.phase4.least.least: unknown field; use per_date, per_game, per_unit, ramp, warn",
    ),
}
ONE_CONDITION = "write one condition over the table's own columns"
CONDITIONS = {
    "ready; DROP TABLE x": f"must not contain ';': {ONE_CONDITION}",
    "day = @first": "must not contain '@': parameters are not supported",
    "day = $first": "must not contain '$': parameters are not supported",
    "day = ?": "must not contain '?': parameters are not supported",
    "ready -- or not": "must not contain '--': comments go into the YAML, after a #",
    "ready /* or not */": "must not contain '/*': comments go into the YAML, after a #",
    "{usable}": f"must not contain '{{': {ONE_CONDITION}",
    'sport = "nba"': "must not contain '\"': write text in single quotes",
    "`ready`": "must not contain '`': write columns without quotes",
    "(ready OR (line > 0)": "has a parenthesis that is not closed",
    "ready) OR (TRUE": "has a parenthesis that is not opened",
    "sport = 'nba": "has a single quote that is not closed",
    " ": "must not be empty; write TRUE to count every row",
}


def refusal(path: Path | None) -> str:
    with pytest.raises(StagesError) as caught:
        load_stages(path)
    return str(caught.value)


@pytest.mark.parametrize(("text", "said"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_said_with_file_line_stage_and_field(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "stages.yaml"
    path.write_text(text)
    assert refusal(path) == said.replace("{file}", str(path))


@pytest.mark.parametrize(("condition", "said"), CONDITIONS.items(), ids=CONDITIONS.keys())
def test_a_condition_that_is_more_or_less_than_one_is_refused(tmp_path: Path, condition: str, said: str) -> None:
    path = tmp_path / "stages.yaml"
    path.write_text(f"extend: default\nstages: {{phase4: {{usable: {json.dumps(condition)}}}}}")
    assert refusal(path) == f"{path}:2: stages.phase4.usable: {said}"


def test_everything_that_is_wrong_is_said_at_once_in_the_files_order(tmp_path: Path) -> None:
    path = tmp_path / "stages.yaml"
    path.write_text(
        extended(
            "grading:", "  upstream: [grades]", "  title: Grades", "  title: 5", "phase4:", "  unit: row", "  noun: ''"
        )
    )
    assert refusal(path).splitlines() == [
        f"{path}:4: stages.grading.upstream[0]: no stage 'grades'; did you mean 'grading'?",
        f"{path}:6: stages.grading.title: appears twice; keep one",
        f"{path}:6: stages.grading.title: must be text (quote it if it looks like a number or a date), not 5",
        f"{path}:8: stages.phase4.unit: must be 'game', 'team', 'player' or 'date', not 'row'",
        f"{path}:9: stages.phase4.noun: must be one line of text (it is shown in alerts)",
    ]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.yaml") == f"{tmp_path}/none.yaml: does not exist; check NBA_MONITORING_STAGES"
    assert refusal(tmp_path) == f"{tmp_path}: is a folder; name a YAML file in NBA_MONITORING_STAGES"
    (tmp_path / "file").touch()
    inside = tmp_path / "file" / "stages.yaml"
    assert refusal(inside) == f"{inside}: can't be read: Not a directory; check NBA_MONITORING_STAGES"


def test_a_file_that_is_no_text_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "stages.yaml"
    path.write_bytes("extend: default\n# Dončić\n".encode("iso8859-2"))
    assert refusal(path) == f"{path}:2: is not UTF-8; save it as UTF-8"
    path.write_bytes(b"extend: \x07")
    assert refusal(path).startswith(f"{path}: is not YAML: unacceptable character #x0007")


WORDS = st.sampled_from(
    (
        "extend default states stages drop halt phase4 grading odds title table unit unit_column key usable written "
        "due at least per_unit per_date ramp rules rule warn upstream after excused_by name placeholder season_types "
        "game usable_share schedule 10:45 2h a.b on ( ' ; ~"
    ).split()
)
VALUES = st.recursive(
    WORDS | st.none() | st.booleans() | st.integers() | st.floats() | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.integers(), inner, max_size=4),
)


@given(
    changes=st.dictionaries(st.sampled_from(["phase4", "grading", "odds"]), VALUES, max_size=3),
    rest=st.dictionaries(st.sampled_from(["drop", "states", "extra"]), VALUES, max_size=1),
    whole=st.booleans(),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_file_says_it_is_stages_or_lines_that_name_it(
    tmp_path: Path, changes: dict[str, Any], rest: dict[str, Any], whole: bool
) -> None:
    path = tmp_path / "stages.yaml"
    path.write_text(yaml.safe_dump({"stages": changes} | rest | ({} if whole else {"extend": "default"})))
    try:
        refused = None if "phase4" in load_stages(path) else "phase4 is not there"
    except StagesError as error:
        refused = str(error)
    assert refused is None or all(line.startswith(f"{path}:") for line in refused.splitlines())


def test_the_schema_takes_the_shipped_table_and_an_extension_of_it() -> None:
    shipped = yaml.safe_load(SHIPPED.read_text())
    validator = Draft202012Validator(stages_schema())
    assert list(validator.iter_errors(shipped)) == []
    extension = {
        "extend": "default",
        "drop": ["grading"],
        "states": {"halt": {"explains": ["off_season"]}},
        "stages": {
            "odds": yaml.safe_load(ODDS.replace("9:30", '"9:30"'))["odds"] | {"after": "schedule"},
            "phase4": {
                "least": {"per_unit": 10},
                "placeholder": None,
                "rules": [{"rule": "usable_share", "fail": 0.5}],
            },
        },
    }
    assert list(validator.iter_errors(extension)) == []
    assert list(validator.iter_errors(shipped | {"extend": "default"})) == []


REFUSED_BY_SCHEMA: Mapping[str, tuple[dict[str, Any], str]] = {
    "a misspelt field": ({"extend": "default", "stages": {"phase4": {"unit_colum": "a"}}}, "$.stages.phase4"),
    "a new stage with little": ({"extend": "default", "stages": {"odds": {"title": "Odds"}}}, "$.stages.odds"),
    "a number for a time": (
        {"extend": "default", "stages": {"phase4": {"due": {"at": 645}}}},
        "$.stages.phase4.due",
    ),
    "an unknown rule": (
        {"extend": "default", "stages": {"phase4": {"rules": [{"rule": "usable_shar"}]}}},
        "$.stages.phase4.rules",
    ),
    "a drop from a whole table": ({"stages": {}, "drop": ["grading"]}, "$"),
    "no stages": ({}, "$"),
    "an upper-case name": ({"extend": "default", "stages": {"Odds": {}}}, "$.stages"),
}


@pytest.mark.parametrize(("written", "place"), REFUSED_BY_SCHEMA.values(), ids=REFUSED_BY_SCHEMA.keys())
def test_the_schema_refuses_what_the_loader_refuses(tmp_path: Path, written: dict[str, Any], place: str) -> None:
    errors = list(Draft202012Validator(stages_schema()).iter_errors(written))
    assert place in {error.json_path for error in errors}
    path = tmp_path / "stages.yaml"
    path.write_text(yaml.safe_dump(written))
    refusal(path)


def test_the_docs_name_every_field_and_their_examples_are_right(load: Load) -> None:
    text = (Path(__file__).parents[1] / "docs" / "stages.md").read_text()
    examples = [block for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if "extend: default" in block]
    changed, late, added, dropped = map(load, examples)
    assert changed["shot_zones"].least.per_date == 250
    assert late["predictions"].late_after is LateAfter.USUAL
    assert names(added)[0] == "prop_lines"
    assert len(names(dropped)) == 8
    fields = {
        *Stage.model_fields,
        *State.model_fields,
        *Least.model_fields,
        *DueTime.model_fields,
        *Placeholder.model_fields,
    }
    assert {name for name in fields - {"name"} if f"`{name}" not in text} == set()


def test_the_schema_describes_every_field() -> None:
    definitions = stages_schema()["$defs"]
    for model in (Stage, State, Least, DueTime, Placeholder, UsableShare):
        properties = definitions[model.__name__]["properties"]
        assert {name for name, field in properties.items() if "description" not in field} - {"rule"} == set()
    assert definitions["Least"]["properties"]["per_date"]["description"] == "For the whole date."
    assert set(definitions["SeasonType"]["enum"]) == set(SeasonType)
    assert "name" not in definitions["Stage"]["properties"]
