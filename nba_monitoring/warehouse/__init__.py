"""The same questions asked of BigQuery and of DuckDB.

The engines are imported when they are first named: the command line must not wait for Google's client when its
warehouse is a file.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from nba_monitoring.warehouse.errors import WarehouseError
from nba_monitoring.warehouse.opening import open_warehouse, require_file
from nba_monitoring.warehouse.warehouse import Warehouse

if TYPE_CHECKING:
    from nba_monitoring.warehouse.engines.bigquery import BigQueryEngine
    from nba_monitoring.warehouse.engines.duckdb import DuckDBEngine

__all__ = ["BigQueryEngine", "DuckDBEngine", "Warehouse", "WarehouseError", "open_warehouse", "require_file"]

_ENGINES = {"BigQueryEngine": "bigquery", "DuckDBEngine": "duckdb"}


def __getattr__(name: str) -> Any:
    if name not in _ENGINES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.engines.{_ENGINES[name]}"), name)
