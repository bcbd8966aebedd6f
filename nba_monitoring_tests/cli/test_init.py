"""`nba-monitoring init`: the tables made, brought up to date, and tried without making them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from nba_monitoring.sample.platform_tables import ALL_TABLES
from nba_monitoring.settings import BigQueryWarehouse
from nba_monitoring.warehouse.engines.bigquery import connect_to
from nba_monitoring.warehouse.tables import CHECKS, MONITOR_TABLES, MUTES
from nba_monitoring_tests.cli.conftest import Command
from nba_monitoring_tests.morning import Platform
from nba_monitoring_tests.platform_tables import create_platform_tables
from nba_monitoring_tests.warehouse.loopback_bigquery import (
    PROJECT,
    LoopbackBigQuery,
    Outcome,
    google_error,
    loopback_bigquery,
)

OWN = {table.name: table.columns for table in MONITOR_TABLES}
FIRST_FIVE = "check_date DATE, check_time TIMESTAMP, scheduled_games INT64, phase4_ready INT64, status STRING"


@pytest.fixture
def bigquery(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackBigQuery]:
    """A BigQuery with all tables, which is the warehouse that is set."""
    with loopback_bigquery({**ALL_TABLES, **OWN}) as running:
        running.datasets["nba_monitoring"] = "us-west2"
        running.outcome_of = lambda sql: Outcome(bytes_processed=2**20)
        monkeypatch.setenv("NBA_MONITORING_WAREHOUSE", f"bigquery://{PROJECT}?location=us-west2")
        monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", running.url)
        yield running


def refused(reason: str, message: str, table: str) -> Outcome:
    return Outcome(refused=google_error(403 if reason == "accessDenied" else 400, reason, message.format(table)))


@pytest.mark.slow
def test_tables_are_created_once_in_a_file_and_described(command: Command, platform: Platform) -> None:
    made = command("init")
    assert (made.status, made.err) == (0, "")
    assert made.out.splitlines() == [f"{table.name}: created" for table in MONITOR_TABLES]
    again = command("init")
    assert again.out.splitlines() == [f"{table.name}: up to date" for table in MONITOR_TABLES]
    with duckdb.connect(platform.path) as connection:
        described = connection.execute(
            "SELECT comment FROM duckdb_columns() WHERE schema_name = 'nba_monitoring' AND table_name = 'mutes'"
        ).fetchall()
    assert [comment for (comment,) in described] == list(MUTES.descriptions.values())


def test_the_first_five_columns_get_the_others_in_a_file(command: Command, platform: Platform) -> None:
    with duckdb.connect(platform.path) as connection:
        connection.execute("CREATE SCHEMA nba_monitoring")
        connection.execute(f"CREATE TABLE {CHECKS.name} ({FIRST_FIVE})")
        connection.execute(f"INSERT INTO {CHECKS.name} VALUES ('2026-01-18', '2026-01-18 16:00', 6, 1, 'MISSING_DATA')")
    added = ", ".join(list(CHECKS.columns)[5:])
    assert command("init").out.splitlines()[0] == f"{CHECKS.name}: added {added}"
    with duckdb.connect(platform.path) as connection:
        assert connection.execute(f"SELECT scheduled_games, check_id FROM {CHECKS.name}").fetchall() == [(6, None)]


@pytest.mark.emulator
def test_tables_are_made_and_migrated_on_bigquery(
    command: Command, bigquery_emulator: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = f"project-{uuid.uuid4().hex[:12]}"
    monkeypatch.setenv("NBA_MONITORING_WAREHOUSE", f"bigquery://{project}?location=us-west2")
    monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", bigquery_emulator)
    target = BigQueryWarehouse(project=project, location="us-west2", emulator_host=bigquery_emulator)
    with connect_to(target) as client:
        client.create_dataset("nba_monitoring")
        client.query(f"CREATE TABLE {CHECKS.name} ({FIRST_FIVE})").result()
        made = command("init")
        assert (made.status, made.err) == (0, "")
        first, *others = made.out.splitlines()
        assert first.startswith(f"{CHECKS.name}: added severity, check_id")
        assert "is not partitioned by check_date" in first
        assert others == [f"{table.name}: created" for table in MONITOR_TABLES[1:]]
        for table in MONITOR_TABLES:
            assert list(client.query(f"SELECT {', '.join(table.columns)} FROM {table.name}").result()) == []
        again = command("init")
        assert again.status == 0
        assert not any(word in line for line in again.out.splitlines()[1:] for word in ("created", "added"))


@pytest.mark.slow
def test_an_existing_table_is_described_and_stays(command: Command, bigquery: LoopbackBigQuery) -> None:
    assert "brought description, labels" in command("init").out
    changed = bigquery.tables_changed[CHECKS.name]
    assert (changed["description"], changed["labels"]) == (CHECKS.description, {"app": "nba_monitoring"})
    described = {field["name"]: field["description"] for field in changed["schema"]["fields"]}
    assert described == CHECKS.descriptions
    assert bigquery.taken == []
    assert "brought" not in command("init").out


def test_every_table_and_column_is_described() -> None:
    for table in MONITOR_TABLES:
        assert table.description
        assert set(table.descriptions) == set(table.columns)
        assert set(table.clustered_by) <= set(table.columns)
        assert set(table.key) <= set(table.columns)


@pytest.mark.slow
def test_a_dry_run_with_every_permission_passes(command: Command, bigquery: LoopbackBigQuery) -> None:
    tried = command("init", "--dry-run")
    assert (tried.status, tried.err) == (0, "")
    lines = tried.out.splitlines()
    assert "nba_raw.espn_scoreboard: OK (SELECT); reads 1.0 MB" in lines
    assert any(line.startswith("nba_monitoring.incidents: OK (MERGE, SELECT, UPDATE)") for line in lines)
    assert lines[-1].startswith(f"{len(bigquery.taken)} statements; {len(bigquery.taken)}.0 MB if each ran once")
    assert bigquery.taken
    assert all(job.is_dry_run for job in bigquery.taken)
    assert {line.partition(":")[0] for line in lines[:-1]} >= {"nba_predictions.prediction_accuracy", *OWN}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("table", "reason", "message", "said"),
    [
        (
            "nba_raw.nbac_schedule",
            "accessDenied",
            "Access Denied: Table our-project:{}: User does not have permission to query table",
            "REFUSED SELECT: no permission to read nba_raw.nbac_schedule",
        ),
        (
            "nba_monitoring.incidents",
            "accessDenied",
            "Access Denied: Table our-project:{}: Permission bigquery.tables.updateData denied",
            "REFUSED MERGE: no permission to write nba_monitoring.incidents",
        ),
        (
            "nba_predictions.prediction_accuracy",
            "invalidQuery",
            "Unrecognized name: graded_at at [4:1]",
            "REFUSED SELECT: has no column graded_at, which the monitor needs",
        ),
        (
            "nba_raw.espn_scoreboard",
            "invalidQuery",
            "No matching signature for operator BETWEEN for argument types: STRING, DATE, DATE at [17:7]",
            "REFUSED SELECT: BigQuery refuses the query; check its columns' types: No matching signature",
        ),
        (
            "nba_predictions.player_prop_predictions",
            "bytesBilledLimitExceeded",
            "Query exceeded limit for bytes billed: 10737418240. 20971520000 or higher required.",
            "REFUSED SELECT: the query would cost more than NBA_MONITORING_MAX_BYTES_BILLED allows",
        ),
        (
            "nba_raw.nbac_schedule",
            "invalidQuery",
            "Cannot query over table '{}' without a filter over column(s) that can be used for partition elimination",
            "REFUSED SELECT: requires a filter on its partition",
        ),
    ],
)
def test_a_dry_run_lists_what_is_refused(
    command: Command, bigquery: LoopbackBigQuery, table: str, reason: str, message: str, said: str
) -> None:
    bigquery.outcome_of = lambda sql: refused(reason, message, table) if f" {table}" in sql else Outcome()
    tried = command("init", "--dry-run")
    assert tried.status == 2
    wrong = [line for line in tried.out.splitlines() if "REFUSED" in line]
    assert wrong
    assert any(line.startswith(f"{table}: {said}") for line in wrong)


@pytest.mark.slow
def test_a_dry_run_refuses_a_stage_without_its_table(command: Command, bigquery: LoopbackBigQuery) -> None:
    del bigquery.tables["nba_precompute.player_daily_cache"]
    tried = command("init", "--dry-run")
    assert tried.status == 2
    assert "nba_precompute.player_daily_cache: REFUSED: no such table" in tried.out


@pytest.mark.slow
def test_a_dry_run_lists_a_table_without_permission_to_read_it(command: Command, bigquery: LoopbackBigQuery) -> None:
    bigquery.denied = frozenset({"nba_precompute.player_daily_cache"})
    tried = command("init", "--dry-run")
    assert tried.status == 2
    assert (
        "nba_precompute.player_daily_cache: REFUSED DESCRIBE: no permission to read nba_precompute.player_daily_cache"
        in tried.out
    )
    assert "roles/bigquery.dataViewer on dataset nba_precompute" in tried.out


@pytest.mark.slow
def test_a_dry_run_before_the_first_init_makes_nothing(command: Command, bigquery: LoopbackBigQuery) -> None:
    for table in OWN:
        del bigquery.tables[table]
    del bigquery.tables["nba_orchestration.game_postponements"]
    tried = command("init", "--dry-run")
    assert (tried.status, tried.err) == (0, "")
    assert "nba_monitoring.mutes: does not exist yet, and may be created; run `nba-monitoring init`" in tried.out
    assert "nba_orchestration.game_postponements: does not exist (optional)" in tried.out
    assert bigquery.made == []
    assert all(job.is_dry_run for job in bigquery.taken)


@pytest.mark.emulator
def test_a_dry_run_on_the_emulator(
    command: Command, bigquery_emulator: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    project = f"project-{uuid.uuid4().hex[:12]}"
    monkeypatch.setenv("NBA_MONITORING_WAREHOUSE", f"bigquery://{project}?location=us-west2")
    monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", bigquery_emulator)
    target = BigQueryWarehouse(project=project, location="us-west2", emulator_host=bigquery_emulator)
    with connect_to(target) as client:
        create_platform_tables(client)
    command("init")
    tried = command("init", "--dry-run")
    assert tried.status == 2  # of the stages' tables it has Phase 4's alone
    lines = tried.out.splitlines()
    assert any(line.startswith("nba_precompute.player_composite_factors: OK") for line in lines)
    assert any(line.startswith("nba_predictions.prediction_accuracy: REFUSED: no such table") for line in lines)
    with connect_to(target) as client:
        assert list(client.query(f"SELECT check_date FROM {MUTES.name}").result()) == []


def test_a_dry_run_needs_a_bigquery_warehouse(command: Command, platform: Platform) -> None:
    tried = command("init", "--dry-run")
    assert tried.status == 2
    assert "--dry-run needs a BigQuery warehouse" in tried.err
