"""The tables of scheduled and covered games: one row per date and game, replaced per date, on both engines."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from nba_monitoring.core.coverage import Coverage, StageRows, cover
from nba_monitoring.core.games import Game, GameState
from nba_monitoring.core.slate.slate import Slate, build_slates
from nba_monitoring.core.slate.sources import ListedGame, SourceKind, SourceReport
from nba_monitoring.warehouse import Warehouse, WarehouseError
from nba_monitoring.warehouse.engines import Engine, Statement
from nba_monitoring.warehouse.tables import PHASE4_COVERAGE, SCHEDULED_GAMES, Table
from nba_monitoring_tests.days import DAY
from nba_monitoring_tests.platform_tables import execute
from nba_monitoring_tests.stages import PHASE4, held

NOW = datetime(2026, 1, 18, 16, tzinfo=UTC)


def tip_off(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 17, tzinfo=UTC)


def slates(*games: Game, with_tips: bool = True) -> dict[date, Slate]:
    listed = tuple(
        ListedGame("league", game, GameState.SCHEDULED, tip_at=tip_off(game.day) if with_tips else None)
        for game in games
    )
    days = sorted({game.day for game in games})
    return build_slates(days, [SourceReport("league", SourceKind.LEAGUE_SCHEDULE, listed)], NOW)


def coverage(*rows: StageRows) -> dict[str, dict[date, Coverage]]:
    return {PHASE4.name: {DAY: cover(PHASE4, DAY, rows, {})}}


def kept(engine: Engine, table: Table) -> list[dict[str, object]]:
    columns = ", ".join(table.columns)
    sql = f"SELECT {columns} FROM {table.name} ORDER BY game_date, game_id"
    return engine.read(Statement(table.name, sql), {})


def test_an_expected_game_is_kept_whole(engine: Engine, warehouse: Warehouse) -> None:
    warehouse.replace_scheduled_games(DAY, DAY, slates(Game(DAY, "ORL", "MEM")), NOW)
    assert kept(engine, SCHEDULED_GAMES) == [
        {
            "game_date": DAY,
            "game_id": "20260118_ORL_MEM",
            "away_team": "ORL",
            "home_team": "MEM",
            "tip_at": tip_off(DAY),
            "witnesses": ["league"],
            "updated_at": NOW,
        }
    ]


def test_the_checked_dates_are_replaced_and_no_others(engine: Engine, warehouse: Warehouse) -> None:
    days = [DAY + timedelta(days=n) for n in range(3)]
    warehouse.replace_scheduled_games(
        days[0], days[2], slates(*(Game(day, "ORL", "MEM") for day in days), Game(DAY, "TOR", "LAL")), NOW
    )
    warehouse.replace_scheduled_games(days[0], days[1], slates(Game(DAY, "NOP", "HOU"), with_tips=False), NOW)
    assert [(row["game_id"], row["tip_at"]) for row in kept(engine, SCHEDULED_GAMES)] == [
        ("20260118_NOP_HOU", None),
        ("20260120_ORL_MEM", tip_off(days[2])),
    ]


def test_dates_left_without_games_are_emptied(engine: Engine, warehouse: Warehouse) -> None:
    warehouse.replace_scheduled_games(DAY, DAY, slates(Game(DAY, "ORL", "MEM")), NOW)
    warehouse.replace_scheduled_games(DAY, DAY, {}, NOW)
    assert kept(engine, SCHEDULED_GAMES) == []


def test_rows_counted_for_a_game_are_kept_with_the_ids_they_stood_under(engine: Engine, warehouse: Warehouse) -> None:
    written = NOW - timedelta(hours=1)
    both_orders = [
        held(DAY, "20260118_ORL_MEM", 24, 20, written),
        held(DAY, "20260118_MEM_ORL", 9, 9, written),
    ]
    found = coverage(*both_orders, held(DAY, None, 3, 3, None))
    warehouse.replace_coverage(DAY, DAY, found, NOW)
    warehouse.replace_coverage(DAY, DAY, found, NOW)
    (game,) = found[PHASE4.name][DAY].matchups.values()
    assert kept(engine, PHASE4_COVERAGE) == [
        {
            "game_date": DAY,
            "game_id": game.id,
            "row_count": 24,
            "usable_row_count": 20,
            "source_ids": ["20260118_MEM_ORL", "20260118_ORL_MEM"],
            "written_at": written,
            "updated_at": NOW,
        }
    ]


def test_a_replacement_that_fails_leaves_the_old_rows(engine: Engine, warehouse: Warehouse) -> None:
    execute(engine, "CREATE SCHEMA IF NOT EXISTS nba_monitoring")
    columns = {**SCHEDULED_GAMES.columns, "away_team": "DATE", "witnesses": "STRING"}
    execute(engine, f"CREATE TABLE {SCHEDULED_GAMES.name} ({', '.join(f'{n} {kind}' for n, kind in columns.items())})")
    execute(engine, "INSERT INTO nba_monitoring.scheduled_games (game_date, game_id) VALUES ('2026-01-18', 'old')")
    with pytest.raises(WarehouseError, match=r"^nba_monitoring\.scheduled_games: "):
        warehouse.replace_scheduled_games(DAY, DAY, slates(Game(DAY, "ORL", "MEM")), NOW)
    assert [row["game_id"] for row in kept(engine, SCHEDULED_GAMES)] == ["old"]
