"""The pages of docs/runbooks: per stage by its name, per kind of monitor alert, the schedule, and services."""

from __future__ import annotations

from enum import StrEnum

# About Cloud Run services that fail, whichever they are.
SERVICES = "services"


class MonitorAlert(StrEnum):
    """The kinds of monitor alerts, each by the name of its page."""

    BACKFILL = "monitor_backfill"
    CHANNEL_FAILS = "monitor_channel_fails"
    DAEMON_SILENT = "monitor_daemon_silent"
    DELAYED = "monitor_delayed"
    HEARTBEAT_REJECTED = "monitor_heartbeat_rejected"
    LONG_MUTE = "monitor_long_mute"
    MISSED_MORNINGS = "monitor_missed_mornings"
    NO_VERDICT = "monitor_no_verdict"
    NOT_CHECKED = "monitor_not_checked"
    OTHER_RUN_FAILS = "monitor_other_run_fails"
    RUN_FAILED = "monitor_run_failed"
    RUN_STUCK = "monitor_run_stuck"
    SERVICES_NOT_CHECKED = "monitor_services_not_checked"
    SWITCHED_OFF = "monitor_switched_off"
    UNREADABLE_VERDICT = "monitor_unreadable_verdict"


_BREAKS = {
    "daemon": MonitorAlert.DAEMON_SILENT,
    "off": MonitorAlert.SWITCHED_OFF,
    "failing": MonitorAlert.OTHER_RUN_FAILS,
    "not": MonitorAlert.NOT_CHECKED,
    "services": MonitorAlert.SERVICES_NOT_CHECKED,
    "heartbeat": MonitorAlert.HEARTBEAT_REJECTED,
}


def runbook_of_break(key: str) -> MonitorAlert | None:
    """The page about a break of the monitor's chain, by the first word of its key; None if there is none."""
    return _BREAKS.get(key.partition(" ")[0])
