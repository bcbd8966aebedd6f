"""What the history says of when stages come: one bounded read of what it takes, on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import duckdb
import pytest

from nba_monitoring.core.eastern import results_deadline
from nba_monitoring.core.record import CheckRecord, Detail
from nba_monitoring.core.stage_record import StageCheck, StageDetail, Trigger
from nba_monitoring.core.stages import Due
from nba_monitoring.core.status import Status
from nba_monitoring.core.usual_arrival import LOOK_BACK
from nba_monitoring.monitor import Monitor
from nba_monitoring.settings import Settings
from nba_monitoring.warehouse import Warehouse
from nba_monitoring.warehouse.engines import Engine, Parameters
from nba_monitoring.warehouse.engines.duckdb import DuckDBEngine
from nba_monitoring.warehouse.tables import STAGE_CHECKS
from nba_monitoring_tests.days import DAY
from nba_monitoring_tests.platform_tables import create_platform_tables, execute
from nba_monitoring_tests.warehouse.listening import Listening

MORNING = datetime(2026, 1, 18, 16, tzinfo=UTC)
WRITTEN = datetime(2026, 1, 18, 12, 42, tzinfo=UTC)
LATER = MORNING + timedelta(days=10)
# Of the stages' own words one that reads like what is looked for.
QUOTED = ('is_clock_real":false', '"is_clock_real":false', '"due":"morning_after"')


def record(day: date = DAY, at: datetime = MORNING, is_clock_real: bool = True) -> CheckRecord:
    """A look that finds Phase 4 complete, and of grading nothing yet."""
    check_id = f"{day}_{at.isoformat()}"
    stages = {
        "phase4": StageCheck(
            day,
            at,
            "phase4",
            Status.AVAILABLE,
            check_id=check_id,
            expected=6,
            ready=6,
            written_at=WRITTEN,
            detail=StageDetail(is_clock_real=is_clock_real, warnings=QUOTED),
        ),
        "grading": StageCheck(
            day,
            at,
            "grading",
            Status.NOT_DUE,
            check_id=check_id,
            expected=60,
            detail=StageDetail(due=Due.MORNING_AFTER, is_clock_real=is_clock_real),
        ),
    }
    return CheckRecord(
        day,
        at,
        6,
        6,
        Status.AVAILABLE,
        check_id=check_id,
        trigger=Trigger.SCHEDULED,
        detail=Detail(stages=stages, is_clock_real=is_clock_real, version=3),
    )


def looks(warehouse: Warehouse, first: date = DAY, last: date = DAY, as_of: datetime = LATER) -> list[StageCheck]:
    return list(warehouse.arrivals(first, last, as_of).records)


def test_a_look_says_what_it_takes_to_know_when_a_stage_came(warehouse: Warehouse) -> None:
    warehouse.append_checks([record()])
    assert looks(warehouse) == [
        StageCheck(
            DAY,
            MORNING,
            "grading",
            Status.NOT_DUE,
            check_id=record().check_id,
            expected=60,
            detail=StageDetail(due=Due.MORNING_AFTER),
        ),
        StageCheck(
            DAY, MORNING, "phase4", Status.AVAILABLE, check_id=record().check_id, expected=6, written_at=WRITTEN
        ),
    ]


def test_only_looks_at_the_dates_and_before_the_instant_count(warehouse: Warehouse) -> None:
    days = [DAY + timedelta(days=ahead) for ahead in range(3)]
    warehouse.append_checks([record(day) for day in days])
    assert {look.check_date for look in looks(warehouse, days[0], days[1])} == {*days[:2]}
    assert looks(warehouse, as_of=MORNING) == []
    assert len(looks(warehouse, as_of=MORNING + timedelta(microseconds=1))) == 2


def test_a_look_under_a_moved_clock_does_not_count(warehouse: Warehouse) -> None:
    warehouse.append_checks([record(at=MORNING - timedelta(hours=1), is_clock_real=False), record()])
    assert {look.check_time for look in looks(warehouse)} == {MORNING}


def test_a_warehouse_without_a_history_has_no_looks(bare_engine: Engine) -> None:
    assert Warehouse(bare_engine).arrivals(DAY, DAY, LATER).records == ()


def test_a_row_that_can_not_be_read_is_named_and_passed_over(engine: Engine, warehouse: Warehouse) -> None:
    warehouse.append_checks([record()])
    execute(engine, f"UPDATE {STAGE_CHECKS.name} SET status = 'FINE' WHERE stage = 'phase4'")
    found = warehouse.arrivals(DAY, DAY, LATER)
    assert [look.stage for look in found.records] == ["grading"]
    (row,) = found.unreadable
    assert str(row).startswith(f"{STAGE_CHECKS.name}: can't read the row with check_id '{DAY}_")


# How often a look asks, and for what.


@pytest.fixture
def listening() -> Iterator[Listening]:
    with duckdb.connect() as connection:
        engine = DuckDBEngine(connection)
        create_platform_tables(connection)
        Warehouse(engine).append_checks([record(DAY - timedelta(days=1))])
        yield Listening(engine)


SETTINGS = Settings.model_validate(
    {"NBA_MONITORING_SCHEDULE_APIS": "never", "NBA_MONITORING_WAREHOUSE": "duckdb:///unused"}
)


def reads(listening: Listening, first: date, last: date, now: datetime) -> int:
    monitor = Monitor(Warehouse(listening), SETTINGS, first, last, now)
    for day in monitor.dates:
        monitor.verdict(day)
    return len(asked_for_arrivals(listening))


def asked_for_arrivals(listening: Listening) -> list[Parameters]:
    return [asked for query, asked in listening.asked if query.table == STAGE_CHECKS.name and "as_of" in asked]


def test_a_look_at_today_reads_it_once_and_so_does_one_at_a_season(listening: Listening) -> None:
    assert reads(listening, DAY, DAY, MORNING) == 1
    listening.asked.clear()
    assert reads(listening, DAY - timedelta(days=90), DAY + timedelta(days=7), MORNING) == 1


def test_a_backfill_of_last_year_reads_nothing_of_it(listening: Listening) -> None:
    last_year = DAY - timedelta(days=365)
    assert reads(listening, last_year, last_year + timedelta(days=30), MORNING) == 0


def test_the_morning_after_a_date_is_the_last_on_which_it_is_read(listening: Listening) -> None:
    over = results_deadline(DAY)
    assert reads(listening, DAY, DAY, over - timedelta(seconds=1)) == 1
    listening.asked.clear()
    assert reads(listening, DAY, DAY, over + timedelta(days=1)) == 0


def test_sixty_days_before_the_look_are_read(listening: Listening) -> None:
    reads(listening, DAY - timedelta(days=90), DAY, MORNING)
    (asked,) = asked_for_arrivals(listening)
    assert asked == {"first": DAY - LOOK_BACK, "last": DAY - timedelta(days=1), "as_of": MORNING}
