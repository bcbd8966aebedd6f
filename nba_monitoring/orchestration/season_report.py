"""The season's report as an asset, refreshed once a morning: its key figures and open gaps."""

# Without postponed annotations: Dagster reads the types of parameters when it decorates.
import dagster as dg

from nba_monitoring.core.eastern import game_date
from nba_monitoring.orchestration.assets import OWNERS
from nba_monitoring.orchestration.metadata import table
from nba_monitoring.orchestration.resources import MonitorResource
from nba_monitoring.orchestration.schedules import each_morning


@dg.asset(deps=[dg.AssetKey("data_availability_checks")], group_name="monitoring", kinds={"python"}, owners=OWNERS)
def season_report(context: dg.AssetExecutionContext, monitor: MonitorResource) -> None:
    """The season so far: open gaps and key figures; the whole page is written by a command."""
    # Imported here: with pandas, every run of the code location would start half a second later.
    from nba_monitoring.reports.season import NoHistoryError, Season, season_replay
    from nba_monitoring.reports.season import season_report as report_of

    season = Season.of(game_date(monitor.now))
    check = monitor.for_dates(season.first, season.last)
    try:
        report = report_of(check.warehouse, season, check.settings.stages, check.now)
    except NoHistoryError as error:
        # The first morning of a season: nothing is wrong.
        context.add_output_metadata({"summary": dg.MetadataValue.text(str(error))})
        return
    replayed = season_replay(check.warehouse, check.settings, report)
    score = None if replayed.found is None else replayed.found.score
    context.add_output_metadata(
        {
            "summary": dg.MetadataValue.text(report.summary),
            "page": dg.MetadataValue.md(f"`nba-monitoring report --season {season.name} --out report.html`"),
            "open_gaps": table(
                {
                    "stage": report.title(gap.newest.stage),
                    "status": str(gap.newest.status),
                    "first": str(gap.first),
                    "last": str(gap.last),
                    "dates": len(gap.rows),
                    "ready": gap.ready,
                    "first_broken_on": gap.first_broken_on,
                    "reason": gap.reason,
                    "fix": report.fix(gap),
                }
                for gap in report.gaps
            ),
            "muted": dg.MetadataValue.text("\n".join(mute.summary for mute in report.muted) or "nothing"),
            "dates_checked": dg.MetadataValue.int(len(report.days)),
            "not_checked": dg.MetadataValue.text(", ".join(report.not_checked) or "none"),
            "incidents": dg.MetadataValue.int(len(report.incidents)),
            "messages": dg.MetadataValue.int(report.messages.total),
            "messages_per_week": dg.MetadataValue.float(report.messages.median),
            **{
                f"median_minutes_{spread.step.replace(' ', '_')}": dg.MetadataValue.float(spread.median)
                for spread in report.response
            },
            "replay": dg.MetadataValue.text(
                f"not replayed: {replayed.why_not}" if score is None else f"{replayed.first} to {replayed.last}"
            ),
            **(
                {}
                if score is None
                else {
                    "replay_incidents": dg.MetadataValue.int(score.incidents),
                    "replay_false_alarms": dg.MetadataValue.int(len(score.false_alarms)),
                    "replay_blind_mornings": dg.MetadataValue.int(len(score.blind_mornings)),
                }
            ),
            "unreadable": dg.MetadataValue.text("\n".join(report.unreadable) or "none"),
            "made_at": dg.MetadataValue.timestamp(report.made_at),
        }
    )


season_report_job, season_report_8am = each_morning(season_report, minute=10, title="Season report")
