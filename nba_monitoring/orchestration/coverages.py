"""What is made of the table of stages, an asset each: the platform's tables, and what they hold for each date."""

# Without postponed annotations: Dagster reads the types of parameters when it decorates.
from collections import defaultdict
from collections.abc import Iterator, Sequence

import dagster as dg

from nba_monitoring.core.counting import Unit
from nba_monitoring.core.stages import Stage, StageTable
from nba_monitoring.orchestration import metadata
from nba_monitoring.orchestration.assets import (
    LEAGUE_TABLE,
    OWNERS,
    data_availability_checks,
    schedule_sources,
)
from nba_monitoring.orchestration.partitions import game_dates, one_run
from nba_monitoring.orchestration.resources import MonitorResource

_SUFFIX = "_coverage"


def coverage_key(stage: str) -> dg.AssetKey:
    """The asset of what a stage holds, by the stage's name."""
    return dg.AssetKey(f"{stage}{_SUFFIX}")


def is_coverage(key: dg.AssetKey) -> bool:
    """Whether an asset is of what a stage holds, whichever stages were watched when it was made."""
    return len(key.path) == 1 and key.path[0].endswith(_SUFFIX)


def stage_tables(stages: StageTable) -> Sequence[dg.AssetSpec]:
    """The platform's tables that the stages write, one of which several stages may share."""
    by_key: defaultdict[dg.AssetKey, list[Stage]] = defaultdict(list)
    for stage in stages:
        by_key[_table_key(stage)].append(stage)
    for spec in schedule_sources:
        by_key.pop(spec.key, None)
    return [
        dg.AssetSpec(key, group_name="platform", kinds={"bigquery"}, description=_described(writers))
        for key, writers in by_key.items()
    ]


def stage_coverages(stages: StageTable) -> dg.AssetsDefinition:
    """`<stage>_coverage` for each stage, resting on its table and on the coverages of the stages before it.

    One step for all of them: as steps of their own, ten stages of a season take half as long again.
    """

    @dg.multi_asset(
        name="stage_coverages",
        specs=[_coverage_spec(stage) for stage in stages],
        partitions_def=game_dates,
        backfill_policy=one_run,
        can_subset=True,
    )
    def coverages(context: dg.AssetExecutionContext, monitor: MonitorResource) -> Iterator[dg.MaterializeResult[None]]:
        look = monitor.look(context.partition_keys)
        look.keep_coverages()
        for stage in stages:
            key = coverage_key(stage.name)
            if key not in context.selected_asset_keys:
                continue
            held = look.coverages.get(stage.name)
            for day in look.dates:
                shown = metadata.not_watched_metadata(stage) if held is None else metadata.coverage_metadata(held[day])
                context.add_asset_metadata(shown, asset_key=key, partition_key=day.isoformat())
            yield dg.MaterializeResult(asset_key=key)

    return coverages


def over_coverages(stages: StageTable) -> dg.AssetsDefinition:
    """`data_availability_checks`, resting on the coverage of every stage."""
    coverages = [coverage_key(stage.name) for stage in stages]
    return data_availability_checks.map_asset_specs(lambda spec: spec.merge_attributes(deps=coverages))


def _table_key(stage: Stage) -> dg.AssetKey:
    return dg.AssetKey(stage.table.split("."))


def _coverage_spec(stage: Stage) -> dg.AssetSpec:
    # The ids of games are read with the league's schedule, which says what its ten digits stand for.
    tables = {_table_key(stage), LEAGUE_TABLE} if stage.unit is Unit.GAME else {_table_key(stage)}
    units = {Unit.GAME: "each game of a date", Unit.TEAM: "each team on a date"}.get(stage.unit, "a date as a whole")
    return dg.AssetSpec(
        coverage_key(stage.name),
        deps=[*sorted(tables), *(coverage_key(name) for name in stage.upstream)],
        group_name=stage.group,
        kinds={"python"},
        owners=OWNERS,
        description=f"{stage.title}: the rows that {stage.table} holds for {units}.",
    )


def _described(writers: Sequence[Stage]) -> str:
    return "\n".join(
        f"{stage.title}, by `{stage.date_column}`. A row counts where {stage.usable}." for stage in writers
    )
