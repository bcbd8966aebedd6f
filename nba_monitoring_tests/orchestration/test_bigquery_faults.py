"""A BigQuery that goes wrong in the morning: nothing is lost or doubled, the operator is told, and it recovers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import time_machine
import yaml
from google.api_core.retry import Retry
from google.cloud.bigquery import Client
from google.cloud.bigquery.retry import DEFAULT_RETRY

from nba_monitoring.core.status import Status
from nba_monitoring.orchestration.schedules import recheck_until_covered
from nba_monitoring.settings import BigQueryWarehouse, Settings
from nba_monitoring.stages_file import SHIPPED
from nba_monitoring.warehouse import WarehouseError
from nba_monitoring.warehouse.engines import bigquery as bigquery_engine
from nba_monitoring.warehouse.engines.bigquery import connect_to
from nba_monitoring.warehouse.engines.bigquery_errors import may_pass
from nba_monitoring.warehouse.engines.bigquery_jobs import DEFAULT_POLICY
from nba_monitoring_tests.days import DAY, at
from nba_monitoring_tests.loopback import Answer, Request
from nba_monitoring_tests.morning import FACTORS, NBAC, run_check
from nba_monitoring_tests.orchestration import one_run
from nba_monitoring_tests.orchestration.sensor import Sensor
from nba_monitoring_tests.orchestration.slack import Slack
from nba_monitoring_tests.platform_tables import create_platform_tables, insert, nbac_row
from nba_monitoring_tests.stage_rows import (
    HALT_COLUMNS,
    HALT_STATE,
    STAGE_COLUMNS,
    context_rows,
    create_stage_tables,
    defense_rows,
    factor_rows,
    feature_rows,
    make_table,
    table_of,
)
from nba_monitoring_tests.warehouse.faulty_bigquery import (
    CONFLICT,
    GONE,
    Fault,
    FaultyBigQuery,
    denied,
    faulty_bigquery,
    gone_from,
    refused,
    sql_of,
)
from nba_monitoring_tests.warehouse.loopback_bigquery import google_error

pytestmark = [pytest.mark.emulator, pytest.mark.slow]

SCHEDULED = {"nba_monitoring/trigger": "scheduled"}
GAME = "20260118_ORL_MEM"
ZONES = "nba_precompute.player_shot_zone_analysis"
VERDICTS = "nba_monitoring.data_availability_checks"
THE_VERDICT = f"MERGE INTO {VERDICTS}"
THE_SLATE = "MERGE INTO nba_monitoring.scheduled_games"
# Asks again at once, for a short while.
HASTY = replace(
    DEFAULT_POLICY,
    retry=DEFAULT_RETRY.with_timeout(0.2).with_delay(0.01, 0.01),
    job_retry=Retry(predicate=may_pass, initial=0.01, maximum=0.01, timeout=1.0),
)
# With time for a whole run while a write waits for its answer.
PATIENT = replace(HASTY, request_timeout=120.0, job_retry=HASTY.job_retry.with_timeout(120.0))


@contextmanager
def one_game_at(emulator: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyBigQuery]:
    """A project of its own, set as the warehouse, where ORL@MEM is scheduled and Phase 4 is there and empty."""
    with faulty_bigquery(emulator) as found:
        monkeypatch.setenv("NBA_MONITORING_WAREHOUSE", f"bigquery://project-{uuid.uuid4().hex[:12]}?location=us-west2")
        monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", found.url)
        with client() as opened:
            create_platform_tables(opened)
            around = [nbac_row(DAY + timedelta(days=step), "UTA", "WAS") for step in (-1, 1)]
            insert(opened, NBAC, [*around, nbac_row(DAY, "ORL", "MEM")])
        yield found


@pytest.fixture
def bigquery(bigquery_emulator: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyBigQuery]:
    """One that is given up soon."""
    monkeypatch.setattr(bigquery_engine, "DEFAULT_POLICY", HASTY)
    with one_game_at(bigquery_emulator, monkeypatch) as found:
        yield found


@pytest.fixture
def phase4_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where no other stage is watched, a look takes a third of the time."""
    phase4 = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))["stages"]["phase4"]
    path = tmp_path / "stages.yaml"
    path.write_text(yaml.safe_dump({"stages": {"phase4": phase4 | {"upstream": []}}}), encoding="utf-8")
    monkeypatch.setenv("NBA_MONITORING_STAGES", str(path))


@contextmanager
def client() -> Iterator[Client]:
    target = Settings.load().warehouse
    assert isinstance(target, BigQueryWarehouse)
    with connect_to(target) as opened:
        yield opened


def rows(sql: str) -> list[tuple[Any, ...]]:
    with client() as opened:
        return [row.values() for row in opened.query(sql).result()]


def verdicts() -> list[tuple[str, str]]:
    """The runs that have left a verdict on the date, with it, a row of the history each."""
    kept = rows(f"SELECT run_id, status, check_id FROM {VERDICTS} ORDER BY check_time")
    assert len({check_id for _, _, check_id in kept}) == len(kept)
    return [(run_id, status) for run_id, status, _ in kept]


def assert_nothing_is_doubled() -> None:
    """In what is replaced, in what is appended by stage, and in the ledger of messages."""
    for table, keys in {
        "scheduled_games": "game_id",
        "stage_checks": "check_id, stage",
        "incidents": "incident_id",
        "notifications": "notification_id, sent_at",
    }.items():
        assert rows(f"SELECT {keys} FROM nba_monitoring.{table} GROUP BY {keys} HAVING COUNT(*) > 1") == []


def look(sensor: Sensor, moment: datetime) -> bool:
    """The scheduled run at a moment, and two ticks of the sensor after it. Whether the run succeeded."""
    with time_machine.travel(moment):
        try:
            succeeded = run_check(Settings.load(), sensor.instance, DAY, tags=SCHEDULED).success
        except (dg.DagsterError, WarehouseError):
            succeeded = False
        sensor.tick()
        sensor.tick()
    return succeeded


def cover_all_that_is_due_by_noon() -> None:
    ready, players = {"is_production_ready": True}, [f"player{number}" for number in range(300)]
    with client() as opened:
        create_stage_tables(opened, *(name for name in STAGE_COLUMNS if name != "phase4"))
        make_table(opened, HALT_STATE, HALT_COLUMNS)
        for stage, found in {
            "player_context": context_rows(DAY, GAME),
            "team_context": [
                {"team_abbr": team, "game_id": GAME, "game_date": DAY, **ready} for team in ("ORL", "MEM")
            ],
            "team_defense": [*defense_rows(DAY - timedelta(days=1)), *defense_rows(DAY)],
            "shot_zones": [{"player_lookup": name, "analysis_date": DAY, **ready} for name in players],
            "daily_cache": [{"player_lookup": name, "cache_date": DAY, **ready} for name in players[:20]],
            "phase4": factor_rows(DAY, GAME),
            "feature_store": feature_rows(DAY, GAME),
        }.items():
            whole = [{name: _json(value) for name, value in row.items()} for row in found]
            assert not opened.insert_rows_json(f"{opened.project}.{table_of(stage)}", whole)


def _json(value: Any) -> Any:
    return value if isinstance(value, bool | None) else str(value)


def stages_of(run: int) -> dict[str, tuple[Any, ...]]:
    """What was kept of each stage by one of the runs, in their order."""
    kept = rows("SELECT stage, status, expected, ready, detail, run_id FROM nba_monitoring.stage_checks")
    run_id, _ = verdicts()[run]
    return {stage: tuple(found) for stage, *found, by in kept if by == run_id}


def test_a_table_that_may_not_be_read_is_its_stage_s_finding_and_no_other_s(
    bigquery: FaultyBigQuery, watching: Sensor, webhook: Slack
) -> None:
    cover_all_that_is_due_by_noon()
    assert look(watching, at(8))
    assert webhook.texts == []
    bigquery.fault = denied(ZONES)
    assert look(watching, at(8, 15))
    bigquery.is_well()
    assert look(watching, at(8, 30))

    told, recovered = webhook.accepted
    reason = (
        f"{ZONES}: no permission to read {ZONES}; "
        "grant the account roles/bigquery.dataViewer on dataset nba_precompute: "
    )
    assert "WARN Player shot zones can't be read, " in told.text
    assert reason in told.text
    assert "Recovered: Player shot zones" in recovered.text
    undisturbed, disturbed, afterwards = (stages_of(run) for run in range(3))
    assert disturbed["shot_zones"][0] == Status.MISSING_DATA
    assert reason in disturbed["shot_zones"][3]
    assert {**disturbed, "shot_zones": undisturbed["shot_zones"]} == undisturbed == afterwards
    assert [status for _, status in verdicts()] == [Status.AVAILABLE] * 3
    assert_nothing_is_doubled()


QUOTA = google_error(403, "quotaExceeded", "Quota exceeded: Your project exceeded quota for query bytes scanned")
OVER_THE_CAP = google_error(
    400, "bytesBilledLimitExceeded", "Query exceeded limit for bytes billed: 10485760. 20971520 or higher required."
)


@pytest.mark.usefixtures("phase4_alone")
@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (denied(FACTORS), f"no permission to read {FACTORS}"),
        (denied(VERDICTS), f"no permission to write {VERDICTS}"),
        (refused(QUOTA, THE_SLATE), "a quota of project"),
        (refused(OVER_THE_CAP, f"FROM {FACTORS}"), "would cost more than NBA_MONITORING_MAX_BYTES_BILLED allows"),
        (refused(CONFLICT, THE_SLATE), "conflicting writes to the same dates"),
        (gone_from(f"FROM {FACTORS}"), "BigQuery can't be reached: Remote end closed connection without response;"),
        (gone_from(THE_VERDICT), "BigQuery can't be reached: Remote end closed connection without response;"),
    ],
    ids=[
        "no right to Phase 4's table",
        "no right to write the history",
        "quota",
        "over the cap",
        "conflicts without end",
        "gone in the midst of reading",
        "gone before the verdict is kept",
    ],
)
def test_a_run_that_fails_is_told_once_and_the_next_one_makes_up_for_it(
    bigquery: FaultyBigQuery, watching: Sensor, webhook: Slack, fault: Fault, said: str
) -> None:
    bigquery.fault = fault
    assert not look(watching, at(8))
    (failure,) = webhook.texts
    assert "ERROR Monitor: the check of 2026-01-18 failed. " in failure
    assert said in failure
    bigquery.is_well()
    assert look(watching, at(8, 30))
    _, finding, works_again = webhook.texts
    assert "Phase 4 missing for " in finding
    assert f"checks of {DAY} are running again" in works_again
    assert [status for _, status in verdicts()] == [Status.MISSING_DATA]
    # What was told while the ledger was out of reach is in it too.
    assert rows("SELECT COUNT(*) FROM nba_monitoring.notifications WHERE accepted") == [(3,)]
    assert_nothing_is_doubled()


@pytest.mark.usefixtures("phase4_alone")
def test_two_runs_of_one_date_at_once_both_leave_their_verdict_and_one_alert(
    bigquery: FaultyBigQuery, sensor: Sensor, webhook: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bigquery_engine, "DEFAULT_POLICY", PATIENT)
    with time_machine.travel(at(7)):
        sensor.tick()
    overtaken_by: list[dg.ExecuteInProcessResult] = []

    def fault(request: Request) -> Answer | None:
        """The first run's write meets that of a second one, which runs to its end meanwhile."""
        if THE_SLATE not in sql_of(request):
            return None
        bigquery.is_well()
        overtaken_by.append(run_check(Settings.load(), sensor.instance, DAY))
        return CONFLICT

    bigquery.fault = fault
    assert look(sensor, at(8))
    (finding,), (second,) = webhook.texts, overtaken_by
    assert "Phase 4 missing for " in finding
    assert second.success
    runs = {run.run_id for run in sensor.instance.get_runs()}
    assert len(runs) == 2
    assert {run_id for run_id, _ in verdicts()} == runs
    assert_nothing_is_doubled()


@pytest.mark.usefixtures("phase4_alone")
def test_a_run_killed_between_its_append_and_its_evaluation_is_told_and_made_up_for(
    bigquery: FaultyBigQuery, sensor: Sensor, webhook: Slack
) -> None:
    with time_machine.travel(at(7)):
        sensor.tick()

    def fault(request: Request) -> Answer | None:
        """The verdict is kept, and its run does not live to hear of it."""
        if THE_VERDICT not in sql_of(request):
            return None
        bigquery.is_well()
        bigquery.passed_on(request)
        os.kill(child.pid, signal.SIGKILL)
        return GONE

    bigquery.fault = fault
    command = [sys.executable, "-m", one_run.__name__, sensor.instance.root_directory]
    with subprocess.Popen(command) as child:
        assert child.wait() == -signal.SIGKILL
    (run,) = sensor.instance.get_runs()
    assert verdicts() == [(run.run_id, Status.MISSING_DATA)]
    with time_machine.travel(at(8, 5)):
        # As run monitoring reports it.
        sensor.instance.report_run_failed(run, f"Run execution process for {run.run_id} was terminated by signal 9.")
        sensor.tick()
        sensor.tick()
    (failure,) = webhook.texts
    assert "Worker killed: the process was terminated by signal 9" in failure
    assert is_looked_at_again(sensor, at(8, 30))
    assert look(sensor, at(8, 30))
    _, finding, works_again = webhook.texts
    assert "Phase 4 missing for " in finding
    assert f"checks of {DAY} are running again" in works_again
    # A look that was kept stays kept; the second one is its own.
    assert [status for _, status in verdicts()] == [Status.MISSING_DATA] * 2
    assert_nothing_is_doubled()


def is_looked_at_again(sensor: Sensor, moment: datetime) -> bool:
    tick = dg.build_schedule_context(instance=sensor.instance, scheduled_execution_time=moment)
    answer = recheck_until_covered(tick)
    return isinstance(answer, list) and str(DAY) in {request.partition_key for request in answer}
