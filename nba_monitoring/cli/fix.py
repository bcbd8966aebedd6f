"""`nba-monitoring fix`: start the job that fills an incident's stage, unless it is refused."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from nba_monitoring.cli.incidents import given, incident_of
from nba_monitoring.cli.output import configured_warehouse
from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.fix_start import FixStep, Situation
from nba_monitoring.core.words import duration, environment_named, moment
from nba_monitoring.errors import MonitoringError
from nba_monitoring.settings import Settings

if TYPE_CHECKING:
    from nba_monitoring.alerts.fixing import Start

REFUSED = 1

_OFF = (
    "fix is off, because it starts the platform's jobs; to enable it, set NBA_MONITORING_SCHEDULER_PROJECT and "
    "NBA_MONITORING_ALLOW_FIX=true"
)


@click.command()
@click.argument("incident_id", metavar="ID")
@click.option("--by", required=True, help="Your name, shown in the alert's thread.")
@click.option("--yes", is_flag=True, help="Start the job; without it, only show what would happen.")
@click.option("--again", is_flag=True, help="Even if it ran in the last 15 minutes, or was started for this incident.")
def fix(incident_id: str, by: str, yes: bool, again: bool) -> None:
    """Start the job of an incident's stage.

    ID is the last line of the alert, such as nba-2026-01-18. Starts the Cloud Scheduler job of the incident's stage,
    once, unless the incident has ended or is a drill, its date is not today, its stage is not the first broken one, its
    deadline is less than 20 minutes away, or the job is disabled or ran in the last 15 minutes.

    Off unless NBA_MONITORING_ALLOW_FIX is true.

    \b
    Exit status: 0  started; without --yes, may be started
                 1  refused
                 2  could not start, or it is unclear whether it did; a message
                    on standard error says why
    """
    name = given("--by", by)
    settings = Settings.load()
    project = settings.scheduler_project
    if project is None or not settings.allow_fix:
        raise MonitoringError(_OFF)
    # Imported here: google-auth is slow to import, and `--help` needs none of it.
    from nba_monitoring.alerts.fixing import situation_of, start_job
    from nba_monitoring.google_apis.scheduler import CloudScheduler

    scheduler = CloudScheduler(project, settings.scheduler_url)
    with configured_warehouse(settings) as warehouse:
        incident = incident_of(warehouse, incident_id, environment_named(settings.environment))
        situation = situation_of(incident, warehouse, settings, scheduler, datetime.now(UTC), again)
        _print(situation, project)
        if situation.refusal is not None:
            click.echo(f"Refused: {situation.refusal}.")
            sys.exit(REFUSED)
        if not yes:
            click.echo("Nothing was started. Add --yes to start it.")
            return
        start = start_job(situation, name, warehouse, scheduler, lambda: datetime.now(UTC))
    _report(start, f"https://console.cloud.google.com/cloudscheduler?project={project}")


def _report(start: Start, console: str) -> None:
    """Print the result. Raises MonitoringError unless it started."""
    if not start.is_ours:
        when = moment(start.claim.sent_at, game_date(start.claim.sent_at))
        click.echo(f"Refused: just started by someone else: {start.claim.text}, {when}.")
        sys.exit(REFUSED)
    problems = []
    if start.step is FixStep.UNCLEAR:
        problems.append(f"it may have started, so don't repeat it: {start.error}. See its last run: {console}")
    elif start.step is FixStep.NOT_STARTED:
        problems.append(f"not started: {start.error}")
    else:
        click.echo(f"Started: {start.claim.text}. The alert's thread will show it. The next check is in ten minutes.")
    if start.unrecorded is not None:
        problems.append(f"the ledger could not be written, so the thread will not show it: {start.unrecorded}")
    if problems:
        raise MonitoringError("\n".join(problems))


def _print(situation: Situation, project: str) -> None:
    incident, now = situation.incident, situation.now
    day = incident.check_date
    click.echo(f"{incident.incident_id}: {incident.title} {incident.status}, {incident.standing}")
    if situation.job is not None:
        click.echo(f"Job: {situation.job.name} in {situation.job.location}, project {project}")
    if situation.seen is not None:
        click.echo(situation.seen.summary(day))
    if incident.is_open and incident.deadline > now:
        click.echo(f"Deadline in {duration(incident.deadline - now)} ({moment(incident.deadline, day)})")
