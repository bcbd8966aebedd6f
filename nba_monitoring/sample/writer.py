"""Writes the sample warehouse: a whole file or none, and never over one that is there."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from nba_monitoring.errors import MonitoringError
from nba_monitoring.sample.games import SeasonGame
from nba_monitoring.sample.phase4 import EARLY_SEASON_UNTIL, Batch, phase4_batches
from nba_monitoring.sample.platform_tables import create_platform_tables, insert_rows
from nba_monitoring.sample.schedule_rows import espn_rows, nbac_rows
from nba_monitoring.sample.season import season_games

_SEED = 2025_26

# The rows of a game are made where they are kept: 40,000 through Python would take seconds. Players alternate
# between the two teams.
_WRITE_BATCHES = """
INSERT INTO nba_precompute.player_composite_factors
SELECT
    lower(CASE WHEN player % 2 = 0 THEN b.away ELSE b.home END) || 'player' || player // 2 + 1,
    b.game_id,
    b.game_date,
    100 - player,  -- fatigue, 100 being fresh
    player % 11 - 5,  -- shot zones
    player % 7 / 2 - 1.5,  -- pace
    0,  -- usage
    player >= b.first_player + b.unready,
    b.game_date < $early_season_until,
    false,
    b.written_at
FROM UNNEST($batches) AS u(b), range(b.first_player, b.first_player + b.rows) AS r(player)
"""


class SampleError(MonitoringError, ValueError):
    """The sample can't be written where it was asked for; the message says what to do."""


class SampleExistsError(SampleError):
    """There is something at the path already, which may be someone's warehouse."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path}: exists already and is left as it is; name another file, or remove this one first")


@dataclass(frozen=True, slots=True)
class SampleSummary:
    """What was written: listed games, rows of Phase 4, and the Eastern dates of the first and last listed game."""

    path: Path
    games: int
    phase4_rows: int
    first_date: date
    last_date: date

    def __str__(self) -> str:
        return (
            f"{self.path}: {self.games:,} listed games from {self.first_date} to {self.last_date}, "
            f"{self.phase4_rows:,} rows of Phase 4"
        )


def write_sample(path: Path) -> SampleSummary:
    """Write the sample warehouse to a new DuckDB file, making its folder if need be.

    The contents are the same at every call. Raises SampleExistsError when there is something at the path, SampleError
    when it can't be written.
    """
    try:
        if path.exists():
            raise SampleExistsError(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=path.parent, prefix=".sample-") as folder:
            draft = Path(folder) / "sample.duckdb"
            with duckdb.connect(draft) as connection:
                games, phase4_rows = _fill(connection)
            _put(draft, path)
    except (OSError, duckdb.Error) as error:
        raise SampleError(
            f"{path}: can't be written ({error}); name a file in a folder that you may write to"
        ) from error
    dates = [entry.game.day for entry in games]
    return SampleSummary(path, len(games), phase4_rows, min(dates), max(dates))


def ensure_sample(path: Path) -> None:
    """Write the sample unless it is there. Several processes may start at once: one of them writes it.

    Raises SampleError when it can't be written.
    """
    with suppress(SampleExistsError):
        write_sample(path)


def _put(draft: Path, path: Path) -> None:
    # A link, unlike a rename, refuses a file that another process has put there meanwhile.
    try:
        os.link(draft, path)
    except FileExistsError as error:
        raise SampleExistsError(path) from error


def _fill(connection: duckdb.DuckDBPyConnection) -> tuple[list[SeasonGame], int]:
    rng = Random(_SEED)  # noqa: S311 the same season every time is the point
    games = season_games(rng)
    batches = phase4_batches(games, rng)
    create_platform_tables(connection)
    insert_rows(connection, "nba_raw.espn_scoreboard", list(espn_rows()))
    insert_rows(connection, "nba_raw.nbac_schedule", list(nbac_rows(games, rng)))
    connection.execute(
        _WRITE_BATCHES, {"batches": [_batch(b) for b in batches], "early_season_until": EARLY_SEASON_UNTIL}
    )
    return games, sum(batch.rows for batch in batches)


def _batch(batch: Batch) -> dict[str, Any]:
    return {
        "game_id": batch.game_id,
        "game_date": batch.game.day,
        "away": batch.game.away,
        "home": batch.game.home,
        "rows": batch.rows,
        "unready": batch.unready,
        "first_player": batch.first_player,
        "written_at": batch.written_at,
    }
