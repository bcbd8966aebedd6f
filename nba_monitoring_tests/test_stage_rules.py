"""The rules of the shipped stages on the dates that call for them, from the platform's rows to the verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from datetime import time as clock
from pathlib import Path

import duckdb
import pytest

from nba_monitoring.core.eastern import eastern_instant
from nba_monitoring.core.rules.base import Level
from nba_monitoring.core.stage_verdict import StageVerdict
from nba_monitoring.core.stages import Stage, StageTable
from nba_monitoring.core.status import Severity, Status
from nba_monitoring.core.verdict import DateVerdict
from nba_monitoring.monitor import Monitor
from nba_monitoring.settings import Settings
from nba_monitoring.warehouse import Warehouse
from nba_monitoring.warehouse.engines.duckdb import DuckDBEngine
from nba_monitoring_tests.morning import ESPN, NBAC, settings_for
from nba_monitoring_tests.platform_tables import Row, create_table, execute, insert, morning_of, nbac_row
from nba_monitoring_tests.stage_rows import (
    HALT_COLUMNS,
    HALT_STATE,
    SYSTEMS,
    TEAMS,
    add,
    add_to,
    context_rows,
    create_stage_tables,
    defense_rows,
    factor_rows,
    feature_rows,
    graded,
    make_table,
    player_rows,
    prediction_rows,
    summary_rows,
    table_of,
)

DAY = date(2026, 1, 17)


class Platform:
    """The platform's tables, with a schedule to be looked at on the afternoon after a date."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.settings: Settings = settings_for(Path("/nowhere.duckdb"))
        create_table(connection, NBAC)
        create_table(connection, ESPN)
        create_stage_tables(connection)

    def schedule(self, day: date, *matchups: str, status: int = 1, **others: object) -> None:
        """Games of a date, and one ten days before and after, so that the schedule is seen to be loaded."""
        rows = [nbac_row(day, *matchup.split("@"), status=status, **others) for matchup in matchups]  # type: ignore[arg-type]
        around = [nbac_row(day + timedelta(days=step), "UTA", "WAS") for step in (-10, 10)]
        insert(self.connection, NBAC, rows + around)

    def add(self, stage: str, rows: Sequence[Row]) -> None:
        add(self.connection, stage, rows)

    def with_rules(self, stage: str, *rules: dict[str, object]) -> None:
        """Watch a stage with other rules than the shipped ones."""
        table = self.settings.stages
        changed = Stage.model_validate({**table[stage].model_dump(), "rules": rules})
        # The stages are read once a settings object, which is frozen: this is what a file of stages would make of it.
        self.settings.__dict__["stages"] = table.with_stage(changed)
        assert isinstance(self.settings.stages, StageTable)

    def look(self, day: date, now: datetime | None = None) -> DateVerdict:
        """The verdict on a date as of 3 PM Eastern of the day after, or another instant."""
        now = now or eastern_instant(day + timedelta(days=1), clock(15))
        warehouse = Warehouse(DuckDBEngine(self.connection))
        return Monitor(warehouse, self.settings, day, day, now, is_clock_real=False).verdict(day)

    def stage(self, name: str, day: date, now: datetime | None = None) -> StageVerdict:
        return self.look(day, now).stages[name]


@pytest.fixture
def platform() -> Iterator[Platform]:
    with duckdb.connect() as connection:
        yield Platform(connection)


def texts(found: StageVerdict, level: Level) -> list[str]:
    return [finding.text for finding in found.findings if finding.level is level]


def game_id(day: date, matchup: str) -> str:
    return f"{day:%Y%m%d}_{matchup.replace('@', '_')}"


ORL, BKN = game_id(DAY, "ORL@MEM"), game_id(DAY, "BKN@CHI")


# Enough distinct keys per game, of usable rows.


def test_eight_players_written_twice_are_eight(platform: Platform) -> None:
    platform.schedule(DAY, "ORL@MEM")
    platform.add("phase4", factor_rows(DAY, ORL, 8) * 2)
    found = platform.stage("phase4", DAY)
    assert found.status is Status.PARTIAL_DATA
    assert found.partial[0].reason == "8 players (at least 12 expected)"


def test_nine_players_under_each_of_two_ids_are_eighteen(platform: Platform) -> None:
    platform.schedule(DAY, "ORL@MEM")
    rows = factor_rows(DAY, ORL, 18)
    platform.add("phase4", [*rows[:9], *(row | {"game_id": game_id(DAY, "MEM@ORL")} for row in rows[9:])])
    assert platform.stage("phase4", DAY).status is Status.AVAILABLE


def test_rows_that_are_not_usable_do_not_count(platform: Platform) -> None:
    platform.schedule(DAY, "ORL@MEM")
    platform.add("predictions", prediction_rows(DAY, ORL, 8, is_active=False) + prediction_rows(DAY, ORL, 7))
    assert platform.stage("predictions", DAY).status is Status.PARTIAL_DATA


def test_enough_and_yet_less_than_usual_is_a_warning_where_the_entry_says_so(platform: Platform) -> None:
    platform.schedule(DAY, "ORL@MEM", "BKN@CHI")
    platform.add("phase4", factor_rows(DAY, ORL, 14) + factor_rows(DAY, BKN, 33))
    assert not platform.stage("phase4", DAY).findings
    table = platform.settings.stages
    least = {"per_unit": 12, "warn": 20}
    platform.settings.__dict__["stages"] = table.with_stage(
        Stage.model_validate({**table.phase4.model_dump(), "least": least})
    )
    found = platform.stage("phase4", DAY)
    assert found.status is Status.AVAILABLE
    assert texts(found, Level.WARN) == [f"{ORL} 14 (usually at least 20 players)"]


# Enough distinct keys per date, with a ramp.


@pytest.mark.parametrize(
    ("day", "teams", "status"),
    [
        (date(2025, 11, 15), 0, Status.BOOTSTRAP),  # day 25
        (date(2025, 11, 16), 1, Status.AVAILABLE),  # day 26
        (date(2025, 11, 16), 0, Status.MISSING_DATA),
        (date(2025, 11, 20), 23, Status.AVAILABLE),  # day 30
        (date(2025, 11, 20), 19, Status.MISSING_DATA),
        (date(2025, 11, 26), 30, Status.AVAILABLE),  # day 36
        (date(2025, 11, 26), 29, Status.MISSING_DATA),
    ],
)
def test_teams_ramp_up_with_the_season(platform: Platform, day: date, teams: int, status: Status) -> None:
    platform.schedule(day, "ORL@MEM")
    platform.add("team_defense", defense_rows(day)[:teams])
    assert platform.stage("team_defense", day).status is status


@pytest.mark.parametrize(
    ("day", "players", "status"),
    [
        (date(2025, 11, 8), 64, Status.AVAILABLE),  # day 18
        (date(2025, 11, 8), 49, Status.PARTIAL_DATA),
        (date(2025, 11, 11), 220, Status.AVAILABLE),  # day 21
        (date(2025, 11, 20), 300, Status.AVAILABLE),  # day 30
        (date(2026, 1, 17), 299, Status.PARTIAL_DATA),
        (date(2026, 1, 17), 0, Status.MISSING_DATA),
    ],
)
def test_players_ramp_up_with_the_season(platform: Platform, day: date, players: int, status: Status) -> None:
    platform.schedule(day, "ORL@MEM")
    rows = [
        {
            "player_lookup": f"player{n}",
            "analysis_date": day,
            "is_production_ready": True,
            "processed_at": morning_of(day),
        }
        for n in range(players)
    ]
    platform.add("shot_zones", rows)
    assert platform.stage("shot_zones", day).status is status


@pytest.mark.parametrize(
    ("tip", "at", "severity"),
    [
        (clock(22), clock(11), Severity.WARN),
        (clock(22), clock(18, 59), Severity.WARN),
        (clock(22), clock(19), Severity.ERROR),
        (clock(13), clock(11), Severity.ERROR),
    ],
)
@pytest.mark.parametrize("stage", ["shot_zones", "daily_cache"])
def test_a_date_that_is_short_is_an_error_from_three_hours_before_its_first_game(
    platform: Platform, stage: str, tip: clock, at: clock, severity: Severity
) -> None:
    platform.schedule(DAY, "ORL@MEM", tip=tip)
    column, players = ("analysis_date", 210) if stage == "shot_zones" else ("cache_date", 5)
    rows = [
        {"player_lookup": f"player{number}", column: DAY, "is_production_ready": True, "processed_at": morning_of(DAY)}
        for number in range(players)
    ]
    platform.add(stage, rows)
    found = platform.stage(stage, DAY, eastern_instant(DAY, at))
    assert (found.status, found.severity) == (Status.PARTIAL_DATA, severity)


# When a stage is due.


@pytest.mark.parametrize("lacking", [("feature_store",), ("feature_store", "predictions")])
@pytest.mark.parametrize(
    ("tip", "not_due", "due"),
    [
        (clock(13), clock(10, 59), clock(11)),
        (clock(12), clock(9, 59), clock(10)),
        (clock(19), clock(11, 29), clock(11, 30)),
    ],
)
def test_a_stage_is_due_when_one_that_depends_on_it_is(
    platform: Platform, tip: clock, not_due: clock, due: clock, lacking: Sequence[str]
) -> None:
    platform.schedule(DAY, "ORL@MEM", "BKN@CHI", tip=tip)
    for game in (ORL, BKN):
        platform.add("phase4", factor_rows(DAY, game))
    for stage, rows in (("feature_store", feature_rows), ("predictions", prediction_rows)):
        for game in (ORL,) if stage in lacking else (ORL, BKN):
            platform.add(stage, rows(DAY, game))
    assert platform.stage("feature_store", DAY, eastern_instant(DAY, not_due)).status is Status.NOT_DUE
    found = platform.stage("feature_store", DAY, eastern_instant(DAY, due))
    assert (found.status, found.due_at) == (Status.MISSING_DATA, eastern_instant(DAY, due))
    assert [unit.name for unit in found.missing] == [BKN]


def test_a_stage_is_not_due_for_one_that_is_halted(platform: Platform) -> None:
    platform.schedule(DAY, "ORL@MEM", tip=clock(13))
    at_11 = eastern_instant(DAY, clock(11))
    assert platform.stage("feature_store", DAY, at_11).status is Status.MISSING_DATA
    make_table(platform.connection, HALT_STATE, HALT_COLUMNS)
    halt = {"effective_date": DAY, "sport": "nba", "halt_active": True, "halt_reason": "manual", "halt_since": DAY}
    add_to(platform.connection, HALT_STATE, [halt | {"written_at": morning_of(DAY)}])
    assert platform.stage("feature_store", DAY, at_11).status is Status.NOT_DUE
    assert platform.stage("feature_store", DAY, eastern_instant(DAY, clock(11, 30))).status is Status.MISSING_DATA


@pytest.mark.parametrize("tip", [clock(12), clock(13), clock(15, 30), clock(19), clock(22, 30), None])
def test_no_stage_is_due_after_one_that_depends_on_it(platform: Platform, tip: clock | None) -> None:
    platform.schedule(DAY, "ORL@MEM", tip=tip)
    found = platform.look(DAY)
    for name, stage in found.stages.items():
        assert all(found.stages[upstream].due_at <= stage.due_at for upstream in found.table.upstreams[name])


# Share of usable rows.


def test_151_of_153_rows_that_are_not_ready_are_no_features(platform: Platform) -> None:
    day = date(2026, 2, 19)
    matchups = ["ORL@MEM", "BKN@CHI", "CHA@DEN", "NOP@HOU", "POR@SAC", "TOR@LAL"]
    platform.schedule(day, *matchups)
    rows = [row for matchup in matchups for row in feature_rows(day, game_id(day, matchup), 26, ready=0)][:153]
    platform.add("feature_store", [row | {"is_quality_ready": number < 2} for number, row in enumerate(rows)])
    found = platform.stage("feature_store", day)
    assert found.status is Status.MISSING_DATA
    assert texts(found, Level.FAIL) == ["2 of 153 rows are usable (1%, expected at least 60%)"]


@pytest.mark.parametrize(
    ("ready", "status", "levels"),
    [(28, Status.AVAILABLE, []), (22, Status.AVAILABLE, [Level.WARN]), (20, Status.BAD_DATA, [Level.FAIL])],
)
def test_enough_players_of_whom_too_few_are_ready_are_bad_data(
    platform: Platform, ready: int, status: Status, levels: list[Level]
) -> None:
    platform.schedule(DAY, "ORL@MEM")
    platform.add("feature_store", feature_rows(DAY, ORL, 34, ready=ready))
    found = platform.stage("feature_store", DAY)
    assert (found.status, [finding.level for finding in found.findings]) == (status, levels)


# NULL share per group.

NULL_SYSTEMS = ("moving_average", "similarity_balanced_v1", "xgboost_v1", "zone_matchup_v1")


def test_four_systems_without_a_model_version_are_named_and_two_are_not(platform: Platform) -> None:
    platform.schedule(DAY, "ORL@MEM")
    with_version = [system for system in SYSTEMS if system not in NULL_SYSTEMS]
    platform.add("predictions", prediction_rows(DAY, ORL, 16, NULL_SYSTEMS, model_version=None))
    platform.add("predictions", prediction_rows(DAY, ORL, 16, with_version))
    found = platform.stage("predictions", DAY)
    assert found.status is Status.BAD_DATA
    assert texts(found, Level.FAIL) == [
        "model_version is NULL in 100% of the rows of moving_average, similarity_balanced_v1, xgboost_v1, "
        "zone_matchup_v1; in 0% of the rows of catboost_v8, ensemble_v1 (100%, expected at most 50%)"
    ]


def test_all_systems_with_their_model_version_are_right(platform: Platform) -> None:
    platform.schedule(DAY, "ORL@MEM")
    platform.add("predictions", prediction_rows(DAY, ORL))
    platform.add("predictions", prediction_rows(DAY, ORL, 16, ["lgbm_v1_20260301"], model_version=None))
    found = platform.stage("predictions", DAY)
    assert (found.status, found.findings, found.warnings) == (Status.AVAILABLE, (), ())


def test_a_system_that_nobody_knows_is_reported(platform: Platform) -> None:
    platform.schedule(DAY, "ORL@MEM")
    platform.add("predictions", prediction_rows(DAY, ORL, 16, [*SYSTEMS, "transformer_v1"]))
    found = platform.stage("predictions", DAY)
    assert found.status is Status.AVAILABLE
    assert ["transformer_v1" in text for text in texts(found, Level.WARN)] == [True]


# Required members of a set.


def _predicted_before(platform: Platform, days: Sequence[date], systems: Sequence[str]) -> None:
    for day in days:
        platform.schedule(day, "ORL@MEM", status=3, score=(101, 99))
        platform.add("predictions", prediction_rows(day, game_id(day, "ORL@MEM"), 16, systems))


def test_a_system_that_wrote_this_week_and_not_today_fails(platform: Platform) -> None:
    _predicted_before(platform, [DAY - timedelta(days=1), DAY - timedelta(days=3)], SYSTEMS)
    platform.schedule(DAY, "ORL@MEM")
    platform.add("predictions", prediction_rows(DAY, ORL, 16, SYSTEMS[1:]))
    found = platform.stage("predictions", DAY)
    assert found.status is Status.BAD_DATA
    assert texts(found, Level.FAIL) == ["no rows for system_id catboost_v8 (1 of 6 missing)"]


def test_a_system_whose_successor_writes_the_same_day_has_left(platform: Platform) -> None:
    _predicted_before(platform, [DAY - timedelta(days=1), DAY - timedelta(days=3)], SYSTEMS)
    for day in (DAY, DAY + timedelta(days=1), DAY + timedelta(days=3)):
        platform.schedule(day, "ORL@MEM")
        rows = prediction_rows(day, game_id(day, "ORL@MEM"), 16, [*SYSTEMS[1:], "catboost_v12"])
        platform.add("predictions", rows)
    first, *later = [platform.stage("predictions", DAY + timedelta(days=step)) for step in (0, 1, 3)]
    assert first.status is Status.AVAILABLE
    assert texts(first, Level.WARN) == [
        "no rows for system_id catboost_v8; taken as replaced by catboost_v12, which is new"
    ]
    assert [(found.status, found.findings) for found in later] == [(Status.AVAILABLE, ())] * 2


REGISTRY = "nba_predictions.model_registry"


def _registered(platform: Platform, *models: str, **others: tuple[bool, str]) -> None:
    make_table(platform.connection, REGISTRY, {"model_id": "STRING", "enabled": "BOOL", "status": "STRING"})
    states = dict.fromkeys(models, (True, "active")) | others
    rows = [{"model_id": model, "enabled": enabled, "status": status} for model, (enabled, status) in states.items()]
    add_to(platform.connection, REGISTRY, rows)


def _looked_at_today(platform: Platform, days_later: int = 0) -> StageVerdict:
    """The predictions on the date, by a real clock at 3 PM Eastern."""
    warehouse, now = Warehouse(DuckDBEngine(platform.connection)), eastern_instant(DAY, clock(15))
    return (
        Monitor(warehouse, platform.settings, DAY, DAY, now + timedelta(days=days_later))
        .verdict(DAY)
        .stages["predictions"]
    )


def test_where_the_registry_of_models_can_be_read_it_decides_who_is_expected(platform: Platform) -> None:
    _predicted_before(platform, [DAY - timedelta(days=1)], SYSTEMS)
    platform.schedule(DAY, "ORL@MEM")
    platform.add("predictions", prediction_rows(DAY, ORL, 16, SYSTEMS[1:]))
    assert _looked_at_today(platform).status is Status.BAD_DATA
    _registered(platform, *SYSTEMS[1:], catboost_v8=(False, "active"), catboost_v12=(True, "blocked"))
    found = _looked_at_today(platform)
    assert (found.status, found.findings) == (Status.AVAILABLE, ())
    # It shows today's models: a past date is judged by who wrote before it.
    assert platform.stage("predictions", DAY).status is Status.BAD_DATA


@pytest.mark.parametrize("status", ["active", "shadow"])
def test_a_model_that_is_switched_on_and_silent_fails(platform: Platform, status: str) -> None:
    platform.schedule(DAY, "ORL@MEM")
    platform.add("predictions", prediction_rows(DAY, ORL))
    _registered(platform, *SYSTEMS, catboost_v12=(True, status))
    found = _looked_at_today(platform)
    assert found.status is Status.BAD_DATA
    assert texts(found, Level.FAIL) == ["no rows for system_id catboost_v12 (1 of 7 missing)"]
    # On the morning after, it may have been switched on overnight.
    assert _looked_at_today(platform, days_later=1).status is Status.AVAILABLE


def test_a_registry_of_other_names_is_a_warning_and_decides_nothing(platform: Platform) -> None:
    _predicted_before(platform, [DAY - timedelta(days=1)], SYSTEMS)
    platform.schedule(DAY, "ORL@MEM")
    platform.add("predictions", prediction_rows(DAY, ORL))
    _registered(platform, "models/1", "models/2")
    found = _looked_at_today(platform)
    assert found.status is Status.AVAILABLE
    assert [f"{REGISTRY} has none of catboost_v8" in text for text in texts(found, Level.WARN)] == [True]


def test_a_shadow_system_whose_rows_are_not_active_did_write(platform: Platform) -> None:
    _predicted_before(platform, [DAY - timedelta(days=1)], SYSTEMS)
    platform.schedule(DAY, "ORL@MEM")
    platform.add("predictions", prediction_rows(DAY, ORL, 16, SYSTEMS[1:]))
    platform.add("predictions", prediction_rows(DAY, ORL, 16, SYSTEMS[:1], is_active=False))
    assert platform.stage("predictions", DAY).status is Status.AVAILABLE


def test_the_week_around_the_all_star_game_forgets_no_system(platform: Platform) -> None:
    _predicted_before(platform, [date(2026, 2, 11), date(2026, 2, 12)], SYSTEMS)
    after = date(2026, 2, 19)
    platform.schedule(after, "ORL@MEM")
    platform.add("predictions", prediction_rows(after, game_id(after, "ORL@MEM"), 16, SYSTEMS[1:]))
    assert platform.stage("predictions", after).status is Status.BAD_DATA


@pytest.mark.slow
def test_seven_systems_of_127_rows_and_one_of_89_are_normal(platform: Platform) -> None:
    day = date(2026, 2, 5)
    eight = (*SYSTEMS, "ensemble_v1_1", "catboost_v9")
    _predicted_before(platform, [day - timedelta(days=1)], eight)
    matchups = ["ORL@MEM", "BKN@CHI", "CHA@DEN", "NOP@HOU", "POR@SAC", "TOR@LAL", "UTA@ATL", "WAS@DET"]
    platform.schedule(day, *matchups)
    rows = [row for matchup in matchups for row in prediction_rows(day, game_id(day, matchup), 16, ["catboost_v9"])]
    for system in eight:
        count = 89 if system == "similarity_balanced_v1" else 127
        platform.add("predictions", [row | {"system_id": system} for row in rows[:count]])
    found = platform.stage("predictions", day)
    assert (found.status, found.findings) == (Status.AVAILABLE, ())
    execute(
        platform.connection,
        f"DELETE FROM {table_of('predictions')} WHERE system_id = 'similarity_balanced_v1' "
        f"AND game_id < '{game_id(day, 'POR@SAC')}' AND game_date = '{day}'",
    )
    (warning,) = texts(platform.stage("predictions", day), Level.WARN)
    assert warning.startswith("system_id similarity_balanced_v1: ")


def test_thirty_teams_are_required_by_name(platform: Platform) -> None:
    platform.with_rules(
        "team_defense",
        {"rule": "required_members", "column": "team_abbr", "members": TEAMS, "fail": 1, "from_day": 36},
    )
    platform.schedule(DAY, "ORL@MEM")
    platform.add("team_defense", [row for row in defense_rows(DAY) if row["team_abbr"] != "ORL"])
    found = platform.stage("team_defense", DAY)
    assert found.status is Status.MISSING_DATA
    assert [unit.name for unit in found.missing] == ["ORL"]
    assert texts(found, Level.FAIL) == ["no rows for team_abbr ORL (1 of 30 missing)"]


def test_the_models_that_are_switched_on_are_required(platform: Platform) -> None:
    registry = "nba_predictions.model_registry"
    rule = {
        "rule": "required_members",
        "column": "system_id",
        "query": {"table": registry, "column": "model_id", "where": "enabled AND status != 'blocked'"},
        "fail": 1,
    }
    platform.with_rules("predictions", rule)
    platform.schedule(DAY, "ORL@MEM")
    platform.add("predictions", prediction_rows(DAY, ORL))
    unasked = platform.stage("predictions", DAY)
    assert unasked.status is Status.AVAILABLE
    assert ["the required system_id could not be read" in text for text in texts(unasked, Level.WARN)] == [True]
    make_table(platform.connection, registry, {"model_id": "STRING", "enabled": "BOOL", "status": "STRING"})
    models = [*SYSTEMS, "catboost_v12"]
    add_to(platform.connection, registry, [{"model_id": m, "enabled": True, "status": "active"} for m in models])
    found = platform.stage("predictions", DAY)
    assert found.status is Status.BAD_DATA
    assert texts(found, Level.FAIL) == ["no rows for system_id catboost_v12 (1 of 7 missing)"]


# Ratio to another stage, on joined keys.


def test_62_of_66_gradable_predictions_are_94_percent_and_not_20(platform: Platform) -> None:
    platform.schedule(DAY, "ORL@MEM", "BKN@CHI")
    gradable = prediction_rows(DAY, ORL, 11)
    others = prediction_rows(DAY, BKN, 42, line_source="NO_PROP_LINE", current_points_line=None)[:247]
    assert (len(gradable), len(gradable) + len(others)) == (66, 313)
    platform.add("predictions", gradable + others)
    morning_after = morning_of(DAY + timedelta(days=1))
    platform.add("grading", graded(gradable[:62], morning_after))
    found = platform.stage("grading", DAY)
    assert (found.status, found.findings) == (Status.AVAILABLE, ())


@pytest.mark.parametrize(
    ("share", "status", "levels"), [(52, Status.AVAILABLE, [Level.WARN]), (46, Status.BAD_DATA, [Level.FAIL])]
)
def test_too_few_graded_of_the_gradable_are_found(
    platform: Platform, share: int, status: Status, levels: list[Level]
) -> None:
    platform.schedule(DAY, "ORL@MEM")
    gradable = prediction_rows(DAY, ORL, 11)
    platform.add("predictions", gradable)
    platform.add("grading", graded(gradable[:share], morning_of(DAY + timedelta(days=1))))
    found = platform.stage("grading", DAY)
    assert (found.status, [finding.level for finding in found.findings]) == (status, levels)


def test_what_is_not_due_yet_breaks_no_rule(platform: Platform) -> None:
    platform.schedule(DAY, "ORL@MEM")
    platform.add("predictions", prediction_rows(DAY, ORL))
    found = platform.stage("grading", DAY, eastern_instant(DAY, clock(18)))
    assert (found.status, found.findings) == (Status.NOT_DUE, ())


def test_a_quarter_of_the_players_with_features_have_to_be_predicted(platform: Platform) -> None:
    platform.schedule(DAY, "ORL@MEM")
    platform.add("feature_store", feature_rows(DAY, ORL, 33))
    platform.add("predictions", prediction_rows(DAY, ORL, 8))
    found = platform.stage("predictions", DAY)
    assert found.status is Status.AVAILABLE
    assert texts(found, Level.WARN) == ["25 of 33 players with features missing (24% present, expected at least 25%)"]
    platform.add("predictions", prediction_rows(DAY, ORL, 16))
    assert not platform.stage("predictions", DAY).findings


# Share of one value.


def test_a_line_of_twenty_is_a_placeholder(platform: Platform) -> None:
    platform.schedule(DAY, "ORL@MEM")
    platform.add("predictions", prediction_rows(DAY, ORL))
    platform.add("predictions", prediction_rows(DAY, ORL, 3, ["catboost_v8"], current_points_line=20.0))
    found = platform.stage("predictions", DAY)
    assert found.status is Status.BAD_DATA
    assert texts(found, Level.FAIL) == ["current_points_line is 20.0 in 3 of 99 rows (3%, expected at most 0%)"]


def test_a_placeholder_that_was_taken_back_is_right(platform: Platform) -> None:
    platform.schedule(DAY, "ORL@MEM")
    platform.add("predictions", prediction_rows(DAY, ORL))
    back = prediction_rows(DAY, ORL, 3, ["catboost_v8"], current_points_line=20.0, invalidation_reason="placeholder")
    platform.add("predictions", back)
    assert platform.stage("predictions", DAY).status is Status.AVAILABLE


# Duplicates on a business key.


def test_a_prediction_graded_twice_is_a_warning_and_counts_once(platform: Platform) -> None:
    platform.schedule(DAY, "ORL@MEM")
    gradable = prediction_rows(DAY, ORL, 11)
    platform.add("predictions", gradable)
    grades = graded(gradable, morning_of(DAY + timedelta(days=1)))
    platform.add("grading", [*grades, *grades[:6]])
    found = platform.stage("grading", DAY)
    assert found.status is Status.AVAILABLE
    assert texts(found, Level.WARN) == [
        "6 of 72 rows repeat a player_lookup + game_id + system_id (8%, expected at most 0%)"
    ]


# Nothing for a game that is not played.

JANUARY_8 = date(2026, 1, 8)


def _postponed(platform: Platform, *played: str) -> None:
    moved = "0022500529"
    platform.schedule(JANUARY_8, *played)
    insert(platform.connection, NBAC, [nbac_row(JANUARY_8 + timedelta(days=step), "UTA", "WAS") for step in (-1, 1)])
    insert(platform.connection, NBAC, [nbac_row(JANUARY_8, "MIA", "CHI", game_id=moved, status=3)])
    insert(platform.connection, NBAC, [nbac_row(date(2026, 1, 29), "MIA", "CHI", game_id=moved)])


def test_predictions_for_a_postponed_game_are_bad_data_and_name_it(platform: Platform) -> None:
    _postponed(platform, "ORL@MEM")
    played, postponed = game_id(JANUARY_8, "ORL@MEM"), game_id(JANUARY_8, "MIA@CHI")
    platform.add("predictions", prediction_rows(JANUARY_8, played))
    assert platform.stage("predictions", JANUARY_8).status is Status.AVAILABLE
    platform.add("predictions", prediction_rows(JANUARY_8, postponed))
    found = platform.stage("predictions", JANUARY_8)
    assert found.status is Status.BAD_DATA
    assert [postponed in text and "16 players, postponed" in text for text in texts(found, Level.FAIL)] == [True]
    execute(
        platform.connection,
        f"UPDATE {table_of('predictions')} SET invalidation_reason = 'game_postponed' WHERE game_id = '{postponed}'",
    )
    assert platform.stage("predictions", JANUARY_8).status is Status.AVAILABLE


@pytest.mark.parametrize(
    ("graded_of_72", "status"), [(72, Status.AVAILABLE), (57, Status.AVAILABLE), (50, Status.BAD_DATA)]
)
@pytest.mark.parametrize("named", ["20260108_MIA_CHI", "20260108_CHI_MIA", "0022500529"])
def test_predictions_of_a_game_that_was_not_played_need_no_grade(
    platform: Platform, named: str, graded_of_72: int, status: Status
) -> None:
    _postponed(platform, "ORL@MEM")
    played = prediction_rows(JANUARY_8, game_id(JANUARY_8, "ORL@MEM"), 12)
    platform.add("predictions", played + prediction_rows(JANUARY_8, named, 12))
    platform.add("grading", graded(played[:graded_of_72], morning_of(JANUARY_8 + timedelta(days=1))))
    found = platform.stage("grading", JANUARY_8)
    assert found.status is status
    missing = 72 - graded_of_72
    assert all(f"{missing} of 72 gradable predictions missing" in finding.text for finding in found.findings)


def test_predictions_of_a_game_that_was_played_need_their_grades(platform: Platform) -> None:
    platform.schedule(DAY, "ORL@MEM", "BKN@CHI")
    played, ungraded = prediction_rows(DAY, ORL, 12), prediction_rows(DAY, BKN, 12)
    platform.add("predictions", played + ungraded)
    platform.add("grading", graded(played, morning_of(DAY + timedelta(days=1))))
    found = platform.stage("grading", DAY)
    assert found.status is Status.BAD_DATA
    assert ["72 of 144 gradable predictions missing" in text for text in texts(found, Level.FAIL)] == [True]


def test_features_of_a_game_that_is_not_played_are_in_no_share(platform: Platform) -> None:
    _postponed(platform, "ORL@MEM")
    for matchup, ready in (("ORL@MEM", 25), ("MIA@CHI", 0)):
        platform.add("feature_store", feature_rows(JANUARY_8, game_id(JANUARY_8, matchup), ready=ready))
    assert platform.stage("feature_store", JANUARY_8).status is Status.AVAILABLE


def test_features_for_a_postponed_game_do_no_harm(platform: Platform) -> None:
    _postponed(platform, "ORL@MEM")
    for matchup in ("ORL@MEM", "MIA@CHI"):
        platform.add("phase4", factor_rows(JANUARY_8, game_id(JANUARY_8, matchup)))
    assert platform.stage("phase4", JANUARY_8).status is Status.AVAILABLE


def test_predictions_for_the_only_game_of_a_date_are_bad_though_it_was_postponed(platform: Platform) -> None:
    _postponed(platform)
    platform.add("predictions", prediction_rows(JANUARY_8, game_id(JANUARY_8, "MIA@CHI")))
    verdict = platform.look(JANUARY_8)
    assert verdict.stages["phase4"].status is Status.NO_GAMES
    assert verdict.stages["predictions"].status is Status.BAD_DATA
    assert verdict.first_broken == "predictions"


# Unchanged from the day before.

FEBRUARY_4, FEBRUARY_5 = date(2026, 2, 4), date(2026, 2, 5)
PLAYED = ("ORL", "MEM", "BKN", "CHI", "CHA", "DEN")


def _defense(platform: Platform, now: Sequence[Row]) -> StageVerdict:
    platform.schedule(FEBRUARY_4, "ORL@MEM", "BKN@CHI", "CHA@DEN", status=3, score=(101, 99))
    platform.schedule(FEBRUARY_5, "TOR@LAL")
    platform.add("team_defense", defense_rows(FEBRUARY_4))
    platform.add("team_defense", now)
    return platform.stage("team_defense", FEBRUARY_5)


def test_thirty_team_rows_copied_forward_are_bad_data(platform: Platform) -> None:
    found = _defense(platform, defense_rows(FEBRUARY_5, content_of=FEBRUARY_4))
    assert (found.ready, found.status) == (30, Status.BAD_DATA)
    assert texts(found, Level.FAIL) == [
        "6 of 6 teams that played the day before have the same paint_defense_vs_league_avg, "
        "mid_range_defense_vs_league_avg, three_pt_defense_vs_league_avg as on 2026-02-04"
    ]


def test_a_copy_that_a_rerun_wrote_twice_is_a_copy(platform: Platform) -> None:
    found = _defense(platform, defense_rows(FEBRUARY_5, content_of=FEBRUARY_4) * 2)
    assert found.status is Status.BAD_DATA


def test_thirty_new_team_rows_are_right(platform: Platform) -> None:
    assert _defense(platform, defense_rows(FEBRUARY_5)).status is Status.AVAILABLE


def test_teams_that_did_not_play_may_keep_their_numbers(platform: Platform) -> None:
    rows = defense_rows(FEBRUARY_5, content_of=FEBRUARY_4, same=PLAYED)
    assert _defense(platform, rows).status is Status.AVAILABLE


def test_after_a_day_without_games_nothing_need_change(platform: Platform) -> None:
    platform.schedule(FEBRUARY_5, "TOR@LAL")
    platform.add("team_defense", defense_rows(FEBRUARY_4) + defense_rows(FEBRUARY_5, content_of=FEBRUARY_4))
    assert platform.stage("team_defense", FEBRUARY_5).status is Status.AVAILABLE


def test_a_table_without_the_numbers_is_told_and_its_teams_still_count(platform: Platform) -> None:
    for column in ("paint", "mid_range", "three_pt"):
        execute(
            platform.connection, f"ALTER TABLE {table_of('team_defense')} DROP COLUMN {column}_defense_vs_league_avg"
        )
    platform.schedule(DAY, "ORL@MEM")
    rows = [{"team_abbr": team, "analysis_date": DAY} for team in TEAMS]
    platform.add("team_defense", rows)
    found = platform.stage("team_defense", DAY)
    assert found.status is Status.AVAILABLE
    assert [warning.startswith("rule unchanged: ") for warning in found.warnings] == [True]


# Stopped on purpose.


def _halt(platform: Platform, day: date, reason: str) -> None:
    make_table(platform.connection, HALT_STATE, HALT_COLUMNS)
    row = {
        "effective_date": day,
        "sport": "nba",
        "halt_active": True,
        "halt_reason": reason,
        "halt_since": date(2026, 2, 25),
        "written_at": morning_of(day),
    }
    add_to(platform.connection, HALT_STATE, [row])


def test_a_stop_on_purpose_explains_an_empty_stage_and_not_a_half_empty_one(platform: Platform) -> None:
    day = date(2026, 3, 3)
    platform.schedule(day, "ORL@MEM", "BKN@CHI")
    _halt(platform, day, "edge_collapse")
    platform.add("player_context", context_rows(day, game_id(day, "ORL@MEM")))
    verdict = platform.look(day)
    assert verdict.stages["predictions"].status is verdict.stages["grading"].status is Status.HALTED
    assert verdict.stages["predictions"].halt is not None
    assert not verdict.stages["predictions"].findings
    # It speaks of predictions and what follows.
    assert verdict.stages["player_context"].status is Status.MISSING_DATA
    platform.add("predictions", prediction_rows(day, game_id(day, "ORL@MEM")))
    assert platform.stage("predictions", day).status is Status.MISSING_DATA


def test_a_stop_because_nothing_was_predicted_explains_nothing(platform: Platform) -> None:
    day = date(2026, 3, 3)
    platform.schedule(day, "ORL@MEM")
    _halt(platform, day, "predictions_inactive")
    assert platform.stage("predictions", day).status is Status.MISSING_DATA


def test_a_summary_with_points_from_a_postponed_game_is_a_warning(platform: Platform) -> None:
    _postponed(platform, "ORL@MEM")
    for matchup in ("ORL@MEM", "MIA@CHI"):
        platform.add("player_summary", summary_rows(JANUARY_8, game_id(JANUARY_8, matchup)))
    found = platform.stage("player_summary", JANUARY_8)
    assert found.status is Status.AVAILABLE
    assert ["20260108_MIA_CHI" in text for text in texts(found, Level.WARN)] == [True]


def test_placeholders_of_the_first_days_break_no_rule(platform: Platform) -> None:
    day = date(2025, 10, 28)
    platform.schedule(day, "ORL@MEM")
    rows = player_rows(day, game_id(day, "ORL@MEM"), 30, is_quality_ready=False, early_season_flag=True)
    platform.add("feature_store", rows)
    found = platform.stage("feature_store", day)
    assert (found.status, found.findings) == (Status.BOOTSTRAP, ())
