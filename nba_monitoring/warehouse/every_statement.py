"""Everything that the monitor may ask of a warehouse, once each, about a game that is made up.

For whoever looks at statements rather than at answers: on a real warehouse it would write the made-up rows.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from nba_monitoring.core.counting import Unit
from nba_monitoring.core.coverage import Coverage, UnitRows
from nba_monitoring.core.games import Game
from nba_monitoring.core.incidents import Incident, Notification
from nba_monitoring.core.mutes import Mute
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.slate.slate import ExpectedGame, Slate
from nba_monitoring.core.stages import PHASE4, Due, StageTable
from nba_monitoring.core.status import Severity, Status
from nba_monitoring.warehouse.stage_looks import Look
from nba_monitoring.warehouse.warehouse import Warehouse


def send_every_statement(warehouse: Warehouse, stages: StageTable, day: date, now: datetime) -> None:
    """Call what a warehouse offers, with dates and rows as on a morning of `day`. Raises WarehouseError."""
    game = Game(day, "ORL", "MEM")
    _read_the_platform(warehouse, stages, game, now)
    _keep(warehouse, game, now)
    record = CheckRecord(day, now, 1, 0, Status.MISSING_DATA, Severity.ERROR, check_id=f"{day}_dry-run")
    warehouse.append_checks([record])
    warehouse.history(day, day)
    warehouse.stage_history(day, day)
    warehouse.arrival_looks(day, day, now)
    incident = Incident("nba-dry-run", day, Due.BEFORE_TIP, PHASE4, Status.MISSING_DATA, Severity.ERROR, now)
    warehouse.put_incidents([incident])
    warehouse.incidents(day, day)
    warehouse.incidents(day, day, open_only=True)
    warehouse.append_notifications([Notification("dry-run", "nba-dry-run", now, "log", "dry run", accepted=True)])
    warehouse.notifications(day, day)
    warehouse.append_mutes([Mute(day, now, None, "dry run", "dry run")])
    warehouse.mutes(day, day)


def _read_the_platform(warehouse: Warehouse, stages: StageTable, game: Game, now: datetime) -> None:
    warehouse.schedule_reports(game.day, game.day)
    reads = warehouse.read_stages(stages, game.day, game.day)
    warehouse.read_looks(reads, [Look(game.day, now)])
    for read in reads.values():
        if read.unreadable is None and read.stage.unit is Unit.GAME:
            warehouse.keys_over_ids(read.stage, {game.key: (game.id, replace(game, away="MEM", home="ORL").id)})


def _keep(warehouse: Warehouse, game: Game, now: datetime) -> None:
    day = game.day
    slate = Slate(None, day, (ExpectedGame(game, now, ("dry run",)),), (), None, (), (), ())
    coverage = Coverage(day, {game.key: UnitRows(1, 1, (game.id,))}, {game.key: game}, (), now)
    for slates, coverages in (({day: slate}, {PHASE4: {day: coverage}, "predictions": {day: coverage}}), ({}, {})):
        warehouse.replace_scheduled_games(day, day, slates, now)
        warehouse.replace_coverage(day, day, coverages, now)
