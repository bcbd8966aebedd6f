"""What Dagster keeps of schedules and the sensor: whether they are on, and the sensor's last tick."""

from __future__ import annotations

from datetime import datetime

import dagster as dg
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteRepositoryOrigin
from dagster._core.scheduler.instigation import (
    InstigatorState,
    InstigatorStatus,
    ScheduleInstigatorData,
    SensorInstigatorData,
)

from nba_monitoring.core.chain import SENSOR


def switch(instance: dg.DagsterInstance, name: str, is_on: bool, location: str = "nba_monitoring") -> None:
    """Switch a schedule or the sensor on or off, as the web interface does."""
    _keep(instance, name, InstigatorStatus.RUNNING if is_on else InstigatorStatus.STOPPED, location=location)


def ticked(instance: dg.DagsterInstance, when: datetime, cursor: str | None = None) -> None:
    """A tick of the sensor, as the daemon keeps it."""
    data = SensorInstigatorData(when.timestamp(), cursor=cursor, last_tick_success_timestamp=when.timestamp())
    _keep(instance, SENSOR, InstigatorStatus.DECLARED_IN_CODE, data)


def _keep(
    instance: dg.DagsterInstance,
    name: str,
    status: InstigatorStatus,
    data: SensorInstigatorData | None = None,
    location: str = "nba_monitoring",
) -> None:
    is_sensor = name == SENSOR
    origin = RemoteRepositoryOrigin(RegisteredCodeLocationOrigin(location), "__repository__")
    state = InstigatorState(
        origin.get_instigator_origin(name),
        InstigatorType.SENSOR if is_sensor else InstigatorType.SCHEDULE,
        status,
        data or (SensorInstigatorData() if is_sensor else ScheduleInstigatorData("0 8 * * *")),
    )
    known = instance.get_instigator_state(state.instigator_origin_id, state.selector_id)
    if known is None:
        instance.add_instigator_state(state)
    else:
        instance.update_instigator_state(known.with_status(status) if data is None else state)
