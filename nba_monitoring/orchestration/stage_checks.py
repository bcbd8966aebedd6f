"""What is made of the table of stages, a check each: does the stage hold what the date's slate expects of it."""

# Without postponed annotations: Dagster reads the types of parameters when it decorates.
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import partial

import dagster as dg

from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.stage_record import StageCheck
from nba_monitoring.core.stages import Stage, StageTable
from nba_monitoring.orchestration import metadata
from nba_monitoring.orchestration.assets import data_availability_checks
from nba_monitoring.orchestration.coverages import coverage_key
from nba_monitoring.orchestration.evaluations import Judged, each_date, latest_records, no_verdict, severity_of
from nba_monitoring.orchestration.partitions import game_dates
from nba_monitoring.orchestration.resources import MonitorResource


def completeness_key(stage: str) -> dg.AssetCheckKey:
    """The check of a stage other than Phase 4, by the stage's name."""
    return dg.AssetCheckKey(coverage_key(stage), f"{stage}_is_complete")


def stage_checks(stages: StageTable) -> Sequence[dg.AssetChecksDefinition]:
    """`<stage>_is_complete` for each stage but Phase 4, whose check is on the verdict: one step for all of them.

    Nothing where no other stage is watched.
    """
    others = [stage for stage in stages if not stage.is_phase4]
    if not others:
        return []

    specs = [(stage, _spec(stage)) for stage in others]

    # Dagster's types know only plain results, which can't name a partition.
    @dg.multi_asset_check(name="stages_are_complete", specs=[spec for _, spec in specs], can_subset=True)
    def checks(
        context: dg.AssetCheckExecutionContext, monitor: MonitorResource
    ) -> Iterator[dg.AssetCheckEvaluation | dg.Output[None]]:
        records = latest_records(context, monitor)
        parts = {(row.check_date, row.stage): row for record in records.values() for row in record.stages.values()}
        for stage, spec in specs:
            if spec.key in context.selected_asset_check_keys:
                yield from each_date(context, spec.key, partial(_judged, stage, records, parts))
                yield dg.Output(None, output_name=spec.get_python_identifier())

    return [checks]


def _spec(stage: Stage) -> dg.AssetCheckSpec:
    key = completeness_key(stage.name)
    return dg.AssetCheckSpec(
        key.name,
        asset=key.asset_key,
        # Not before the verdict, which it tells.
        additional_deps=[data_availability_checks.key],
        partitions_def=game_dates,
        description=f"Passes for a date whose latest recorded verdict on {stage.title} passes.",
    )


def _judged(
    stage: Stage,
    records: Mapping[date, CheckRecord],
    parts: Mapping[tuple[date, str], StageCheck],
    day: date,
) -> Judged:
    if day not in records:
        return no_verdict(day)
    part = parts.get((day, stage.name))
    if part is None:
        return _not_judged(stage, records[day])
    return Judged(
        passed=part.status.passes,
        severity=severity_of(part.severity),
        description="\n".join([part.summary, *metadata.in_words(part)]),
        metadata=metadata.stage_metadata(part),
    )


def _not_judged(stage: Stage, record: CheckRecord) -> Judged:
    """Of a stage that is not watched here, or that the newest verdict knows nothing of. Not green, and no emergency."""
    if stage.name in record.detail.not_watched:
        why, shown = metadata.not_watched(stage), metadata.not_watched_metadata(stage)
    else:
        why, shown = (
            (
                f"The newest verdict on {record.check_date} is from before {stage.name} was watched: "
                "materialize data_availability_checks for this date."
            ),
            {},
        )
    return Judged(False, why, shown, dg.AssetCheckSeverity.WARN)
