"""The assets of the morning check: schedule sources, the slate, and each stage's table, coverage and verdict."""

# Without postponed annotations: Dagster reads the types of parameters when it decorates.
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import dagster as dg

from nba_monitoring.core.counting import Unit
from nba_monitoring.core.fix_command import fix_of_date
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.stages import PHASE4, SCHEDULE, Stage, StageTable
from nba_monitoring.core.status import Status
from nba_monitoring.orchestration import metadata
from nba_monitoring.orchestration.partitions import game_dates, one_run, trigger_of
from nba_monitoring.orchestration.resources import MonitorResource
from nba_monitoring.settings import Settings

ESPN_TABLE = dg.AssetKey(["nba_raw", "espn_scoreboard"])
LEAGUE_TABLE = dg.AssetKey(["nba_raw", "nbac_schedule"])
ESPN_API = dg.AssetKey(["schedule_apis", "espn"])
BALLDONTLIE_API = dg.AssetKey(["schedule_apis", "balldontlie"])

_COVERAGE = "_coverage"

# A word of the platform's own.
PHASE4_IS = (
    "Phase 4 of the platform computes, for each player and game, the factors that predictions are made from: fatigue, "
    "shot zone mismatch, pace and usage."
)

schedule_sources = [
    dg.AssetSpec(
        ESPN_TABLE,
        group_name="platform",
        description="ESPN's scoreboard, one row per game, written after games end. Empty since June 2025.",
    ),
    dg.AssetSpec(
        LEAGUE_TABLE,
        group_name="platform",
        description="The league's schedule, loaded a season ahead. Append-only: the newest row per game counts.",
    ),
    dg.AssetSpec(
        ESPN_API,
        group_name="schedule_apis",
        kinds={"api"},
        description=(
            "ESPN's public scoreboard API, queried for today and the days around it. Its calendar proves days off."
        ),
    ),
    dg.AssetSpec(
        BALLDONTLIE_API,
        group_name="schedule_apis",
        kinds={"api"},
        description="balldontlie's games API, queried for today and the days around it, if a key is set.",
    ),
]


@dg.asset(
    partitions_def=game_dates,
    backfill_policy=one_run,
    deps=[spec.key for spec in schedule_sources],
    group_name="monitoring",
)
def scheduled_games(context: dg.AssetExecutionContext, monitor: MonitorResource) -> None:
    """The games expected on each date, with the evidence: which sources list them, how fresh those are, and what was
    excluded.
    """
    with monitor.for_partitions(context.partition_keys) as check:
        check.keep_slates()
    for day, slate in check.slates.items():
        context.add_asset_metadata(metadata.slate_metadata(slate), partition_key=day.isoformat())


@dg.asset(
    partitions_def=game_dates,
    backfill_policy=one_run,
    deps=[scheduled_games],  # and the coverages, which `over_coverages` adds
    group_name="monitoring",
)
def data_availability_checks(context: dg.AssetExecutionContext, monitor: MonitorResource) -> None:
    """The verdict for each date: what each stage should have and what it has. Appended to the history."""
    # Reads the tables itself, so it can be materialized alone; in a whole run the steps share what was read.
    with monitor.for_partitions(context.partition_keys) as check:
        records = check.record(context.run.run_id, trigger_of(context.run))
    for record in records:
        remedy = remedy_of_date(record, check.settings, check.now)
        shown = metadata.record_metadata(record, remedy)
        context.add_asset_metadata(shown, partition_key=record.check_date.isoformat())


def remedy_of_date(record: CheckRecord, settings: Settings, now: datetime) -> metadata.Remedy:
    """What to do about a date's first broken stage at an instant (UTC)."""
    page = SCHEDULE if record.status is Status.UNKNOWN_SCHEDULE else record.first_broken or PHASE4
    runbook = settings.runbook(page, record.status)
    return metadata.Remedy(fix_of_date(record, settings.stages, now), runbook)


def coverage_key(stage: str) -> dg.AssetKey:
    """The key of a stage's coverage, by the stage's name."""
    return dg.AssetKey(f"{stage}{_COVERAGE}")


def is_coverage(key: dg.AssetKey) -> bool:
    """Whether an asset is a stage's coverage, even of a stage that is no longer watched."""
    return len(key.path) == 1 and key.path[0].endswith(_COVERAGE)


def stage_tables(stages: StageTable, fed_by: Mapping[str, Sequence[dg.AssetKey]]) -> Sequence[dg.AssetSpec]:
    """The platform's tables that the stages write; stages may share one. `fed_by` are the services of a stage, by its
    name.
    """
    by_key: defaultdict[dg.AssetKey, list[Stage]] = defaultdict(list)
    for stage in stages:
        by_key[_table_key(stage)].append(stage)
    for spec in schedule_sources:
        by_key.pop(spec.key, None)
    return [
        dg.AssetSpec(
            key,
            deps=list(dict.fromkeys(service for stage in writers for service in fed_by.get(stage.name, ()))),
            group_name="platform",
            description="\n".join(
                f"{stage.title}, one date per `{stage.date_column}`. A row counts if `{stage.usable}`."
                for stage in writers
            ),
        )
        for key, writers in by_key.items()
    ]


def stage_coverages(stages: StageTable) -> dg.AssetsDefinition:
    """`<stage>_coverage` for each stage, downstream of its table and of its upstream stages' coverages.

    One step for all of them: ten stages of a season take half as long again with one step each.
    """

    @dg.multi_asset(
        name="stage_coverages",
        specs=[_coverage_spec(stage) for stage in stages],
        partitions_def=game_dates,
        backfill_policy=one_run,
        can_subset=True,
    )
    def coverages(context: dg.AssetExecutionContext, monitor: MonitorResource) -> Iterator[dg.MaterializeResult[None]]:
        with monitor.for_partitions(context.partition_keys) as check:
            check.keep_coverages()
        for stage in stages:
            key = coverage_key(stage.name)
            if key not in context.selected_asset_keys:
                continue
            found = check.coverages.get(stage.name)
            for day in check.dates:
                shown = (
                    metadata.not_watched_metadata(stage) if found is None else metadata.coverage_metadata(found[day])
                )
                context.add_asset_metadata(shown, asset_key=key, partition_key=day.isoformat())
            yield dg.MaterializeResult(asset_key=key)

    return coverages


def over_coverages(stages: StageTable) -> dg.AssetsDefinition:
    """`data_availability_checks`, downstream of every stage's coverage."""
    coverages = [coverage_key(stage.name) for stage in stages]
    return data_availability_checks.map_asset_specs(lambda spec: spec.merge_attributes(deps=coverages))


def _table_key(stage: Stage) -> dg.AssetKey:
    return dg.AssetKey(stage.table.split("."))


def _coverage_spec(stage: Stage) -> dg.AssetSpec:
    # Game ids are read with the league's schedule, which resolves its ten-digit ones.
    tables = {_table_key(stage), LEAGUE_TABLE} if stage.unit is Unit.GAME else {_table_key(stage)}
    about = f"{PHASE4_IS} " if stage.is_phase4 else ""
    counted = "each game on a date" if stage.unit is Unit.GAME else "each date"
    return dg.AssetSpec(
        coverage_key(stage.name),
        deps=[*sorted(tables), *(coverage_key(name) for name in stage.upstream)],
        group_name=stage.group,
        description=(
            f"{about}{stage.title}: the {stage.noun} with a usable row in `{stage.table}`, for {counted}. A row is "
            f"usable if `{stage.usable}`."
        ),
    )
