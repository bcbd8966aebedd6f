"""Writes the sample warehouse: a whole file or none, and never over one that is there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import duckdb

from nba_monitoring.core.eastern import game_date
from nba_monitoring.errors import MonitoringError
from nba_monitoring.sample.batches import game_days
from nba_monitoring.sample.calendar import OPENER
from nba_monitoring.sample.current_season import AHEAD, current_seasons
from nba_monitoring.sample.halts import halt_rows
from nba_monitoring.sample.platform_tables import ALL_TABLES, create_platform_tables, insert_rows
from nba_monitoring.sample.schedule_rows import espn_rows, last_load_before, nbac_rows, rows_of_season_under_way
from nba_monitoring.sample.season import season_games
from nba_monitoring.sample.stage_rows import batches_of_2025_26, batches_until, insert_stages
from nba_monitoring.sample.systems import register_rows

_SEED = 2025_26


class SampleError(MonitoringError, ValueError):
    """The sample can't be written where it was asked for; the message says what to do."""


class SampleExistsError(SampleError):
    """There is something at the path already, which may be someone's warehouse."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path}: exists already and is left as it is; name another file, or remove this one first")


@dataclass(frozen=True, slots=True)
class SampleSummary:
    """What was written."""

    path: Path
    games: int  # listed ones of 2025-26
    first_date: date  # of these (Eastern)
    last_date: date  # of these (Eastern)
    games_around_today: int  # so many more
    rows: Mapping[str, int]  # by stage's table

    def __str__(self) -> str:
        return "\n".join(
            (
                f"{self.path}: {self.games:,} listed games from {self.first_date} to {self.last_date}, "
                f"{self.games_around_today:,} in a season around today",
                *(f"{count:>9,} rows of {table}" for table, count in self.rows.items()),
            )
        )


def write_sample(path: Path, now: datetime | None = None) -> SampleSummary:
    """Write the sample warehouse to a new DuckDB file, making its folder if need be.

    `now` is the UTC instant at which the season around today stands (None: the clock's). The contents are the same for
    the same instant, those of 2025-26 for every one: that season stands as it was after its last game. Raises
    SampleExistsError when there is something at the path, SampleError when it can't be written.
    """
    try:
        if path.exists():
            raise SampleExistsError(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=path.parent, prefix=".sample-") as folder:
            draft = Path(folder) / "sample.duckdb"
            with duckdb.connect(draft) as connection:
                summary = _fill(connection, path, now or datetime.now(UTC))
            _put(draft, path)
    except (OSError, duckdb.Error) as error:
        raise SampleError(
            f"{path}: can't be written ({error}); name a file in a folder that you may write to"
        ) from error
    return summary


def ensure_sample(path: Path) -> None:
    """Write the sample unless it is there. Several processes may start at once: one of them writes it.

    Raises SampleError when it can't be written.
    """
    with suppress(SampleExistsError):
        write_sample(path)


def refresh_sample(connection: duckdb.DuckDBPyConnection, path: Path, now: datetime | None = None) -> bool:
    """Write the platform's tables of a sample anew where they no longer reach over today, or some are not there yet.

    What the monitor keeps in the same file stays. Says whether they were written. Raises SampleError.
    """
    now = now or datetime.now(UTC)
    try:
        if _reaches_over(connection, game_date(now)):
            return False
        with TemporaryDirectory(dir=path.parent, prefix=".sample-") as folder:
            draft = Path(folder) / "draft.duckdb"
            with duckdb.connect(draft) as written:
                _fill(written, path, now)
            _take_over(connection, draft)
    except (OSError, duckdb.Error) as error:
        raise SampleError(f"{path}: its tables can't be written anew ({error}); remove the file") from error
    return True


def _reaches_over(connection: duckdb.DuckDBPyConnection, today: date) -> bool:
    there = connection.execute("SELECT table_schema || '.' || table_name FROM information_schema.tables").fetchall()
    if not ALL_TABLES.keys() <= {name for (name,) in there}:
        return False
    ((last,),) = connection.execute("SELECT MAX(game_date) FROM nba_precompute.player_composite_factors").fetchall()
    return bool(last is not None and last > today)


def _take_over(connection: duckdb.DuckDBPyConnection, draft: Path) -> None:
    place = str(draft).replace("'", "''")
    connection.execute(f"ATTACH '{place}' AS draft (READ_ONLY)")
    try:
        connection.execute("BEGIN")
        for table in ALL_TABLES:
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {table.partition('.')[0]}")
            connection.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM draft.{table}")  # noqa: S608
        connection.execute("COMMIT")
    finally:
        connection.execute("DETACH draft")


def _put(draft: Path, path: Path) -> None:
    # A link, unlike a rename, refuses a file that another process has put there meanwhile.
    try:
        os.link(draft, path)
    except FileExistsError as error:
        raise SampleExistsError(path) from error


def _fill(connection: duckdb.DuckDBPyConnection, path: Path, now: datetime) -> SampleSummary:
    create_platform_tables(connection)
    insert_rows(connection, "nba_raw.espn_scoreboard", list(espn_rows()))
    insert_rows(connection, "nba_predictions.model_registry", register_rows())
    rng = Random(_SEED)  # noqa: S311 the same season every time is the point
    games = season_games(rng)
    first, last = min(entry.game.day for entry in games), max(entry.game.day for entry in games)
    stages = [batches_of_2025_26(game_days(games, OPENER, rng))]
    insert_rows(connection, "nba_raw.nbac_schedule", list(nbac_rows(games, rng)))
    insert_rows(connection, "nba_orchestration.halt_state", list(halt_rows(last)))
    today, around_today = game_date(now), 0
    for season in current_seasons(today, after=last):
        stages.append(batches_until(today + AHEAD, game_days(season.games, season.opener, rng), now))
        rows = list(rows_of_season_under_way(season.games, last_load_before(now), rng))
        insert_rows(connection, "nba_raw.nbac_schedule", rows)
        around_today += len(rows)
    return SampleSummary(path, len(games), first, last, around_today, insert_stages(connection, stages))
