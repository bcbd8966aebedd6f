"""The one way to open the warehouse that is set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.settings import BigQueryWarehouse, DuckDBWarehouse
from nba_monitoring.warehouse.engines import WarehouseError
from nba_monitoring.warehouse.warehouse import Warehouse


@contextmanager
def open_warehouse(
    target: DuckDBWarehouse | BigQueryWarehouse, trigger: Trigger = Trigger.MANUAL
) -> Iterator[Warehouse]:
    """The warehouse, open while entered; the sample, where it is the target, is written first, or brought up to today.

    `trigger` is what BigQuery's bill is told of the queries.
    Raises WarehouseError when it can't be opened, SampleError when the sample can't be written.
    """
    # Each engine's library is imported only where it is used: Google's takes longer than a whole check of a file.
    if isinstance(target, DuckDBWarehouse):
        from nba_monitoring.warehouse.engines.duckdb import DuckDBEngine, connect

        if target.is_sample:
            from nba_monitoring.sample import ensure_sample, refresh_sample

            ensure_sample(target.path)
        _require_file(target.path)
        with closing(connect(target.path)) as connection:
            if target.is_sample:
                refresh_sample(connection, target.path)
            yield Warehouse(DuckDBEngine(connection))
    else:
        from nba_monitoring.warehouse.engines.bigquery import BigQueryEngine, connect_to, policy_of

        with closing(connect_to(target)) as client:
            yield Warehouse(BigQueryEngine(client, policy_of(target), trigger))


def _require_file(path: Path) -> None:
    """Raises WarehouseError unless the path is a DuckDB file that can be read.

    DuckDB itself would make an empty file of a mistyped path, and open a CSV file as a database in memory, so that
    what is written is gone when it closes.
    """
    name = f"the warehouse file {path}"
    try:
        with path.open("rb") as file:
            head = file.read(12)
    except IsADirectoryError as error:
        raise WarehouseError(f"{name} is a folder; name a DuckDB file in NBA_MONITORING_WAREHOUSE") from error
    except (FileNotFoundError, NotADirectoryError) as error:
        raise WarehouseError(
            f"{name} does not exist; check NBA_MONITORING_WAREHOUSE, or make a sample with: "
            f"nba-monitoring sample {path}"
        ) from error
    except PermissionError as error:
        raise WarehouseError(
            f"{name} can't be read: permission denied; run as a user who may read and write it and enter its folder"
        ) from error
    except OSError as error:
        raise WarehouseError(f"{name} can't be read: {error.strerror}; check NBA_MONITORING_WAREHOUSE") from error
    if head[8:] != b"DUCK":
        raise WarehouseError(
            f"{name} is not a DuckDB database; restore it, or name another file in NBA_MONITORING_WAREHOUSE"
        )
