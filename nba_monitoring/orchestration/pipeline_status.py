"""The pipeline's status as an asset, refreshed once a morning."""

# Without postponed annotations: Dagster reads the types of parameters when it decorates.
from collections.abc import Mapping

import dagster as dg

from nba_monitoring.core.games import left_out
from nba_monitoring.core.pipeline_status import StageStatus, board_dates
from nba_monitoring.core.pipeline_status import pipeline_status as status_of
from nba_monitoring.core.words import day_and_clock, not_counted
from nba_monitoring.orchestration.metadata import filled, lines, table, text
from nba_monitoring.orchestration.resources import MonitorResource
from nba_monitoring.orchestration.schedules import each_morning


@dg.asset(deps=[dg.AssetKey("data_availability_checks")], group_name="monitoring")
def pipeline_status(context: dg.AssetExecutionContext, monitor: MonitorResource) -> None:
    """The latest complete date of each stage, and which stage is the first one behind."""
    with monitor.for_dates(*board_dates(monitor.now)) as check:
        found = status_of(map(check.verdict, check.dates), check.settings.stages, check.now)
        muted = check.warehouse.muted(check.now)
    for problem in check.usual.problems:
        context.log.warning(problem)
    context.add_output_metadata(
        filled(
            {
                "summary": text(found.summary),
                "stages": table(_row(stage) for stage in found.stages),
                "muted": lines(mute.summary for mute in muted),
                "not_counted": text(not_counted(left_out(check.settings.counted_season_types))),
                "not_watched": text(", ".join(found.not_watched)),
                "problems": lines(check.usual.problems),
                "checked_at": dg.MetadataValue.timestamp(found.checked_at),
            }
        )
    )


def _row(stage: StageStatus) -> Mapping[str, str | int]:
    return {
        "stage": stage.stage,
        "state": stage.words,
        "newest_complete": str(stage.newest_complete or ""),
        "newest_expected": str(stage.newest_expected or ""),
        "lag_game_days": stage.lag_game_days,
        "waits_for": stage.blocked_by or "",
        "written_at_eastern": day_and_clock(stage.written_at),
        "due_next_eastern": day_and_clock(stage.due_next),
        "usually_by_eastern": day_and_clock(stage.usually_by),
        "by_95_percent_eastern": day_and_clock(stage.nearly_always_by),
    }


pipeline_status_job, pipeline_status_8am = each_morning(pipeline_status, minute=5, title="Pipeline status")
