"""Writes the sample warehouse: a complete file or none, and never over an existing one."""

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
from nba_monitoring.sample.arrivals import arrive, bring_forward, held_tables, hold_back, is_of_today, is_sample
from nba_monitoring.sample.batches import game_days
from nba_monitoring.sample.calendar import OPENER
from nba_monitoring.sample.current_season import current_seasons
from nba_monitoring.sample.incidents import halt_rows
from nba_monitoring.sample.platform_tables import ALL_TABLES, create_platform_tables, insert_rows
from nba_monitoring.sample.schedule_rows import espn_rows, last_load_before, nbac_rows, rows_of_season_under_way
from nba_monitoring.sample.season import season_games
from nba_monitoring.sample.stage_columns import STAGE_TABLES
from nba_monitoring.sample.stage_rows import batches_of_2025_26, batches_of_this_season, insert_stages
from nba_monitoring.sample.systems import register_rows
from nba_monitoring.sample.this_season import with_an_evening_to_come

_SEED = 2025_26


class SampleError(MonitoringError, ValueError):
    """The sample can't be written; the message says what to do."""


class SampleExistsError(SampleError):
    """The path already exists, and may be someone's warehouse."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path}: already exists; choose another path, or delete it first")


@dataclass(frozen=True, slots=True)
class SampleSummary:
    """What was written. Dates are Eastern."""

    path: Path
    games: int  # listed in 2025-26
    first_date: date  # of these
    last_date: date  # of these
    games_around_today: int  # in addition
    rows: Mapping[str, int]  # by the stages' tables

    def __str__(self) -> str:
        return "\n".join(
            (
                f"{self.path}: {self.games:,} listed games from {self.first_date} to {self.last_date}, "
                f"{self.games_around_today:,} in a season around today",
                *(f"{count:>9,} rows of {table}" for table, count in self.rows.items()),
            )
        )


def write_sample(path: Path, now: datetime | None = None) -> SampleSummary:
    """Write the sample warehouse to a new DuckDB file, and create its folder if it does not exist.

    The season around today is as of `now` (UTC; None: the clock's). The same `now` gives the same contents; 2025-26 is
    the same for every `now`, as after its last game. Raises SampleExistsError if the path exists, SampleError if it
    can't be written.
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
            f"{path}: can't be written ({error}); choose a path in a folder that you may write to"
        ) from error
    return summary


def ensure_sample(path: Path) -> None:
    """Write the sample unless it exists. If several processes start at once, one of them writes it.

    Raises SampleError if it can't be written.
    """
    with suppress(SampleExistsError):
        write_sample(path)


def refresh_sample(connection: duckdb.DuckDBPyConnection, path: Path, now: datetime | None = None) -> bool:
    """Bring a sample up to `now` (UTC; None: the clock's): rows whose time has come appear in their tables.

    The platform's tables are rewritten around today if they are of another day, or if some are missing. The monitor's
    own tables in the file stay. Returns whether they were rewritten. Raises SampleError.
    """
    now = now or datetime.now(UTC)
    try:
        if _is_whole(connection) and is_of_today(connection, now):
            arrive(connection, now)
            return False
        with TemporaryDirectory(dir=path.parent, prefix=".sample-") as folder:
            draft = Path(folder) / "draft.duckdb"
            with duckdb.connect(draft) as written:
                _fill(written, path, now)
            _take_over(connection, draft)
    except (OSError, duckdb.Error) as error:
        raise SampleError(f"{path}: can't refresh its tables ({error}); delete the file and run again") from error
    return True


def advance_sample(connection: duckdb.DuckDBPyConnection, path: Path, now: datetime | None = None) -> Mapping[str, int]:
    """Write at `now` (UTC; None: the clock's) what today's games wait for. Returns the number of rows by table.

    Raises SampleError if the file is not a sample, whose tables may be rewritten.
    """
    if not is_sample(connection):
        raise SampleError(f"{path}: not a sample; write one with: nba-monitoring sample PATH")
    refresh_sample(connection, path, now)
    return bring_forward(connection, now or datetime.now(UTC))


def _is_whole(connection: duckdb.DuckDBPyConnection) -> bool:
    there = connection.execute("SELECT table_schema || '.' || table_name FROM information_schema.tables").fetchall()
    return ALL_TABLES.keys() <= {name for (name,) in there}


def _take_over(connection: duckdb.DuckDBPyConnection, draft: Path) -> None:
    place = str(draft).replace("'", "''")
    connection.execute(f"ATTACH '{place}' AS draft (READ_ONLY)")
    try:
        connection.execute("BEGIN")
        for table in (*ALL_TABLES, *held_tables()):
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {table.partition('.')[0]}")
            connection.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM draft.{table}")  # noqa: S608
        connection.execute("COMMIT")
    finally:
        connection.execute("DETACH draft")


def _put(draft: Path, path: Path) -> None:
    # A link, unlike a rename, fails if another process has created the file meanwhile.
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
    around_today = 0
    for season in current_seasons(game_date(now), after=last):
        listed = with_an_evening_to_come(season.games, now)
        stages.append(batches_of_this_season(game_days(listed, season.opener, rng), now))
        rows = list(rows_of_season_under_way(listed, last_load_before(now), rng))
        insert_rows(connection, "nba_raw.nbac_schedule", rows)
        around_today += len(rows)
    insert_stages(connection, stages)
    hold_back(connection, now)
    return SampleSummary(path, len(games), first, last, around_today, _rows(connection))


def _rows(connection: duckdb.DuckDBPyConnection) -> Mapping[str, int]:
    names = [table.name for table in STAGE_TABLES.values()]
    counts = connection.execute(" UNION ALL ".join(f"SELECT '{name}', count(*) FROM {name}" for name in names))  # noqa: S608
    return dict(counts.fetchall())
