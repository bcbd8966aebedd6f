"""The checks that are there whatever stages are watched: is the slate covered, and do its sources agree."""

# Without postponed annotations: Dagster reads the types of parameters when it decorates.
from collections.abc import Iterator, Mapping
from datetime import date

import dagster as dg

from nba_monitoring.core.codec import UnreadableError
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.slate.slate import Slate
from nba_monitoring.core.stages import PHASE4
from nba_monitoring.orchestration import metadata
from nba_monitoring.orchestration.assets import data_availability_checks, scheduled_games
from nba_monitoring.orchestration.evaluations import Judged, each_date, latest_records, no_verdict, severity_of
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
    """Passes for a date whose latest recorded verdict on Phase 4 passes, as AVAILABLE, NO_GAMES and BOOTSTRAP do."""
    records = latest_records(context, monitor)
    yield from each_date(context, CHECK_KEY, lambda day: _of_record(day, records.get(day)))
    yield dg.Output(None)


@dg.asset_check(asset=scheduled_games, partitions_def=game_dates)  # type: ignore[arg-type]
def schedule_sources_agree(context: dg.AssetCheckExecutionContext, monitor: MonitorResource) -> Evaluations:
    """Passes for a date whose schedule sources are all fresh, could be read whole, and list the same games."""
    slates = monitor.look(context.op_execution_context.partition_keys).slates
    key = dg.AssetCheckKey(scheduled_games.key, "schedule_sources_agree")
    yield from each_date(context, key, lambda day: _of_slate(slates[day]))
    yield dg.Output(None)


def record_of(evaluation: dg.AssetCheckEvaluation) -> CheckRecord | None:
    """The verdict that an evaluation was about; None where the history had none. Raises UnreadableError."""
    written = evaluation.metadata.get(RECORD)
    if not isinstance(written, dg.JsonMetadataValue):
        return None
    if not isinstance(written.value, Mapping):
        raise UnreadableError("the record is no JSON object")
    return CheckRecord.from_values(written.value)


def _of_record(day: date, record: CheckRecord | None) -> Judged:
    if record is None:
        return no_verdict(day)
    phase4 = record.stages.get(PHASE4)
    return Judged(
        passed=record.status.passes,
        severity=severity_of(record.severity),
        description="\n".join([record.summary, *(metadata.in_words(phase4) if phase4 else ())]),
        metadata={**metadata.record_metadata(record), RECORD: dg.MetadataValue.json(record.to_json_values())},
    )


def _of_slate(slate: Slate) -> Judged:
    return Judged(
        passed=not slate.doubts,
        severity=dg.AssetCheckSeverity.WARN,
        description="\n".join(slate.doubts) or "All sources are fresh and agree.",
        metadata=metadata.slate_metadata(slate),
    )
