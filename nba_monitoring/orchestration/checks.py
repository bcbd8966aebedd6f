"""The asset checks: the schedule sources agree, Phase 4 covers the slate, and each other stage is complete."""

# Without postponed annotations: Dagster reads the types of parameters when it decorates.
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

import dagster as dg

from nba_monitoring.alerts.links import check_name
from nba_monitoring.core.codec import UnreadableError
from nba_monitoring.core.fix_command import fix_of_check
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.slate.slate import Slate
from nba_monitoring.core.stage_record import StageCheck
from nba_monitoring.core.stages import PHASE4, Due, Stage, StageTable
from nba_monitoring.orchestration import metadata
from nba_monitoring.orchestration.assets import coverage_key, data_availability_checks, remedy_of_date, scheduled_games
from nba_monitoring.orchestration.internals import latest_materializations
from nba_monitoring.orchestration.resources import MonitorResource
from nba_monitoring.settings import Settings

Evaluations = Iterator[dg.AssetCheckEvaluation | dg.Output[None]]

CHECK_NAME = check_name(PHASE4)
CHECK_KEY = dg.AssetCheckKey(data_availability_checks.key, CHECK_NAME)

_SEVERITY = {
    Due.BEFORE_TIP: "Fails as a warning until three hours before the first affected game, then as an error.",
    Due.MORNING_AFTER: "Fails as an error until the results deadline (3:00 PM ET the next day), then as a warning.",
}

# The evaluation carries the whole record, from which the sensor writes its alerts.
RECORD = "record"


@dataclass(frozen=True, slots=True)
class _Result:
    """A check's result for one date; the severity counts if it fails."""

    passed: bool
    description: str
    metadata: metadata.Metadata
    severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.ERROR


def slate_checks(dates: dg.PartitionsDefinition[str]) -> Sequence[dg.AssetChecksDefinition]:
    """The checks that need no stage but Phase 4: that its coverage is complete, and that the schedule sources agree."""

    # Dagster's types know only plain results, which can't name a partition.
    @dg.asset_check(  # type: ignore[arg-type]
        asset=data_availability_checks,
        name=CHECK_NAME,
        partitions_def=dates,
        description=(
            "Passes if Phase 4 covers every game expected on the date, or need not yet (NO_GAMES, BOOTSTRAP, NOT_DUE, "
            f"HALTED). {_SEVERITY[Due.BEFORE_TIP]}"
        ),
    )
    def phase4_covers_scheduled_games(context: dg.AssetCheckExecutionContext, monitor: MonitorResource) -> Evaluations:
        records, settings = _latest_records(context, monitor), monitor.settings
        yield from _each_date(context, CHECK_KEY, lambda day: _of_record(day, records.get(day), settings, monitor.now))
        yield dg.Output(None)

    @dg.asset_check(  # type: ignore[arg-type]
        asset=scheduled_games,
        partitions_def=dates,
        description=(
            "Passes if every schedule source is fresh, was read in full, and lists the same games. A failure is a "
            "warning: the other checks go on."
        ),
    )
    def schedule_sources_agree(context: dg.AssetCheckExecutionContext, monitor: MonitorResource) -> Evaluations:
        with monitor.for_partitions(context.op_execution_context.partition_keys) as check:
            slates = check.slates
        key = dg.AssetCheckKey(scheduled_games.key, "schedule_sources_agree")
        yield from _each_date(context, key, lambda day: _of_slate(slates[day]))
        yield dg.Output(None)

    return [phase4_covers_scheduled_games, schedule_sources_agree]


def completeness_key(stage: str) -> dg.AssetCheckKey:
    """The key of the check of a stage other than Phase 4, by the stage's name."""
    return dg.AssetCheckKey(coverage_key(stage), check_name(stage))


def stage_checks(stages: StageTable, dates: dg.PartitionsDefinition[str]) -> Sequence[dg.AssetChecksDefinition]:
    """`<stage>_is_complete` for each stage other than Phase 4, in one step; empty if there is no other stage."""
    others = [stage for stage in stages if not stage.is_phase4]
    if not others:
        return []

    specs = [(stage, _spec(stage, dates)) for stage in others]

    @dg.multi_asset_check(name="stages_are_complete", specs=[spec for _, spec in specs], can_subset=True)
    def checks(context: dg.AssetCheckExecutionContext, monitor: MonitorResource) -> Evaluations:
        records = _latest_records(context, monitor)
        parts = {(row.check_date, row.stage): row for record in records.values() for row in record.stages.values()}
        for stage, spec in specs:
            if spec.key in context.selected_asset_check_keys:
                result_of = partial(_of_stage, stage, records, parts, monitor.settings, monitor.now)
                yield from _each_date(context, spec.key, result_of)
                yield dg.Output(None, output_name=spec.get_python_identifier())

    return [checks]


def record_of(evaluation: dg.AssetCheckEvaluation) -> CheckRecord | None:
    """The verdict in an evaluation of Phase 4's check; None if the history had none. Raises UnreadableError."""
    written = evaluation.metadata.get(RECORD)
    if not isinstance(written, dg.JsonMetadataValue):
        return None
    if not isinstance(written.value, Mapping):
        raise UnreadableError("the record is not a JSON object")
    return CheckRecord.from_values(written.value)


def _spec(stage: Stage, dates: dg.PartitionsDefinition[str]) -> dg.AssetCheckSpec:
    key = completeness_key(stage.name)
    return dg.AssetCheckSpec(
        key.name,
        asset=key.asset_key,
        additional_deps=[data_availability_checks.key],  # whose verdict it shows
        partitions_def=dates,
        description=(
            f"Passes if the data of {stage.title} is complete for the date, or need not be yet (NO_GAMES, BOOTSTRAP, "
            f"NOT_DUE, HALTED). {_SEVERITY[stage.due_by]}"
        ),
    )


def _latest_records(context: dg.AssetCheckExecutionContext, monitor: MonitorResource) -> Mapping[date, CheckRecord]:
    """The run's own verdicts, or the latest ones in the history if the check is executed alone."""
    with monitor.for_partitions(context.op_execution_context.partition_keys) as check:
        history = check.recorded()
    for row in history.unreadable:
        context.log.warning(f"Skipped: {row}")
    return history.latest(check.now)


def _each_date(
    context: dg.AssetCheckExecutionContext, key: dg.AssetCheckKey, result_of: Callable[[date], _Result]
) -> Iterator[dg.AssetCheckEvaluation]:
    """One evaluation per date of the run, each current for the date's latest materialization."""
    partition_keys = context.op_execution_context.partition_keys
    targets = latest_materializations(context.instance, key.asset_key, partition_keys)
    for partition in partition_keys:
        result = result_of(date.fromisoformat(partition))
        yield dg.AssetCheckEvaluation(
            asset_key=key.asset_key,
            check_name=key.name,
            passed=result.passed,
            metadata=result.metadata,
            severity=result.severity,
            description=result.description,
            partition=partition,
            target_materialization_data=targets.get(partition),
        )


def _of_record(day: date, record: CheckRecord | None, settings: Settings, now: datetime) -> _Result:
    if record is None:
        return _no_verdict(day)
    phase4, passed = record.stages.get(PHASE4), record.status.passes
    shown = metadata.record_metadata(record, remedy_of_date(record, settings, now))
    return _Result(
        passed=passed,
        severity=metadata.check_severity(record.severity),
        description="\n".join([record.summary, *(metadata.reasons(phase4) if phase4 else ())]),
        metadata={
            **metadata.of_check(shown, passed),
            RECORD: dg.MetadataValue.json(record.to_json_values()),
        },
    )


def _of_slate(slate: Slate) -> _Result:
    return _Result(
        passed=not slate.doubts,
        severity=dg.AssetCheckSeverity.WARN,
        description="\n".join(slate.doubts) or "All sources are fresh and agree.",
        metadata=metadata.slate_metadata(slate),
    )


def _of_stage(
    stage: Stage,
    records: Mapping[date, CheckRecord],
    parts: Mapping[tuple[date, str], StageCheck],
    settings: Settings,
    now: datetime,
    day: date,
) -> _Result:
    if day not in records:
        return _no_verdict(day)
    part = parts.get((day, stage.name))
    if part is None:
        return _not_judged(stage, records[day])
    remedy = metadata.Remedy(fix_of_check(part, settings.stages, now), settings.runbook(stage.name, part.status))
    return _Result(
        passed=part.status.passes,
        severity=metadata.check_severity(part.severity),
        description="\n".join([part.summary, *metadata.reasons(part)]),
        metadata=metadata.of_check(metadata.stage_metadata(part, remedy), part.status.passes),
    )


def _no_verdict(day: date) -> _Result:
    return _Result(False, f"No verdict for {day} yet. {_MATERIALIZE}", {})


def _not_judged(stage: Stage, record: CheckRecord) -> _Result:
    # Not green, and not an emergency either.
    if stage.name in record.detail.not_watched:
        why, shown = metadata.not_watched(stage), metadata.not_watched_metadata(stage)
    else:
        why, shown = f"The latest verdict for {record.check_date} predates {stage.name}. {_MATERIALIZE}", {}
    return _Result(False, why, shown, dg.AssetCheckSeverity.WARN)


_MATERIALIZE = "Materialize data_availability_checks for this date."
