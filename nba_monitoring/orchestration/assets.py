"""The assets that are there whatever stages are watched: where the schedule comes from, the slate, and the verdicts."""

# Without postponed annotations: Dagster reads the types of parameters when it decorates.
import dagster as dg

from nba_monitoring.orchestration import metadata
from nba_monitoring.orchestration.partitions import game_dates, one_run
from nba_monitoring.orchestration.resources import MonitorResource
from nba_monitoring.orchestration.triggers import trigger_of

OWNERS = ["team:data-platform"]

ESPN_TABLE = dg.AssetKey(["nba_raw", "espn_scoreboard"])
LEAGUE_TABLE = dg.AssetKey(["nba_raw", "nbac_schedule"])
ESPN_API = dg.AssetKey(["schedule_apis", "espn"])
BALLDONTLIE_API = dg.AssetKey(["schedule_apis", "balldontlie"])

schedule_sources = [
    dg.AssetSpec(
        ESPN_TABLE,
        group_name="platform",
        kinds={"bigquery"},
        description="ESPN's scoreboard, one row a game. Written after games end; it held nothing after June 2025.",
    ),
    dg.AssetSpec(
        LEAGUE_TABLE,
        group_name="platform",
        kinds={"bigquery"},
        description="The league's own schedule, loaded a season ahead. Append-only: the newest row of a game counts.",
    ),
    dg.AssetSpec(
        ESPN_API,
        group_name="schedule_apis",
        kinds={"api"},
        description="ESPN's public scoreboard, asked for today and the days around it; its calendar proves days off.",
    ),
    dg.AssetSpec(
        BALLDONTLIE_API,
        group_name="schedule_apis",
        kinds={"api"},
        description="balldontlie's games, asked for today and the days around it, where there is a key.",
    ),
]


@dg.asset(
    partitions_def=game_dates,
    backfill_policy=one_run,
    deps=[spec.key for spec in schedule_sources],
    group_name="monitoring",
    kinds={"python"},
    owners=OWNERS,
)
def scheduled_games(context: dg.AssetExecutionContext, monitor: MonitorResource) -> None:
    """The games expected on each date, and what that rests on: the sources' agreement, freshness, exclusions."""
    look = monitor.look(context.partition_keys)
    look.keep_slates()
    for day, slate in look.slates.items():
        context.add_asset_metadata(metadata.slate_metadata(slate), partition_key=day.isoformat())


@dg.asset(
    partitions_def=game_dates,
    backfill_policy=one_run,
    deps=[scheduled_games],  # and the coverages, which `over_coverages` adds
    group_name="monitoring",
    kinds={"python"},
    owners=OWNERS,
)
def data_availability_checks(context: dg.AssetExecutionContext, monitor: MonitorResource) -> None:
    """The verdict on each date: what is expected of each stage against what it holds, appended to the history."""
    # Alone or with its upstreams, it judges what the tables hold now: the steps of a run share one look.
    look = monitor.look(context.partition_keys)
    for record in look.record(context.run.run_id, trigger_of(context.run)):
        context.add_asset_metadata(metadata.record_metadata(record), partition_key=record.check_date.isoformat())
