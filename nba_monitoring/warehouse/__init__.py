"""The same questions asked of BigQuery and of DuckDB, with the SQL in .sql files.

Not here: any judgement (`core/`). An engine is imported from its own module, which only `open_warehouse` and Dagster's
resource do: the command line must not wait for Google's client when its warehouse is a file.
"""

from nba_monitoring.warehouse.engines import WarehouseError
from nba_monitoring.warehouse.opening import open_warehouse
from nba_monitoring.warehouse.warehouse import Warehouse

__all__ = ["Warehouse", "WarehouseError", "open_warehouse"]
