"""The warehouse as the monitor sees it, whichever engine holds it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from nba_monitoring.core.bytes_read import BytesRead
from nba_monitoring.core.coverage import Coverage, Keys
from nba_monitoring.core.eastern import start_of
from nba_monitoring.core.games import GameKey
from nba_monitoring.core.incidents import Incident, Notification
from nba_monitoring.core.mutes import Mute
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.slate.slate import Slate
from nba_monitoring.core.slate.sources import SourceReport
from nba_monitoring.core.stages import PHASE4, Stage
from nba_monitoring.warehouse import history, ledger, stage_looks, stage_tables
from nba_monitoring.warehouse.engines import Engine, Row, Rows
from nba_monitoring.warehouse.espn_scoreboard import ESPN_SCOREBOARD
from nba_monitoring.warehouse.game_postponements import postponement_report
from nba_monitoring.warehouse.history import History, StageHistory
from nba_monitoring.warehouse.league_schedule import LEAGUE_SCHEDULE
from nba_monitoring.warehouse.ledger import Incidents, Notifications
from nba_monitoring.warehouse.parts import Part, by_date, covering, parts
from nba_monitoring.warehouse.schedule_tables import schedule_report
from nba_monitoring.warehouse.stage_looks import Look
from nba_monitoring.warehouse.stage_tables import StageRead
from nba_monitoring.warehouse.statements import statement, writing
from nba_monitoring.warehouse.tables import (
    CHECKS,
    INCIDENTS,
    MONITOR_TABLES,
    MUTES,
    NOTIFICATIONS,
    PHASE4_COVERAGE,
    SCHEDULED_GAMES,
    STAGE_CHECKS,
    STAGE_COVERAGE,
    Table,
)

_END_OF_TIME = datetime.max.replace(tzinfo=UTC)


class Warehouse:
    """Reads the platform's tables and keeps the monitor's own. Date ranges include both ends.

    Everything raises WarehouseError. What writes, writes all or nothing; of more than one BigQuery job takes, which is
    many seasons, a part of the dates after the other, and the same call again writes the rest.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def bytes_read(self) -> BytesRead | None:
        """What was asked of it so far, in the unit that BigQuery bills; None where nothing is billed."""
        return self._engine.bytes_read

    def bring_up_to_date(self) -> Iterator[tuple[Table, Sequence[str]]]:
        """Make the monitor's tables and bring those of an older version up to date: what was done to each."""
        for table in MONITOR_TABLES:
            yield table, self._engine.bring_up_to_date(table)

    def schedule_reports(self, first: date, last: date) -> list[SourceReport]:
        """What both schedule tables list around the dates, and the record of postponements where there is one.

        One query a table.
        """
        scoreboard = schedule_report(self._engine, ESPN_SCOREBOARD, first, last)
        league = schedule_report(self._engine, LEAGUE_SCHEDULE, first, last)
        postponements = postponement_report(self._engine, first, last, league)
        return [scoreboard, league] if postponements is None else [scoreboard, league, postponements]

    def read_stages(
        self, stages: Iterable[Stage], first: date, last: date, as_of: datetime | None = None
    ) -> dict[str, StageRead]:
        """What the stages' tables hold on the dates, by stage: one query a table and grouping.

        A table that can't be read is told in its stages' entries. `as_of` (UTC) hides rows written later.
        """
        return stage_tables.read_stages(self._engine, stages, first, last, as_of or _END_OF_TIME)

    def keys_over_ids(
        self, stage: Stage, games: Mapping[GameKey, Sequence[str]], as_of: datetime | None = None
    ) -> dict[GameKey, Keys]:
        """The distinct keys that a stage's table holds for each game over its ids; no query where there are none.

        A game whose rows have gone is left out. `as_of` (UTC) hides rows written later.
        """
        return stage_tables.keys_over_ids(self._engine, stage, games, as_of or _END_OF_TIME) if games else {}

    def read_looks(
        self, reads: Mapping[str, StageRead], looks: Sequence[Look]
    ) -> Mapping[str, Mapping[Look, StageRead]]:
        """What each stage held at each look (one at least), given what it holds in the end: as many queries."""
        return stage_looks.read_looks(self._engine, reads, looks)

    def append_checks(self, records: Sequence[CheckRecord]) -> Sequence[CheckRecord]:
        """Add verdicts to both histories. A `check_id` that is there already stays as it is, as its stages do.

        The stages come first: what the date's own row says of them is there once it is. Gives the verdicts as they are
        written: with the cost of writing them, where they say what their run has cost.
        """
        if not records:
            return records
        self._engine.create_table(STAGE_CHECKS)
        self._write("append_new_stages", STAGE_CHECKS, parts(history.stage_rows_by_date(records)))
        self._engine.create_table(CHECKS)
        whole = self._with_whole_cost(records)
        self._write("append_new", CHECKS, parts(history.rows_by_date(whole)))
        return whole

    def _with_whole_cost(self, records: Sequence[CheckRecord]) -> Sequence[CheckRecord]:
        """The statement that writes a verdict is in what it writes, so that its cost is reckoned before."""
        if all(record.detail.bytes_read is None for record in records):
            return records
        # What it reads does not depend on how many rows it adds, so one is enough to ask with.
        rows = Rows(CHECKS, [history.to_row(records[0])])
        days = [record.check_date for record in records]
        dates = {"first": min(days), "last": max(days)}
        cost = self._engine.reckoned(writing("append_new", CHECKS), {**dates, "rows": rows})
        return [replace(record, detail=replace(record.detail, bytes_read=cost)) for record in records]

    def history(self, first: date | None = None, last: date | None = None) -> History:
        """The verdicts on the dates (None: without end), by date and time of the check.

        Rows without a `check_id` are from before the monitor, and not its own. Columns that an older monitor's table
        lacks are read as NULL.
        """
        there = self._engine.columns(CHECKS)
        if "check_id" not in there:
            return History(())
        query = statement("history", CHECKS.name, columns=_columns(CHECKS, there))
        return history.from_rows(self._engine.read(query, {"first": first or date.min, "last": last or date.max}))

    def stage_history(self, first: date | None = None, last: date | None = None) -> StageHistory:
        """Each stage's part of the verdicts on the dates (None: without end), by date, time of the check and stage."""
        there = self._engine.columns(STAGE_CHECKS)
        if not there:
            return StageHistory()
        query = statement("stage_history", STAGE_CHECKS.name, columns=_columns(STAGE_CHECKS, there))
        return history.stages_from_rows(
            self._engine.read(query, {"first": first or date.min, "last": last or date.max})
        )

    def arrival_looks(self, first: date, last: date, as_of: datetime) -> StageHistory:
        """What looks at the dates say of when stages come: those taken before an instant (UTC), by a real clock.

        One query. None of a table of an older monitor, to which the next verdict adds what it lacks.
        """
        if not self._engine.columns(STAGE_CHECKS) >= STAGE_CHECKS.columns.keys():
            return StageHistory()
        query = statement("arrival_looks", STAGE_CHECKS.name)
        return history.stages_from_rows(self._engine.read(query, {"first": first, "last": last, "as_of": as_of}))

    def put_incidents(self, incidents: Sequence[Incident]) -> None:
        """Add incidents to the ledger, or bring those that are there to this state; of one given twice the last counts.

        What a person did by hand is not undone by a state that has not heard of it: where the ledger's row is
        acknowledged or closed and the given one is not, these columns and `detail` stay as they are.
        """
        if not incidents:
            return
        newest = {incident.incident_id: incident for incident in incidents}
        rows = [ledger.incident_row(incident) for incident in newest.values()]
        self._engine.create_table(INCIDENTS)
        self._write("put_incidents", INCIDENTS, parts(by_date(rows, lambda row: row["check_date"])))

    def incidents(self, first: date | None = None, last: date | None = None, open_only: bool = False) -> Incidents:
        """The incidents about the dates (None: without end), by date and time they were found."""
        there = self._engine.columns(INCIDENTS)
        if not there:
            return Incidents()
        query = statement(
            "incidents", INCIDENTS.name, columns=_columns(INCIDENTS, there), open_only=str(open_only).upper()
        )
        dates = {"first": first or date.min, "last": last or date.max}
        return ledger.incidents_of(self._engine.read(query, dates))

    def append_notifications(self, notifications: Sequence[Notification]) -> None:
        """Add messages to the ledger. An attempt, by `notification_id` and `sent_at`, that is there already stays."""
        if not notifications:
            return
        attempts = {(sent.notification_id, sent.sent_at): sent for sent in notifications}
        instants = [sent.sent_at for sent in attempts.values()]
        rows = Rows(NOTIFICATIONS, [ledger.notification_row(sent) for sent in attempts.values()])
        self._engine.create_table(NOTIFICATIONS)
        self._engine.write(
            writing("append_notifications", NOTIFICATIONS),
            {"first": min(instants), "last": max(instants), "rows": rows},
        )

    def notifications(self, first: date, last: date) -> Notifications:
        """The messages sent on the US Eastern days, by the time they were sent."""
        there = self._engine.columns(NOTIFICATIONS)
        if not there:
            return Notifications()
        query = statement("notifications", NOTIFICATIONS.name, columns=_columns(NOTIFICATIONS, there))
        instants = {"first": start_of(first), "end": start_of(last + timedelta(days=1))}
        return ledger.notifications_of(self._engine.read(query, instants))

    def append_mutes(self, mutes: Sequence[Mute]) -> None:
        """Add someone's word on dates, one at least, to the mutes."""
        rows = [
            {
                "check_date": mute.day,
                "set_at": mute.set_at,
                "until": mute.until,
                "reason": mute.reason,
                "muted_by": mute.by,
            }
            for mute in mutes
        ]
        self._engine.create_table(MUTES)
        self._engine.write(writing("append", MUTES), {"rows": Rows(MUTES, rows)})

    def mutes(self, first: date, last: date) -> dict[date, list[Mute]]:
        """What was said on muting each date; dates without a word are left out."""
        found: defaultdict[date, list[Mute]] = defaultdict(list)
        there = self._engine.columns(MUTES)
        if there:
            query = statement("mutes", MUTES.name, columns=_columns(MUTES, there))
            for row in self._engine.read(query, {"first": first, "last": last}):
                found[row["check_date"]].append(
                    Mute(row["check_date"], row["set_at"], row["until"], row["reason"], row["muted_by"])
                )
        return dict(found)

    def replace_scheduled_games(
        self, first: date, last: date, slates: Mapping[date, Slate], updated_at: datetime
    ) -> None:
        """Keep the expected games of the dates, in place of what was kept for them."""
        rows = [row for slate in slates.values() for row in _scheduled_games(slate, updated_at)]
        self._replace(SCHEDULED_GAMES, first, last, rows)

    def replace_coverage(
        self, first: date, last: date, coverages: Mapping[str, Mapping[date, Coverage]], updated_at: datetime
    ) -> None:
        """Keep what was counted of the stages on the dates, in place of what was kept for them; Phase 4's by game."""
        phase4 = [row for found in coverages.get(PHASE4, {}).values() for row in _covered_games(found, updated_at)]
        self._replace(PHASE4_COVERAGE, first, last, phase4)
        others = [
            row
            for stage, by_day in coverages.items()
            if stage != PHASE4
            for found in by_day.values()
            for row in _covered_units(stage, found, updated_at)
        ]
        self._replace(STAGE_COVERAGE, first, last, others)

    def _replace(self, table: Table, first: date, last: date, rows: Sequence[Row]) -> None:
        self._engine.create_table(table)
        for part in covering(first, last, list(parts(by_date(rows, lambda row: row["game_date"])))):
            if part.rows:
                self._write("replace_dates", table, [part])
            else:
                self._engine.write(statement("clear_dates", table.name), {"first": part.first, "last": part.last})

    def _write(self, name: str, table: Table, found: Iterable[Part]) -> None:
        for part in found:
            rows = Rows(table, part.rows)
            self._engine.write(writing(name, table), {"first": part.first, "last": part.last, "rows": rows})


def _columns(table: Table, there: frozenset[str]) -> str:
    """A table's columns to read: those that an older monitor's table lacks, as NULL."""
    return ", ".join(name if name in there else f"NULL AS {name}" for name in table.columns)


def _scheduled_games(slate: Slate, updated_at: datetime) -> list[dict[str, Any]]:
    return [
        {
            "game_date": slate.day,
            "game_id": entry.game.id,
            "away_team": entry.game.away,
            "home_team": entry.game.home,
            "tip_at": entry.tip_at,
            "witnesses": list(entry.witnesses),
            "updated_at": updated_at,
        }
        for entry in slate.expected
    ]


def _covered_games(coverage: Coverage, updated_at: datetime) -> list[dict[str, Any]]:
    return [
        {
            "game_date": coverage.day,
            "game_id": coverage.matchups[key].id,
            "row_count": held.rows,
            "usable_row_count": held.usable_keys,
            "source_ids": list(held.ids),
            "written_at": coverage.written_at,
            "updated_at": updated_at,
        }
        for key, held in coverage.units.items()
    ]


def _covered_units(stage: str, coverage: Coverage, updated_at: datetime) -> list[dict[str, Any]]:
    return [
        {
            "game_date": coverage.day,
            "stage": stage,
            "unit": coverage.matchups[key].id if key in coverage.matchups else key,
            "row_count": held.rows,
            "usable_key_count": held.usable_keys,
            "source_ids": list(held.ids),
            "written_at": coverage.written_at,
            "updated_at": updated_at,
        }
        for key, held in coverage.units.items()
    ]
