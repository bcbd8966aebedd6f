"""The morning page as an asset: key figures and open gaps in Dagster, and the page where people read it.

Refreshed once a morning, and after each incident's end.
"""

# Without postponed annotations: Dagster reads the types of parameters when it decorates.
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

import dagster as dg

from nba_monitoring.alerts.chain_facts import with_memory, with_warehouse
from nba_monitoring.alerts.incidents.cursor import from_cursor
from nba_monitoring.core.chain import chain
from nba_monitoring.core.chain_facts import Facts, ServicesSeen
from nba_monitoring.core.codec import UnreadableError
from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.words import day_name
from nba_monitoring.orchestration.instance import dagster_seen, sensor_cursor
from nba_monitoring.orchestration.metadata import Entries, filled, lines, table, text
from nba_monitoring.orchestration.resources import MonitorResource
from nba_monitoring.orchestration.schedules import each_morning
from nba_monitoring.settings import Settings

if TYPE_CHECKING:
    from nba_monitoring.reports.replayed import SeasonReplay
    from nba_monitoring.reports.season import SeasonReport


@dg.asset(deps=[dg.AssetKey("data_availability_checks")], group_name="monitoring")
def season_report(context: dg.AssetExecutionContext, monitor: MonitorResource) -> Iterator[dg.MaterializeResult[None]]:
    """The season so far: open gaps and key figures. Writes the morning page to NBA_MONITORING_REPORT_TO."""
    # Imported here: every run of the code location would wait for the page's template engine.
    from nba_monitoring.reports.page import page
    from nba_monitoring.reports.publishing import publish
    from nba_monitoring.reports.replayed import replay_of_the_day
    from nba_monitoring.reports.season import NoHistoryError, Season
    from nba_monitoring.reports.season import season_report as report_of

    season = Season.of(game_date(monitor.now))
    with monitor.for_dates(season.first, season.last) as check:
        try:
            report = report_of(check.warehouse, season, check.settings.stages, check.now)
        except NoHistoryError as error:
            # The first morning of a season: nothing is wrong.
            yield dg.MaterializeResult(metadata={"summary": dg.MetadataValue.text(str(error))})
            return
        replayed = replay_of_the_day(check.warehouse, check.settings, report)
        seen = with_warehouse(_facts(context.instance, check.settings, check.now), check.warehouse, check.now)
    # First what Dagster shows: a page that can't be written fails the run, which alerts, and loses nothing.
    yield dg.MaterializeResult(metadata=filled(_entries(report, replayed, check.settings.report_url)))
    if check.settings.report_to is not None:
        publish(page(report, replayed, chain(seen, check.now), check.settings), check.settings.report_to)


def _facts(instance: dg.DagsterInstance, settings: Settings, now: datetime) -> Facts:
    """What Dagster's storage shows of the chain. An earlier failure of this page is over once somebody reads it."""
    dagster = dagster_seen(instance, now)
    others = tuple(run for run in dagster.failing if run.name != season_report.key.to_user_string())
    services = None if settings.services_file is None else ServicesSeen(now)
    facts = Facts(is_sample=settings.is_sample, dagster=replace(dagster, failing=others), services=services)
    cursor = sensor_cursor(instance)
    try:
        return facts if cursor is None else with_memory(facts, from_cursor(cursor, now))
    except UnreadableError:  # the sensor rebuilds it at its next tick
        return facts


def _entries(report: "SeasonReport", replayed: "SeasonReplay", url: str | None) -> Entries:
    command = f"`nba-monitoring report --season {report.season.name} --out report.html`"
    score = replayed.score
    return {
        "summary": dg.MetadataValue.text(report.summary),
        "page": dg.MetadataValue.url(url) if url else dg.MetadataValue.md(command),
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
        "muted": lines(mute.summary for mute in report.muted),
        "dates_checked": dg.MetadataValue.int(len(report.days)),
        "not_checked": text(", ".join(report.not_checked)),
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
        "unreadable": lines(report.unreadable),
        "calendar": table(_on_day(report, day) for day in reversed(report.days)),
        "made_at": dg.MetadataValue.timestamp(report.made_at),
    }


def _on_day(report: "SeasonReport", day: date) -> Mapping[str, str | int]:
    """A row of the calendar, which is newest first."""
    rows = {stage: by_day[day] for stage, by_day in report.checks.items() if day in by_day}
    failing = [f"{report.title(stage)}: {row.status}" for stage, row in rows.items() if not row.status.passes]
    return {"date": day_name(day), "failing": ", ".join(failing), "passing": len(rows) - len(failing)}


season_report_job, season_report_8am = each_morning(season_report, minute=10, title="Season report")
