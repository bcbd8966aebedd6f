"""Writes the stages' rows: batches are made in Python, their rows in the warehouse."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import duckdb

from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.teams import TRICODES
from nba_monitoring.sample.as_it_was import as_it_was
from nba_monitoring.sample.batches import Batch, GameDay
from nba_monitoring.sample.stage_columns import STAGE_TABLES
from nba_monitoring.sample.this_season import as_this_season
from nba_monitoring.sample.usual import USUAL

Batches = Mapping[str, Sequence[Batch]]

# The evening's passes are for the next day.
AHEAD = timedelta(days=1)

# Column by column: a list of batches would take DuckDB three times as long.
_COLUMNS: Mapping[str, tuple[str, Callable[[Batch], object]]] = {
    "day": ("DATE", lambda batch: batch.day),
    "number_of_day": ("INT64", lambda batch: batch.values_of.toordinal()),
    "season_day": ("INT64", lambda batch: batch.season_day),
    "rows": ("INT64", lambda batch: batch.rows),
    "written_at": ("TIMESTAMP", lambda batch: batch.written_at),
    "away": ("STRING", lambda batch: batch.game and batch.game.away),
    "home": ("STRING", lambda batch: batch.game and batch.game.home),
    "game_id": ("STRING", lambda batch: batch.game_id),
    "first": ("INT64", lambda batch: batch.first),
    "unready": ("INT64", lambda batch: batch.unready),
    "system": ("STRING", lambda batch: batch.system),
    "model_version": ("STRING", lambda batch: batch.model_version),
    "is_active": ("BOOL", lambda batch: batch.is_active),
    "lined": ("INT64", lambda batch: batch.lined),
}
_BATCHES = ", ".join(f"UNNEST(CAST(${name} AS {kind}[])) AS {name}" for name, (kind, _) in _COLUMNS.items())


def batches_of_2025_26(days: Sequence[GameDay]) -> Batches:
    """Batches by stage, with the incidents on their dates."""
    return {
        stage: [batch for day in days for batch in as_it_was(stage, day.day, list(usual(day)))]
        for stage, usual in USUAL.items()
    }


def batches_of_this_season(days: Iterable[GameDay], now: datetime) -> Batches:
    """Batches by stage up to tomorrow, for a sample that is written at `now` (UTC), also those still to be written."""
    known = [day for day in days if day.day <= game_date(now) + AHEAD]
    return {
        stage: [batch for day in known for batch in as_this_season(stage, day.day, list(usual(day)), now)]
        for stage, usual in USUAL.items()
    }


def insert_stages(connection: duckdb.DuckDBPyConnection, several: Sequence[Batches]) -> None:
    """Write the rows of all stages, in their order."""
    for stage, table in STAGE_TABLES.items():
        batches = [batch for by_stage in several for batch in by_stage[stage]]
        columns = {name: list(map(value, batches)) for name, (_, value) in _COLUMNS.items()}
        connection.execute(f"CREATE OR REPLACE TEMP TABLE batches AS SELECT {_BATCHES}", columns)
        teams = {"teams": sorted(TRICODES)} if "$teams" in table.insert else {}
        connection.execute(table.insert, teams)
