"""The sensor that sends alerts about finished, stuck and missing runs."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial

import dagster as dg

from nba_monitoring.alerts.acknowledgements import with_acknowledgements
from nba_monitoring.alerts.channels.configured import channels_from
from nba_monitoring.alerts.channels.sending import Postponed, Sender
from nba_monitoring.alerts.incidents.fix_checks import fix_checks_due
from nba_monitoring.alerts.incidents.runs import with_history, with_services
from nba_monitoring.alerts.incidents.state import AlertState, LedgerRead
from nba_monitoring.alerts.ledger import LedgerInTime, written
from nba_monitoring.alerts.links import links_for
from nba_monitoring.alerts.mute_reminder import are_mutes_due, remind_of_long_mutes, with_mutes
from nba_monitoring.alerts.notifier import Notifier
from nba_monitoring.core.chain import BEFORE_CHANNELS, Chain
from nba_monitoring.core.chain_facts import DagsterSeen, HeartbeatSeen
from nba_monitoring.core.codec import UnreadableError
from nba_monitoring.core.eastern import game_date
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.core.stages import StageTable
from nba_monitoring.core.words import count
from nba_monitoring.http import Deadline
from nba_monitoring.orchestration.heartbeat import send_heartbeat
from nba_monitoring.orchestration.instance import dagster_seen
from nba_monitoring.orchestration.partitions import TRIGGER_TAG
from nba_monitoring.orchestration.resources import GuardedSlackResource
from nba_monitoring.orchestration.runs import (
    CATCH_UP,
    CATCH_UP_TAG,
    DagsterBackfills,
    ended_runs,
    stuck_runs,
    unread_span,
)
from nba_monitoring.orchestration.schedules import morning_check
from nba_monitoring.orchestration.season_report import season_report_job
from nba_monitoring.orchestration.tick import KeptCursor, Tick
from nba_monitoring.settings import Settings
from nba_monitoring.warehouse import Warehouse

# A lost cursor is rebuilt from the incidents of these last days.
REMEMBERED = timedelta(days=2)
# After a longer outage, the older dates need a backfill by hand.
MOST_CAUGHT_UP = 14


@dg.sensor(
    jobs=[morning_check, season_report_job],
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Sends alerts: when an incident opens, changes and ends.",
)
def availability_alerts(
    context: dg.SensorEvaluationContext, settings: dg.ResourceParam[Settings], slack: GuardedSlackResource
) -> dg.SensorResult:
    """Send inside the tick, and keep in the cursor what was accepted.

    Tried with a killed daemon and a Slack that answered 503: this delivers after the restart. A run requested to send
    the alert is lost, and a run status sensor moves its cursor even if it fails.
    """
    now = datetime.now(UTC)
    tick = Tick()
    kept = KeptCursor(context.instance, context.cursor, context.log)
    ledger = LedgerInTime(settings.warehouse, context.log)
    services = tuple(settings.services.by_name) if settings.services else ()
    state = _state(context, kept.newest, now)
    if state.awaits_ledger:
        state = ledger.after(state, partial(_rebuilt, services, now), tick.ledger_read())
    state = with_services(state, services, now)
    were_open = [incident.incident_id for incident in state.open_incidents]
    backfills = DagsterBackfills(context.instance, state.backfills, now)
    span = unread_span(context.instance, morning_check.name, state.read_to, now)
    # Kept even if nothing is accepted: while Slack is down, the next tick starts from here.
    channels = channels_from(settings, context.log, slack.get_client() if settings.slack_bot_token else None)
    heartbeat = (state.heartbeat or HeartbeatSeen(now)) if settings.heartbeat_url else None
    state = replace(state, read_to=span.after, heartbeat=heartbeat)
    sender = Sender(state, channels, now, context.log, tick.channels, lambda state: kept.keep(state.to_cursor(now)))
    notifier = Notifier(
        sender,
        backfills,
        settings.stages,
        partial(links_for, settings),
        now,
        lambda state: with_acknowledgements(
            ledger.after(state, partial(_as_recorded, settings.stages, now), tick.ledger_read()),
            channels.main,
            tick.reactions(),
            now,
        ),
        _dagster_seen(context.instance, now),
    )
    waiting = None
    try:
        notifier.tick(
            ended_runs(context.instance, morning_check.name, span, now),
            stuck_runs(context.instance, morning_check.name, now),
        )
        sender.state = replace(sender.state, read_to=span.up_to)
        if are_mutes_due(sender.state, now):
            sender.state = ledger.after(sender.state, partial(with_mutes, context.log, now), tick.ledger_read())
        remind_of_long_mutes(sender, now, notifier.linked)
    except Postponed as reason:
        waiting = f"Message delayed until the next tick: {reason}"
        context.log.warning(waiting)
    sender.settle()
    if waiting is None:
        _send_heartbeat(context, settings, sender, tick.heartbeat(), now, notifier.chain())
    state, again = fix_checks_due(sender.state, now)
    if state.dirty or state.unwritten:
        state = ledger.after(state, written, tick.ledger_write())
    requests = [_catch_up(day, now) for day in state.catch_up[-MOST_CAUGHT_UP:]]
    requests += [_check_again(day) for day in again]
    if settings.report_to and not {*were_open} <= {incident.incident_id for incident in state.open_incidents}:
        requests.append(dg.RunRequest(job_name=season_report_job.name))
    state = replace(state, catch_up=())
    outcome = waiting or f"{count(sender.accepted, 'alert')} sent".capitalize()
    return dg.SensorResult(
        run_requests=requests, skip_reason=None if requests else outcome, cursor=state.to_cursor(now)
    )


def _state(context: dg.SensorEvaluationContext, cursor: str | None, now: datetime) -> AlertState:
    if cursor:
        try:
            return AlertState.from_cursor(cursor, now)
        except UnreadableError as error:
            context.log.warning(f"Can't read the cursor; rebuilding it from the incident ledger: {error}")
    return AlertState.begin(now)


def _rebuilt(services: Sequence[str], now: datetime, state: AlertState, warehouse: Warehouse) -> AlertState:
    first = game_date(now) - REMEMBERED
    known = list(warehouse.incidents(first=first).records)
    if services:
        # They may fail for weeks.
        older = warehouse.incidents(last=first - timedelta(days=1), open_only=True).records
        known += [incident for incident in older if incident.is_about_services]
    # A drill is not about its date's data.
    return state.rebuilt(incident for incident in known if not incident.detail.is_drill)


def _as_recorded(stages: StageTable, now: datetime, state: AlertState, warehouse: Warehouse) -> AlertState:
    """The state after what the warehouse knows of open incidents: acts by hand, checks and mutes."""
    incidents = state.open_incidents
    changed = warehouse.incidents_changed()
    reading = LedgerRead(now, tuple(known.incident_id for known in incidents), changed) if changed else None
    if reading and state.ledger_read and state.ledger_read.covers(reading):
        return state
    span = min(incident.check_date for incident in incidents), max(incident.check_date for incident in incidents)
    state = state.with_acts_by_hand(warehouse.incidents(*span).records)
    of_dates = [incident for incident in state.open_incidents if not incident.is_about_services]
    if of_dates:
        days = [incident.check_date for incident in of_dates]
        since = min(incident.detail.looked_at or incident.found_at for incident in of_dates)
        state = with_history(state, warehouse.history(min(days), max(days), since).records, stages, now)
    return replace(state.with_mutes(warehouse.mutes(*span), now), ledger_read=reading)


def _dagster_seen(instance: dg.DagsterInstance, now: datetime) -> DagsterSeen:
    """What the storage shows to a sensor that ticks now. A daemon that never ran is one that nobody has started."""
    seen = dagster_seen(instance, now)
    return replace(seen, daemons={kind: at for kind, at in seen.daemons.items() if at is not None}, tick_at=now)


def _send_heartbeat(
    context: dg.SensorEvaluationContext,
    settings: Settings,
    sender: Sender,
    deadline: Deadline,
    now: datetime,
    chain: Chain,
) -> None:
    """Send the heartbeat if it is due, and everything due by now was checked and what it had to say accepted."""
    before = sender.state.heartbeat
    if settings.heartbeat_url is None or before is None or not before.is_due(now):
        return
    if chain.breaks(*BEFORE_CHANNELS) or any(channel.owed for channel in sender.state.channels):
        return
    # A quiet day sends nothing else that would reveal a revoked token, or its recovery.
    if not sender.can_deliver(deadline):
        return
    failure = send_heartbeat(settings.heartbeat_url, deadline)
    if failure is not None:
        context.log.warning(f"NBA_MONITORING_HEARTBEAT_URL: heartbeat failed: {failure}")
    accepted_at = now if failure is None else before.accepted_at
    sender.state = replace(sender.state, heartbeat=replace(before, accepted_at=accepted_at, error=failure))


def _check_again(day: date) -> dg.RunRequest:
    tags = {TRIGGER_TAG: Trigger.RECHECK.value}
    return dg.RunRequest(job_name=morning_check.name, partition_key=day.isoformat(), tags=tags)


def _catch_up(day: date, now: datetime) -> dg.RunRequest:
    tags = {TRIGGER_TAG: Trigger.BACKFILL.value, CATCH_UP_TAG: f"{CATCH_UP}{now:%Y%m%dT%H%M%S}"}
    return dg.RunRequest(job_name=morning_check.name, partition_key=day.isoformat(), tags=tags)
