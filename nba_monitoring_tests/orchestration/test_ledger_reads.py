"""What an open incident costs on BigQuery: the ledger is read when it has changed, and every five minutes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from nba_monitoring.warehouse.engines import bigquery as bigquery_engine
from nba_monitoring.warehouse.engines.bigquery_jobs import DEFAULT_POLICY
from nba_monitoring.warehouse.tables import CHECKS, INCIDENTS, MUTES, NOTIFICATIONS
from nba_monitoring_tests.days import DAY, at
from nba_monitoring_tests.orchestration.ended_runs import complete_a_run, failing_look
from nba_monitoring_tests.orchestration.sensor import Sensor
from nba_monitoring_tests.orchestration.slack import Slack
from nba_monitoring_tests.warehouse.loopback_bigquery import PROJECT, LoopbackBigQuery, loopback_bigquery

pytestmark = pytest.mark.slow

TABLES = (INCIDENTS, CHECKS, MUTES)


@pytest.fixture
def bigquery(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackBigQuery]:
    """Google's, which tells when a table's rows last changed."""
    monkeypatch.setattr(bigquery_engine, "policy_of", lambda *_: DEFAULT_POLICY)
    with loopback_bigquery({table.name: table.columns for table in (*TABLES, NOTIFICATIONS)}) as found:
        monkeypatch.setenv("NBA_MONITORING_WAREHOUSE", f"bigquery://{PROJECT}?location=us-west2")
        monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", found.url)
        for table in TABLES:
            change(found, table.name, datetime(2026, 1, 17, tzinfo=UTC))
        yield found


def change(bigquery: LoopbackBigQuery, table: str, when: datetime) -> None:
    """As a write does."""
    bigquery.tables_changed[table] = {"lastModifiedTime": str(int(when.timestamp() * 1000))}


def reads(sensor: Sensor, bigquery: LoopbackBigQuery, moment: datetime) -> list[str]:
    """The tables that a tick reads."""
    before = len(bigquery.taken)
    with time_machine.travel(moment, tick=False):
        sensor.tick()
    return [str(job.labels["table"]) for job in bigquery.taken[before:] if job.sql.lstrip().startswith("SELECT")]


ALL = [
    "nba_monitoring-incidents",
    "nba_monitoring-data_availability_checks",
    "nba_monitoring-mutes",
]


def open_an_incident(sensor: Sensor, bigquery: LoopbackBigQuery) -> None:
    with time_machine.travel(at(8), tick=False):
        complete_a_run(sensor.instance, str(DAY), [failing_look(DAY)])
        sensor.tick()


def test_an_open_incident_reads_the_ledger_once_while_nothing_changes(
    quick_sensor: Sensor, bigquery: LoopbackBigQuery, webhook: Slack
) -> None:
    open_an_incident(quick_sensor, bigquery)
    half_minutes = [at(8) + timedelta(seconds=30 * tick) for tick in range(1, 60)]
    read = {moment: reads(quick_sensor, bigquery, moment) for moment in half_minutes}
    assert [moment for moment, tables in read.items() if tables] == [at(8, minute) for minute in range(5, 30, 5)]
    assert [tables for tables in read.values() if tables] == [ALL] * 5


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_what_a_person_or_another_process_writes_is_read_at_the_next_tick(
    quick_sensor: Sensor, bigquery: LoopbackBigQuery, webhook: Slack, table: object
) -> None:
    open_an_incident(quick_sensor, bigquery)
    assert reads(quick_sensor, bigquery, at(8, 1)) == []
    change(bigquery, getattr(table, "name", ""), at(8, 1))
    assert reads(quick_sensor, bigquery, at(8, 2)) == ALL
    assert reads(quick_sensor, bigquery, at(8, 3)) == []


def test_a_further_incident_is_brought_up_to_date_at_once(
    quick_sensor: Sensor, bigquery: LoopbackBigQuery, webhook: Slack
) -> None:
    open_an_incident(quick_sensor, bigquery)
    other = DAY + timedelta(days=1)
    with time_machine.travel(at(8, 1), tick=False):
        complete_a_run(quick_sensor.instance, str(other), [failing_look(other)])
    assert reads(quick_sensor, bigquery, at(8, 1)) == ALL


def test_without_an_open_incident_nothing_is_read(
    quick_sensor: Sensor, bigquery: LoopbackBigQuery, webhook: Slack
) -> None:
    with time_machine.travel(at(8), tick=False):
        quick_sensor.tick()
    assert [reads(quick_sensor, bigquery, at(8, minute)) for minute in (1, 6, 11)] == [[], [], []]
