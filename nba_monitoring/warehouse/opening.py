"""Opens the configured warehouse."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.files import require_regular
from nba_monitoring.settings import BigQueryWarehouse, DuckDBWarehouse
from nba_monitoring.warehouse.engines import WarehouseError, WarehouseInUseError
from nba_monitoring.warehouse.warehouse import Warehouse

if TYPE_CHECKING:
    import duckdb

_LOG = logging.getLogger(__name__)

# One process at a time can open a DuckDB file. A run holds it while it reads or writes, a command to its end.
WAIT_FOR_FILE_SECONDS = 150.0
PAUSE_SECONDS = 0.1
# Waiting that long is worth a line in the log.
_LONG_WAIT_SECONDS = 2.0


@contextmanager
def open_warehouse(
    target: DuckDBWarehouse | BigQueryWarehouse, trigger: Trigger = Trigger.MANUAL, patience: float | None = None
) -> Iterator[Warehouse]:
    """The open warehouse. The sample is created first, or extended to today.

    `trigger` labels BigQuery's jobs. One that takes longer than `patience` (seconds) is canceled; a DuckDB file that
    another process has open is waited for as long. Raises WarehouseError if it can't be opened, SampleError if the
    sample can't be written.
    """
    # Imports only the engine that is used: Google's client alone takes longer than checking a DuckDB file.
    if isinstance(target, DuckDBWarehouse):
        from nba_monitoring.warehouse.engines.duckdb import DuckDBEngine

        if target.is_sample:
            from nba_monitoring.sample import ensure_sample, refresh_sample

            ensure_sample(target.path)
        _require_file(target.path)
        with closing(connected(target.path, WAIT_FOR_FILE_SECONDS if patience is None else patience)) as connection:
            if target.is_sample:
                refresh_sample(connection, target.path)
            yield Warehouse(DuckDBEngine(connection), target.environment)
    else:
        from nba_monitoring.warehouse.engines.bigquery import BigQueryEngine, connect_to, policy_of

        with closing(connect_to(target)) as client:
            yield Warehouse(BigQueryEngine(client, policy_of(target, patience), trigger), target.environment)


def connected(path: Path, patience: float) -> duckdb.DuckDBPyConnection:
    """A connection to a DuckDB file, waiting up to `patience` (seconds) while another process has it open.

    Raises WarehouseError.
    """
    from nba_monitoring.warehouse.engines.duckdb import connect

    began = time.monotonic()
    is_logged = False
    while True:
        try:
            return connect(path)
        except WarehouseInUseError as error:
            waited = time.monotonic() - began
            if waited >= patience:
                raise
            if waited >= _LONG_WAIT_SECONDS and not is_logged:
                _LOG.warning("%s; waiting up to %.0f s", str(error).rpartition("; ")[0], patience)
                is_logged = True
        time.sleep(PAUSE_SECONDS)


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
