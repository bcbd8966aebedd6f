"""Opens the configured warehouse."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.files import require_regular
from nba_monitoring.settings import BigQueryWarehouse, DuckDBWarehouse
from nba_monitoring.warehouse.engines import WarehouseError
from nba_monitoring.warehouse.warehouse import Warehouse


@contextmanager
def open_warehouse(
    target: DuckDBWarehouse | BigQueryWarehouse, trigger: Trigger = Trigger.MANUAL, patience: float | None = None
) -> Iterator[Warehouse]:
    """The open warehouse. The sample is created first, or extended to today.

    `trigger` labels BigQuery's jobs. One that takes longer than `patience` (seconds) is canceled. Raises WarehouseError
    if it can't be opened, SampleError if the sample can't be written.
    """
    # Imports only the engine that is used: Google's client alone takes longer than checking a DuckDB file.
    if isinstance(target, DuckDBWarehouse):
        from nba_monitoring.warehouse.engines.duckdb import DuckDBEngine, connect

        if target.is_sample:
            from nba_monitoring.sample import ensure_sample, refresh_sample

            ensure_sample(target.path)
        _require_file(target.path)
        with closing(connect(target.path)) as connection:
            if target.is_sample:
                refresh_sample(connection, target.path)
            yield Warehouse(DuckDBEngine(connection), target.environment)
    else:
        from nba_monitoring.warehouse.engines.bigquery import BigQueryEngine, connect_to, policy_of

        with closing(connect_to(target)) as client:
            yield Warehouse(BigQueryEngine(client, policy_of(target, patience), trigger), target.environment)


def _require_file(path: Path) -> None:
    """Raises WarehouseError unless the path is a readable DuckDB file.

    DuckDB itself would create an empty file at a mistyped path, and open a CSV file as an in-memory database, which
    loses what is written.
    """
    name = f"the warehouse file {path}"
    try:
        require_regular(path)
        with path.open("rb") as file:
            head = file.read(12)
    except IsADirectoryError as error:
        raise WarehouseError(f"{name} is a folder; set a DuckDB file in NBA_MONITORING_WAREHOUSE") from error
    except (FileNotFoundError, NotADirectoryError) as error:
        raise WarehouseError(
            f"{name} does not exist; check NBA_MONITORING_WAREHOUSE, or create a sample with: "
            f"nba-monitoring sample {path}"
        ) from error
    except PermissionError as error:
        raise WarehouseError(
            f"{name} can't be read: permission denied; run as a user with access to the file and its folder"
        ) from error
    except OSError as error:
        raise WarehouseError(f"{name} can't be read: {error.strerror}; check NBA_MONITORING_WAREHOUSE") from error
    if head[8:] != b"DUCK":
        raise WarehouseError(
            f"{name} is not a DuckDB database; restore it, or set another file in NBA_MONITORING_WAREHOUSE"
        )
