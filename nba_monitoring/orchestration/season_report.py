"""The report of the season as an asset: its calendar and its tables, once a morning."""

# Without postponed annotations: Dagster reads the types of parameters when it decorates.
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import dagster as dg

from nba_monitoring.core.eastern import eastern_stamp, game_date
from nba_monitoring.core.usual_arrival import day_clock
from nba_monitoring.orchestration.assets import OWNERS
from nba_monitoring.orchestration.metadata import table
from nba_monitoring.orchestration.resources import MonitorResource
from nba_monitoring.orchestration.schedules import each_morning

if TYPE_CHECKING:
    from nba_monitoring.reports.season_replay import SeasonReplay
    from nba_monitoring.reports.season_report import SeasonReport


@dg.asset(deps=[dg.AssetKey("data_availability_checks")], group_name="monitoring", kinds={"python"}, owners=OWNERS)
def season_report(context: dg.AssetExecutionContext, monitor: MonitorResource) -> None:
    """The season so far: a calendar of every stage, open gaps, incidents, usual times, messages a week, its replay."""
    # Imported here: with the plotting library, every run of the code location would start half a second later.
    from nba_monitoring.reports.pictures import calendar
    from nba_monitoring.reports.season import Season
    from nba_monitoring.reports.season_replay import season_replay
    from nba_monitoring.reports.season_report import NoHistoryError
    from nba_monitoring.reports.season_report import season_report as report_of

    season = Season.of(game_date(monitor.now))
    look = monitor.for_dates(season.first, season.last)
    try:
        report = report_of(look.warehouse, season, look.settings.stages, look.now)
    except NoHistoryError as error:
        # The first morning of a season: nothing is wrong.
        context.add_output_metadata({"summary": dg.MetadataValue.text(str(error))})
        return
    picture = calendar(report)
    replayed = season_replay(look.warehouse, look.settings, report)
    context.add_output_metadata(
        {
            "summary": dg.MetadataValue.text(report.summary),
            "calendar": dg.MetadataValue.md(f"![{picture.alt}]({picture.address})"),
            **_tables(report),
            **_replay(report, replayed),
            "not_looked_at": dg.MetadataValue.text(", ".join(map(str, report.not_looked_at)) or "none"),
            "unreadable": dg.MetadataValue.text("\n".join(report.unreadable) or "none"),
            "made_at": dg.MetadataValue.timestamp(report.made_at),
        }
    )


def _tables(report: "SeasonReport") -> Mapping[str, dg.MetadataValue[Any]]:
    return {
        "dates_by_status": table(
            {"stage": report.title(stage), **{str(status): count for status, count in report.counts(stage).items()}}
            for stage in report.looks
        ),
        "open_gaps": table(
            {
                "stage": report.title(gap.newest.stage),
                "status": str(gap.newest.check.status),
                "first": str(gap.first),
                "last": str(gap.last),
                "dates": len(gap.looks),
                "ready": f"{gap.ready} of {gap.expected}",
                "first_broken_on": gap.first_broken_on,
                "why": gap.newest.reason,
                "fix": report.fix(gap.newest.stage),
            }
            for gap in report.gaps
        ),
        "incidents": table(
            {
                "incident": incident.incident_id,
                "stage": report.title(incident.stage),
                "status": str(incident.status),
                "found_eastern": _clock(incident.found_at),
                "told_eastern": _clock(incident.told_at),
                "acknowledged_eastern": _clock(incident.acknowledged_at),
                "ended_eastern": _clock(incident.ended_at),
                "ended_as": str(incident.ended_as or "open"),
                "first_tip_eastern": _clock(incident.first_tip_at),
            }
            for incident in report.incidents
        ),
        "response_minutes": table(
            {
                "step": spread.step,
                "incidents": spread.incidents,
                "median": spread.median,
                "worst": spread.worst,
                "worst_incident": spread.worst_of,
            }
            for spread in report.response
        ),
        "usual_arrival": table(
            {
                "stage": report.title(usual.stage),
                "earliest": day_clock(usual.earliest),
                "median": day_clock(usual.median),
                "by_95_percent": day_clock(usual.nearly_always),
                "latest": day_clock(usual.latest),
                "in_time_on": f"{len(usual.arrivals)} of {usual.game_days} game days",
            }
            for usual in report.usual.values()
        ),
        "messages_a_week": table(
            {"week_from": str(monday), "messages": count} for monday, count in report.attention.weeks.items()
        ),
    }


def _replay(report: "SeasonReport", replayed: "SeasonReplay") -> Mapping[str, dg.MetadataValue[Any]]:
    # Imported here, as above.
    from nba_monitoring.replay.score import lower_bound, score_lines

    if replayed.found is None:
        return {"replay": dg.MetadataValue.text(f"not replayed: {replayed.why_not}")}
    rewritten = report.titles(replayed.found.rewritten)
    return {
        "replay": table(
            {"score": name, "value": value}
            for name, value in (
                ("from", str(replayed.first)),
                ("to", str(replayed.last)),
                *score_lines(replayed.found.score),
            )
        ),
        "replay_incidents": table(
            {
                "incident": incident.incident_id,
                "stage": report.title(told.incident.stage),
                "status": str(told.incident.status),
                "told_eastern": _clock(told.at),
                "ended_eastern": _clock(incident.ended_at),
                "ended_as": str(incident.ended_as or "open"),
                "first_tip_eastern": _clock(incident.first_tip_at),
            }
            for told, incident in replayed.told
        ),
        "replay_lower_bound": dg.MetadataValue.text(lower_bound(rewritten) if rewritten else "none"),
    }


def _clock(instant: datetime | None) -> str:
    return "" if instant is None else eastern_stamp(instant)


season_report_job, season_report_8am = each_morning(season_report, minute=10, title="Season report")
