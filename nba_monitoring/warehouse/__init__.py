"""Reads and writes the warehouse, on BigQuery and DuckDB with the same SQL (`sql/`).

Not here: any decision (`core/`). Engines are imported lazily, each from its own module, so that a check of a DuckDB
file does not wait for Google's client.
"""

from nba_monitoring.warehouse.engines import WarehouseError
from nba_monitoring.warehouse.opening import open_warehouse
from nba_monitoring.warehouse.warehouse import Warehouse

__all__ = ["Warehouse", "WarehouseError", "open_warehouse"]
