"""The history and the ledger as they would be if the monitor had run: for a sample, whose past nobody watched."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial

from nba_monitoring.alerts.messages.incident_messages import incident_message
from nba_monitoring.core.eastern import game_date, morning_of
from nba_monitoring.core.incidents import Incident, Notification
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.core.stages import Due
from nba_monitoring.replay.past_checks import PastChecks, PastSchedule
from nba_monitoring.replay.replay import replay_date
from nba_monitoring.replay.score import Alert, ReplayedDate
from nba_monitoring.sample import opener_before
from nba_monitoring.settings import Settings
from nba_monitoring.warehouse import Warehouse

# As in the schedule `recheck_until_covered`, for the last weeks. Longer ago, fewer rechecks tell as much, and a whole
# season of them would take twice as long to write.
_EVERY, _COARSELY = timedelta(minutes=30), timedelta(hours=2)
_FINE, _ONE_DAY = timedelta(days=28), timedelta(days=1)
# Who acknowledges an incident that lasts, and how many minutes after its first alert.
_ON_CALL = (("Ann", 4), ("Ben", 11), ("Kim", 23))


# A sample that was watched on these last days keeps the history that it has.
_RECENTLY = timedelta(days=7)


def ensure_past_history(warehouse: Warehouse, settings: Settings, now: datetime) -> None:
    """Write the past of a sample's season around today (UTC instant) unless it was watched. Raises WarehouseError."""
    today = game_date(now)
    recent = warehouse.history(today - _RECENTLY, today).records
    if not any(record.detail.is_clock_real for record in recent):
        write_past_history(warehouse, settings, (opener_before(today), today), now)


def write_past_history(warehouse: Warehouse, settings: Settings, span: tuple[date, date], now: datetime) -> None:
    """Record the scheduled checks of some dates up to `now` (UTC), and the incidents that they opened and ended.

    Someone acknowledges each incident that outlasts the next check. Alerts count as sent to the log. Raises
    WarehouseError.
    """
    first, last = span
    recent = max(first, last - _FINE)
    records: list[CheckRecord] = []
    incidents: list[Incident] = []
    notifications: list[Notification] = []
    for part, every in (((first, recent - _ONE_DAY), _COARSELY), ((recent, last), _EVERY)):
        for replayed in _replayed(warehouse, settings, part, every, now):
            records += replayed.checks
            incidents += replayed.incidents
            notifications += map(_sent, replayed.alerts)
    warehouse.append_checks(records)
    warehouse.put_incidents(incidents)
    warehouse.append_notifications(notifications)


def _replayed(
    warehouse: Warehouse, settings: Settings, span: tuple[date, date], every: timedelta, now: datetime
) -> Iterator[ReplayedDate]:
    if span[0] > span[1]:
        return
    schedule = PastSchedule(warehouse, settings, span, settings.stages.lookback, now)
    checks = PastChecks(warehouse, settings, settings.stages, schedule, every)
    for day in schedule.days:
        if instants := sorted((instant, due) for due in Due for instant in checks.instants(day, due)):
            yield replay_date(day, instants, partial(_checked, checks, day), settings.stages, _acknowledged)


def _checked(checks: PastChecks, day: date, instant: datetime) -> CheckRecord:
    is_morning = instant in (morning_of(day), morning_of(day + timedelta(days=1)))
    trigger = Trigger.SCHEDULED if is_morning else Trigger.RECHECK
    return checks.record(day, instant, f"past-{instant:%Y%m%dT%H%M}", trigger)


def _acknowledged(incident: Incident, now: datetime) -> Incident:
    if incident.told_at is None or incident.acknowledged_at is not None or now < incident.told_at + _EVERY:
        return incident
    by, minutes = _ON_CALL[incident.check_date.toordinal() % len(_ON_CALL)]
    return incident.acknowledged(by, None, incident.told_at + timedelta(minutes=minutes))


def _sent(alert: Alert) -> Notification:
    incident = alert.incident
    return Notification(
        notification_id=f"{incident.incident_id}/{alert.reason}/{alert.at:%Y%m%dT%H%M}/log",
        incident_id=incident.incident_id,
        sent_at=alert.at,
        way="log",
        reason=alert.reason,
        accepted=True,
        text=incident_message(alert.reason, incident, alert.at).fallback,
    )
