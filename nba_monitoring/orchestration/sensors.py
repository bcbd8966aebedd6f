"""Alerts on what the runs have found, or on their absence."""

from dataclasses import replace
from datetime import UTC, date, datetime
from urllib.parse import quote

import dagster as dg

from nba_monitoring.alerts.delivery import DeliveryError, PermanentDeliveryError
from nba_monitoring.alerts.message import NextSteps
from nba_monitoring.alerts.notifier import Notifier
from nba_monitoring.alerts.state import AlertState
from nba_monitoring.alerts.transports import transport_from
from nba_monitoring.core.codec import UnreadableError
from nba_monitoring.orchestration.assets import data_availability_checks
from nba_monitoring.orchestration.runs import ended_runs, unread_span
from nba_monitoring.orchestration.schedules import morning_check
from nba_monitoring.settings import Settings


@dg.sensor(
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Tells Slack what a check found: each finding once, what changes of it, and when it is over.",
)
def availability_alerts(context: dg.SensorEvaluationContext, settings: dg.ResourceParam[Settings]) -> dg.SkipReason:
    """Sends inside the tick and moves the cursor only past what was accepted.

    Tried with a killed daemon and a Slack that answered 503: this delivers after the restart. An alert run requested
    instead is lost, and a run status sensor moves its cursor even when it fails.
    """
    now = datetime.now(UTC)
    state = _state(context, now)
    span = unread_span(context.instance, morning_check.name, state.read_to, now)
    # Kept even where nothing is accepted: as long as Slack is down, the watch goes on from where it began.
    state = replace(state, read_to=span.after)
    notifier = Notifier(
        state, transport_from(settings, context.log), lambda run_id, day: _next_steps(settings, run_id, day)
    )
    runs = ended_runs(context.instance, morning_check.name, span, now, lambda storage_id: False)
    try:
        notifier.deliver(runs, now)
        notifier.state = replace(notifier.state, read_to=span.up_to)
    except DeliveryError as error:
        context.log.warning(f"An alert was not delivered and will be tried again: {error}")
        # A failed tick keeps the old cursor, so it must fail only where there is nothing new to keep. A watch that has
        # just begun is new, or it would begin again at each tick as long as Slack is down.
        has_just_begun = state.watching_since == now
        if not notifier.accepted and (isinstance(error, PermanentDeliveryError) or not has_just_begun):
            raise
    context.update_cursor(notifier.state.to_cursor(now))
    return dg.SkipReason(f"{notifier.accepted} alerts sent" if notifier.accepted else "Nothing to say")


def _state(context: dg.SensorEvaluationContext, now: datetime) -> AlertState:
    try:
        return AlertState.from_cursor(context.cursor, now)
    except UnreadableError as error:
        # Better to tell something twice than to stay silent over a cursor that was edited by hand.
        context.log.warning(f"The cursor can't be read ({error}); starting again from yesterday")
        return AlertState.from_cursor(None, now)


def _next_steps(settings: Settings, run_id: str | None, day: date | None) -> NextSteps:
    base = settings.dagster_url.rstrip("/") if settings.dagster_url else None
    asset = quote(data_availability_checks.key.to_user_string())
    return NextSteps(
        fix_command=settings.fix_command,
        run_url=f"{base}/runs/{run_id}" if base and run_id else None,
        partition_url=f"{base}/assets/{asset}?view=partitions&partition={day}" if base and day else None,
        runbook_url=settings.runbook_url,
    )
