"""The asset checks, one evaluation per date: is the slate covered, and do its sources agree."""

# Without postponed annotations: Dagster reads the types of parameters when it decorates.
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

import dagster as dg

from nba_monitoring.core.codec import UnreadableError
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.slate.slate import Slate
from nba_monitoring.core.status import Severity
from nba_monitoring.orchestration import metadata
from nba_monitoring.orchestration.assets import data_availability_checks, scheduled_games
from nba_monitoring.orchestration.internals import latest_materializations
from nba_monitoring.orchestration.partitions import game_dates
from nba_monitoring.orchestration.resources import MonitorResource

Evaluations = Iterator[dg.AssetCheckEvaluation | dg.Output[None]]

CHECK_NAME = "phase4_covers_scheduled_games"
CHECK_KEY = dg.AssetCheckKey(data_availability_checks.key, CHECK_NAME)

# The whole record travels with the evaluation, so that the alert says what the verdict said.
RECORD = "record"


# Dagster's types know only plain results, which can't name a partition.
@dg.asset_check(asset=data_availability_checks, name=CHECK_NAME, partitions_def=game_dates)  # type: ignore[arg-type]
def phase4_covers_scheduled_games(context: dg.AssetCheckExecutionContext, monitor: MonitorResource) -> Evaluations:
    """Passes for a date whose latest recorded verdict is AVAILABLE, NO_GAMES or BOOTSTRAP."""
    look = monitor.look(context.op_execution_context.partition_keys)
    history = look.recorded()
    latest = history.latest(look.now)
    for row in history.unreadable:
        context.log.warning(f"{row}; it is passed over")
    yield from _each_date(context, CHECK_KEY, lambda day: _of_record(day, latest.get(day)))


@dg.asset_check(asset=scheduled_games, partitions_def=game_dates)  # type: ignore[arg-type]
def schedule_sources_agree(context: dg.AssetCheckExecutionContext, monitor: MonitorResource) -> Evaluations:
    """Passes for a date whose schedule sources are all fresh, could be read whole, and list the same games."""
    slates = monitor.look(context.op_execution_context.partition_keys).slates
    key = dg.AssetCheckKey(scheduled_games.key, "schedule_sources_agree")
    yield from _each_date(context, key, lambda day: _of_slate(slates[day]))


def record_of(evaluation: dg.AssetCheckEvaluation) -> CheckRecord | None:
    """The verdict that an evaluation was about; None where the history had none. Raises UnreadableError."""
    written = evaluation.metadata.get(RECORD)
    if not isinstance(written, dg.JsonMetadataValue):
        return None
    if not isinstance(written.value, Mapping):
        raise UnreadableError("the record is no JSON object")
    return CheckRecord.from_values(written.value)


def _each_date(
    context: dg.AssetCheckExecutionContext, key: dg.AssetCheckKey, judged: Callable[[date], Mapping[str, Any]]
) -> Evaluations:
    partition_keys = context.op_execution_context.partition_keys
    targets = latest_materializations(context.instance, key.asset_key, partition_keys)
    for partition in partition_keys:
        yield dg.AssetCheckEvaluation(
            asset_key=key.asset_key,
            check_name=key.name,
            partition=partition,
            target_materialization_data=targets.get(partition),
            **judged(date.fromisoformat(partition)),
        )
    yield dg.Output(None)


def _of_record(day: date, record: CheckRecord | None) -> Mapping[str, Any]:
    if record is None:
        missing = f"No verdict on {day} in the history: materialize data_availability_checks for this date."
        return {"passed": False, "severity": dg.AssetCheckSeverity.ERROR, "description": missing, "metadata": {}}
    is_warning = record.severity is Severity.WARN
    return {
        "passed": record.status.passes,
        "severity": dg.AssetCheckSeverity.WARN if is_warning else dg.AssetCheckSeverity.ERROR,
        "description": record.summary,
        "metadata": {**metadata.record_metadata(record), RECORD: dg.MetadataValue.json(record.to_json_values())},
    }


def _of_slate(slate: Slate) -> Mapping[str, Any]:
    return {
        "passed": not slate.doubts,
        "severity": dg.AssetCheckSeverity.WARN,
        "description": "\n".join(slate.doubts) or "All sources are fresh and agree.",
        "metadata": metadata.slate_metadata(slate),
    }
