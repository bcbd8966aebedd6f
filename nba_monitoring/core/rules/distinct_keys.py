"""Distinct keys of usable rows by unit: what every stage is measured by. 8 players written twice are 8."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from nba_monitoring.core.coverage import StageRows
from nba_monitoring.core.rules.base import ROWS, Measure, Measured

if TYPE_CHECKING:
    from nba_monitoring.core.stages import Stage


def measures(stage: Stage) -> Sequence[Measure]:
    """What has to be measured of each unit."""
    return ROWS, _keys(stage), _usable_keys(stage), _placeholders(stage), _written(stage)


def stage_rows(stage: Stage, measured: Measured, day: date) -> Sequence[StageRows]:
    """What was measured of the stage's units on a date."""
    rows, keys, usable_keys, placeholders, written = measures(stage)
    return [
        StageRows(
            day=day,
            unit=unit,
            rows=values[rows],
            keys=values[keys],
            usable_keys=values[usable_keys],
            written_at=values[written],
            placeholders=values[placeholders] or 0,
        )
        for unit, values in measured.on(day, stage.grouping).items()
    ]


def _keys(stage: Stage) -> Measure:
    return Measure(f"COUNT(DISTINCT {stage.key})")


def _usable_keys(stage: Stage) -> Measure:
    return Measure(f"COUNT(DISTINCT CASE WHEN {stage.usable_sql} THEN {stage.key} END)")


def _placeholders(stage: Stage) -> Measure:
    return Measure(f"SUM(CASE WHEN {stage.placeholder_sql} THEN 1 ELSE 0 END)")


def _written(stage: Stage) -> Measure:
    return Measure(f"MAX({stage.written_sql})")
