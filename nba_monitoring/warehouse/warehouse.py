"""The warehouse as the monitor uses it, on either engine."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import UTC, date, datetime, timedelta

from nba_monitoring.core.coverage import Coverage, Keys
from nba_monitoring.core.eastern import game_date, start_of
from nba_monitoring.core.games import GameKey
from nba_monitoring.core.incidents import Incident, Notification
from nba_monitoring.core.mutes import MutedDates, muted_dates
from nba_monitoring.core.record import BytesRead, CheckRecord, Mute
from nba_monitoring.core.services import ServiceCheck
from nba_monitoring.core.slate.slate import Slate
from nba_monitoring.core.slate.sources import SourceReport
from nba_monitoring.core.stages import PHASE4, Stage
from nba_monitoring.core.words import count, environment_named
from nba_monitoring.warehouse import records, snapshots, stage_reads
from nba_monitoring.warehouse.chunks import Chunk, by_date, chunks, covering
from nba_monitoring.warehouse.engines import Engine, Parameters, Row, Rows, statement, writing
from nba_monitoring.warehouse.espn_scoreboard import ESPN_SCOREBOARD
from nba_monitoring.warehouse.game_postponements import postponement_report
from nba_monitoring.warehouse.league_schedule import LEAGUE_SCHEDULE
from nba_monitoring.warehouse.records import History, Incidents, Notifications, ServiceHistory, StageHistory
from nba_monitoring.warehouse.schedule_tables import schedule_report
from nba_monitoring.warehouse.snapshots import Snapshot
from nba_monitoring.warehouse.stage_reads import StageRead
from nba_monitoring.warehouse.tables import (
    CHECKS,
    CLAIMS,
    INCIDENTS,
    MONITOR_TABLES,
    MUTES,
    NOTIFICATIONS,
    PHASE4_COVERAGE,
    SCHEDULED_GAMES,
    SEASON_REPLAYS,
    SERVICE_CHECKS,
    STAGE_CHECKS,
    STAGE_COVERAGE,
    Table,
)

_LOG = logging.getLogger(__name__)

_LONGEST_MUTE = timedelta(days=366)  # so far back begins a mute that is still in force, at most
_BEGINNING_OF_TIME = datetime.min.replace(tzinfo=UTC)  # BigQuery's earliest instant
_END_OF_TIME = datetime.max.replace(tzinfo=UTC)


class Warehouse:
    """Reads the platform's tables and keeps the monitor's own. Date ranges include both ends.

    Every method raises WarehouseError. Writes are atomic; one that is too large for a BigQuery job (many seasons) is
    written in chunks of dates, and calling it again writes the rest. A `first` or `last` of None leaves that end open.

    Incidents, notifications and mutes are those of one `environment`; None is an environment of its own. Rows that
    have none, of earlier releases, belong to the environment that reads them first.
    """

    def __init__(self, engine: Engine, environment: str | None = None) -> None:
        self._engine = engine
        self._environment = environment or ""

    @property
    def bytes_read(self) -> BytesRead | None:
        """What its queries cost so far, in the unit that BigQuery bills; None if nothing is billed."""
        return self._engine.bytes_read

    def bring_up_to_date(self) -> Iterator[tuple[Table, Sequence[str]]]:
        """Create the monitor's tables or bring older ones up to date. Yields each table with what was changed."""
        for table in MONITOR_TABLES:
            yield table, self._engine.bring_up_to_date(table)

    def schedule_reports(self, first: date, last: date) -> list[SourceReport]:
        """What both schedule tables, and the record of postponements if it exists, list around the dates.

        One query per table.
        """
        scoreboard = schedule_report(self._engine, ESPN_SCOREBOARD, first, last)
        league = schedule_report(self._engine, LEAGUE_SCHEDULE, first, last)
        postponements = postponement_report(self._engine, first, last, league)
        return [scoreboard, league] if postponements is None else [scoreboard, league, postponements]

    def read_stages(
        self, stages: Iterable[Stage], first: date, last: date, as_of: datetime | None = None
    ) -> dict[str, StageRead]:
        """What the stages' tables have on the dates, by stage name: one query per table and grouping.

        A table that can't be read is reported in its stages' entries. `as_of` (UTC) hides rows written later.
        """
        return stage_reads.read_stages(self._engine, stages, first, last, as_of or _END_OF_TIME)

    def keys_over_ids(
        self, stage: Stage, games: Mapping[GameKey, Sequence[str]], as_of: datetime | None = None
    ) -> dict[GameKey, Keys]:
        """The distinct keys that a stage's table has for each game over all its ids; no query if there are no games.

        Games without rows are left out. `as_of` (UTC) hides rows written later.
        """
        return stage_reads.keys_over_ids(self._engine, stage, games, as_of or _END_OF_TIME) if games else {}

    def read_snapshots(
        self, reads: Mapping[str, StageRead], wanted: Sequence[Snapshot]
    ) -> Mapping[str, Mapping[Snapshot, StageRead]]:
        """What each stage had in each snapshot (at least one), given what it has now. As many queries as `reads`."""
        return snapshots.read_snapshots(self._engine, reads, wanted)

    def append_checks(self, checks: Sequence[CheckRecord]) -> None:
        """Append verdicts to both histories. An existing `check_id` keeps its rows.

        The stages are written first, so that a date's own row never comes without them.
        """
        if not checks:
            return
        self._engine.create_table(STAGE_CHECKS)
        self._write("append_new_stages", STAGE_CHECKS, chunks(records.stage_rows(checks)))
        self._engine.create_table(CHECKS)
        self._write("append_new", CHECKS, chunks(records.check_rows(checks)))

    def history(
        self, first: date | None = None, last: date | None = None, since: datetime = _BEGINNING_OF_TIME
    ) -> History:
        """The verdicts on the dates by checks made after `since` (UTC), by date and time of the check.

        Rows without a `check_id` are older than the monitor and skipped. Columns that an older table lacks are NULL.
        """
        existing = self._engine.columns(CHECKS)
        if "check_id" not in existing:
            return History()
        query = statement("history", CHECKS.name, columns=CHECKS.selected(existing))
        return records.history_of(self._engine.read(query, {**_dates(first, last), "since": since}))

    def stage_history(self, first: date | None = None, last: date | None = None) -> StageHistory:
        """The stages' results in the verdicts on the dates, by date, time of the check and stage."""
        return records.stage_history_of(self._own_rows("stage_history", STAGE_CHECKS, _dates(first, last)))

    def checked_stages(self) -> Set[str]:
        """The stages that were ever checked, by name."""
        if not self._engine.columns(STAGE_CHECKS):
            return frozenset()
        rows = self._engine.read(statement("checked_stages", STAGE_CHECKS.name), _dates(None, None))
        return {row["stage"] for row in rows}

    def arrivals(self, first: date, last: date, as_of: datetime) -> StageHistory:
        """What checks of the dates, made before `as_of` (UTC) by a real clock, show of when stages arrive. One query.

        Empty if the table is from an older version; the next verdict adds the columns that it lacks.
        """
        if not self._engine.columns(STAGE_CHECKS) >= STAGE_CHECKS.columns.keys():
            return StageHistory()
        query = statement("arrivals", STAGE_CHECKS.name)
        return records.stage_history_of(self._engine.read(query, {"first": first, "last": last, "as_of": as_of}))

    def append_service_checks(self, checks: Sequence[ServiceCheck]) -> None:
        """Append one check of services (at least one). An existing `check_id` and service keeps its row."""
        self._engine.create_table(SERVICE_CHECKS)
        at, rows = checks[0].check_time, Rows(SERVICE_CHECKS, records.service_rows(checks))
        self._engine.write(writing("append_service_checks", SERVICE_CHECKS), {"first": at, "last": at, "rows": rows})

    def service_history(self, first: datetime, last: datetime) -> ServiceHistory:
        """The checks of services between two instants (UTC), by time and service."""
        instants = {"first": first, "last": last}
        return records.service_history_of(self._own_rows("service_history", SERVICE_CHECKS, instants))

    def put_incidents(self, incidents: Sequence[Incident]) -> None:
        """Add incidents to the ledger or update them; if one is given twice, the last counts.

        A state that lacks an acknowledgement or a close that the ledger has does not undo it: these columns and
        `detail` stay as they are.
        """
        if not incidents:
            return
        newest = {incident.incident_id: incident for incident in incidents}
        rows = [records.incident_row(incident, self._environment) for incident in newest.values()]
        self._engine.create_table(INCIDENTS)
        self._write("put_incidents", INCIDENTS, chunks(by_date(rows, lambda row: row["check_date"])))

    def incidents(self, first: date | None = None, last: date | None = None, open_only: bool = False) -> Incidents:
        """The incidents of the dates, by date and time of the first finding."""
        rows = self._of_environment("incidents", INCIDENTS, _dates(first, last), open_only=str(open_only).upper())
        return records.incidents_of(rows)

    def append_notifications(self, notifications: Sequence[Notification]) -> None:
        """Append attempts to send a message. An existing `notification_id` and `sent_at` keeps its row."""
        if not notifications:
            return
        attempts = {(sent.notification_id, sent.sent_at): sent for sent in notifications}
        instants = [sent.sent_at for sent in attempts.values()]
        rows = Rows(NOTIFICATIONS, [records.notification_row(sent, self._environment) for sent in attempts.values()])
        self._engine.create_table(NOTIFICATIONS)
        parameters: Parameters = {"first": min(instants), "last": max(instants), "rows": rows}
        self._engine.write(writing("append_notifications", NOTIFICATIONS), parameters)

    def claim(self, claim: Notification, first: date, last: date) -> Notification:
        """Append a claim unless its `notification_id` exists on the US Eastern days. Returns the one that is there.

        Of two claims at once one is there, and both callers get that one.
        """
        rows = Rows(CLAIMS, [records.notification_row(claim, self._environment)])
        self._engine.create_table(NOTIFICATIONS)
        self._engine.write(writing("claim_notification", CLAIMS), {**_instants(first, last), "rows": rows})
        found = self.notifications(first, last).records
        return next((each for each in found if each.notification_id == claim.notification_id), claim)

    def notifications(self, first: date, last: date) -> Notifications:
        """The messages sent on the US Eastern days, by time."""
        return records.notifications_of(self._of_environment("notifications", NOTIFICATIONS, _instants(first, last)))

    def append_mutes(self, mutes: Sequence[Mute]) -> None:
        """Append mutes (at least one)."""
        rows = [records.mute_row(mute, self._environment) for mute in mutes]
        self._engine.create_table(MUTES)
        self._engine.write(writing("append", MUTES), {"rows": Rows(MUTES, rows)})

    def mutes(self, first: date, last: date) -> dict[date, list[Mute]]:
        """The mutes and unmutes of each date that has any, in the order in which they were set."""
        return records.mutes_of(self._of_environment("mutes", MUTES, {"first": first, "last": last}))

    def incidents_changed(self) -> tuple[datetime, ...] | None:
        """When the rows that an open incident depends on last changed, by table; None if that is not known."""
        found = [self._engine.changed_at(table) for table in (INCIDENTS, CHECKS, MUTES)]
        return tuple(at for at in found if at is not None) or None

    def muted(self, now: datetime) -> Sequence[MutedDates]:
        """What is muted at `now` (UTC), for today and later dates; yesterday's results too, until their deadline."""
        return muted_dates(self.mutes(game_date(now) - _LONGEST_MUTE, date.max), now)

    def append_season_replay(self, season: str, made_at: datetime, detail: str) -> None:
        """Keep the replay of a season, as JSON text."""
        rows = Rows(SEASON_REPLAYS, [{"season": season, "made_at": made_at, "detail": detail}])
        self._engine.create_table(SEASON_REPLAYS)
        self._engine.write(writing("append", SEASON_REPLAYS), {"rows": rows})

    def newest_season_replay(self, season: str, first: date, last: date) -> str | None:
        """The newest replay of a season that was kept on the US Eastern days, as JSON text; None if there is none."""
        parameters = {**_instants(first, last), "season": season}
        rows = self._own_rows("newest_season_replay", SEASON_REPLAYS, parameters, within=SEASON_REPLAYS.within)
        return next((row["detail"] for row in rows), None)

    def replace_scheduled_games(
        self, first: date, last: date, slates: Mapping[date, Slate], updated_at: datetime
    ) -> None:
        """Replace the expected games of the dates."""
        rows = [row for slate in slates.values() for row in records.scheduled_game_rows(slate, updated_at)]
        self._replace(SCHEDULED_GAMES, first, last, rows)

    def replace_coverage(
        self, first: date, last: date, coverages: Mapping[str, Mapping[date, Coverage]], updated_at: datetime
    ) -> None:
        """Replace the stages' coverage of the dates: Phase 4's per game, the others' per unit."""
        phase4 = [
            row for found in coverages.get(PHASE4, {}).values() for row in records.covered_game_rows(found, updated_at)
        ]
        self._replace(PHASE4_COVERAGE, first, last, phase4)
        others = [
            row
            for stage, by_day in coverages.items()
            if stage != PHASE4
            for found in by_day.values()
            for row in records.covered_unit_rows(stage, found, updated_at)
        ]
        self._replace(STAGE_COVERAGE, first, last, others)

    def _own_rows(self, query: str, table: Table, parameters: Parameters, **names: str) -> Sequence[Row]:
        """Rows of a monitor's table; none if it does not exist. Columns that an older table lacks are NULL."""
        existing = self._engine.columns(table)
        if not existing:
            return ()
        return self._engine.read(statement(query, table.name, columns=table.selected(existing), **names), parameters)

    def adopt(self, table: Table, parameters: Parameters) -> None:
        """Make rows without an environment, of an earlier release, this environment's."""
        query = statement("adopt", table.name, within=table.within)
        self._engine.write(query, {**parameters, "environment": self._environment})

    def _of_environment(self, query: str, table: Table, parameters: Parameters, **names: str) -> Sequence[Row]:
        """Rows of a monitor's table that belong to this environment, which adopts those without one."""
        existing = self._engine.columns(table)
        if not existing:
            return ()
        if "environment" not in existing:
            self._engine.create_table(table)
            existing = frozenset(table.columns)
        asked = statement(query, table.name, columns=table.selected(existing), within=table.within, **names)
        given = {**parameters, "environment": self._environment}
        rows = self._engine.read(asked, given)
        unowned = sum(row["environment"] is None for row in rows)
        if not unowned:
            return rows
        self.adopt(table, parameters)
        owner = environment_named(self._environment)
        _LOG.warning(
            "%s: %s of an earlier release given to %s, which read them first", table.name, count(unowned, "row"), owner
        )
        # Another environment may have been faster.
        return self._engine.read(asked, given)

    def _replace(self, table: Table, first: date, last: date, rows: Sequence[Row]) -> None:
        self._engine.create_table(table)
        for chunk in covering(first, last, list(chunks(by_date(rows, lambda row: row["game_date"])))):
            if chunk.rows:
                self._write("replace_dates", table, [chunk])
            else:
                self._engine.write(statement("clear_dates", table.name), {"first": chunk.first, "last": chunk.last})

    def _write(self, name: str, table: Table, found: Iterable[Chunk]) -> None:
        for chunk in found:
            rows = Rows(table, chunk.rows)
            self._engine.write(writing(name, table), {"first": chunk.first, "last": chunk.last, "rows": rows})


def _dates(first: date | None, last: date | None) -> Parameters:
    return {"first": first or date.min, "last": last or date.max}


def _instants(first: date, last: date) -> Parameters:
    return {"first": start_of(first), "last": start_of(last + timedelta(days=1)) - timedelta(microseconds=1)}
