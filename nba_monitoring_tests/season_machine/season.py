"""A season in the making: what the platform writes, which faults change, and the warehouse of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

import duckdb

from nba_monitoring.sample.platform_tables import ALL_TABLES
from nba_monitoring_tests.platform_tables import Row, insert
from nba_monitoring_tests.season_machine.batches import Batch, by_stage, create_tables, write_batches
from nba_monitoring_tests.season_machine.calendar import Calendar, Game
from nba_monitoring_tests.season_machine.clock import HALF_HOUR
from nba_monitoring_tests.season_machine.platform import REPLACED, STAGES, SYSTEMS, Hours, hours, written
from nba_monitoring_tests.stage_rows import add_to, make_table

NBAC, ESPN = "nba_raw.nbac_schedule", "nba_raw.espn_scoreboard"
HALT_STATE, POSTPONEMENTS = "nba_orchestration.halt_state", "nba_orchestration.game_postponements"
REGISTRY = "nba_predictions.model_registry"
SERVICE_CHECKS = "nba_monitoring.service_checks"
SERVICE_COLUMNS = {
    "check_time": "TIMESTAMPTZ",
    "service": "VARCHAR",
    "status": "VARCHAR",
    "severity": "VARCHAR",
    "since": "TIMESTAMPTZ",
    "detail": "VARCHAR",
    "check_id": "VARCHAR",
}
REGISTRY_COLUMNS = {"model_id": "VARCHAR", "enabled": "BOOL", "status": "VARCHAR"}


@dataclass(frozen=True)
class Outage:
    """A service that fails from an instant to another (UTC), and with it the stage that it fills."""

    stage: str
    first: datetime
    last: datetime


@dataclass
class Season:
    """A season's rows, by table. Faults change them before they are written."""

    rng: Random
    calendar: Calendar
    hours: dict[date, Hours]
    batches: dict[tuple[str, date], list[Batch]]
    schedule: list[Row] = field(default_factory=list)
    scoreboard: list[Row] = field(default_factory=list)
    halts: list[Row] = field(default_factory=list)
    postponements: list[Row] = field(default_factory=list)
    outages: list[Outage] = field(default_factory=list)
    begins: date = date.max  # the first date to check, if that is before the opener
    has_registry: bool = False  # whether the platform lists its systems of predictions
    replaced_on: date | None = None  # from when on one of them has a successor

    @classmethod
    def healthy(cls, calendar: Calendar, days: Sequence[date], rng: Random) -> Season:
        """A season on whose dates (those of `days`) nothing is wrong, still without its schedule."""
        of_dates = {day: hours(day, calendar.by_day[day], rng) for day in days}
        batches = {
            (stage, day): written(stage, calendar.by_day[day], calendar, of_dates[day].came[stage], rng)
            for day in days
            for stage in STAGES
        }
        return cls(rng, calendar, of_dates, batches)

    def games(self, day: date) -> Sequence[Game]:
        return self.calendar.by_day[day]

    def systems(self, day: date) -> tuple[str, ...]:
        """The systems that predict a date's games."""
        retired, successor = REPLACED
        is_replaced = self.replaced_on is not None and day >= self.replaced_on
        return tuple(successor if system == retired and is_replaced else system for system in SYSTEMS)

    def registry(self, day: date) -> list[Row]:
        """The registry of models as it stands on a date: it keeps no past."""
        enabled = dict.fromkeys(self.systems(day), "active")
        rows = {"lgbm_v1": "shadow", "xgb_v0": "blocked", **dict.fromkeys(REPLACED, "active"), **enabled}
        return [{"model_id": system, "enabled": system in enabled, "status": status} for system, status in rows.items()]

    @staticmethod
    def service_of(stage: str) -> str:
        """The name of the service that fills a stage."""
        return f"{stage.replace('_', '-')}-service"

    def service_checks(self, every: timedelta) -> Iterator[Row]:
        """What checks of each failing service found, from before its failure until after its end."""
        for outage in self.outages:
            at, stage = outage.first - every, outage.stage
            while at <= outage.last + every:
                fails = outage.first <= at < outage.last
                detail = {"what": "answers /health with 503", "cloud_run": self.service_of(stage), "feeds": [stage]}
                yield {
                    "check_time": at,
                    "service": stage,
                    "status": "UNHEALTHY" if fails else "READY",
                    "severity": "ERROR" if fails else None,
                    "since": outage.first if fails else at,
                    "detail": json.dumps(detail),
                    "check_id": at.isoformat(),
                }
                at += every

    def change(self, stage: str, day: date, changed: Callable[[Batch], Iterable[Batch]]) -> None:
        """Put others into the place of each of a stage's batches on a date."""
        self.batches[stage, day] = [new for batch in self.batches[stage, day] for new in changed(batch)]

    def hold_back(self, stage: str, day: date, games: Sequence[Game], until: datetime | None) -> None:
        """Have the rows of some of a date's games come at an instant, or never."""
        names = {_players(game) for game in games}
        ids = {name for game in games for name in (game.id, game.league_id)}

        def late(batch: Batch) -> list[Batch]:
            concerns = batch.game_id in ids if batch.game_id else batch.players in names or batch.players == "player"
            if not concerns:
                return [batch]
            return [] if until is None else [replace(batch, written=until)]

        self.change(stage, day, late)

    def write(self, path: Path, until: datetime | None = None) -> None:
        """A warehouse file as it stands after the season, or with the stages' rows that came until an instant (UTC)."""
        path.unlink(missing_ok=True)
        with duckdb.connect(path) as connection:
            self.create(connection)
            halts = [row for row in self.halts if until is None or row["written_at"] <= until]
            for table, rows in {**self._tables, HALT_STATE: halts}.items():
                insert(connection, table, rows)
            if self.has_registry:
                add_to(connection, REGISTRY, self.registry(self.calendar.last))
            come = {
                of_date: [batch for batch in batches if until is None or not batch.written or batch.written <= until]
                for of_date, batches in self.batches.items()
            }
            write_batches(connection, by_stage(come))
            make_table(connection, SERVICE_CHECKS, SERVICE_COLUMNS)
            add_to(connection, SERVICE_CHECKS, list(self.service_checks(HALF_HOUR)))

    def create(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make the platform's tables, empty."""
        for table in self._tables:
            make_table(connection, table, ALL_TABLES[table])
        if self.has_registry:
            make_table(connection, REGISTRY, REGISTRY_COLUMNS)
        create_tables(connection)

    @property
    def _tables(self) -> Mapping[str, list[Row]]:
        return {
            NBAC: self.schedule,
            ESPN: self.scoreboard,
            HALT_STATE: self.halts,
            POSTPONEMENTS: self.postponements,
        }


def _players(game: Game) -> str:
    return f"{game.away.lower()}{game.home.lower()}"
