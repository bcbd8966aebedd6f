"""What the command line can see of the chain: the warehouse, and Dagster's storage where DAGSTER_HOME is set."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from nba_monitoring.core.chain import Chain, chain
from nba_monitoring.core.chain_facts import DagsterSeen, Facts, ServicesSeen
from nba_monitoring.core.codec import UnreadableError
from nba_monitoring.settings import Settings, SettingsError
from nba_monitoring.warehouse import WarehouseError, open_warehouse

if TYPE_CHECKING:
    from nba_monitoring.alerts.incidents.state import AlertState


def visible_chain(settings: Settings, now: datetime) -> Chain:
    """The chain as far as it can be seen from here at `now` (UTC).

    Raises SettingsError if DAGSTER_HOME is wrong.
    """
    from nba_monitoring.alerts.chain_facts import with_memory, with_warehouse

    dagster, state = _dagster(os.environ.get("DAGSTER_HOME", ""), now)
    services = None if settings.services_file is None else ServicesSeen(now)
    facts = Facts(is_sample=settings.is_sample, dagster=dagster, services=services)
    try:
        with open_warehouse(settings.warehouse) as warehouse:
            facts = with_warehouse(facts, warehouse, now)
    except WarehouseError as error:
        facts = replace(facts, warehouse_error=_in_one_line(str(error)))
    if state is not None:
        facts = with_memory(facts, state)
    return chain(facts, now)


def _dagster(home: str, now: datetime) -> tuple[DagsterSeen | None, AlertState | None]:
    """What Dagster's storage shows, and the sensor's memory in it."""
    if not home:
        return None, None
    if not Path(home).is_absolute() or not Path(home).is_dir():
        raise SettingsError(f"DAGSTER_HOME must be the absolute path of a folder, not {home}")
    from dagster import DagsterError, DagsterInstance

    from nba_monitoring.alerts.incidents.cursor import from_cursor
    from nba_monitoring.orchestration.instance import dagster_seen, sensor_cursor

    try:
        with DagsterInstance.get() as instance:
            seen, cursor = dagster_seen(instance, now), sensor_cursor(instance)
    except DagsterError as error:
        raise SettingsError(f"{home}/dagster.yaml: {_in_one_line(str(error))}") from error
    except Exception as error:  # of whichever storage it is
        return DagsterSeen(error=f"Dagster's storage can't be reached: {_driver_error(error)}."), None
    try:
        return seen, None if cursor is None else from_cursor(cursor, now)
    except UnreadableError:  # the sensor rebuilds it at its next tick
        return seen, None


def _driver_error(error: BaseException) -> str:
    # Any other error may quote the database's address, and with it a password.
    from sqlalchemy.exc import DBAPIError

    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, DBAPIError):
        cause = cause.__cause__
    return type(error).__name__ if cause is None else _in_one_line(str(cause.orig))


def _in_one_line(text: str) -> str:
    return " ".join(text.split())
