"""The history: appended to, never overwritten, on both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from nba_monitoring.core.record import CheckRecord, Detail, StageSeen
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.core.status import Severity, Status
from nba_monitoring.warehouse import Warehouse
from nba_monitoring.warehouse.engines import Engine, Statement, statement
from nba_monitoring.warehouse.records import history_of
from nba_monitoring.warehouse.tables import CHECKS
from nba_monitoring_tests.days import DAY
from nba_monitoring_tests.games import game_of
from nba_monitoring_tests.platform_tables import execute

MORNING = datetime(2026, 1, 18, 16, tzinfo=UTC)

MISSING = CheckRecord(
    check_date=DAY,
    check_time=MORNING,
    scheduled_games=6,
    phase4_ready=0,
    status=Status.MISSING_DATA,
    severity=Severity.ERROR,
    check_id="2026-01-18_run1",
    run_id="run1",
    trigger=Trigger.SCHEDULED,
    missing_games=(game_of("20260118_ORL_MEM"), game_of("20260118_TOR_LAL")),
    partial_games=(game_of("20260118_BKN_CHI"),),
    excluded_games=(),
    first_tip_at=datetime(2026, 1, 18, 17, tzinfo=UTC),
    detail=Detail(warnings=('a "quoted" @name, and a line\nbreak', "é"), stage=StageSeen(rows=8), version=2),
)
RECOVERED = replace(
    MISSING,
    check_time=MORNING + timedelta(hours=7, minutes=30, microseconds=1),
    phase4_ready=6,
    status=Status.AVAILABLE,
    severity=None,
    check_id="2026-01-18_run2",
    run_id="run2",
    trigger=Trigger.MANUAL,
    missing_games=(),
    partial_games=(),
)
NEXT_DAY = replace(
    RECOVERED,
    check_date=DAY + timedelta(days=1),
    check_id="2026-01-19_run3",
    status=Status.NO_GAMES,
    scheduled_games=0,
    phase4_ready=0,
    first_tip_at=None,
)


def test_a_history_not_begun_is_empty(bare_engine: Engine) -> None:
    assert Warehouse(bare_engine).history().records == ()


def test_what_is_appended_is_read_again_to_the_letter_by_date_and_time(bare_engine: Engine) -> None:
    warehouse = Warehouse(bare_engine)
    warehouse.append_checks([NEXT_DAY, RECOVERED])
    warehouse.append_checks([MISSING])
    assert warehouse.history().records == (MISSING, RECOVERED, NEXT_DAY)


def test_the_same_check_written_twice_adds_nothing_and_changes_nothing(warehouse: Warehouse) -> None:
    warehouse.append_checks([MISSING])
    warehouse.append_checks([replace(MISSING, status=Status.AVAILABLE), NEXT_DAY])
    assert warehouse.history().records == (MISSING, NEXT_DAY)


def test_the_history_is_read_by_date_with_open_ends(warehouse: Warehouse) -> None:
    warehouse.append_checks([MISSING, NEXT_DAY])
    assert warehouse.history(DAY, DAY).records == (MISSING,)
    assert warehouse.history(first=DAY + timedelta(days=1)).records == (NEXT_DAY,)
    assert warehouse.history(last=DAY).records == (MISSING,)
    assert warehouse.history(date(2025, 1, 1), date(2025, 12, 31)).records == ()


def test_neither_a_moved_clock_nor_one_that_was_ahead_gives_the_latest_check(warehouse: Warehouse) -> None:
    moved = replace(
        RECOVERED,
        check_id="2026-01-18_moved",
        check_time=MORNING + timedelta(hours=1),
        detail=Detail(is_clock_real=False),
    )
    warehouse.append_checks([MISSING, moved, RECOVERED, NEXT_DAY])
    history = warehouse.history()
    assert moved in history.records
    assert history.latest(MORNING + timedelta(hours=2)) == {DAY: MISSING}
    assert history.latest(RECOVERED.check_time) == {DAY: RECOVERED, NEXT_DAY.check_date: NEXT_DAY}
    assert history.latest(MORNING - timedelta(seconds=1)) == {}


def test_no_checks_append_nothing(bare_engine: Engine) -> None:
    warehouse = Warehouse(bare_engine)
    warehouse.append_checks([])
    assert not bare_engine.columns(CHECKS)


def test_a_season_is_appended_at_once(warehouse: Warehouse) -> None:
    season = [replace(MISSING, check_date=DAY + timedelta(days=n), check_id=f"season_{n}") for n in range(213)]
    warehouse.append_checks(season)
    warehouse.append_checks(season)
    assert list(warehouse.history().records) == season


def test_a_history_table_of_the_first_five_columns_is_taken_over_and_keeps_its_rows(
    engine: Engine, warehouse: Warehouse
) -> None:
    execute(engine, "CREATE SCHEMA IF NOT EXISTS nba_monitoring")
    execute(
        engine,
        "CREATE TABLE nba_monitoring.data_availability_checks (check_date DATE, check_time TIMESTAMP, "
        "scheduled_games INT64, phase4_ready INT64, status STRING)",
    )
    execute(
        engine,
        "INSERT INTO nba_monitoring.data_availability_checks "
        "VALUES (DATE '2026-01-18', TIMESTAMP '2026-01-18 16:00:00', 6, 0, 'MISSING_DATA')",
    )
    warehouse.append_checks([MISSING])
    warehouse.append_checks([MISSING, NEXT_DAY])
    # By all columns, and not by those that the emulator's client sees: it lacks what was added by a statement.
    ours = statement("history", CHECKS.name, columns=", ".join(CHECKS.columns))
    rows = engine.read(
        ours, {"first": DAY, "last": DAY + timedelta(days=1), "since": MISSING.check_time - timedelta(days=1)}
    )
    assert history_of(rows).records == (MISSING, NEXT_DAY)
    theirs = Statement(CHECKS.name, "SELECT status FROM nba_monitoring.data_availability_checks WHERE check_id IS NULL")
    assert engine.read(theirs, {}) == [{"status": "MISSING_DATA"}]


def test_a_history_of_the_first_five_columns_alone_has_no_check_of_ours(engine: Engine, warehouse: Warehouse) -> None:
    execute(engine, "CREATE SCHEMA IF NOT EXISTS nba_monitoring")
    execute(engine, f"CREATE TABLE {CHECKS.name} (check_date DATE, check_time TIMESTAMP, status STRING)")
    assert warehouse.history().records == ()


def test_a_row_that_the_monitor_did_not_write_is_named_and_skipped(engine: Engine, warehouse: Warehouse) -> None:
    warehouse.append_checks([MISSING])
    execute(engine, "UPDATE nba_monitoring.data_availability_checks SET status = 'FINE' WHERE TRUE")
    warehouse.append_checks([NEXT_DAY])
    history = warehouse.history()
    assert history.records == (NEXT_DAY,)
    (row,) = history.unreadable
    assert str(row).startswith(
        "nba_monitoring.data_availability_checks: can't read the row with check_id '2026-01-18_run1' of 2026-01-18: "
        "status: Input should be 'AVAILABLE'"
    )
