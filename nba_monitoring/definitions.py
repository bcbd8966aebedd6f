"""Where the parts meet."""

import dagster as dg

from nba_monitoring.orchestration.assets import data_availability_checks, phase4_coverage, scheduled_games, sources
from nba_monitoring.orchestration.checks import phase4_covers_scheduled_games, schedule_sources_agree
from nba_monitoring.orchestration.resources import monitor_resource
from nba_monitoring.orchestration.schedules import morning_check, morning_check_8am, recheck_until_covered
from nba_monitoring.orchestration.season_report import season_report, season_report_8am, season_report_job
from nba_monitoring.orchestration.sensors import availability_alerts
from nba_monitoring.settings import Settings


def definitions(settings: Settings) -> dg.Definitions:
    """Everything that Dagster serves. Raises SettingsError for a production warehouse without a way to alert."""
    settings.require_alerting()
    return dg.Definitions(
        assets=[*sources, scheduled_games, phase4_coverage, data_availability_checks, season_report],
        asset_checks=[phase4_covers_scheduled_games, schedule_sources_agree],
        jobs=[morning_check, season_report_job],
        schedules=[morning_check_8am, recheck_until_covered, season_report_8am],
        sensors=[availability_alerts],
        resources={"monitor": monitor_resource(settings), "settings": settings},
        executor=dg.in_process_executor,
    )


defs = definitions(Settings.load())
