"""A drill: a made-up finding and its recovery, sent and recorded as real ones are."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from datetime import datetime, timedelta

from nba_monitoring.alerts.channels.channel import Channel
from nba_monitoring.alerts.channels.configured import NO_CHANNEL, channels_from
from nba_monitoring.alerts.channels.sending import Postponed, Sender
from nba_monitoring.alerts.channels.slack import SlackWebApi
from nba_monitoring.alerts.incidents.decision import NotifyReason, after_message
from nba_monitoring.alerts.incidents.lifecycle import with_stage
from nba_monitoring.alerts.incidents.state import AlertState
from nba_monitoring.alerts.ledger import written
from nba_monitoring.alerts.links import Links, Subject, links_for
from nba_monitoring.alerts.message import Message
from nba_monitoring.alerts.messages.incident_messages import incident_message
from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.games import Game
from nba_monitoring.core.incidents import EndedAs, Incident, IncidentDetail, Notification, UncoveredUnit
from nba_monitoring.core.scheduler_job import SchedulerJob
from nba_monitoring.core.stages import Due
from nba_monitoring.core.status import Severity, Status
from nba_monitoring.errors import MonitoringError
from nba_monitoring.google_apis.scheduler import CloudScheduler
from nba_monitoring.http import Deadline
from nba_monitoring.settings import Settings
from nba_monitoring.warehouse import WarehouseError, open_warehouse

# Long enough for a slow channel to answer twice.
_SECONDS = 60.0
_LOG = logging.getLogger(__name__)
# Near enough for an ERROR, which goes through every channel.
_TIP_IN = timedelta(hours=1)
_WHO = "alert-test"
# For a person to find the message and react to it; and between two questions.
REACTION_SECONDS = 30.0
_PAUSE_SECONDS = 2.0
_NOT_TO_RUN = "In a drill, don't run this:"
_WHAT_IT_IS = "This is a drill, sent with `nba-monitoring alert-test --drill`. No action needed."


def send_drill(settings: Settings, now: datetime) -> str:
    """Send a made-up finding, its acknowledgement and its recovery at an instant (UTC), and record the incident.

    Returns what each channel did. Where 👀 acknowledges alerts, it waits some seconds for somebody's.

    With what Cloud Scheduler shows of the stage's job, if that is set; where `fix` is allowed, with a made-up start.

    Raises MonitoringError, with the same text, if one was not accepted or could not be recorded, or if no channel is
    configured.
    """
    channels = channels_from(settings)
    sender = Sender(AlertState.begin(now), channels, now, _LOG, Deadline(_SECONDS + REACTION_SECONDS))
    incident = with_stage(_finding(settings.stages.phase4.name, now), settings.stages)
    job = SchedulerJob.of(settings.stages.phase4.fix)
    if job is not None and settings.scheduler_project is not None:
        seen = CloudScheduler(settings.scheduler_project, settings.scheduler_url).seen(job, now)
        incident = replace(incident, detail=replace(incident.detail, job=seen))
    links = links_for(settings, Subject(None, incident.check_date, incident.stage, incident.status, incident.stage))
    try:
        incident = _told(sender, incident, NotifyReason.FIRST_FINDING, now, links)
        incident = incident.acknowledged(_who_acknowledges(channels.main, incident), None, now)
        incident = _told(sender, incident, NotifyReason.ACKNOWLEDGED, now, links)
        if job is not None and settings.allow_fix:
            incident = _told(sender, incident.fix_started(_WHO, job.name, now), NotifyReason.FIX_STARTED, now, links)
        incident = _told(sender, _recovered(incident, now), NotifyReason.RECOVERED, now, links)
    except Postponed:
        # A drill that is left open would never end: no check is made for it.
        incident = incident.closed(_WHO, "The drill could not be delivered.", now)
    sender.settle()
    sent = sender.state.unwritten
    said = [_outcome(notification) for notification in sent]
    said += [] if settings.can_alert else [NO_CHANNEL]
    is_done = settings.can_alert and all(notification.accepted for notification in sent)
    try:
        with open_warehouse(settings.warehouse) as warehouse:
            written(sender.state.with_incident(incident), warehouse)
        said.append(f"Recorded in the ledger as {incident.incident_id}.")
    except WarehouseError as error:
        said.append(f"Not recorded in the ledger: {error}")
        is_done = False
    if not is_done:
        raise MonitoringError("\n".join(said))
    return "\n".join(said)


def _finding(stage: str, now: datetime) -> Incident:
    day = game_date(now)
    game = Game(day, "LAL", "BOS")
    tip_at = now + _TIP_IN
    return Incident(
        incident_id=f"nba-drill-{now:%Y%m%dT%H%M%S}",
        check_date=day,
        due=Due.BEFORE_TIP,
        stage=stage,
        status=Status.MISSING_DATA,
        severity=Severity.ERROR,
        found_at=now,
        first_tip_at=tip_at,
        detail=IncidentDetail(
            uncovered=(UncoveredUnit(game.id, tip_at, "made up for the drill", is_missing=True),),
            expected=(game,),
            looked_at=now,
            evidence=("Made up for the drill: no rows for LAL@BOS",),
            is_drill=True,
        ),
    )


def _recovered(incident: Incident, now: datetime) -> Incident:
    detail = replace(incident.detail, ready=len(incident.detail.expected), passed_as=Status.AVAILABLE)
    return replace(incident, ended_at=now, ended_as=EndedAs.RECOVERED, covered_at=now, detail=detail)


def _told(sender: Sender, incident: Incident, reason: NotifyReason, now: datetime, links: Links) -> Incident:
    thread = sender.send(
        _as_drill(incident_message(reason, incident, now), links),
        reason.value,
        delivery_id=f"{incident.incident_id}/{reason.name.lower()}",
        incident_id=incident.incident_id,
        thread=incident.detail.thread,
    )
    return after_message(incident, reason, now, thread)


def _who_acknowledges(channel: Channel, incident: Incident) -> str:
    """Who puts 👀 under the drill's first message within some seconds; the command itself, if nobody can or does."""
    thread, deadline = incident.detail.thread, Deadline(REACTION_SECONDS)
    if thread is None or not isinstance(channel, SlackWebApi) or not channel.takes_reactions(deadline):
        return _WHO
    while deadline.left:
        name = channel.acknowledgers([thread], deadline).get(thread)
        if name is not None:
            return name
        time.sleep(min(_PAUSE_SECONDS, deadline.left))
    return _WHO


def _as_drill(message: Message, links: Links) -> Message:
    return replace(
        message,
        title=f"Drill: {message.title}",
        lines=(_WHAT_IT_IS, *message.lines),
        brief=(_WHAT_IT_IS, *(message.brief or message.lines)),
        # The command would not find it: a drill is recorded only at its end.
        acknowledge=None if message.acknowledge is None else "",
        command_intro=f"{_NOT_TO_RUN} {message.command_intro or ''}".strip() if message.command else None,
        links=links,
    )


def _outcome(sent: Notification) -> str:
    if sent.accepted:
        return f"{sent.way} accepted: {sent.text}"
    return f'{sent.way} rejected "{sent.text}": {sent.error}'
