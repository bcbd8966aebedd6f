"""The warehouse as the command line opens it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nba_monitoring.settings import Settings
    from nba_monitoring.warehouse import Warehouse


@contextmanager
def open_set_warehouse() -> Iterator[tuple[Settings, Warehouse]]:
    """The warehouse that is set, with the settings; the sample is written where none is set.

    Raises SettingsError, SampleError or WarehouseError.
    """
    from nba_monitoring.settings import DuckDBWarehouse, Settings
    from nba_monitoring.warehouse import open_warehouse

    settings = Settings.load()
    target = settings.warehouse
    if isinstance(target, DuckDBWarehouse) and target.is_sample:
        from nba_monitoring.sample import ensure_sample

        ensure_sample(target.path)
    with open_warehouse(target) as warehouse:
        yield settings, warehouse
