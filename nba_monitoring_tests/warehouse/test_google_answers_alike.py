"""Each read answered over the same rows by DuckDB, by the emulator and by Google's own reference implementation."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

import duckdb
import pytest

from nba_monitoring.core.counting import Unit
from nba_monitoring.core.record import Mute
from nba_monitoring.core.services import ServiceCheck, ServiceStatus
from nba_monitoring.sample.platform_tables import ALL_TABLES
from nba_monitoring.settings import BigQueryWarehouse
from nba_monitoring.warehouse import Warehouse
from nba_monitoring.warehouse.engines import Parameters, Statement
from nba_monitoring.warehouse.engines.bigquery import BigQueryEngine, connect_to
from nba_monitoring.warehouse.engines.duckdb import DuckDBEngine
from nba_monitoring.warehouse.snapshots import Snapshot
from nba_monitoring.warehouse.tables import MONITOR_TABLES
from nba_monitoring_tests.days import DAY
from nba_monitoring_tests.platform_tables import Row, espn_row, nbac_row
from nba_monitoring_tests.stage_rows import (
    add_to,
    context_rows,
    defense_rows,
    factor_rows,
    feature_rows,
    graded,
    make_table,
    prediction_rows,
    summary_rows,
    table_of,
)
from nba_monitoring_tests.warehouse.google_evaluator import GoogleEvaluator
from nba_monitoring_tests.warehouse.listening import never_sent
from nba_monitoring_tests.warehouse.test_google_reads_it import STAGES
from nba_monitoring_tests.warehouse.test_history import MISSING, RECOVERED
from nba_monitoring_tests.warehouse.test_ledger import ABOUT_ITSELF, AGAIN, RESULTS, SENT, TOLD

pytestmark = pytest.mark.thorough

BEFORE = DAY - timedelta(days=1)
MORNING = datetime(2026, 1, 18, 16, tzinfo=UTC)
LATER = MORNING + timedelta(hours=3)
GAME, TURNED, OTHER = "20260118_ORL_MEM", "20260118_MEM_ORL", "20260118_BKN_CHI"
TEN_DIGITS = "0022500600"

OWN = {table.name: table for table in MONITOR_TABLES}
TABLES: Mapping[str, Mapping[str, str]] = {**ALL_TABLES, **{name: table.columns for name, table in OWN.items()}}


class Read(NamedTuple):
    """A query as the product sent it, with DuckDB's answer."""

    statement: Statement
    parameters: Parameters
    answer: list[dict[str, Any]]


class Remembering(DuckDBEngine):
    """Remembers what was read."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        super().__init__(connection)
        self.reads: list[Read] = []

    def read(self, statement: Statement, parameters: Parameters) -> list[dict[str, Any]]:
        answer = super().read(statement, parameters)
        self.reads.append(Read(statement, parameters, answer))
        return answer


def platform_rows() -> Mapping[str, Sequence[Row]]:
    """Rows with what makes engines differ: NULLs, a key written twice, two ids of one game, rows written later."""
    players, twice = factor_rows(DAY, GAME, 5), factor_rows(DAY, TURNED, 3)
    late = [row | {"processed_at": LATER} for row in factor_rows(DAY, OTHER, 2)]
    odd: list[Row] = [
        {"player_lookup": None, "game_id": OTHER, "game_date": DAY, "is_production_ready": None},
        {"player_lookup": "placeholder", "game_id": OTHER, "game_date": DAY, "early_season_flag": True},
        *({**row, "is_production_ready": False} for row in factor_rows(BEFORE, "20260117_UTA_WAS", 2)),
    ]
    predicted = prediction_rows(DAY, GAME, 3)
    unsure = prediction_rows(DAY, OTHER, 2, model_version=None, current_points_line=20, is_active=None)
    return {
        "nba_raw.nbac_schedule": [
            nbac_row(DAY, "ORL", "MEM"),
            nbac_row(DAY, "ORL", "MEM", status=3, score=(101, 99), processed_at=LATER),
            nbac_row(DAY, "BKN", "CHI", tip=None, processed_at=None),
            nbac_row(BEFORE, "UTA", "WAS", status=None) | {"game_id": None},
        ],
        "nba_raw.espn_scoreboard": [
            espn_row(DAY, "ORL", "MEM", tip_at=LATER),
            espn_row(DAY, "ORL", "MEM", status="FINAL", score=(101, 99), processed_at=LATER),
            espn_row(DAY, "BKN", "CHI", status=None) | {"game_id": None},
        ],
        "nba_orchestration.game_postponements": [
            {"game_id": GAME, "original_date": DAY, "new_date": None},
            {"game_id": OTHER, "original_date": DAY, "new_date": DAY + timedelta(days=2)},
        ],
        "nba_orchestration.halt_state": [
            {
                "effective_date": DAY,
                "sport": "nba",
                "halt_active": True,
                "halt_reason": "manual",
                "halt_since": BEFORE,
                "written_at": MORNING,
            },
            {
                "effective_date": DAY,
                "sport": "nba",
                "halt_active": None,
                "halt_reason": None,
                "halt_since": None,
                "written_at": LATER,
            },
            {
                "effective_date": BEFORE,
                "sport": "nba",
                "halt_active": True,
                "halt_reason": "manual",
                "halt_since": BEFORE,
                "written_at": None,
            },
        ],
        "nba_predictions.model_registry": [
            {"model_id": name, "enabled": enabled, "status": "active"}
            for name, enabled in (("a", True), ("a", True), ("b", None), (None, True))
        ],
        table_of("player_context"): [*context_rows(DAY, GAME, 4), *context_rows(DAY, GAME, 2)],
        table_of("team_context"): [
            {"team_abbr": team, "game_id": TEN_DIGITS, "game_date": DAY, "is_production_ready": ready}
            for team, ready in (("ORL", True), ("MEM", None), (None, False))
        ],
        table_of("team_defense"): [*defense_rows(BEFORE), *defense_rows(DAY, content_of=BEFORE)],
        table_of("shot_zones"): [
            {
                "player_lookup": f"p{number}",
                "analysis_date": DAY,
                "is_production_ready": number % 3 != 0,
                "processed_at": MORNING,
            }
            for number in range(9)
        ],
        table_of("daily_cache"): [{"player_lookup": f"p{number}", "cache_date": DAY} for number in (1, 1, 2)],
        table_of("phase4"): [*players, *twice, *late, *odd],
        table_of("feature_store"): [
            *feature_rows(DAY, GAME, 5, 3),
            *(row | {"updated_at": LATER} for row in feature_rows(DAY, OTHER, 2)),
        ],
        table_of("predictions"): [*predicted, *unsure, predicted[0]],
        table_of("player_summary"): [*summary_rows(BEFORE, "20260117_UTA_WAS", 3), *summary_rows(DAY, GAME, 2)],
        table_of("grading"): [*graded(predicted[:5], MORNING), *graded(predicted[4:7], LATER)],
    }


@cache
def sent() -> tuple[list[Read], Mapping[str, list[dict[str, Any]]]]:
    """What the product reads over these rows, and all rows of all tables as they then are."""
    with duckdb.connect() as connection:
        engine = Remembering(connection)
        for name, columns in ALL_TABLES.items():
            make_table(connection, name, columns)
        for name, rows in platform_rows().items():
            add_to(connection, name, rows)
        warehouse = Warehouse(engine)
        write_the_monitors_own(warehouse)
        ask_all(warehouse)
        reads = list(engine.reads)
        return reads, {name: all_rows(engine, name) for name in TABLES}


def all_rows(engine: DuckDBEngine, name: str) -> list[dict[str, Any]]:
    return DuckDBEngine(engine.connection).read(Statement(name, f"SELECT {', '.join(TABLES[name])} FROM {name}"), {})


def write_the_monitors_own(warehouse: Warehouse) -> None:
    list(warehouse.bring_up_to_date())
    warehouse.append_checks([MISSING, RECOVERED])
    for number, (status, hours) in enumerate((("READY", 0), ("UNHEALTHY", 1), ("UNKNOWN", 2))):
        when = MORNING + timedelta(hours=hours)
        found = [ServiceCheck(when, name, ServiceStatus(status), serving=("r1", "r2")) for name in ("worker", "grader")]
        warehouse.append_service_checks([replace(check, check_id=f"services_{number}") for check in found])
    warehouse.put_incidents([TOLD, RESULTS])
    warehouse.append_notifications([SENT, AGAIN, ABOUT_ITSELF])
    warehouse.append_mutes([Mute(DAY, MORNING, None, "rebuilt", "Ann"), Mute(DAY, LATER, LATER, "again", "Bob")])
    for made_at in (LATER, MORNING):
        warehouse.append_season_replay("2025-26", made_at, f'{{"made_at": "{made_at}"}}')


def ask_all(warehouse: Warehouse) -> None:
    warehouse.schedule_reports(DAY, DAY)
    for as_of in (None, MORNING):
        reads = warehouse.read_stages(STAGES, BEFORE, DAY, as_of)
        for read in reads.values():
            assert read.unreadable is None, read.unreadable
            if read.stage.unit is Unit.GAME:
                games = {
                    (DAY, frozenset({"ORL", "MEM"})): (GAME, TURNED, TEN_DIGITS),
                    (DAY, frozenset({"BKN", "CHI"})): (OTHER,),
                }
                warehouse.keys_over_ids(read.stage, games, as_of)
    warehouse.read_snapshots(reads, [Snapshot(BEFORE, MORNING), Snapshot(DAY, MORNING), Snapshot(DAY, LATER)])
    warehouse.history(BEFORE, DAY)
    warehouse.stage_history(BEFORE, DAY)
    warehouse.checked_stages()
    warehouse.arrivals(BEFORE, DAY, LATER + timedelta(days=365))
    warehouse.service_history(MORNING, LATER)
    for open_only in (True, False):
        warehouse.incidents(BEFORE, DAY, open_only)
    warehouse.notifications(BEFORE, DAY)
    warehouse.mutes(BEFORE, DAY)
    warehouse.newest_season_replay("2025-26", BEFORE, DAY)


def alike(read: Read, answer: Sequence[Mapping[str, Any]]) -> bool:
    """Whether an answer is DuckDB's: in the same order where the query asks for one."""
    if "\nORDER BY" in read.statement.sql:
        return list(answer) == read.answer
    return sorted(map(_in_words, answer)) == sorted(map(_in_words, read.answer))


def _in_words(row: Mapping[str, Any]) -> str:
    return str({name: float(value) if isinstance(value, Decimal) else value for name, value in row.items()})


def test_every_read_is_among_them_and_finds_rows() -> None:
    reads, _ = sent()
    assert never_sent([read.statement.sql for read in reads], reads_only=True) == []
    assert [read.statement.sql for read in reads if not read.answer] == []


@pytest.mark.xdist_group("google_analyzer")
def test_google_s_reference_implementation_answers_as_duckdb_does() -> None:
    reads, contents = sent()
    google = GoogleEvaluator(TABLES, contents)
    answers = [(read, google.read(read.statement, read.parameters)) for read in reads]
    assert [(read.statement.sql, answer) for read, answer in answers if not alike(read, answer)] == []


@pytest.mark.xdist_group("google_analyzer")
@pytest.mark.parametrize("table", ["phase4", "predictions", "grading"])
def test_a_row_more_or_less_is_another_answer(table: str) -> None:
    reads, contents = sent()
    name = table_of(table)
    google = GoogleEvaluator(TABLES, {**contents, name: contents[name][1:]})
    of_table = [read for read in reads if read.statement.table == name]
    assert any(not alike(read, google.read(read.statement, read.parameters)) for read in of_table)


@pytest.mark.emulator
def test_the_emulator_answers_as_duckdb_does(bigquery_emulator: str) -> None:
    reads, contents = sent()
    project = f"project-{uuid.uuid4().hex[:12]}"
    with connect_to(BigQueryWarehouse(project=project, location="us-west2", emulator_host=bigquery_emulator)) as client:
        for name, columns in TABLES.items():
            make_table(client, name, columns)
            rows = [{column: _json(value) for column, value in row.items()} for row in contents[name]]
            assert not rows or not client.insert_rows_json(f"{project}.{name}", rows)
        emulator = BigQueryEngine(client)
        answers = [(read, emulator.read(read.statement, read.parameters)) for read in reads]
    assert [(read.statement.sql, answer) for read, answer in answers if not alike(read, answer)] == []


def _json(value: Any) -> Any:
    return str(value) if isinstance(value, date | Decimal) else value
