"""What the stages' tables hold, measured on both engines: one query a table and grouping."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from nba_monitoring.core.coverage import stage_rows
from nba_monitoring.core.rules.base import Halt, Joined, Members
from nba_monitoring.core.stages import Stage
from nba_monitoring.settings import Settings
from nba_monitoring.warehouse.engines import Engine
from nba_monitoring.warehouse.engines.duckdb import DuckDBEngine
from nba_monitoring.warehouse.stage_reads import StageRead, read_stages
from nba_monitoring_tests.days import DAY
from nba_monitoring_tests.platform_tables import Row, execute, morning_of
from nba_monitoring_tests.stage_rows import (
    HALT_COLUMNS,
    HALT_STATE,
    SYSTEMS,
    add,
    add_to,
    create_stage_tables,
    defense_rows,
    factor_rows,
    feature_rows,
    graded,
    make_table,
    prediction_rows,
    table_of,
)
from nba_monitoring_tests.warehouse.listening import Listening

GAME, OTHER_GAME = "20260118_ORL_MEM", "20260118_BKN_CHI"
MORNING = morning_of(DAY)
LATER = MORNING + timedelta(hours=8)
END_OF_TIME = datetime.max.replace(tzinfo=UTC)
STAGES = Settings().stages


@pytest.fixture
def engine(bare_engine: Engine) -> Engine:
    """An engine over the stages' tables, empty, with the columns that their entries name and no others."""
    create_stage_tables(bare_engine)
    return bare_engine


def stage(name: str, /, **others: Any) -> Stage:
    """A shipped stage, or one that is like it but for some fields."""
    shipped = STAGES[name]
    return Stage.model_validate({**shipped.model_dump(by_alias=True), **others}) if others else shipped


def read(
    engine: Engine, *stages: Stage, first: date = DAY, last: date = DAY, as_of: datetime = END_OF_TIME
) -> Mapping[str, StageRead]:
    return read_stages(engine, stages, first, last, as_of)


def read_one(engine: Engine, asked: Stage | str, **others: Any) -> StageRead:
    found = stage(asked) if isinstance(asked, str) else asked
    return read(engine, found, **others)[found.name]


def usable(read: StageRead, day: date = DAY) -> dict[str | None, int]:
    return {rows.unit: rows.usable_keys for rows in stage_rows(read.stage, read.measured, [day])[day]}


def rule(read_or_stage: Any, name: str) -> Any:
    (found,) = [each for each in read_or_stage.rules if each.rule == name]
    return found


# How often it asks.


@pytest.mark.parametrize("dates", [1, 40])
def test_ten_stages_are_one_query_a_table_and_grouping(engine: Engine, dates: int) -> None:
    make_table(engine, HALT_STATE, HALT_COLUMNS)
    listening = Listening(engine)
    found = read(listening, *STAGES, first=DAY - timedelta(days=dates - 1))
    assert not any(each.problems or each.unreadable for each in found.values())
    # Each table once; the predictions by system too; two joins; the state table.
    assert len(listening.queries) == 14
    assert len(set(listening.measured)) == len(listening.measured) == 11
    assert {table for table, _ in listening.measured} == {each.table for each in STAGES}


def test_two_stages_of_one_table_share_a_query(engine: Engine) -> None:
    add(engine, "phase4", factor_rows(DAY, GAME, 24))
    tired = stage("phase4", name="tired", usable="fatigue_score < 50", rules=[{"rule": "usable_share", "fail": 0.1}])
    listening = Listening(engine)
    found = read(listening, stage("phase4"), tired)
    assert len(listening.queries) == 1
    assert (usable(found["phase4"]), usable(found["tired"])) == ({GAME: 24}, {GAME: 0})


def test_a_grouping_of_its_own_is_a_query_of_its_own(engine: Engine) -> None:
    add(engine, "phase4", factor_rows(DAY, GAME, 24))
    whole = stage("phase4", name="whole", unit="date", unit_column=None, least={"per_date": 24})
    listening = Listening(engine)
    found = read(listening, stage("phase4"), whole)
    assert len(listening.queries) == 2
    assert usable(found["whole"]) == {None: 24}


def test_dates_before_are_read_as_far_as_a_rule_looks_back(engine: Engine) -> None:
    for back in range(3):
        add(engine, "team_defense", defense_rows(DAY - timedelta(days=back)))
    measured = read_one(engine, "team_defense").measured
    assert sorted(measured.groups["team_abbr"]) == [DAY - timedelta(days=1), DAY]


# What it counts.


def test_rows_are_counted_per_date_and_unit(engine: Engine) -> None:
    following = DAY + timedelta(days=1)
    add(engine, "phase4", factor_rows(DAY, GAME, 24) + factor_rows(DAY, OTHER_GAME, 3))
    add(engine, "phase4", factor_rows(following, "20260119_TOR_LAL", 5))
    add(engine, "phase4", factor_rows(following + timedelta(days=1), "20260120_TOR_LAL", 5))
    found = read_one(engine, "phase4", last=following)
    assert usable(found) == {GAME: 24, OTHER_GAME: 3}
    assert usable(found, following) == {"20260119_TOR_LAL": 5}
    assert not usable(found, following + timedelta(days=1))


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("player_context", {"is_production_ready": False, "has_prop_line": True}, {"is_production_ready": False}),
        ("phase4", {"is_production_ready": None}, {"is_production_ready": False}),
        ("feature_store", {"is_quality_ready": True}, {"is_quality_ready": None}),
        ("predictions", {"is_active": True, "predicted_points": 9.5}, {"is_active": True}),
        ("player_summary", {"points": 0}, {"points": None}),
    ],
)
def test_a_row_counts_where_its_stages_condition_is_true(engine: Engine, name: str, good: Row, bad: Row) -> None:
    row = {"game_id": GAME, "game_date": DAY}
    add(engine, name, [{"player_lookup": "a", **row, **good}, {"player_lookup": "b", **row, **bad}])
    assert usable(read_one(engine, name)) == {GAME: 1}


def test_what_is_graded_or_void_counts_by_date(engine: Engine) -> None:
    points: list[tuple[int | None, bool | None]] = [(12, False), (None, True), (None, None), (0, None)]
    rows = [
        {"player_lookup": f"p{n}", "game_date": DAY, "actual_points": scored, "is_voided": void}
        for n, (scored, void) in enumerate(points)
    ]
    add(engine, "grading", rows)
    assert usable(read_one(engine, "grading")) == {None: 3}


def test_the_newest_of_two_columns_says_when_a_row_was_written(engine: Engine) -> None:
    plain, updated, unsaid = feature_rows(DAY, GAME, 3)
    add(engine, "feature_store", [plain | {"updated_at": None}, updated | {"updated_at": LATER}])
    add(engine, "feature_store", [unsaid | {"created_at": None}])
    (held,) = stage_rows(stage("feature_store"), read_one(engine, "feature_store").measured, [DAY])[DAY]
    assert held.written_at == LATER
    # A row is there from its first write on.
    then = read_one(engine, "feature_store", as_of=MORNING)
    assert usable(then) == {GAME: 3}
    (held,) = stage_rows(stage("feature_store"), then.measured, [DAY])[DAY]
    assert (held.written_at, held.changed) == (MORNING, 1)


def test_without_a_first_write_time_a_row_is_there_from_its_last_write_on(engine: Engine) -> None:
    plain, updated, unsaid = feature_rows(DAY, GAME, 3)
    add(engine, "feature_store", [plain | {"updated_at": None}, updated | {"updated_at": LATER}])
    add(engine, "feature_store", [unsaid | {"created_at": None}])
    without = stage("feature_store", first_written=None)
    assert usable(read_one(engine, without, as_of=MORNING)) == {GAME: 2}
    assert usable(read_one(engine, without)) == {GAME: 3}


# What rules measure.


def test_a_systems_rows_and_nulls_are_counted_by_system(engine: Engine) -> None:
    add(engine, "predictions", prediction_rows(DAY, GAME, 3, ["catboost_v8"]))
    add(engine, "predictions", prediction_rows(DAY, GAME, 2, ["moving_average"], model_version=None))
    add(engine, "predictions", prediction_rows(DAY, GAME, 1, ["shadow"], is_active=False))
    found = read_one(engine, "predictions")
    rows, nulls = rule(found.stage, "null_share").measures(found.stage)["system_id"]
    counted = {name: (values[rows], values[nulls]) for name, values in found.measured.on(DAY, "system_id").items()}
    assert counted == {"catboost_v8": (3, 0), "moving_average": (2, 2), "shadow": (1, 0)}


def test_a_value_is_counted_among_usable_rows_that_have_one(engine: Engine) -> None:
    for line, others in ((20, {}), (20.5, {}), (None, {}), (20.0, {"invalidation_reason": "placeholder line"})):
        add(engine, "predictions", prediction_rows(DAY, GAME, 1, ["a"], current_points_line=line, **others))
    found = read_one(engine, "predictions")
    known, placeholder = rule(found.stage, "value_share").measures(found.stage)["game_id"]
    values = found.measured.on(DAY, "game_id")[GAME]
    assert (values[known], values[placeholder]) == (2, 1)


def test_a_key_with_nulls_is_told_from_every_other(engine: Engine) -> None:
    keys: Sequence[tuple[str | None, str | None]] = [
        ("a", "x"), ("a", "x"), ("a", None), ("a", None), (None, "a"), ("ax", ""), ("a", "x "), ("", None), (None, ""),
    ]  # fmt: skip
    add(
        engine,
        "grading",
        [{"player_lookup": name, "game_date": DAY, "game_id": GAME, "system_id": system} for name, system in keys],
    )
    found = read_one(engine, "grading")
    rows, different = rule(found.stage, "duplicates").measures(found.stage)[None]
    values = found.measured.on(DAY, None)[None]
    assert (values[rows], values[different]) == (9, 7)


def test_62_of_66_gradable_predictions_are_joined(engine: Engine) -> None:
    gradable = prediction_rows(DAY, GAME, 11)
    assert len(gradable) == 66
    rest = [
        *prediction_rows(DAY, OTHER_GAME, 20, line_source="NO_PROP_LINE", current_points_line=None),
        *prediction_rows(DAY, OTHER_GAME, 20, current_points_line=20.0),
        *prediction_rows(DAY, OTHER_GAME, 1, is_active=False),
    ]
    # A second line for the same player and system is the same key, and a grade written twice too.
    add(engine, "predictions", [*gradable, *rest, gradable[0] | {"current_points_line": 14.5}])
    grades = graded(gradable[:62], LATER)
    add(engine, "grading", [*grades, grades[0], *graded(rest[:9], LATER)])
    # Grading writes the other order of the teams.
    execute(engine, f"UPDATE {table_of('grading')} SET game_id = '20260118_MEM_ORL' WHERE game_id = '{GAME}'")
    found = read_one(engine, "grading")
    assert found.joined[rule(found.stage, "ratio").join] == {DAY: {GAME: Joined(66, 62)}}


def test_rows_of_either_table_that_were_written_later_are_not_joined(engine: Engine) -> None:
    early, late = prediction_rows(DAY, GAME, 2, ["a"]), prediction_rows(DAY, GAME, 1, ["b"], created_at=LATER)
    add(engine, "predictions", early + late)
    add(engine, "grading", graded(early[:1], MORNING) + graded(early[1:] + late, LATER))
    join = rule(stage("grading"), "ratio").join
    assert read_one(engine, "grading", as_of=MORNING).joined[join] == {DAY: {GAME: Joined(2, 1)}}
    assert read_one(engine, "grading").joined[join] == {DAY: {GAME: Joined(3, 3)}}


def test_tables_whose_names_begin_alike_are_joined(engine: Engine) -> None:
    make_table(engine, "nba_predictions.ml_feature_store", {"player_lookup": "STRING", "game_date": "DATE"})
    add_to(engine, "nba_predictions.ml_feature_store", [{"player_lookup": "a", "game_date": DAY}])
    ratio = {
        "rule": "ratio",
        "to": "players of the old store",
        "table": "nba_predictions.ml_feature_store",
        "date_column": "game_date",
        "keys": ["player_lookup"],
        "warn": 0.5,
    }
    found = read_one(engine, stage("feature_store", rules=[ratio]))
    assert not found.problems
    assert found.joined == {found.stage.rules[0].join: {DAY: {None: Joined(1, 0)}}}


REGISTRY = "nba_predictions.model_registry"
ENABLED = {
    "rule": "required_members",
    "column": "system_id",
    "query": {"table": REGISTRY, "column": "model_id", "where": "enabled AND status != 'blocked'"},
    "fail": 1,
}


def test_the_members_of_a_set_are_what_a_query_names(engine: Engine) -> None:
    make_table(engine, REGISTRY, {"model_id": "STRING", "enabled": "BOOL", "status": "STRING"})
    models = [("a", True, "active"), ("a", True, "shadow"), ("b", True, "blocked"), ("c", False, "active")]
    add_to(
        engine,
        REGISTRY,
        [{"model_id": name, "enabled": on, "status": status} for name, on, status in [*models, (None, True, "active")]],
    )
    found = read_one(engine, stage("predictions", rules=[ENABLED]))
    assert found.members == {found.stage.rules[0].members_query: Members(frozenset("a"))}


def test_a_set_that_cannot_be_asked_for_says_why(engine: Engine) -> None:
    found = read_one(engine, stage("predictions", rules=[ENABLED]))
    (members,) = found.members.values()
    assert not members.names
    assert REGISTRY in (members.unreadable or "")


# What the platform says of its own stops.


def halt_row(reason: str, active: bool = True, written_at: datetime = MORNING, **others: Any) -> Row:
    return {
        "effective_date": DAY,
        "sport": "nba",
        "halt_active": active,
        "halt_reason": reason,
        "halt_since": date(2026, 1, 10),
        "written_at": written_at,
        **others,
    }


def halts(engine: Engine, *rows: Row, **others: Any) -> Mapping[date, Halt]:
    make_table(engine, HALT_STATE, HALT_COLUMNS)
    add_to(engine, HALT_STATE, rows)
    found = read_one(engine, "predictions", **others)
    assert not found.problems
    return found.halts


@pytest.mark.parametrize("reason", ["off_season", "between_rounds", "edge_collapse", "fleet_blocked", "manual"])
def test_a_stop_on_purpose_is_told_with_its_reason(engine: Engine, reason: str) -> None:
    assert halts(engine, halt_row(reason)) == {DAY: Halt(reason, date(2026, 1, 10))}


def test_a_stop_that_is_written_because_nothing_was_predicted_explains_nothing(engine: Engine) -> None:
    assert not halts(engine, halt_row("predictions_inactive"))


def test_a_stop_that_is_over_or_of_another_date_explains_nothing(engine: Engine) -> None:
    assert not halts(
        engine, halt_row("manual", active=False), halt_row("manual", effective_date=DAY - timedelta(days=1))
    )


def test_the_newest_row_of_a_date_counts_and_another_sports_does_not(engine: Engine) -> None:
    assert not halts(
        engine,
        halt_row("edge_collapse"),
        halt_row("edge_collapse", active=False, written_at=LATER),
        halt_row("manual", written_at=LATER + timedelta(hours=1), sport="wnba"),
    )


def test_another_sports_newer_row_ends_no_stop(engine: Engine) -> None:
    rows = halt_row("edge_collapse"), halt_row("none", active=False, written_at=LATER, sport="wnba")
    assert halts(engine, *rows) == {DAY: Halt("edge_collapse", date(2026, 1, 10))}


def test_a_stop_that_was_written_later_is_not_known_yet(engine: Engine) -> None:
    assert not halts(engine, halt_row("manual", written_at=LATER), as_of=MORNING)


def test_without_a_state_table_nothing_is_halted_and_nothing_odd(engine: Engine) -> None:
    found = read_one(engine, "predictions")
    assert not found.halts
    assert not found.problems


def test_a_state_that_cannot_be_read_excuses_nothing_and_is_told(engine: Engine) -> None:
    make_table(engine, HALT_STATE, {name: kind for name, kind in HALT_COLUMNS.items() if name != "halt_reason"})
    found = read_one(engine, "predictions")
    assert not found.halts
    assert found.problems == (
        f"can't tell whether it was halted: {HALT_STATE}: has no column halt_reason, which the monitor needs",
    )


# What is wrong with a table or an entry.


def test_a_column_that_counting_needs_is_named(bare_engine: Engine) -> None:
    create_stage_tables(bare_engine, "phase4", without=["game_id"])
    found = read_one(bare_engine, "phase4")
    assert found.unreadable == f"{table_of('phase4')}: has no column game_id, which the monitor needs"


def test_a_condition_with_a_misspelt_column_names_table_and_column(engine: Engine) -> None:
    found = read_one(engine, stage("shot_zones", usable="is_production_redy"))
    assert found.unreadable == (f"{table_of('shot_zones')}: has no column is_production_redy, which the monitor needs")


@pytest.mark.parametrize("condition", ["is_production_ready IS NOT", "no_such_function(is_production_ready)"])
def test_a_condition_that_is_no_sql_names_its_table(engine: Engine, condition: str) -> None:
    why = read_one(engine, stage("shot_zones", usable=condition)).unreadable or ""
    assert why.startswith(f"{table_of('shot_zones')}: ")
    assert "\n" not in why
    assert "no such table" not in why
    if "no_such_function" in condition:
        assert "no_such_function" in why.lower()


def test_a_wrong_condition_costs_only_its_own_stage(engine: Engine) -> None:
    add(engine, "phase4", factor_rows(DAY, GAME, 24))
    wrong = stage("phase4", name="eleventh", usable="is_redy")
    found = read(engine, stage("phase4"), wrong, stage("shot_zones"))
    assert usable(found["phase4"]) == {GAME: 24}
    assert "is_redy" in (found["eleventh"].unreadable or "")
    assert found["shot_zones"].unreadable is None


def test_a_table_that_is_not_there_costs_only_its_own_stage(bare_engine: Engine) -> None:
    create_stage_tables(bare_engine, "phase4", "grading")
    found = read(bare_engine, stage("phase4"), stage("shot_zones"), stage("grading"))
    assert not found["shot_zones"].is_there
    assert (found["shot_zones"].unreadable or "").startswith(
        f"{table_of('shot_zones')}: no such table in the warehouse"
    )
    assert found["phase4"].unreadable is None
    assert found["grading"].problems == (
        f"can't be compared with {table_of('predictions')}: {table_of('predictions')}: no such table in the warehouse",
    )


def test_a_rule_whose_column_is_not_there_is_told_and_the_others_judge(bare_engine: Engine) -> None:
    create_stage_tables(bare_engine, "feature_store")
    create_stage_tables(bare_engine, "predictions", without=["model_version"])
    add(bare_engine, "predictions", [_without(row, "model_version") for row in prediction_rows(DAY, GAME, 8)])
    found = read_one(bare_engine, "predictions")
    assert usable(found) == {GAME: 8}
    assert found.problems == (
        f"rule null_share: {table_of('predictions')} has no column model_version, so the rule is skipped",
    )
    assert set(found.measured.on(DAY, "system_id")) == set(SYSTEMS)


def test_of_the_numbers_that_are_compared_some_may_be_missing(bare_engine: Engine) -> None:
    missing = ["mid_range_defense_vs_league_avg", "three_pt_defense_vs_league_avg"]
    create_stage_tables(bare_engine, "team_defense", without=missing)
    found = read_one(bare_engine, "team_defense")
    assert rule(found.stage, "unchanged").columns == ("paint_defense_vs_league_avg",)
    assert found.problems == (
        f"rule unchanged: {table_of('team_defense')} has no column {', '.join(missing)}; the rule uses the others",
    )


def test_a_rule_over_a_column_of_the_wrong_type_is_told_and_the_stage_counts(bare_engine: Engine) -> None:
    columns = {
        "team_abbr": "STRING",
        "analysis_date": "DATE",
        "is_production_ready": "BOOL",
        "processed_at": "TIMESTAMP",
    }
    make_table(bare_engine, table_of("team_defense"), {**columns, "paint_defense_vs_league_avg": "STRING"})
    add(bare_engine, "team_defense", [{"team_abbr": "ORL", "analysis_date": DAY}])
    found = read_one(bare_engine, "team_defense")
    assert found.unreadable is None
    assert usable(found) == {"ORL": 1}
    assert not found.stage.rules
    assert found.problems[-1].startswith(f"rule unchanged can't be applied: {table_of('team_defense')}: ")


def test_a_date_that_is_text_names_its_table(bare_engine: Engine) -> None:
    make_table(
        bare_engine,
        table_of("shot_zones"),
        {"player_lookup": "STRING", "analysis_date": "STRING", "is_production_ready": "BOOL"},
    )
    why = read_one(bare_engine, "shot_zones").unreadable or ""
    assert why.startswith(f"{table_of('shot_zones')}: ")
    assert "type" in why
    if isinstance(bare_engine, DuckDBEngine):  # BigQuery names the types only
        assert "analysis_date" in why


def _without(row: Row, column: str) -> Row:
    return {name: value for name, value in row.items() if name != column}
