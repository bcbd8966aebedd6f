"""Where Dagster loads: joins the parts, nothing else."""

import logging
from datetime import UTC, datetime

import dagster as dg

from nba_monitoring.core.words import SAMPLE_DATA
from nba_monitoring.orchestration.asset_pages import with_page
from nba_monitoring.orchestration.assets import (
    over_coverages,
    schedule_sources,
    scheduled_games,
    stage_coverages,
    stage_tables,
)
from nba_monitoring.orchestration.checks import slate_checks, stage_checks
from nba_monitoring.orchestration.partitions import first_date, from_date, game_dates_from
from nba_monitoring.orchestration.pipeline_status import pipeline_status, pipeline_status_8am, pipeline_status_job
from nba_monitoring.orchestration.resources import GuardedSlackResource, MonitorResource
from nba_monitoring.orchestration.schedules import (
    morning_check,
    morning_check_8am,
    recheck_until_covered,
    results_check_8am,
)
from nba_monitoring.orchestration.season_report import season_report, season_report_8am, season_report_job
from nba_monitoring.orchestration.sensors import availability_alerts
from nba_monitoring.orchestration.services import (
    fed_by,
    service_assets,
    service_checks,
    services_job_and_schedule,
)
from nba_monitoring.settings import BigQueryWarehouse, Settings


def definitions(settings: Settings) -> dg.Definitions:
    """Everything Dagster serves, with a table, a coverage and a check for each stage in the settings.

    Raises SettingsError for a BigQuery warehouse without a channel for alerts.
    """
    settings.require_alerting()
    stages, services = settings.stages, settings.services
    services_job = [] if services is None else [services_job_and_schedule(services)]
    dates = game_dates_from(first_date(settings, datetime.now(UTC)))
    assets: list[dg.AssetSpec | dg.AssetsDefinition] = [
        *schedule_sources,
        *service_assets(services),
        *stage_tables(stages, fed_by(services)),
        scheduled_games,
        stage_coverages(stages),
        over_coverages(stages),
        pipeline_status,
        season_report,
    ]
    return dg.Definitions(
        assets=dg.map_asset_specs(lambda spec: from_date(with_page(spec, settings), dates), assets),
        asset_checks=[*slate_checks(dates), *stage_checks(stages, dates), *service_checks(services)],
        jobs=[morning_check, pipeline_status_job, season_report_job, *(job for job, _ in services_job)],
        schedules=[
            morning_check_8am,
            results_check_8am,
            recheck_until_covered,
            pipeline_status_8am,
            season_report_8am,
            *(schedule for _, schedule in services_job),
        ],
        sensors=[availability_alerts],
        resources={
            "monitor": _monitor(settings),
            "settings": settings,
            "slack": GuardedSlackResource(settings=settings),
        },
        executor=dg.in_process_executor,
    )


def _monitor(settings: Settings) -> MonitorResource:
    if not isinstance(settings.warehouse, BigQueryWarehouse):
        return MonitorResource(settings=settings)
    # Imported here: Google's client and pandas double the start time and the memory of each Dagster process.
    from nba_monitoring.orchestration.bigquery import bigquery_monitor

    return bigquery_monitor(settings, settings.warehouse)


@dg.definitions
def defs() -> dg.Definitions:
    """The definitions for the settings in the environment. Raises SettingsError."""
    settings = Settings.load()
    if settings.is_sample:
        logging.getLogger(__name__).warning(SAMPLE_DATA)
    return definitions(settings)
