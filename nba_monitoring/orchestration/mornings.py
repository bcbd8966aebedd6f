"""Assets that sum the season up, once a morning: a job and a schedule of their own for each.

They read the whole season, which no recheck should wait or pay for, and one that fails should not look like a morning
that was not checked.
"""

# Without postponed annotations: Dagster reads types when it decorates.
import dagster as dg

from nba_monitoring.orchestration.internals import AssetJob


def each_morning(
    asset: dg.AssetsDefinition, minute: int, title: str, description: str
) -> tuple[AssetJob, dg.ScheduleDefinition]:
    """The job `<asset>_job`, and the schedule `<asset>_8am` that runs it so many minutes past 8:00 AM Pacific."""
    name = asset.key.to_user_string()
    job = dg.define_asset_job(
        f"{name}_job",
        selection=dg.AssetSelection.assets(asset),
        executor_def=dg.in_process_executor,
        description=description,
    )
    schedule = dg.ScheduleDefinition(
        name=f"{name}_8am",
        job=job,
        cron_schedule=f"{minute} 8 * * *",
        execution_timezone="America/Los_Angeles",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"{title} at 8:{minute:02} AM Pacific, when the morning check is over.",
    )
    return job, schedule
