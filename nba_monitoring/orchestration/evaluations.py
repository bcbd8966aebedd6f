"""How a check says what it found of each date of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import dagster as dg

from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.status import Severity
from nba_monitoring.orchestration.internals import latest_materializations
from nba_monitoring.orchestration.metadata import Metadata
from nba_monitoring.orchestration.resources import MonitorResource


@dataclass(frozen=True, slots=True)
class Judged:
    """What a check says of one date. The severity is that of a failing one."""

    passed: bool
    description: str
    metadata: Metadata
    severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.ERROR


def no_verdict(day: date) -> Judged:
    """Of a date that the history has no verdict on."""
    missing = f"No verdict on {day} in the history: materialize data_availability_checks for this date."
    return Judged(False, missing, {})


def severity_of(severity: Severity | None) -> dg.AssetCheckSeverity:
    """A verdict's severity as Dagster's; what fails without one is an ERROR."""
    return dg.AssetCheckSeverity.WARN if severity is Severity.WARN else dg.AssetCheckSeverity.ERROR


def latest_records(context: dg.AssetCheckExecutionContext, monitor: MonitorResource) -> Mapping[date, CheckRecord]:
    """The run's own verdicts; of a check that is executed alone, the newest ones in the history."""
    look = monitor.look(context.op_execution_context.partition_keys)
    history = look.recorded()
    for row in history.unreadable:
        context.log.warning(f"{row}; it is passed over")
    return history.latest(look.now)


def each_date(
    context: dg.AssetCheckExecutionContext, key: dg.AssetCheckKey, judged: Callable[[date], Judged]
) -> Iterator[dg.AssetCheckEvaluation]:
    """One evaluation a partition of the run, each current for the newest materialization of its partition."""
    partition_keys = context.op_execution_context.partition_keys
    targets = latest_materializations(context.instance, key.asset_key, partition_keys)
    for partition in partition_keys:
        found = judged(date.fromisoformat(partition))
        yield dg.AssetCheckEvaluation(
            asset_key=key.asset_key,
            check_name=key.name,
            passed=found.passed,
            metadata=found.metadata,
            severity=found.severity,
            description=found.description,
            partition=partition,
            target_materialization_data=targets.get(partition),
        )
