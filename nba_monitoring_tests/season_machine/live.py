"""Run the real job, the recheck schedule and the sensor under a moved clock, while the platform writes its rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import dagster as dg
import duckdb
import time_machine

from nba_monitoring.definitions import definitions
from nba_monitoring.orchestration.schedules import recheck_until_covered
from nba_monitoring.settings import Settings
from nba_monitoring_tests.loopback import LoopbackServer
from nba_monitoring_tests.orchestration.sensor import Sensor
from nba_monitoring_tests.orchestration.slack import Slack
from nba_monitoring_tests.platform_tables import Row, insert
from nba_monitoring_tests.season_machine.batches import Batch, write_batches
from nba_monitoring_tests.season_machine.clock import DAY, PACIFIC, eastern, results_deadline
from nba_monitoring_tests.season_machine.driving import Alert, command, on
from nba_monitoring_tests.season_machine.machine import Made
from nba_monitoring_tests.season_machine.season import ESPN, HALT_STATE, NBAC, POSTPONEMENTS, REGISTRY, Season
from nba_monitoring_tests.stage_rows import add_to

TICK = timedelta(minutes=15)
# Ticks of a day on the Pacific clock: from before the first check to the end of the Eastern day.
FIRST_TICK, LAST_TICK, CHECK = time(7, 45), time(21), time(8)
BEFORE_ALL = datetime(2000, 1, 1, tzinfo=UTC)
TRIGGER = "nba_monitoring/trigger"


@dataclass
class LivePlatform:
    """The warehouse of a season as it fills."""

    season: Season
    connection: duckdb.DuckDBPyConnection
    written: datetime = BEFORE_ALL
    loaded: datetime = BEFORE_ALL
    _batches: list[tuple[datetime, str, Batch]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.season.create(self.connection)
        insert(self.connection, POSTPONEMENTS, self.season.postponements)
        self._batches = [
            (batch.written, stage, batch)
            for (stage, _), batches in self.season.batches.items()
            for batch in batches
            if batch.written is not None
        ]

    def write_until(self, now: datetime) -> None:
        """What is written up to an instant (UTC). The schedule and the registry are loaded anew once a night."""
        new: dict[str, list[Batch]] = {}
        for at, stage, batch in self._batches:
            if self.written < at <= now:
                new.setdefault(stage, []).append(batch)
        write_batches(self.connection, new)
        for table, rows, column in (
            (ESPN, self.season.scoreboard, "processed_at"),
            (HALT_STATE, self.season.halts, "written_at"),
        ):
            insert(self.connection, table, [row for row in rows if self.written < row[column] <= now])
        day = (now - timedelta(hours=10)).date()
        night = eastern(day, 5)
        if self.loaded < night <= now:
            self.connection.execute(f"DELETE FROM {NBAC}")
            insert(self.connection, NBAC, [_as_of(row, night) for row in self.season.schedule if _is_known(row, night)])
            if self.season.has_registry:
                self.connection.execute(f"DELETE FROM {REGISTRY}")
                add_to(self.connection, REGISTRY, self.season.registry(day))
            self.loaded = night
        self.written = now


def _is_known(row: Row, at: datetime) -> bool:
    """Whether the league has published a game: the regular season at once, the rest a week ahead."""
    regular = f"002{(at - timedelta(days=220)).year % 100:02}"
    return str(row["game_id"]).startswith(regular) or bool(row["game_date"] <= at.date() + 7 * DAY)


def _as_of(row: Row, at: datetime) -> Row:
    """A row of the league's schedule before its game was played."""
    if row["game_date_est"] <= at:
        return row | {"processed_at": at}
    to_come: Row = {"home_team_score": None, "away_team_score": None, "processed_at": at}
    is_played = row["home_team_score"] is not None
    return row | to_come | ({"game_status": 1, "game_status_text": "Scheduled"} if is_played else {})


class _Context(dg.ScheduleEvaluationContext):
    """Of a schedule on an instance in memory, which has no reference to be opened by."""

    def __init__(self, instance: dg.DagsterInstance, tick: datetime) -> None:
        super().__init__(None, tick)
        self._in_memory = instance

    @property
    def instance(self) -> dg.DagsterInstance:
        return self._in_memory


@dataclass
class Live:
    """The job, the schedule and the sensor on one instance."""

    settings: Settings
    instance: dg.DagsterInstance
    connection: duckdb.DuckDBPyConnection
    sensor: Sensor
    alerts: list[Alert] = field(default_factory=list)
    _known: set[str] = field(default_factory=set)

    def check(self, day: date, tags: Mapping[str, str]) -> None:
        """Run the job for a date."""
        job = definitions(self.settings).resolve_job_def("morning_check")
        assert job.execute_in_process(partition_key=day.isoformat(), instance=self.instance, tags=tags).success

    def check_due(self, now: datetime) -> None:
        """Run the checks that the schedules request at an instant."""
        clock = now.astimezone(PACIFIC)
        if clock.time() == CHECK:
            asked = {day: {TRIGGER: "scheduled"} for day in (clock.date() - DAY, clock.date())}
        elif CHECK < clock.time() < LAST_TICK and not clock.minute % 30:
            requests = recheck_until_covered(_Context(self.instance, clock))
            requests = requests if isinstance(requests, list) else []
            asked = {date.fromisoformat(str(request.partition_key)): dict(request.tags) for request in requests}
        else:
            return
        for day, tags in asked.items():
            self.check(day, tags)

    def tick(self, now: datetime) -> None:
        """Run the sensor, and record its alerts: the new rows of `notifications`, with the incident at that time."""
        self.sensor.tick()
        for notification_id, incident_id, reason, *state in self.connection.execute(
            "SELECT notification_id, incident_id, reason, stage, status, severity FROM nba_monitoring.notifications "
            "LEFT JOIN nba_monitoring.incidents USING (incident_id) WHERE accepted ORDER BY sent_at"
        ).fetchall():
            if notification_id not in self._known:
                self._known.add(notification_id)
                self.alerts.append(Alert(now, incident_id, reason, *state))


def live_alerts(made: Made, folder: Path) -> list[Alert]:
    """The sensor's alerts for the dates of a season's span, each checked as the schedules request it."""
    path = folder / "live.duckdb"
    with duckdb.connect(path) as connection, _slack(path), dg.DagsterInstance.ephemeral() as instance:
        command("init")
        platform = LivePlatform(made.season, connection)
        live = Live(Settings.load(), instance, connection, Sensor(instance))
        for now in _instants(*made.span):
            platform.write_until(now)
            with time_machine.travel(now):
                live.check_due(now)
                live.tick(now)
    return live.alerts


@contextmanager
def _slack(path: Path) -> Iterator[None]:
    """The product's settings, with a Slack on the loopback."""
    with LoopbackServer() as server, on(path, {"NBA_MONITORING_ENVIRONMENT": "test", **Slack(server).web_api}):
        yield


def _instants(first: date, last: date) -> Iterator[datetime]:
    """The ticks of all dates, to the end of the morning after the last (UTC)."""
    for day in (first + n * DAY for n in range((last - first).days + 2)):
        now = datetime.combine(day, FIRST_TICK, PACIFIC)
        while now.time() <= LAST_TICK and now <= results_deadline(last):
            yield now.astimezone(UTC)
            now += TICK
