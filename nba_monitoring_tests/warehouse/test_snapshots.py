"""What stages had at checks of past dates, on each engine."""

from __future__ import annotations

from datetime import UTC, date, datetime

from nba_monitoring.core.rules.base import Halt
from nba_monitoring.warehouse import Warehouse
from nba_monitoring.warehouse.engines import Engine
from nba_monitoring.warehouse.snapshots import Snapshot
from nba_monitoring_tests.days import DAY, EVE
from nba_monitoring_tests.stage_rows import (
    HALT_COLUMNS,
    HALT_STATE,
    add,
    add_to,
    create_stage_tables,
    defense_rows,
    make_table,
)
from nba_monitoring_tests.stages import STAGES


def at(hour: int, day: date = DAY) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def test_a_check_sees_what_was_reported_and_written_until_then(engine: Engine) -> None:
    create_stage_tables(engine, "predictions", "team_defense")
    make_table(engine, HALT_STATE, HALT_COLUMNS)
    halt = {"effective_date": DAY, "sport": "nba", "halt_reason": "manual", "halt_since": EVE}
    add_to(
        engine,
        HALT_STATE,
        [
            {**halt, "halt_active": True, "written_at": at(17)},
            {**halt, "halt_active": False, "written_at": at(19)},
        ],
    )
    for day, written in ((EVE, at(17)), (DAY, at(10))):
        add(engine, "team_defense", [row | {"processed_at": written} for row in defense_rows(day)])
    warehouse = Warehouse(engine)
    looks = [
        Snapshot(EVE, at(16, EVE)),
        Snapshot(EVE, at(16)),
        Snapshot(EVE, at(18)),
        *(Snapshot(DAY, at(hour)) for hour in (16, 18, 20)),
    ]
    reads = warehouse.read_stages([STAGES["predictions"], STAGES["team_defense"]], EVE, DAY)
    seen = warehouse.read_snapshots(reads, looks)

    halts = [seen["predictions"][look].halts for look in looks]
    assert halts == [{}, {}, {}, {}, {DAY: Halt("manual", EVE)}, {}]
    teams = [len(seen["team_defense"][look].measured.on(EVE, "team_abbr")) for look in looks]
    assert teams == [0, 0, 30, 0, 30, 30]
    assert {len(seen["team_defense"][look].measured.on(DAY, "team_abbr")) for look in looks[3:]} == {30}
