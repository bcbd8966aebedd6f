"""The asset check: does Phase 4 cover the scheduled games, one evaluation per date."""

# Without postponed annotations: Dagster reads the types of parameters when it decorates.
from collections.abc import Iterator
from datetime import date

import dagster as dg

from nba_monitoring import metadata
from nba_monitoring.assets import data_availability_checks
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.verdict import Severity
from nba_monitoring.dagster_internals import latest_materializations
from nba_monitoring.partitions import game_dates
from nba_monitoring.resources import MonitorOf

CHECK_NAME = "phase4_covers_scheduled_games"
CHECK_KEY = dg.AssetCheckKey(data_availability_checks.key, CHECK_NAME)


# The whole record travels with the evaluation, so that the alert says what the verdict said.
RECORD = "record"


# Dagster's types know only plain results, which can't name a partition.
@dg.asset_check(  # type: ignore[arg-type]
    asset=data_availability_checks, name=CHECK_NAME, partitions_def=game_dates
)
def phase4_covers_scheduled_games(
    context: dg.AssetCheckExecutionContext, monitor_of: dg.ResourceParam[MonitorOf]
) -> Iterator[dg.AssetCheckEvaluation | dg.Output[None]]:
    """Passes for a date whose latest recorded verdict is AVAILABLE, NO_GAMES or BOOTSTRAP."""
    partition_keys = context.op_execution_context.partition_keys
    records = monitor_of(partition_keys).latest_records()
    targets = latest_materializations(context.instance, data_availability_checks.key, partition_keys)
    for key in partition_keys:
        record = records.get(date.fromisoformat(key))
        yield dg.AssetCheckEvaluation(
            asset_key=data_availability_checks.key,
            check_name=CHECK_NAME,
            partition=key,
            passed=record is not None and record.status.passes,
            severity=_severity(record),
            description=_description(key, record),
            metadata={**metadata.of_record(record), RECORD: record.to_json()} if record else {},
            target_materialization_data=targets.get(key),
        )
    yield dg.Output(None)


def _severity(record: CheckRecord | None) -> dg.AssetCheckSeverity:
    is_warning = record is not None and record.severity is Severity.WARN
    return dg.AssetCheckSeverity.WARN if is_warning else dg.AssetCheckSeverity.ERROR


def _description(key: str, record: CheckRecord | None) -> str:
    if record is None:
        return f"No verdict on {key} in the history: materialize data_availability_checks for this date."
    return record.summary
