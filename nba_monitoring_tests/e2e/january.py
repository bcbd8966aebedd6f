"""The platform of January 2026 on the emulator of BigQuery, as its writers had filled it by 8:00 AM of the 18th.

As in the sample on that morning: Phase 4 has 8 rows for six games, and later stages have none.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any

import duckdb
from google.cloud import bigquery

from nba_monitoring.core.eastern import dates_between, morning_of
from nba_monitoring.core.stages import Stage
from nba_monitoring.sample import write_sample
from nba_monitoring.sample.incidents import RECOVERED_DATE
from nba_monitoring.sample.platform_tables import ALL_TABLES
from nba_monitoring.sample.schedule_rows import nbac_rows, rows_of_season_under_way
from nba_monitoring.sample.season import season_games
from nba_monitoring.sample.writer import _SEED
from nba_monitoring.stages_file import load_stages
from nba_monitoring_tests.morning import ESPN, NBAC
from nba_monitoring_tests.platform_tables import Row, insert
from nba_monitoring_tests.stage_rows import make_table

DAY = RECOVERED_DATE
MONTH = dates_between(date(2025, 12, 18), date(2026, 1, 17))
# Rules look back over seven game days.
_FIRST = date(2025, 12, 10)
_REGISTER = "nba_predictions.model_registry"
_LATE = ("phase4", "feature_store", "predictions")
_ROWS_A_REQUEST = 5_000


class January:
    """The platform's tables, on an open client."""

    def __init__(self, client: bigquery.Client, folder: Path) -> None:
        self._client = client
        write_sample(folder / "sample.duckdb")
        self._sample = duckdb.connect(folder / "sample.duckdb")
        for table, columns in ALL_TABLES.items():
            make_table(client, table, columns)
        self._add(NBAC, _schedule())
        self._add(ESPN, self._rows(f"SELECT * FROM {ESPN}"))
        # The shadows joined later in the season.
        self._add(_REGISTER, self._rows(f"SELECT * FROM {_REGISTER} WHERE status <> 'shadow'"))
        for stage in load_stages():
            self._add(stage.table, self._written(stage, _FIRST, "<="))

    def catch_up(self, at: datetime) -> None:
        """What came late that day is written, at an instant (UTC)."""
        stages = load_stages()
        for stage in (stages[name] for name in _LATE):
            late = self._written(stage, DAY, ">")
            self._add(stage.table, [row | dict.fromkeys(stage.written, at) for row in late])

    def _written(self, stage: Stage, first: date, when: str) -> list[Row]:
        """The rows of a stage from a date to the day that were written by 11:00 AM ET of it, or after."""
        eight = morning_of(DAY).astimezone(UTC).replace(tzinfo=None)
        return self._rows(
            f"SELECT * FROM {stage.table} WHERE {stage.date_column} BETWEEN $first AND $last "
            f"AND greatest({', '.join(stage.written)}) {when} $eight",
            {"first": first, "last": DAY, "eight": eight},
        )

    def _rows(self, sql: str, parameters: dict[str, Any] | None = None) -> list[Row]:
        found = self._sample.execute(sql, parameters)
        columns = [name for name, *_ in found.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]

    def _add(self, table: str, rows: list[Row]) -> None:
        for start in range(0, len(rows), _ROWS_A_REQUEST):
            insert(self._client, table, rows[start : start + _ROWS_A_REQUEST])


def _schedule() -> list[Row]:
    """The season as the load of that morning left it: results up to the evening before, and no later listing."""
    rng = Random(_SEED)  # noqa: S311 the sample's own season
    listed = [entry for entry in season_games(rng) if entry.listed_on <= DAY]
    played = [entry for entry in listed if entry.game.day < DAY]
    to_come = [entry for entry in listed if entry.game.day >= DAY]
    return [*nbac_rows(played, rng), *rows_of_season_under_way(to_come, DAY, rng)]
