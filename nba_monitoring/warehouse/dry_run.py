"""Dry run of the monitor's statements: BigQuery checks rights, names and types, and charges nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from nba_monitoring.core.counting import Unit
from nba_monitoring.core.coverage import Coverage, UnitRows
from nba_monitoring.core.games import Game
from nba_monitoring.core.incidents import Incident, Notification
from nba_monitoring.core.record import BytesRead, CheckRecord, Mute
from nba_monitoring.core.services import ServiceCheck, ServiceStatus
from nba_monitoring.core.slate.slate import ExpectedGame, Slate
from nba_monitoring.core.stages import PHASE4, Due, StageTable
from nba_monitoring.core.status import Severity, Status
from nba_monitoring.warehouse.engines import Parameters, Statement, WarehouseError
from nba_monitoring.warehouse.engines.bigquery import BigQueryEngine
from nba_monitoring.warehouse.snapshots import Snapshot
from nba_monitoring.warehouse.tables import INCIDENTS, MUTES, NOTIFICATIONS, Table
from nba_monitoring.warehouse.warehouse import Warehouse


@dataclass(frozen=True)
class Tried:
    """One statement about a table: its verb (`what`), and the bytes it would read or why it is refused."""

    table: str
    what: str
    processed: int = 0
    refused: str | None = None


class DryRunEngine:
    """Engine that only sends dry runs. Reads, writes and raises nothing; `tried` has the results.

    Statements about a monitor's table that does not exist or lacks columns are skipped: run `init` first.
    """

    bytes_read: BytesRead | None = None

    def __init__(self, engine: BigQueryEngine) -> None:
        self.tried: list[Tried] = []
        self.missing: set[str] = set()
        self._engine = engine
        self._is_ready: dict[str, bool] = {}

    def read(self, statement: Statement, parameters: Parameters) -> list[dict[str, Any]]:
        """No rows."""
        self._try(statement, parameters)
        return []

    def write(self, statement: Statement, parameters: Parameters) -> None:
        """Write nothing."""
        self._try(statement, parameters)

    def columns(self, table: Table) -> frozenset[str]:
        """The names of the table's columns; empty if the table does not exist or may not be seen."""
        try:
            found = self._engine.columns(table)
        except WarehouseError as error:
            self._note(Tried(table.name, "DESCRIBE", refused=str(error)))
            return frozenset()
        if not found:
            self.missing.add(table.name)
        return found

    def changed_at(self, table: Table) -> None:
        """Not asked: it costs nothing."""

    def create_table(self, table: Table) -> None:
        """Create nothing: try the statement that would."""
        if table.name in self._is_ready:
            return
        try:
            change = self._engine.change(table)
            self._is_ready[table.name] = change is None
            if change is not None and self._engine.has_dataset(table):
                self._try(change, {}, is_change=True)
        except WarehouseError as error:
            self._is_ready[table.name] = False
            self._note(Tried(table.name, "DESCRIBE", refused=str(error)))

    def bring_up_to_date(self, table: Table) -> list[str]:
        """Change nothing."""
        self.create_table(table)
        return []

    def _try(self, statement: Statement, parameters: Parameters, is_change: bool = False) -> None:
        if not is_change and not self._is_ready.get(statement.table, True):
            return
        what = next(line for line in statement.sql.splitlines() if not line.startswith("--")).split()[0]
        try:
            processed = self._engine.estimate(statement, parameters)
        except WarehouseError as error:
            self._note(Tried(statement.table, what, refused=str(error)))
        else:
            self._note(Tried(statement.table, what, processed))

    def _note(self, tried: Tried) -> None:
        if tried.refused is None or tried not in self.tried:
            self.tried.append(tried)


def send_every_statement(warehouse: Warehouse, stages: StageTable, day: date, now: datetime) -> None:
    """Call every method of a warehouse with made-up rows for `day`, at `now` (UTC). Raises WarehouseError.

    Only for an engine that writes nothing: a real warehouse would keep the rows.
    """
    game = Game(day, "ORL", "MEM")
    warehouse.schedule_reports(day, day)
    reads = warehouse.read_stages(stages, day, day)
    warehouse.read_snapshots(reads, [Snapshot(day, now)])
    for read in reads.values():
        if read.unreadable is None and read.stage.unit is Unit.GAME:
            warehouse.keys_over_ids(read.stage, {game.key: (game.id, replace(game, away="MEM", home="ORL").id)})
    slate = Slate(None, day, (ExpectedGame(game, now, ("dry run",)),), (), None, (), (), ())
    coverage = Coverage(day, {game.key: UnitRows(1, 1, (game.id,))}, {game.key: game}, (), now)
    for slates, coverages in (({day: slate}, {PHASE4: {day: coverage}, "predictions": {day: coverage}}), ({}, {})):
        warehouse.replace_scheduled_games(day, day, slates, now)
        warehouse.replace_coverage(day, day, coverages, now)
    record = CheckRecord(day, now, 1, 0, Status.MISSING_DATA, Severity.ERROR, check_id=f"{day}_dry-run")
    warehouse.append_checks([record])
    warehouse.history(day, day)
    warehouse.stage_history(day, day)
    warehouse.checked_stages()
    warehouse.arrivals(day, day, now)
    warehouse.append_service_checks([ServiceCheck(now, "dry_run", ServiceStatus.READY, check_id="dry-run")])
    warehouse.service_history(now, now)
    incident = Incident("nba-dry-run", day, Due.BEFORE_TIP, PHASE4, Status.MISSING_DATA, Severity.ERROR, now)
    warehouse.put_incidents([incident])
    warehouse.incidents(day, day)
    warehouse.incidents(day, day, open_only=True)
    sent = Notification("dry-run", "nba-dry-run", now, "log", "dry run", accepted=True)
    warehouse.append_notifications([sent])
    warehouse.claim(sent, day, day)
    warehouse.notifications(day, day)
    warehouse.append_mutes([Mute(day, now, None, "dry run", "dry run")])
    warehouse.mutes(day, day)
    warehouse.muted(now)
    warehouse.append_season_replay("2025-26", now, "{}")
    warehouse.newest_season_replay("2025-26", day, day)
    for table in (INCIDENTS, MUTES):
        warehouse.adopt(table, {"first": day, "last": day})
    warehouse.adopt(NOTIFICATIONS, {"first": now, "last": now})
