"""Rows in chunks that one BigQuery job takes: nothing is lost, no date is split, no request is over 10 MB."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nba_monitoring.core.games import Game
from nba_monitoring.core.record import CheckRecord, Detail, GameSeen
from nba_monitoring.core.slate.slate import ExpectedGame, Slate
from nba_monitoring.core.status import Status
from nba_monitoring.settings import BigQueryWarehouse
from nba_monitoring.warehouse import Warehouse, chunks
from nba_monitoring.warehouse.engines.bigquery import BigQueryEngine, connect_to
from nba_monitoring.warehouse.tables import CHECKS, MONITOR_TABLES, SCHEDULED_GAMES, STAGE_CHECKS
from nba_monitoring_tests.days import DAY
from nba_monitoring_tests.warehouse.loopback_bigquery import PROJECT, LoopbackBigQuery, loopback_bigquery

MORNING = datetime(2026, 1, 18, 16, tzinfo=UTC)
TEN_MB = 10 * 2**20


@pytest.fixture
def bigquery() -> Iterator[LoopbackBigQuery]:
    with loopback_bigquery({table.name: table.columns for table in MONITOR_TABLES}) as running:
        yield running


@pytest.fixture
def warehouse(bigquery: LoopbackBigQuery) -> Iterator[Warehouse]:
    target = BigQueryWarehouse(project=PROJECT, location="us-west2", emulator_host=bigquery.url)
    with connect_to(target) as client:
        yield Warehouse(BigQueryEngine(client))


def row(day: int, text: str = "") -> dict[str, Any]:
    return {"day": DAY + timedelta(days=day), "text": text}


def cut(rows: list[dict[str, Any]]) -> list[chunks.Chunk]:
    return list(chunks.chunks(chunks.by_date(rows, lambda found: found["day"])))


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 400)), max_size=60))
def test_chunks_have_every_row_once_and_share_no_date(sizes: list[tuple[int, int]]) -> None:
    rows = [row(day, "x" * size) for day, size in sizes]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunks, "MOST_BYTES", 1_000)
        found = cut(rows)
    assert sorted(map(id, rows)) == sorted(id(each) for chunk in found for each in chunk.rows)
    assert all(chunk.first <= each["day"] <= chunk.last for chunk in found for each in chunk.rows)
    assert all(chunk.last < following.first for chunk, following in pairwise(found))


@given(st.lists(st.integers(1, 28), max_size=40))
def test_chunks_to_replace_cover_every_date_of_the_range(days: list[int]) -> None:
    first, last = DAY, DAY + timedelta(days=30)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunks, "MOST_DATES", 3)
        found = list(chunks.covering(first, last, cut([row(day) for day in days])))
    assert (found[0].first, found[-1].last) == (first, last)
    assert all(chunk.last + timedelta(days=1) == following.first for chunk, following in pairwise(found))
    assert sum(len(chunk.rows) for chunk in found) == len(days)


def test_what_one_job_takes_is_one_chunk() -> None:
    assert len(cut([row(day) for day in range(chunks.MOST_DATES)])) == 1
    assert len(cut([row(day) for day in range(chunks.MOST_DATES + 1)])) == 2
    assert cut([]) == []


@pytest.mark.slow
def test_no_request_of_a_long_append_is_over_10_mb(bigquery: LoopbackBigQuery, warehouse: Warehouse) -> None:
    records = [a_full_record(DAY + timedelta(days=n)) for n in range(1200)]
    warehouse.append_checks(records)
    sizes = [len(request.body) for request in bigquery.sent()]
    assert max(sizes) < TEN_MB
    by_table = [job.labels["table"] for job in bigquery.taken]
    assert by_table.count("nba_monitoring-data_availability_checks") > 1
    ids = [
        each["structValues"]["check_id"]["value"]
        for job in bigquery.taken
        if CHECKS.name in job.sql
        for parameter in job.parameters
        if parameter["name"] == "rows"
        for each in parameter["parameterValue"]["arrayValues"]
    ]
    assert ids == [record.check_id for record in records]


def test_dates_are_replaced_chunk_by_chunk_and_none_is_missed(
    bigquery: LoopbackBigQuery, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "MOST_DATES", 2)
    last = DAY + timedelta(days=9)
    days = [DAY + timedelta(days=n) for n in (1, 2, 5, 8)]
    games = {day: (ExpectedGame(Game(day, "ORL", "MEM"), None, ()),) for day in days}
    slates = {day: Slate(None, day, expected, (), None, (), (), ()) for day, expected in games.items()}
    warehouse.replace_scheduled_games(DAY, last, slates, MORNING)
    spans = [
        tuple(
            next(found["parameterValue"]["value"] for found in job.parameters if found["name"] == name)
            for name in ("first", "last")
        )
        for job in bigquery.taken
        if SCHEDULED_GAMES.name in job.sql
    ]
    assert spans == [("2026-01-18", "2026-01-22"), ("2026-01-23", "2026-01-27")]


def test_the_stages_are_written_before_the_date_is(bigquery: LoopbackBigQuery, warehouse: Warehouse) -> None:
    warehouse.append_checks([a_full_record(DAY)])
    assert [STAGE_CHECKS.name in job.sql for job in bigquery.taken] == [True, False]


def a_full_record(day: date) -> CheckRecord:
    games = {Game(day, "ORL", "MEM"): GameSeen(24, 24, 'a reason with "quotes" and é ' * 250)}
    return CheckRecord(day, MORNING, 1, 1, Status.AVAILABLE, check_id=f"{day}_run", detail=Detail(games))
