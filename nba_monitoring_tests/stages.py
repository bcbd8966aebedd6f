"""The shipped stages, and what a stage's table holds, for tests that look below a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from nba_monitoring.core.coverage import StageRows, stage_rows
from nba_monitoring.core.stages import Stage
from nba_monitoring.stages_file import load_stages
from nba_monitoring.warehouse import Warehouse, WarehouseError

STAGES = load_stages()
PHASE4 = STAGES.phase4
assert PHASE4.placeholder is not None
VALUE_COLUMNS = PHASE4.placeholder.values


def held(
    day: date,
    unit: str | None,
    rows: int,
    usable_keys: int,
    written_at: datetime | None,
    repeats: int = 0,
    placeholders: int = 0,
) -> StageRows:
    """So many rows of a unit, `repeats` of which repeat a key or name none."""
    return StageRows(day, unit, rows, rows - repeats, usable_keys, written_at, placeholders)


def read(
    warehouse: Warehouse, first: date, last: date, as_of: datetime | None = None, stage: Stage = PHASE4
) -> dict[date, Sequence[StageRows]]:
    """What a stage's table holds, by date. Raises WarehouseError where it can't be read."""
    found = warehouse.read_stages([stage], first, last, as_of)[stage.name]
    if found.unreadable is not None:
        raise WarehouseError(found.unreadable)
    days = found.measured.groups[stage.grouping]
    return dict(stage_rows(found.stage, found.measured, days))
