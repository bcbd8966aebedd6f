"""`nba-monitoring health`: is the monitor itself well? A container's probe, and a check from outside."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from nba_monitoring.core.eastern import game_date, morning_look
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.settings import Settings, SettingsError
from nba_monitoring.warehouse import WarehouseError, open_warehouse

# The morning's look is taken at 8:00 AM Pacific, and again at 8:30 if it was not.
VERDICT_IS_OVERDUE_AFTER = timedelta(minutes=30)
# Each of Dagster's daemons gives one every 30 seconds, but waits with it for a tick, which may take a minute.
HEARTBEAT_IS_OLD_AFTER = timedelta(minutes=10)


@click.command()
def health() -> None:
    """Say whether the monitor is well: does it reach the warehouse, was the day looked at, does the daemon run.

    The verdict is overdue when 8:30 AM Pacific is past and no look at today's games was taken since 8:00. Dagster's
    daemon is asked for where DAGSTER_HOME is set.

    \b
    Exit status: 0  it is well
                 1  it is not; a line a trouble on standard error
                 2  the command or a setting is wrong
    """
    now = datetime.now(UTC)
    troubles = [*_of_the_history(Settings.load(), now), *_of_the_daemon(os.environ.get("DAGSTER_HOME", ""), now)]
    for trouble in troubles:
        click.echo(f"nba-monitoring: {trouble}", err=True)
    if not troubles:
        click.echo("well")
    sys.exit(1 if troubles else 0)


def _of_the_history(settings: Settings, now: datetime) -> list[str]:
    today = game_date(now)
    try:
        with open_warehouse(settings.warehouse) as warehouse:
            latest = warehouse.history(today, today).latest(now).get(today)
    except WarehouseError as error:
        return [_in_one_line(str(error))]
    overdue = _overdue(latest, now)
    return [] if overdue is None else [overdue]


def _overdue(latest: CheckRecord | None, now: datetime) -> str | None:
    """Why the verdict on today's games (US Eastern) is overdue, None where it is not."""
    today = game_date(now)
    due = morning_look(today)
    if now <= due + VERDICT_IS_OVERDUE_AFTER or (latest is not None and latest.check_time >= due):
        return None
    return (
        f"the verdict on {today} is overdue: no look at it since 8:00 AM Pacific; see in Dagster that "
        "morning_check_8am is on and its run ended well, or look by hand: nba-monitoring check"
    )


def _of_the_daemon(home: str, now: datetime) -> list[str]:
    if not home:
        return []
    if not Path(home).is_absolute() or not Path(home).is_dir():
        raise SettingsError(f"DAGSTER_HOME: {home} is not a folder, by its absolute path")
    from dagster import DagsterError, DagsterInstance

    try:
        with DagsterInstance.get() as instance:
            seen = {kind: beat.timestamp for kind, beat in instance.get_daemon_heartbeats().items()}
            required = instance.get_required_daemon_types()
    except DagsterError as error:
        raise SettingsError(f"{home}/dagster.yaml: {_in_one_line(str(error))}") from error
    except Exception as error:  # of whichever storage it is
        return [f"Dagster's storage can't be reached: {_of_the_driver(error)}"]
    return _silent(sorted(required), seen, now)


def _silent(required: list[str], seen: Mapping[str, float], now: datetime) -> list[str]:
    oldest = (now - HEARTBEAT_IS_OLD_AFTER).timestamp()
    silent = [kind for kind in required if seen.get(kind, 0) < oldest]
    if not silent:
        return []
    which = "Dagster's daemon" if len(silent) == len(required) else f"Dagster's daemon ({', '.join(silent)})"
    last = max((seen[kind] for kind in silent if kind in seen), default=None)
    since = "ever" if last is None else f"since {datetime.fromtimestamp(last, UTC):%Y-%m-%d %H:%M} UTC"
    return [f"{which} has given no heartbeat {since}; start it again with: dagster-daemon run"]


def _of_the_driver(error: BaseException) -> str:
    # Any other error may quote the database's address, and with it a password.
    from sqlalchemy.exc import DBAPIError

    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, DBAPIError):
        cause = cause.__cause__
    return type(error).__name__ if cause is None else _in_one_line(str(cause.orig))


def _in_one_line(text: str) -> str:
    return " ".join(text.split())
